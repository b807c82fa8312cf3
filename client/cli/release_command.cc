#include <memory>

#include "absl/strings/str_cat.h"
#include "client/cli/commands.h"
#include "client/cli/flags.h"
#include "client/cli/json.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

absl::Status Run(Session& session, const std::string& name) {
  ASSIGN_OR_RETURN(Client* const client, session.Connect());
  ASSIGN_OR_RETURN(const v1::Worker worker, client->ReleaseWorker(name));
  if (session.flags.json) {
    session.environment().out << Line(ToJson(worker));
  } else {
    session.Tell(absl::StrCat(name, ": takes work"));
  }
  return absl::OkStatus();
}

}  // namespace

void AddReleaseCommand(CLI::App& app, Session& session, Action& action) {
  auto name = std::make_shared<std::string>();
  CLI::App& command =
      *app.add_subcommand("release",
                          "Give work again to a worker that was drained or set "
                          "aside for its failures")
           ->group("Steer");
  command.add_option("worker", *name, "As 'atelier workers' lists it")
      ->type_name("WORKER")
      ->required();
  AddCommonFlags(command, session, "  atelier release gpu-node-3\n");
  command.callback([&session, &action, name] {
    action = [&session, name] { return Run(session, *name); };
  });
}

}  // namespace atelier
