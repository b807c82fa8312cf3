#include <memory>

#include "absl/strings/str_cat.h"
#include "client/cli/commands.h"
#include "client/cli/flags.h"
#include "client/cli/json.h"
#include "client/cli/table.h"
#include "client/lib/state_names.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

constexpr int kMaxLimit = 1'000'000;

absl::Status Run(Session& session, int limit) {
  ASSIGN_OR_RETURN(Client* const client, session.Connect());
  ASSIGN_OR_RETURN(const std::vector<v1::Job> jobs, client->ListJobs(limit));
  if (session.flags.json) {
    Json list = Json::array();
    for (const v1::Job& job : jobs) list.push_back(ToJson(job));
    session.environment().out << Line({{"jobs", list}});
    return absl::OkStatus();
  }
  Table table({"JOB", "NAME", "STATE", "DONE", "SUBMITTED", "WHY"});
  for (const v1::Job& job : jobs) {
    table.Add({job.job_id(), job.spec().name(), ShownState(job),
               absl::StrCat(job.tasks().succeeded(), "/", job.task_count()),
               FormatTimestamp(job.submitted_at()), ShownWait(job)});
  }
  session.environment().out << table.TakeText() << std::flush;
  return absl::OkStatus();
}

}  // namespace

void AddJobsCommand(CLI::App& app, Session& session, Action& action) {
  auto limit = std::make_shared<int>(100);
  CLI::App& command =
      *app.add_subcommand("jobs", "List jobs, newest first")->group("Look");
  command.add_option("--limit", *limit, "How many")
      ->type_name("N")
      ->check(CLI::Range(1, kMaxLimit))
      ->capture_default_str();
  AddCommonFlags(command, session,
                 "  atelier jobs\n  atelier jobs --json | jq '.jobs[0]'\n");
  command.callback([&session, &action, limit] {
    action = [&session, limit] { return Run(session, *limit); };
  });
}

}  // namespace atelier
