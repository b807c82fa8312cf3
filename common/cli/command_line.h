// Command lines as all three programs read them: CLI11 for what the flags are
// and mean, our own words for what is wrong with them.
//
//   CLI::App app("Renders for a coordinator.", "atelier-worker");
//   AddWorkerFlags(app, flags);
//   ASSIGN_OR_RETURN(const bool go_on, ParseCommandLine(app, arguments, out));
#ifndef ATELIER_COMMON_CLI_COMMAND_LINE_H_
#define ATELIER_COMMON_CLI_COMMAND_LINE_H_

#include <ostream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace CLI {
class App;
}  // namespace CLI

namespace atelier {

/// Reads the arguments (without the program's name). Of a flag given twice the
/// last counts, but for those that collect. A value is what follows "=", or
/// else the next argument, unless that is a flag of the same command; it is
/// never empty. After "--" nothing is a flag; numbers below zero never are.
/// Returns false where --help or --version was answered on `out` and nothing
/// is left to do.
/// Errors: InvalidArgument: one line with the flag, what was given and what is
///         allowed; of an unknown word the nearest that is known; whatever is
///         unexpected in its order; all that is missing.
absl::StatusOr<bool> ParseCommandLine(CLI::App& app,
                                      const std::vector<std::string>& arguments,
                                      std::ostream& out);

/// The same for main's own.
std::vector<std::string> ArgumentsOf(int argc, char** argv);

/// What a program says as it ends: "atelier: why\n", one line of printable text
/// in bounds, whatever `message` holds.
std::string ErrorLine(absl::string_view program, absl::string_view message);

}  // namespace atelier

#endif  // ATELIER_COMMON_CLI_COMMAND_LINE_H_
