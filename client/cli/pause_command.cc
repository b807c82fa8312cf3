#include <memory>

#include "absl/strings/str_cat.h"
#include "client/cli/commands.h"
#include "client/cli/flags.h"
#include "client/cli/json.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

absl::Status Run(Session& session, const std::string& job_id) {
  ASSIGN_OR_RETURN(Client* const client, session.Connect());
  ASSIGN_OR_RETURN(const v1::Job job, client->PauseJob(job_id));
  if (session.flags.json) {
    session.environment().out << Line(ToJson(job));
  } else {
    session.Tell(absl::StrCat(job_id, ": paused"));
  }
  return absl::OkStatus();
}

}  // namespace

void AddPauseCommand(CLI::App& app, Session& session, Action& action) {
  auto job_id = std::make_shared<std::string>();
  CLI::App& command =
      *app.add_subcommand(
              "pause", "Stop what runs of a job and start nothing more of it")
           ->group("Steer");
  command.add_option("job", *job_id, "As 'atelier jobs' lists it")
      ->type_name("JOB")
      ->required();
  AddCommonFlags(command, session, "  atelier pause JOB\n");
  command.callback([&session, &action, job_id] {
    action = [&session, job_id] { return Run(session, *job_id); };
  });
}

}  // namespace atelier
