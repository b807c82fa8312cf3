#include "common/cli/parameter_flags.h"

#include <algorithm>

#include "common/cli/command_line.h"
#include "common/render/parameter_text.h"
#include "common/render/patch.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

bool Has(const std::vector<absl::string_view>& names, absl::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

void ParameterFlags::AddTo(Command& command,
                           const std::vector<absl::string_view>& required,
                           const std::vector<absl::string_view>& without) {
  for (const Parameter& parameter : AllParameters()) {
    if (Has(without, parameter.name)) continue;
    Option option = command.AddOption(
        Flag(parameter),
        [this, &parameter](const std::string& text) {
          given_.emplace_back(&parameter, text);
        },
        std::string(parameter.help));
    option.Type(std::string(parameter.value_name)).Group("Parameters");
    if (Has(required, parameter.name)) option.Required();
  }
}

absl::StatusOr<RenderPatch> ParameterFlags::Parse() const {
  RenderPatch patch;
  for (const auto& [parameter, text] : given_) {
    RETURN_IF_ERROR(ParseParameter(*parameter, text, patch));
  }
  RETURN_IF_ERROR(ValidatePatch(patch));
  return patch;
}

}  // namespace atelier
