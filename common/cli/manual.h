// The manual page of a program.
#ifndef ATELIER_COMMON_CLI_MANUAL_H_
#define ATELIER_COMMON_CLI_MANUAL_H_

#include <string>

#include "absl/strings/string_view.h"
#include "common/cli/command_help.h"

namespace atelier {

/// In man(7)'s macros: `atelier --manual | man -l -`. Commands have a section
/// each. `version` is "atelier 0.1.0".
std::string ManualPage(const CommandHelp& program, absl::string_view version);

}  // namespace atelier

#endif  // ATELIER_COMMON_CLI_MANUAL_H_
