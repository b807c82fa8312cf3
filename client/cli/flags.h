// Flags that several commands take.
#ifndef ATELIER_CLIENT_CLI_FLAGS_H_
#define ATELIER_CLIENT_CLI_FLAGS_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/status/statusor.h"
#include "client/cli/session.h"
#include "client/lib/parameters.h"

namespace atelier {

/// --json and --quiet, and the exit codes below the help: for commands that
/// need no coordinator.
void AddOutputFlags(CLI::App& command, Session& session,
                    const std::string& examples);

/// The same, and --coordinator.
void AddCommonFlags(CLI::App& command, Session& session,
                    const std::string& examples);

/// The parameters of a render as flags, one for each row of the table.
class ParameterFlags {
 public:
  /// `command` and this live equally long; `required` are names of parameters.
  void AddTo(CLI::App& command, const std::vector<std::string>& required = {});

  /// What was given. Errors: as ParseParameter and ValidatePatch.
  absl::StatusOr<RenderDraft> Parse() const;

 private:
  std::vector<std::pair<const Parameter*, std::string>> given_;
};

/// --workers N, for a cluster of our own.
void AddWorkersFlag(CLI::App& command, int& workers);

}  // namespace atelier

#endif  // ATELIER_CLIENT_CLI_FLAGS_H_
