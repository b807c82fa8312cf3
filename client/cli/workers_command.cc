#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/cli/commands.h"
#include "client/cli/flags.h"
#include "client/cli/json.h"
#include "client/cli/table.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

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

absl::Status Run(Session& session) {
  ASSIGN_OR_RETURN(Client* const client, session.Connect());
  ASSIGN_OR_RETURN(const std::vector<v1::Worker> workers,
                   client->ListWorkers());
  if (session.flags.json) {
    Json list = Json::array();
    for (const v1::Worker& worker : workers) list.push_back(ToJson(worker));
    session.environment().out << Line({{"workers", list}});
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
  session.environment().out << table.TakeText() << std::flush;
  return absl::OkStatus();
}

}  // namespace

void AddWorkersCommand(CLI::App& app, Session& session, Action& action) {
  CLI::App& command =
      *app.add_subcommand("workers", "List live workers")->group("Look");
  AddCommonFlags(command, session, "  atelier workers\n");
  command.callback(
      [&session, &action] { action = [&session] { return Run(session); }; });
}

}  // namespace atelier
