// The commands that change one job or one worker with one call.
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/cli/commands.h"
#include "client/cli/flags.h"
#include "client/cli/json.h"
#include "client/lib/client.h"
#include "client/lib/state_names.h"
#include "common/status_macros.h"
#include "common/task_ranges.h"

namespace atelier {
namespace {

constexpr int kMaxPriority = 1000;
constexpr int64_t kMaxTasksNamed = 1000;

// Message is what the call returns: the job or the worker as it is now.
template <typename Message>
struct SteerCommand {
  const char* name;
  const char* help;
  absl::StatusOr<Message> (Client::*call)(const std::string& target);
  std::string (*outcome)(const Message& now);  // For people, after its name.
};

std::string State(const v1::Job& job) { return StateName(job.state()); }

constexpr SteerCommand<v1::Job> kJobCommands[] = {
    {"cancel", "Cancel what a job has not done yet", &Client::CancelJob, State},
    {"delete", "Remove a job that has ended, with its tasks and results",
     &Client::DeleteJob,
     [](const v1::Job&) -> std::string { return "deleted"; }},
    {"pause", "Stop what runs of a job and start nothing more of it",
     &Client::PauseJob, [](const v1::Job&) -> std::string { return "paused"; }},
    {"resume", "Go on with a paused job", &Client::ResumeJob,
     [](const v1::Job&) -> std::string { return "running"; }},
};

constexpr SteerCommand<v1::Worker> kWorkerCommands[] = {
    {"drain", "Let a worker finish what it runs, and give it nothing new",
     &Client::DrainWorker,
     [](const v1::Worker& worker) {
       return absl::StrCat("draining, ", worker.running_size(),
                           " still running");
     }},
    {"release",
     "Give work again to a worker that was drained or set aside for its "
     "failures",
     &Client::ReleaseWorker,
     [](const v1::Worker&) -> std::string { return "takes work"; }},
};

template <typename Message>
void Print(Session& session, const std::string& target, const Message& now,
           const std::string& outcome) {
  if (session.flags.json) {
    session.out() << ToJson(now).Line();
  } else {
    session.Tell(absl::StrCat(target, ": ", outcome));
  }
}

// Its argument, the name of a job or a worker, goes to `target`.
template <typename Message>
Command& AddSteerCommand(const SteerCommand<Message>& row,
                         const std::shared_ptr<std::string>& target,
                         Command& app, Session& session) {
  Command& command = app.AddCommand(row.name, row.help).Group("Steer");
  command.SetAction([&row, &session, target]() -> absl::Status {
    ASSIGN_OR_RETURN(Client* const client, session.Connect());
    ASSIGN_OR_RETURN(const Message now, (client->*row.call)(*target));
    Print(session, *target, now, row.outcome(now));
    return absl::OkStatus();
  });
  return command;
}

// "0-9,12"; of a job whose tasks nobody has counted yet.
absl::StatusOr<std::vector<int64_t>> TasksIn(const std::string& text) {
  std::vector<int64_t> tasks;
  if (text.empty()) return tasks;
  ASSIGN_OR_RETURN(
      const std::vector<TaskRange> ranges,
      ParseTaskRanges("--tasks", text, std::numeric_limits<int64_t>::max()));
  if (const int64_t count = CountOf(ranges); count > kMaxTasksNamed) {
    return InvalidArgument("--tasks: ", count, " given; at most ",
                           kMaxTasksNamed, ", or leave it out for all");
  }
  for (const TaskRange& range : ranges) {
    for (int64_t index = range.first; index < range.end; ++index) {
      tasks.push_back(index);
    }
  }
  return tasks;
}

void AddRetryCommand(Command& app, Session& session) {
  struct Arguments {
    std::string job_id;
    std::string tasks;
  };
  auto arguments = std::make_shared<Arguments>();
  Command& command =
      app.AddCommand("retry",
                     "Queue the failed and cancelled tasks of a job again")
          .Group("Steer");
  AddJobArgument(command, arguments->job_id);
  command
      .AddOption("--tasks", arguments->tasks,
                 "Only those of these tasks that failed, as 0-9,12")
      .Type("TASKS");
  AddCommonFlags(command, session,
                 "  atelier retry JOB\n  atelier retry JOB --tasks 0-9,12\n");
  command.SetAction([&session, arguments]() -> absl::Status {
    ASSIGN_OR_RETURN(const std::vector<int64_t> tasks,
                     TasksIn(arguments->tasks));
    ASSIGN_OR_RETURN(Client* const client, session.Connect());
    ASSIGN_OR_RETURN(const v1::Job job,
                     client->RetryJob(arguments->job_id, tasks));
    Print(session, arguments->job_id, job, State(job));
    return absl::OkStatus();
  });
}

void AddPriorityCommand(Command& app, Session& session) {
  struct Arguments {
    std::string job_id;
    int priority = 0;
  };
  auto arguments = std::make_shared<Arguments>();
  Command& command =
      app.AddCommand("priority", "Change a job's place among its user's jobs")
          .Group("Steer");
  AddJobArgument(command, arguments->job_id);
  command
      .AddOption(
          "priority", arguments->priority,
          "The highest goes first, then the oldest; above 0 only by an admin")
      .Type("N")
      .Range(-kMaxPriority, kMaxPriority)
      .Required();
  AddCommonFlags(command, session,
                 "  atelier priority JOB 10\n  atelier priority JOB -10\n");
  command.SetAction([&session, arguments]() -> absl::Status {
    ASSIGN_OR_RETURN(Client* const client, session.Connect());
    ASSIGN_OR_RETURN(
        const v1::Job job,
        client->SetJobPriority(arguments->job_id, arguments->priority));
    Print(session, arguments->job_id, job,
          absl::StrCat("priority ", job.priority()));
    return absl::OkStatus();
  });
}

}  // namespace

void AddSteerCommands(Command& app, Session& session) {
  for (const SteerCommand<v1::Job>& row : kJobCommands) {
    auto job_id = std::make_shared<std::string>();
    Command& command = AddSteerCommand(row, job_id, app, session);
    AddJobArgument(command, *job_id);
    AddCommonFlags(command, session,
                   absl::StrCat("  atelier ", row.name, " JOB\n"));
  }
  AddRetryCommand(app, session);
  AddPriorityCommand(app, session);
  for (const SteerCommand<v1::Worker>& row : kWorkerCommands) {
    auto name = std::make_shared<std::string>();
    Command& command = AddSteerCommand(row, name, app, session);
    command.AddOption("worker", *name, "As 'atelier workers' lists it")
        .Type("WORKER")
        .Required();
    AddCommonFlags(command, session,
                   absl::StrCat("  atelier ", row.name, " gpu-node-3\n"));
  }
}

}  // namespace atelier
