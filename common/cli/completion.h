// What a shell completes of a command line.
#ifndef ATELIER_COMMON_CLI_COMPLETION_H_
#define ATELIER_COMMON_CLI_COMPLETION_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "common/cli/command_help.h"

namespace atelier {

/// "bash", "fish" and "zsh".
std::vector<std::string> CompletionShells();

/// A script that makes the shell complete the program's commands, flags, words
/// that flags take, and files: `source <(atelier --completion bash)`.
/// REQUIRES: one of CompletionShells.
std::string CompletionScript(const CommandHelp& program,
                             absl::string_view shell);

}  // namespace atelier

#endif  // ATELIER_COMMON_CLI_COMPLETION_H_
