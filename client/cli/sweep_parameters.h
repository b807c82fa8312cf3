// The flags of parameters that take several values each.
#ifndef ATELIER_CLIENT_CLI_SWEEP_PARAMETERS_H_
#define ATELIER_CLIENT_CLI_SWEEP_PARAMETERS_H_

#include "client/lib/sweep_flags.h"
#include "common/cli/command_line.h"

namespace atelier {

/// A flag for each parameter. `needs_content`: --content has to be given.
/// `command` and `sweep` live equally long.
void AddSweepParameters(Command& command, SweepFlags& sweep,
                        bool needs_content);

/// Puts the parameters in the order in which their flags are first given:
/// parsing takes them in the order in which they were added to the command.
void SortAsGiven(const Command& command, SweepFlags& sweep);

}  // namespace atelier

#endif  // ATELIER_CLIENT_CLI_SWEEP_PARAMETERS_H_
