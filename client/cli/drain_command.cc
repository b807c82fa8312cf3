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
  ASSIGN_OR_RETURN(const v1::Worker worker, client->DrainWorker(name));
  if (session.flags.json) {
    session.environment().out << Line(ToJson(worker));
  } else {
    session.Tell(absl::StrCat(name, ": draining, ", worker.running_size(),
                              " still running"));
  }
  return absl::OkStatus();
}

}  // namespace

void AddDrainCommand(CLI::App& app, Session& session, Action& action) {
  auto name = std::make_shared<std::string>();
  CLI::App& command =
      *app.add_subcommand("drain",
                          "Let a worker finish what it runs, and give it "
                          "nothing new")
           ->group("Steer");
  command.add_option("worker", *name, "As 'atelier workers' lists it")
      ->type_name("WORKER")
      ->required();
  AddCommonFlags(command, session, "  atelier drain gpu-node-3\n");
  command.callback([&session, &action, name] {
    action = [&session, name] { return Run(session, *name); };
  });
}

}  // namespace atelier
