// What every flag's help has to say, for the tests of programs.
#ifndef ATELIER_COMMON_CLI_HELP_RULES_TESTING_H_
#define ATELIER_COMMON_CLI_HELP_RULES_TESTING_H_

#include <regex>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/cli/command_help.h"

namespace atelier {

/// Whether the option's absence means that something is not done, or not
/// chosen: there is no value that takes its place.
inline bool IsRequest(const OptionHelp& option) {
  static const std::set<std::string> kinds = {"JOB",   "SHELL", "STATE",
                                              "STUDY", "TASK",  "URL"};
  return option.takes_files || kinds.count(option.value_name) > 0;
}

/// What is wrong with the help of the command and of all below it, a line for
/// each option. Of what takes a value it names the kind, it says what holds
/// where it is not given, and of a number, a size or a time what is allowed.
inline void AddHelpProblems(const CommandHelp& command, const std::string& path,
                            std::vector<std::string>& problems) {
  static const std::regex usual(
      "default:|\\b(else|without|when not given|only)\\b",
      std::regex::ECMAScript | std::regex::icase);
  static const std::regex allowed(
      "from \\S+ to |at least|greater than|at most|[0-9]\\S* to \\S|"
      "[0-9] or [0-9]");
  static const std::set<std::string> numbers = {"N",    "N,N", "PX",
                                                "SIZE", "AGE", "TIME"};
  for (const OptionHelp& option : command.options) {
    const auto add = [&](const std::string& problem) {
      problems.push_back(
          absl::StrCat(path, " ", option.names.front(), ": ", problem));
    };
    if (option.help.empty()) add("the help says nothing");
    if (!option.takes_value) continue;
    const std::string& kind = option.value_name;
    if (kind.empty() || kind == "TEXT" || kind == "INT" || kind == "FLOAT") {
      add("its value has no name");
    }
    const bool has_usual = !option.value.empty() || option.required ||
                           option.repeats || IsRequest(option) ||
                           std::regex_search(option.help, usual);
    if (!has_usual) add("what holds where it is not given is not said");
    const bool is_number = numbers.count(kind) > 0;
    if (is_number && !std::regex_search(option.help, allowed)) {
      add("what is allowed is not said");
    }
  }
  for (const CommandHelp& below : command.commands) {
    AddHelpProblems(below, absl::StrCat(path, " ", below.name), problems);
  }
}

inline std::vector<std::string> HelpProblems(const CommandHelp& program) {
  std::vector<std::string> problems;
  AddHelpProblems(program, program.name, problems);
  return problems;
}

}  // namespace atelier

#endif  // ATELIER_COMMON_CLI_HELP_RULES_TESTING_H_
