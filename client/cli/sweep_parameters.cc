#include "client/cli/sweep_parameters.h"

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "common/cli/parameter_flags.h"
#include "common/render/parameter_text.h"
#include "common/render/parameters.h"

namespace atelier {

void AddSweepParameters(Command& command, SweepFlags& sweep,
                        bool needs_content) {
  ParameterFlagRules rules;
  if (needs_content) rules.required = {"content"};
  rules.repeat = true;
  AddParameterFlags(
      command, rules,
      [&sweep](const Parameter& parameter, const std::string& text) {
        sweep.parameters.push_back({&parameter, text});
      });
}

void SortAsGiven(const Command& command, SweepFlags& sweep) {
  const std::vector<std::string> options = command.GivenOptions();
  std::map<std::string, size_t> first;
  for (size_t i = 0; i < options.size(); ++i) first.emplace(options[i], i);
  const auto position = [&first](const SweepParameter& given) {
    return first.at(Flag(*given.parameter));
  };
  std::stable_sort(sweep.parameters.begin(), sweep.parameters.end(),
                   [&](const SweepParameter& a, const SweepParameter& b) {
                     return position(a) < position(b);
                   });
}

}  // namespace atelier
