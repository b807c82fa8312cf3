// Which signals a process heeds: one rule for all of our programs.
//
// What was ignored when a program started stays ignored, in it and in the
// programs it starts: nohup and trap '' INT mean what they say.
#ifndef ATELIER_COMMON_SIGNALS_H_
#define ATELIER_COMMON_SIGNALS_H_

#include <csignal>
#include <initializer_list>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace atelier {

/// "signal 11 (SIGSEGV)".
std::string NameOfSignal(int number);

/// Those of `numbers` that are not ignored. Only these may be caught.
std::vector<int> HeededSignals(std::initializer_list<int> numbers);

/// How our programs ask each other to stop: SIGTERM; SIGUSR1 where SIGTERM is
/// ignored, as it then is in the children too. Async-signal-safe.
int StopRequest();

/// What a server stops for: SIGTERM and SIGINT where they are heeded, and
/// StopRequest.
std::vector<int> StopSignals();

/// From now on the first of `numbers` is kept for WaitForSignal, and the second
/// ends the process at once, should an orderly stop hang: with
/// `second_exit_code`, or with 128 plus its number, as a shell reports it. Call
/// once. Signals are caught, not blocked: OpenBLAS starts threads before main,
/// which would take blocked ones.
void CatchSignals(const std::vector<int>& numbers, int second_exit_code = 0);

/// The first signal caught, at once if it has come already; 0 after `timeout`
/// or WakeSignalWaiter. For one thread at a time.
int WaitForSignal(absl::Duration timeout);
void WakeSignalWaiter();

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
