// Takes a command line apart by the rules of Command::Parse, before CLI11 sees
// it: CLI11 would take the argument after "--output=" for its value, run two
// commands in a row, and name what it does not expect from the back.
#ifndef ATELIER_COMMON_CLI_ARGUMENT_READER_H_
#define ATELIER_COMMON_CLI_ARGUMENT_READER_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace atelier {

/// Reads one command line. Thread-compatible.
class ArgumentReader {
 public:
  /// Lifetime: `root` outlives this.
  explicit ArgumentReader(const CLI::App& root) : command_(&root) {}

  /// Errors: as Command::Parse, but for the values themselves. Where help or
  ///         the version is asked for, nothing else is wrong.
  absl::Status Read(const std::vector<std::string>& arguments);

  /// The same command line, so that CLI11 cannot misunderstand it.
  std::vector<std::string> canonical() const;
  /// The last value of each option, by CLI11's name of it.
  const std::map<std::string, std::string>& values() const { return values_; }
  /// "atelier weights fetch": what the errors are about.
  std::string CommandName() const;

 private:
  using Arguments = std::vector<std::string>;

  bool AsksForHelp(const Arguments& arguments);
  absl::Status ReadFlag(const Arguments& arguments, size_t& at);
  absl::Status TakeValue(const CLI::Option& option, const Arguments& arguments,
                         size_t& at);
  absl::Status Take(const CLI::Option& option, const std::string& value);
  absl::Status ReadWord(const std::string& word);
  absl::Status UnknownFlag(const std::string& argument) const;
  absl::Status CheckCount();
  absl::Status CheckRequired() const;

  const CLI::Option* FindFlag(absl::string_view argument) const;
  std::vector<const CLI::App*> Commands() const;
  std::vector<const CLI::Option*> Positionals() const;

  const CLI::App* command_;
  std::vector<std::string> path_;
  std::vector<std::string> flags_;  // Canonical.
  std::vector<std::string> words_;
  std::map<std::string, std::string> values_;
};

}  // namespace atelier

#endif  // ATELIER_COMMON_CLI_ARGUMENT_READER_H_
