// The commands of `atelier`, one source each.
#ifndef ATELIER_CLIENT_CLI_COMMANDS_H_
#define ATELIER_CLIENT_CLI_COMMANDS_H_

#include <functional>

#include "CLI/CLI.hpp"
#include "absl/status/status.h"
#include "client/cli/session.h"

namespace atelier {

/// What the command line asks for, run once it has been read whole.
using Action = std::function<absl::Status()>;

/// Each adds its command to `app`; choosing it sets `action`.
void AddRenderCommand(CLI::App& app, Session& session, Action& action);
void AddStudyCommand(CLI::App& app, Session& session, Action& action);
void AddSubmitCommand(CLI::App& app, Session& session, Action& action);
void AddJobsCommand(CLI::App& app, Session& session, Action& action);
void AddShowCommand(CLI::App& app, Session& session, Action& action);
void AddWatchCommand(CLI::App& app, Session& session, Action& action);
void AddFetchCommand(CLI::App& app, Session& session, Action& action);
void AddCancelCommand(CLI::App& app, Session& session, Action& action);
void AddRetryCommand(CLI::App& app, Session& session, Action& action);
void AddWorkersCommand(CLI::App& app, Session& session, Action& action);
void AddPauseCommand(CLI::App& app, Session& session, Action& action);
void AddResumeCommand(CLI::App& app, Session& session, Action& action);
void AddPriorityCommand(CLI::App& app, Session& session, Action& action);
void AddReleaseCommand(CLI::App& app, Session& session, Action& action);
void AddDrainCommand(CLI::App& app, Session& session, Action& action);
void AddGcCommand(CLI::App& app, Session& session, Action& action);
void AddUpCommand(CLI::App& app, Session& session, Action& action);
void AddWeightsCommand(CLI::App& app, Session& session, Action& action);

}  // namespace atelier

#endif  // ATELIER_CLIENT_CLI_COMMANDS_H_
