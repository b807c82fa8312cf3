#include "client/cli/flags.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "client/cli/exit_code.h"
#include "common/render/resolve.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

constexpr int kMaxWorkers = 256;

}  // namespace

void AddOutputFlags(CLI::App& command, Session& session,
                    const std::string& examples) {
  command
      .add_flag("--json", session.flags.json,
                "Print JSON on standard output, for programs")
      ->group("Common");
  command
      .add_flag("--quiet", session.flags.quiet,
                "No progress, no warnings, no summary")
      ->group("Common");
  command.footer(absl::StrCat("Examples:\n", examples, "\n", kExitCodesHelp));
}

void AddCommonFlags(CLI::App& command, Session& session,
                    const std::string& examples) {
  command
      .add_option("--coordinator", session.flags.coordinator,
                  "Coordinator to talk to (or ATELIER_COORDINATOR)")
      ->type_name("HOST:PORT")
      ->group("Common");
  AddOutputFlags(command, session, examples);
}

void ParameterFlags::AddTo(CLI::App& command,
                           const std::vector<std::string>& required) {
  for (const Parameter& parameter : AllParameters()) {
    CLI::Option* option = command.add_option_function<std::vector<std::string>>(
        Flag(parameter),
        [this, &parameter](const std::vector<std::string>& texts) {
          for (const std::string& text : texts) {
            given_.emplace_back(&parameter, text);
          }
        },
        std::string(parameter.help));
    option->allow_extra_args(false);
    if (parameter.takes == Takes::kEach) {
      option->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    }
    option->type_name(std::string(parameter.value_name));
    option->group("Parameters");
    if (std::find(required.begin(), required.end(), parameter.name) !=
        required.end()) {
      option->required();
    }
  }
}

absl::StatusOr<RenderDraft> ParameterFlags::Parse() const {
  RenderDraft draft;
  for (const auto& [parameter, text] : given_) {
    RETURN_IF_ERROR(ParseParameter(*parameter, text, draft));
  }
  RETURN_IF_ERROR(ValidatePatch(draft.patch));
  return draft;
}

void AddWorkersFlag(CLI::App& command, int& workers) {
  command
      .add_option("--workers", workers,
                  "Workers of the cluster that is started when no coordinator "
                  "is named")
      ->type_name("N")
      ->check(CLI::Range(1, kMaxWorkers))
      ->capture_default_str()
      ->group("Common");
}

}  // namespace atelier
