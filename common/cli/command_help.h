// What a program's help knows, for whatever shows it in another form.
#ifndef ATELIER_COMMON_CLI_COMMAND_HELP_H_
#define ATELIER_COMMON_CLI_COMMAND_HELP_H_

#include <string>
#include <vector>

namespace atelier {

struct OptionHelp {
  /// "--output", "-o": long ones first. Of a positional its only name, "job".
  std::vector<std::string> names;
  bool positional = false;
  bool takes_value = false;
  bool required = false;
  bool repeats = false;
  std::string value_name;  ///< "FILE", "content|noise|FILE".
  std::string value;       ///< That it has where it is not given.
  std::string help;
  std::string group;
  std::vector<std::string> choices;  ///< Words that it takes.
  bool takes_files = false;
};

struct CommandHelp {
  std::string name;
  std::string about;
  std::string group;
  std::string footer;
  std::vector<OptionHelp> options;
  std::vector<CommandHelp> commands;
};

}  // namespace atelier

#endif  // ATELIER_COMMON_CLI_COMMAND_HELP_H_
