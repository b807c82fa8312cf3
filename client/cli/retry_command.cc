#include <memory>

#include "absl/strings/str_cat.h"
#include "client/cli/commands.h"
#include "client/cli/flags.h"
#include "client/cli/json.h"
#include "client/lib/state_names.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

absl::Status Run(Session& session, const std::string& job_id) {
  ASSIGN_OR_RETURN(Client* const client, session.Connect());
  ASSIGN_OR_RETURN(const v1::Job job, client->RetryJob(job_id));
  if (session.flags.json) {
    session.environment().out << Line(ToJson(job));
  } else {
    session.Tell(absl::StrCat(job_id, ": ", StateName(job.state())));
  }
  return absl::OkStatus();
}

}  // namespace

void AddRetryCommand(CLI::App& app, Session& session, Action& action) {
  auto job_id = std::make_shared<std::string>();
  CLI::App& command =
      *app.add_subcommand("retry",
                          "Queue the failed and cancelled tasks of a job again")
           ->group("Steer");
  command.add_option("job", *job_id, "As 'atelier jobs' lists it")
      ->type_name("JOB")
      ->required();
  AddCommonFlags(command, session, "  atelier retry JOB\n");
  command.callback([&session, &action, job_id] {
    action = [&session, job_id] { return Run(session, *job_id); };
  });
}

}  // namespace atelier
