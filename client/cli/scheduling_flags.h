// When and where a job runs, as flags.
#ifndef ATELIER_CLIENT_CLI_SCHEDULING_FLAGS_H_
#define ATELIER_CLIENT_CLI_SCHEDULING_FLAGS_H_

#include <optional>
#include <string>

#include "CLI/CLI.hpp"
#include "client/lib/spec.h"

namespace atelier {

/// --user, --priority, --profile and --no-cache. What is given goes over what a
/// spec says.
class SchedulingFlags {
 public:
  /// `command` and this live equally long.
  void AddTo(CLI::App& command);
  void Apply(JobDraft& job) const;

 private:
  std::optional<std::string> user_;
  std::optional<int> priority_;
  std::optional<std::string> profile_;
  bool no_cache_ = false;
};

}  // namespace atelier

#endif  // ATELIER_CLIENT_CLI_SCHEDULING_FLAGS_H_
