// What a worker wrote of an attempt.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "client/cli/commands.h"
#include "client/cli/flags.h"
#include "client/cli/json.h"
#include "client/lib/client.h"
#include "common/quoted_text.h"
#include "common/rpc/artifact_client.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

constexpr int64_t kMostTasks = int64_t{1} << 40;
constexpr int kMostAttempts = 1'000'000'000;
// Of a log that another takes the place of while it is fetched.
constexpr int kTries = 3;

struct LogArguments {
  std::string job_id;
  int64_t task = 0;
  std::optional<int> attempt;
};

struct FoundLog {
  int attempt = 0;
  std::string worker;
  std::string digest;
};

absl::Status NoLog(const LogArguments& arguments, const std::string& what) {
  return absl::NotFoundError(absl::StrCat("job ", arguments.job_id, ", task ",
                                          arguments.task, ": ", what));
}

// Of the attempt that is asked for, or the last.
absl::StatusOr<FoundLog> FindLog(Client& client,
                                 const LogArguments& arguments) {
  ASSIGN_OR_RETURN(const v1::Task task,
                   client.GetTask(arguments.job_id, arguments.task));
  const bool is_running = task.state() == v1::TASK_STATE_LEASED;
  const int last = task.attempts();
  const int wanted = arguments.attempt.value_or(last);
  if (last == 0) return NoLog(arguments, "no worker has tried it");
  if (wanted > last) {
    return NoLog(arguments, absl::StrCat("there is no attempt ", wanted,
                                         "; the last is ", last));
  }
  FoundLog log{wanted, "", ""};
  if (is_running && wanted == last) {
    log.worker = task.worker();
    log.digest = task.log_digest();
  } else {
    ASSIGN_OR_RETURN(const std::vector<v1::Attempt> ended,
                     client.ListAttempts(arguments.job_id, arguments.task));
    const auto found = std::find_if(
        ended.begin(), ended.end(),
        [&](const v1::Attempt& one) { return one.number() == wanted; });
    if (found == ended.end()) {
      return NoLog(arguments, absl::StrCat("attempt ", wanted, " of ", last,
                                           " is not kept any more"));
    }
    log.worker = found->worker();
    log.digest = found->log_digest();
  }
  if (log.digest.empty()) {
    return NoLog(arguments, absl::StrCat("attempt ", wanted,
                                         is_running && wanted == last
                                             ? " has brought no log yet"
                                             : " has left no log"));
  }
  return log;
}

// A line of the log stays one.
void Print(absl::string_view text, std::ostream& out) {
  if (!text.empty() && text.back() == '\n') text.remove_suffix(1);
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    out << EscapedText(line) << "\n";
  }
  out << std::flush;
}

absl::Status ShowLog(Session& session, const LogArguments& arguments) {
  ASSIGN_OR_RETURN(Client* const client, session.Connect());
  const ArtifactScope scope{arguments.job_id, arguments.task};
  FoundLog log;
  absl::StatusOr<std::string> text = absl::NotFoundError("");
  for (int i = 0; i < kTries && absl::IsNotFound(text.status()); ++i) {
    ASSIGN_OR_RETURN(FoundLog found, FindLog(*client, arguments));
    if (found.digest == log.digest) break;
    log = std::move(found);
    text = client->DownloadLog(log.digest, scope);
  }
  if (absl::IsNotFound(text.status())) {
    return NoLog(arguments, absl::StrCat("the log of attempt ", log.attempt,
                                         " was removed to make room "
                                         "(--log-bytes of the coordinator)"));
  }
  RETURN_IF_ERROR(text.status());
  if (!session.flags.json) {
    Print(*text, session.out());
    return absl::OkStatus();
  }
  session.out() << JsonObject()
                       .Add("job_id", arguments.job_id)
                       .Add("task_index", arguments.task)
                       .Add("attempt", log.attempt)
                       .Add("worker", log.worker)
                       .Add("log", *text)
                       .Line();
  return absl::OkStatus();
}

}  // namespace

void AddLogCommand(Command& app, Session& session) {
  auto arguments = std::make_shared<LogArguments>();
  Command& command =
      app.AddCommand("log", "Print what a worker wrote of a task's attempt")
          .Group("Look");
  AddJobArgument(command, arguments->job_id);
  command.AddOption("task", arguments->task, "Its number")
      .Type("TASK")
      .Range(int64_t{0}, kMostTasks)
      .Required();
  command
      .AddOption("--attempt", arguments->attempt,
                 "Of this one, as 'atelier show JOB TASK' numbers them; else "
                 "of the last, running or ended")
      .Type("N")
      .Range(1, kMostAttempts);
  AddCommonFlags(command, session,
                 "  atelier log JOB 7\n"
                 "  atelier log JOB 7 --attempt 1\n");
  command.SetAction(
      [&session, arguments] { return ShowLog(session, *arguments); });
}

}  // namespace atelier
