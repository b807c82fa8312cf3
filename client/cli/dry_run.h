// What a job would be, printed in the place of submitting it.
#ifndef ATELIER_CLIENT_CLI_DRY_RUN_H_
#define ATELIER_CLIENT_CLI_DRY_RUN_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "client/lib/prepare.h"
#include "common/cli/command_line.h"

namespace atelier {

class Client;
class Session;

/// --dry-run. `command` and `dry_run` live equally long.
void AddDryRunFlag(Command& command, bool& dry_run);

/// Prints the jobs' tasks, which of them have a result, and the time that the
/// others would take; with --json a line for each job. Submits and uploads
/// nothing. `client`: null for a job whose cluster would be started for it, and
/// which therefore has neither results nor times.
/// Errors: as Client::PreviewJob; FailedPrecondition (the coordinator is of
///         before there were previews).
absl::Status DryRun(Session& session, Client* client,
                    const std::vector<const PreparedJob*>& jobs);

/// Two units at most: "0.4s", "12s", "14m", "2h10m", "3d4h".
std::string AboutText(absl::Duration time);

}  // namespace atelier

#endif  // ATELIER_CLIENT_CLI_DRY_RUN_H_
