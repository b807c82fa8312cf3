// Finding the processes that a program under test left behind.
#ifndef ATELIER_TESTS_TESTING_PROCESS_TABLE_H_
#define ATELIER_TESTS_TESTING_PROCESS_TABLE_H_

#include <sys/types.h>

#include <string>
#include <vector>

#include "absl/time/time.h"

namespace atelier {

/// A variable "NAME=value", new for each call, that marks a process and all it
/// starts.
std::string NewMark();

/// The living processes whose environment has `mark`.
std::vector<pid_t> MarkedProcesses(const std::string& mark);

/// The name of its program; empty when it has gone.
std::string ProgramOf(pid_t pid);

/// The ports that it listens on, of TCP over IPv4 and IPv6.
std::vector<int> ListeningPorts(pid_t pid);
/// The living processes that `pid` started.
std::vector<pid_t> ChildrenOf(pid_t pid);

/// Waits, without polling, until all of `pids` have ended; false after
/// `timeout`.
bool WaitUntilGone(const std::vector<pid_t>& pids, absl::Duration timeout);

}  // namespace atelier

#endif  // ATELIER_TESTS_TESTING_PROCESS_TABLE_H_
