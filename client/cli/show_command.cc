#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "client/cli/commands.h"
#include "client/cli/flags.h"
#include "client/cli/json.h"
#include "client/cli/show_task.h"
#include "client/cli/status_line.h"
#include "client/cli/table.h"
#include "client/lib/client.h"
#include "client/lib/input_names.h"
#include "client/lib/state_names.h"
#include "common/quoted_text.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

constexpr int64_t kMostTasks = int64_t{1} << 40;

std::vector<std::string> Row(const v1::Task& task) {
  const bool done = task.has_result();
  const v1::Losses& losses = done ? task.result().losses() : task.losses();
  return {
      absl::StrCat(task.index()),
      absl::StrJoin(task.labels(), " "),
      StateName(task.state()),
      absl::StrCat(done ? task.result().iterations() : task.iteration(), "/",
                   task.render().iterations()),
      done || task.has_losses() ? absl::StrFormat("%.4g", losses.total()) : "-",
      done ? task.result().worker() : task.worker(),
      task.message()};
}

std::string Summary(const v1::Job& job) {
  std::string text = absl::StrCat(job.spec().name(), ": ", ShownState(job),
                                  ", ", job.tasks().succeeded(), " of ",
                                  job.task_count(), " tasks done");
  for (const std::string& more : {job.message(), ShownWait(job)}) {
    if (!more.empty()) absl::StrAppend(&text, "; ", more);
  }
  const std::string left = ShownTimeLeft(job);
  if (!left.empty()) absl::StrAppend(&text, "; about ", left, " left");
  return ClippedText(text, kMaxErrorBytes);
}

struct ShowArguments {
  std::string job_id;
  std::optional<int64_t> task;
  std::string state;
  int64_t limit = 0;  // 0: all.
};

// Prints tasks as they come: a job may have more than memory holds.
class TaskPrinter {
 public:
  TaskPrinter(Session& session, const ShowArguments& arguments,
              const v1::Job& job)
      : session_(session),
        arguments_(arguments),
        job_(job),
        names_(job.spec()),
        line_(session.environment().err, session.status_columns()) {}

  void Begin() {
    std::ostream& out = session_.out();
    if (session_.flags.json) {
      std::string head = ToJson(job_).Text();
      head.pop_back();
      out << head << ",\"task_list\":[";
      return;
    }
    out << Summary(job_) << "\n";
  }

  void SayAtWork() {
    line_.Show(
        absl::StrCat("reading tasks: ", read_, " of ", job_.task_count()));
  }

  // Whether more is wanted.
  bool Print(const v1::ListTasksResponse& page) {
    line_.Clear();
    bool is_enough = false;
    for (const v1::Task& task : page.tasks()) {
      ++read_;
      if (!arguments_.state.empty() &&
          StateName(task.state()) != arguments_.state) {
        continue;
      }
      PrintTask(task);
      is_enough = printed_ == arguments_.limit;
      if (is_enough) break;
    }
    std::ostream& out = session_.out();
    if (!session_.flags.json) out << table_.TakeText();
    out.flush();
    // Nobody reads on.
    if (is_enough || !out.good()) return false;
    if (!page.next_page_token().empty()) SayAtWork();
    return true;
  }

  void End() {
    if (session_.flags.json) session_.out() << "]}\n";
  }

 private:
  void PrintTask(const v1::Task& task) {
    ++printed_;
    if (!session_.flags.json) return table_.Add(Row(task));
    names_.MoveTo(task);
    session_.out()
        << (printed_ > 1 ? "," : "")
        << ToJson(task).Add("parameters", ParametersOf(task, names_)).Text();
  }

  Session& session_;
  const ShowArguments& arguments_;
  const v1::Job& job_;
  InputNames names_;
  StatusLine line_;
  Table table_{
      {"TASK", "VALUES", "STATE", "ITERATION", "LOSS", "WORKER", "MESSAGE"}};
  int64_t read_ = 0;
  int64_t printed_ = 0;
};

absl::Status ShowJob(Session& session, const ShowArguments& arguments) {
  ASSIGN_OR_RETURN(Client* const client, session.Connect());
  ASSIGN_OR_RETURN(const v1::Job job, client->GetJob(arguments.job_id));
  TaskPrinter printer(session, arguments, job);
  printer.Begin();
  printer.SayAtWork();
  RETURN_IF_ERROR(client->ForEachTaskPage(
      arguments.job_id,
      [&](const v1::ListTasksResponse& page) -> absl::StatusOr<bool> {
        return printer.Print(page);
      }));
  printer.End();
  return absl::OkStatus();
}

absl::Status Run(Session& session, const ShowArguments& arguments) {
  if (!arguments.task.has_value()) return ShowJob(session, arguments);
  const bool chooses = !arguments.state.empty() || arguments.limit != 0;
  if (chooses) {
    return InvalidArgument("--state and --limit choose among tasks; task ",
                           *arguments.task, " is one");
  }
  return ShowTask(session, arguments.job_id, *arguments.task);
}

}  // namespace

void AddShowCommand(Command& app, Session& session) {
  auto arguments = std::make_shared<ShowArguments>();
  Command& command =
      app.AddCommand("show", "Show a job and its tasks, or one task")
          .Group("Look");
  AddJobArgument(command, arguments->job_id);
  command
      .AddOption("task", arguments->task,
                 "Its number: its values, its result and its attempts")
      .Type("TASK")
      .Range(int64_t{0}, kMostTasks);
  command.AddOption("--state", arguments->state, "Only tasks in this state")
      .Type("STATE")
      .OneOf(TaskStateNames());
  command
      .AddOption("--limit", arguments->limit, "At most so many tasks; else all")
      .Type("N")
      .Range(int64_t{1}, kMostTasks);
  AddCommonFlags(command, session,
                 "  atelier show JOB\n"
                 "  atelier show JOB --state failed --limit 10\n"
                 "  atelier show JOB 7\n");
  command.SetAction([&session, arguments] { return Run(session, *arguments); });
}

}  // namespace atelier
