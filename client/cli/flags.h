// Flags that several commands take.
#ifndef ATELIER_CLIENT_CLI_FLAGS_H_
#define ATELIER_CLIENT_CLI_FLAGS_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "client/cli/session.h"
#include "common/cli/command_line.h"

namespace atelier {

struct JobDraft;
namespace v1 {
class JobSpec;
}  // namespace v1

/// --json and --quiet, and the exit codes below the help: for commands that
/// need no coordinator.
void AddOutputFlags(Command& command, Session& session,
                    const std::string& examples);

/// The same, and the way to a coordinator: --coordinator, --ca and
/// --token-file.
void AddCommonFlags(Command& command, Session& session,
                    const std::string& examples);

/// The job that a command is about.
void AddJobArgument(Command& command, std::string& job_id);

/// --workers N, for a cluster of our own.
void AddWorkersFlag(Command& command, int& workers);

/// When and where a job runs: --user, --priority, --profile and --no-cache.
/// What is given goes over what a spec says.
class SchedulingFlags {
 public:
  /// `command` and this live equally long.
  void AddTo(Command& command);
  void Apply(JobDraft& job) const;
  void Apply(v1::JobSpec& job) const;

 private:
  std::optional<std::string> user_;
  std::optional<int> priority_;
  std::optional<std::string> profile_;
  bool no_cache_ = false;
};

/// By what results are measured: --measure-size, --measure-weights and so on.
/// What is given goes over what a spec says.
class MeasureFlags {
 public:
  /// `command` and this live equally long.
  void AddTo(Command& command);
  /// Errors: InvalidArgument (the flag, what was given, what is allowed).
  absl::Status Apply(JobDraft& job) const;

 private:
  std::optional<int> size_px_;
  std::string weights_, pooling_, preprocessing_;
};

}  // namespace atelier

#endif  // ATELIER_CLIENT_CLI_FLAGS_H_
