// The commands of `atelier`.
#ifndef ATELIER_CLIENT_CLI_COMMANDS_H_
#define ATELIER_CLIENT_CLI_COMMANDS_H_

namespace atelier {

class Command;
class Session;

/// Each adds its command, or commands, to `app`.
void AddRenderCommand(Command& app, Session& session);
void AddStudyCommand(Command& app, Session& session);
void AddSubmitCommand(Command& app, Session& session);
void AddSweepCommand(Command& app, Session& session);
void AddExtendCommand(Command& app, Session& session);
void AddRerunCommand(Command& app, Session& session);
void AddCompareCommand(Command& app, Session& session);
void AddJobsCommand(Command& app, Session& session);
void AddShowCommand(Command& app, Session& session);
void AddLogCommand(Command& app, Session& session);
void AddWatchCommand(Command& app, Session& session);
void AddFetchCommand(Command& app, Session& session);
void AddLoginLinkCommand(Command& app, Session& session);
void AddWorkersCommand(Command& app, Session& session);
void AddWeightsCommand(Command& app, Session& session);
/// Below `weights`.
void AddWeightsInspect(Command& weights, Session& session);
/// Stars for a task, and the worst of a few.
void AddRateCommand(Command& app, Session& session);
/// cancel, retry, pause, resume, priority, drain and release.
void AddSteerCommands(Command& app, Session& session);
void AddGcCommand(Command& app, Session& session);
void AddTokenCommand(Command& app, Session& session);
void AddAuditCommand(Command& app, Session& session);
void AddQuotaCommand(Command& app, Session& session);
void AddUpCommand(Command& app, Session& session);

}  // namespace atelier

#endif  // ATELIER_CLIENT_CLI_COMMANDS_H_
