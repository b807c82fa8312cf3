// The parameters of a render as flags of a command.
#ifndef ATELIER_COMMON_CLI_PARAMETER_FLAGS_H_
#define ATELIER_COMMON_CLI_PARAMETER_FLAGS_H_

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/render/parameters.h"
#include "common/render/params.h"

namespace atelier {

class Command;

/// Both lists are names of parameters.
struct ParameterFlagRules {
  std::vector<absl::string_view> required = {};
  std::vector<absl::string_view> without = {};
  /// Each time counts that a flag is given, and not the last alone.
  bool repeat = false;
};
using TakeParameter =
    std::function<void(const Parameter& parameter, const std::string& text)>;

/// One flag for each row of the table, in its order.
void AddParameterFlags(Command& command, const ParameterFlagRules& rules,
                       const TakeParameter& take);

/// Flags, and what was given by them. Thread-compatible.
class ParameterFlags {
 public:
  /// One for each row of the table, but for those called as in `without`; both
  /// lists are names of parameters. Lifetime: `command` and this live equally
  /// long.
  void AddTo(Command& command,
             const std::vector<absl::string_view>& required = {},
             const std::vector<absl::string_view>& without = {});

  /// What was given; files as paths. Errors: as ParseParameter and
  /// ValidatePatch.
  absl::StatusOr<RenderPatch> Parse() const;

 private:
  std::vector<std::pair<const Parameter*, std::string>> given_;
};

}  // namespace atelier

#endif  // ATELIER_COMMON_CLI_PARAMETER_FLAGS_H_
