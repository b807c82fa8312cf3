#include "client/cli/sweep_parameters.h"

#include <algorithm>
#include <string>
#include <vector>

#include "common/render/parameter_text.h"
#include "common/render/parameters.h"

namespace atelier {

void AddSweepParameters(Command& command, SweepFlags& sweep,
                        bool needs_content) {
  for (const Parameter& parameter : AllParameters()) {
    Option option = command.AddOption(
        Flag(parameter),
        [&sweep, &parameter](const std::string& text) {
          sweep.parameters.push_back({&parameter, text});
        },
        std::string(parameter.help));
    option.Type(std::string(parameter.value_name)).Group("Parameters");
    if (needs_content && parameter.name == "content") option.Required();
  }
}

void SortAsGiven(const Command& command, SweepFlags& sweep) {
  const std::vector<std::string> options = command.GivenOptions();
  const auto position = [&options](const SweepParameter& given) {
    return std::find(options.begin(), options.end(), Flag(*given.parameter)) -
           options.begin();
  };
  std::stable_sort(sweep.parameters.begin(), sweep.parameters.end(),
                   [&](const SweepParameter& a, const SweepParameter& b) {
                     return position(a) < position(b);
                   });
}

}  // namespace atelier
