// What the coordinator has: its jobs, and its workers.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/cli/commands.h"
#include "client/cli/flags.h"
#include "client/cli/json.h"
#include "client/cli/table.h"
#include "client/lib/client.h"
#include "client/lib/state_names.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

constexpr int kMaxLimit = 1'000'000;

struct JobsArguments {
  int limit = 100;
  std::string search;
  std::vector<std::string> states;
  std::string user;
};

v1::ListJobsRequest RequestOf(const JobsArguments& arguments) {
  v1::ListJobsRequest request;
  request.set_search(arguments.search);
  request.set_user(arguments.user);
  for (const std::string& name : arguments.states) {
    const v1::JobState state = *JobStateOf(name);
    const auto& given = request.states();
    if (std::find(given.begin(), given.end(), state) == given.end()) {
      request.add_states(state);
    }
  }
  return request;
}

absl::Status ListJobs(Session& session, const JobsArguments& arguments) {
  ASSIGN_OR_RETURN(Client* const client, session.Connect());
  ASSIGN_OR_RETURN(const std::vector<v1::Job> jobs,
                   client->ListJobs(arguments.limit, RequestOf(arguments)));
  if (session.flags.json) {
    session.out() << JsonObject().Add("jobs", ToJsonList(jobs)).Line();
    return absl::OkStatus();
  }
  Table table({"JOB", "NAME", "STATE", "DONE", "LEFT", "SUBMITTED", "WHY"});
  for (const v1::Job& job : jobs) {
    table.Add({job.job_id(), job.spec().name(), ShownState(job),
               absl::StrCat(job.tasks().succeeded(), "/", job.task_count()),
               ShownTimeLeft(job), FormatTimestamp(job.submitted_at()),
               ShownWait(job)});
  }
  session.out() << table.TakeText() << std::flush;
  return absl::OkStatus();
}

std::string StateOf(const v1::Worker& worker) {
  const char* const state = worker.quarantined()        ? "set aside"
                            : worker.draining()         ? "draining"
                            : worker.running_size() > 0 ? "rendering"
                            : worker.stopping() > 0     ? ""
                                                        : "waiting";
  if (worker.stopping() == 0) return state;
  return absl::StrCat(state, *state == '\0' ? "" : ", ", worker.stopping(),
                      " stopping");
}

absl::Status ListWorkers(Session& session) {
  ASSIGN_OR_RETURN(Client* const client, session.Connect());
  ASSIGN_OR_RETURN(const std::vector<v1::Worker> workers,
                   client->ListWorkers());
  if (session.flags.json) {
    session.out() << JsonObject().Add("workers", ToJsonList(workers)).Line();
    return absl::OkStatus();
  }
  Table table({"WORKER", "DEVICE", "MODEL", "THREADS", "RUNNING", "STATE"});
  for (const v1::Worker& worker : workers) {
    const v1::WorkerDescription& description = worker.description();
    table.Add({description.name(), description.device(),
               description.device_model(), absl::StrCat(description.threads()),
               absl::StrCat(worker.running_size(), "/", description.slots()),
               StateOf(worker)});
  }
  session.out() << table.TakeText() << std::flush;
  return absl::OkStatus();
}

}  // namespace

void AddJobsCommand(Command& app, Session& session) {
  auto arguments = std::make_shared<JobsArguments>();
  Command& command =
      app.AddCommand("jobs", "List jobs, newest first").Group("Look");
  command
      .AddOption("--search", arguments->search,
                 "Only with this in their name, id, study or user")
      .Type("WORDS");
  command
      .AddOption("--state", arguments->states,
                 "Only in this state; given again, also in that one")
      .Type("STATE")
      .OneOf(JobStateNames());
  command.AddOption("--user", arguments->user, "Only this user's").Type("NAME");
  command.AddOption("--limit", arguments->limit, "How many at most")
      .Type("N")
      .Range(1, kMaxLimit)
      .ShowDefault();
  AddCommonFlags(command, session,
                 "  atelier jobs\n"
                 "  atelier jobs --state running --state queued\n"
                 "  atelier jobs --search night --json | jq '.jobs[0]'\n");
  command.SetAction(
      [&session, arguments] { return ListJobs(session, *arguments); });
}

void AddWorkersCommand(Command& app, Session& session) {
  Command& command =
      app.AddCommand("workers", "List live workers").Group("Look");
  AddCommonFlags(command, session, "  atelier workers\n");
  command.SetAction([&session] { return ListWorkers(session); });
}

}  // namespace atelier
