// Which signals a process heeds: one rule for all of our programs.
//
// What was ignored when a program started stays ignored, in it and in the
// programs it starts: nohup and trap '' INT mean what they say.
#ifndef ATELIER_COMMON_SIGNALS_H_
#define ATELIER_COMMON_SIGNALS_H_

#include <csignal>
#include <initializer_list>
#include <vector>

namespace atelier {

/// Those of `numbers` that are not ignored. Only these may be caught, blocked
/// or waited for: a blocked signal arrives although it is ignored.
std::vector<int> HeededSignals(std::initializer_list<int> numbers);

/// How our programs ask each other to stop: SIGTERM; SIGUSR1 where SIGTERM is
/// ignored, as it then is in the children too. Async-signal-safe.
int StopRequest();

/// What a server stops for: SIGTERM and SIGINT where they are heeded, and
/// StopRequest.
std::vector<int> StopSignals();

/// As sigset_t. Async-signal-safe but for the vector.
sigset_t SignalSet(const std::vector<int>& numbers);

/// Has StopRequest sent when the parent ends, or at once if it already has.
void ExitWithParent();

/// From now on a write whose reader is gone fails with EPIPE, and children can
/// be waited for. Call once, before the first child.
void HeedPipesAndChildren();

/// Whether SIGPIPE was ignored before HeedPipesAndChildren.
bool BrokenPipesWereIgnored();

/// In a child, between fork and exec: blocks nothing, and undoes
/// HeedPipesAndChildren. What else is ignored stays so, but for StopRequest.
/// Async-signal-safe.
void RestoreSignals();

}  // namespace atelier

#endif  // ATELIER_COMMON_SIGNALS_H_
