// Command lines as all programs read them: what the commands and flags are, and
// what is wrong with those that were given. CLI11 stays behind this header.
//
//   Command app("atelier-worker", "Renders for a coordinator.");
//   app.AddOption("--threads", threads, "Threads of one render")
//       .Range(0, 1024)
//       .ShowDefault();
//   ASSIGN_OR_RETURN(const bool go_on, app.Parse(arguments, std::cout));
#ifndef ATELIER_COMMON_CLI_COMMAND_LINE_H_
#define ATELIER_COMMON_CLI_COMMAND_LINE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/cli/command_help.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace atelier {

/// What more there is to say of an option that was added to a command: refers
/// to it.
class Option {
 public:
  explicit Option(CLI::Option* option) : option_(option) {}

  Option Required();
  /// What the help calls the value: "FILE". Of numbers it is "N" without this.
  Option Type(const std::string& name);
  /// The heading of the help that it stands under. REQUIRES: not empty.
  Option Group(const std::string& name);
  /// Of what takes each that is given: only the last counts, and the help does
  /// not offer more.
  Option Once();
  /// The help says so.
  Option Range(int64_t least, int64_t most);
  Option OneOf(const std::vector<std::string>& values);
  /// Words among the values that it takes, for completion.
  Option Suggest(const std::vector<std::string>& words);
  /// The value, a SIZE, is a number of bytes, as 500MB or 4GB.
  Option Bytes();
  /// Read from there where it is not on the command line.
  Option EnvironmentVariable(const std::string& name);
  /// The help tells the value that the variable has now.
  Option ShowDefault();

 private:
  CLI::Option* option_;
};

/// A program, or a command of it. Thread-compatible.
class Command {
 public:
  using Action = std::function<absl::Status()>;

  /// A program: what it is called, and what the help says of it.
  Command(const std::string& name, const std::string& about);
  ~Command();
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;

  /// `names` are "--output", "-o,--output", or "output" for a positional.
  /// Parsing fills `value`, which must outlive this: a std::string, int or
  /// int64_t, an optional of those or of a double, or a vector, which gets an
  /// entry for each time that the option is given; of doubles, also for each of
  /// "N,N". Of all others the last counts. A vector as a positional takes all
  /// that are left, and comes last.
  template <typename T>
  Option AddOption(const std::string& names, T& value, const std::string& help);
  /// Calls `take` for each time that the option is given, in their order.
  Option AddOption(const std::string& names,
                   std::function<void(const std::string&)> take,
                   const std::string& help);
  Option AddFlag(const std::string& names, bool& value,
                 const std::string& help);
  /// Its options may be added once those of this command are. Lives as long.
  Command& AddCommand(const std::string& name, const std::string& about);

  /// The heading of the parent's help that this stands under.
  Command& Group(const std::string& name);
  /// One of the commands below this has to be given.
  void RequireCommand();
  /// --version, and what is made of the help: --completion SHELL and --manual.
  void SetVersion(const std::string& text);
  /// What stands below the help.
  void SetFooter(const std::string& text);
  /// What the command does, for whoever asks for ChosenAction.
  void SetAction(Action action) { action_ = std::move(action); }

  /// Reads the arguments (without the program's name). Of a flag given twice
  /// the last counts, but for those that collect. A value is what follows "=",
  /// or else the next argument, unless that is a flag of the same command; it
  /// is never empty. After "--" nothing is a flag; numbers below zero never
  /// are. Returns false where --help, --version, --completion or --manual was
  /// answered on `out` and nothing is left to do.
  /// REQUIRES: this is the program, and reads its first command line.
  /// Errors: InvalidArgument: one line with the flag, what was given and what
  ///         is allowed; of an unknown word the nearest that is known; whatever
  ///         is unexpected in its order; all that is missing.
  absl::StatusOr<bool> Parse(const std::vector<std::string>& arguments,
                             std::ostream& out);

  /// What the help says of this and of all commands below it.
  CommandHelp Help() const;

  /// Once parsed, whether this command was given.
  bool IsChosen() const;
  /// Once parsed: the options of this command, by their first long names
  /// ("--output"), in the order of the command line, once for each time.
  std::vector<std::string> GivenOptions() const;
  /// Of the command that was given; empty where there is none.
  Action ChosenAction() const;
  /// Errors: InvalidArgument for a value that was given and is not UTF-8, but
  ///         for names of files, which may be anything: FILE, DIR and SPEC.
  absl::Status CheckText() const;

 private:
  explicit Command(CLI::App& app);

  std::unique_ptr<CLI::App> program_;  // Null for a command.
  CLI::App& app_;
  std::vector<std::unique_ptr<Command>> commands_;
  std::string version_;
  Action action_;
};

/// "study and --output are required", of arguments that are missing where only
/// the command knows that it wants them. REQUIRES: not empty.
absl::Status MissingArguments(std::vector<std::string> names);

/// The arguments that Parse takes, from main's own.
std::vector<std::string> ArgumentsOf(int argc, char** argv);

/// What a program says as it ends: "atelier: why\n", one line of printable text
/// in bounds, whatever `message` holds.
std::string ErrorLine(absl::string_view program, absl::string_view message);

}  // namespace atelier

#endif  // ATELIER_COMMON_CLI_COMMAND_LINE_H_
