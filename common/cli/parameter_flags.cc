#include "common/cli/parameter_flags.h"

#include <algorithm>
#include <type_traits>
#include <variant>

#include "absl/strings/str_cat.h"
#include "common/cli/command_line.h"
#include "common/render/convention.h"
#include "common/render/parameter_text.h"
#include "common/render/patch.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

// What it is, what is allowed, and what it is where it is not given.
std::string HelpOf(const Parameter& parameter) {
  std::string help(parameter.help);
  const std::string allowed = AllowedText(parameter);
  const std::string usual = DefaultText(parameter);
  if (allowed.empty() && usual.empty()) return help;
  return absl::StrCat(help, " (", allowed,
                      allowed.empty() || usual.empty() ? "" : "; ",
                      usual.empty() ? "" : "default: ", usual, ")");
}

// The names of a choice.
std::vector<std::string> ChoicesOf(const Parameter& parameter) {
  return std::visit(
      [](const auto& member) {
        using Given = std::decay_t<decltype(*(RenderPatch().*member.given))>;
        std::vector<std::string> names;
        if constexpr (std::is_enum_v<Given>) {
          for (absl::string_view name : Names(Given()))
            names.emplace_back(name);
        }
        return names;
      },
      parameter.member);
}

bool Has(const std::vector<absl::string_view>& names, absl::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

void AddParameterFlags(Command& command, const ParameterFlagRules& rules,
                       const TakeParameter& take) {
  for (const Parameter& parameter : AllParameters()) {
    if (Has(rules.without, parameter.name)) continue;
    Option option = command.AddOption(
        Flag(parameter),
        [take, &parameter](const std::string& text) { take(parameter, text); },
        HelpOf(parameter));
    if (!rules.repeat && TakesOf(parameter) != Takes::kEach) option.Once();
    option.Type(std::string(parameter.value_name))
        .Suggest(ChoicesOf(parameter))
        .Group("Parameters");
    if (Has(rules.required, parameter.name)) option.Required();
  }
}

void ParameterFlags::AddTo(Command& command,
                           const std::vector<absl::string_view>& required,
                           const std::vector<absl::string_view>& without) {
  AddParameterFlags(
      command, {required, without},
      [this](const Parameter& parameter, const std::string& text) {
        given_.emplace_back(&parameter, text);
      });
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
