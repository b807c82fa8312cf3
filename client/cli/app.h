// `atelier`, but for the process around it.
#ifndef ATELIER_CLIENT_CLI_APP_H_
#define ATELIER_CLIENT_CLI_APP_H_

#include <string>
#include <vector>

#include "client/cli/environment.h"
#include "common/cli/command_help.h"

namespace atelier {

/// Reads the arguments (without the program's name), runs the command and
/// returns its exit code. Whatever goes wrong is one line on `err`.
int RunAtelier(const std::vector<std::string>& arguments,
               Environment& environment);

/// What the help says of all commands.
CommandHelp AtelierHelp(Environment& environment);

}  // namespace atelier

#endif  // ATELIER_CLIENT_CLI_APP_H_
