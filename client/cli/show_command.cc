#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "client/cli/commands.h"
#include "client/cli/flags.h"
#include "client/cli/json.h"
#include "client/cli/table.h"
#include "client/lib/input_names.h"
#include "client/lib/state_names.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

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

absl::Status Run(Session& session, const std::string& job_id) {
  ASSIGN_OR_RETURN(Client* const client, session.Connect());
  ASSIGN_OR_RETURN(const v1::Job job, client->GetJob(job_id));
  InputNames names(job.spec());
  Json json = ToJson(job);
  json["task_list"] = Json::array();
  Table table(
      {"TASK", "VALUES", "STATE", "ITERATION", "LOSS", "WORKER", "MESSAGE"});
  RETURN_IF_ERROR(client->ForEachTask(job_id, [&](const v1::Task& task) {
    if (session.flags.json) {
      Json entry = ToJson(task);
      names.MoveTo(task);
      entry["parameters"] = ParametersOf(task, names);
      json["task_list"].push_back(std::move(entry));
    } else {
      table.Add(Row(task));
    }
    return absl::OkStatus();
  }));
  std::ostream& out = session.environment().out;
  if (session.flags.json) {
    out << Line(json);
    return absl::OkStatus();
  }
  out << job.spec().name() << ": " << ShownState(job) << ", "
      << job.tasks().succeeded() << " of " << job.task_count() << " tasks done"
      << (job.message().empty() ? "" : "; ") << job.message()
      << (ShownWait(job).empty() ? "" : "; ") << ShownWait(job) << "\n"
      << table.Text() << std::flush;
  return absl::OkStatus();
}

}  // namespace

void AddShowCommand(CLI::App& app, Session& session, Action& action) {
  auto job_id = std::make_shared<std::string>();
  CLI::App& command =
      *app.add_subcommand("show", "Show a job and its tasks")->group("Look");
  command.add_option("job", *job_id, "As 'atelier jobs' lists it")
      ->type_name("JOB")
      ->required();
  AddCommonFlags(command, session, "  atelier show JOB\n");
  command.callback([&session, &action, job_id] {
    action = [&session, job_id] { return Run(session, *job_id); };
  });
}

}  // namespace atelier
