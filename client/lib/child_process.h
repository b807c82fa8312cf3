// A program of ours, started beside us and never left behind.
#ifndef ATELIER_CLIENT_LIB_CHILD_PROCESS_H_
#define ATELIER_CLIENT_LIB_CHILD_PROCESS_H_

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace atelier {

/// Where the programs that belong to this one are.
/// Errors: Internal.
absl::StatusOr<std::string> FolderOfThisProgram();

/// Where a child reads and writes; an empty path is the default.
struct ChildFiles {
  std::string input_path;   ///< Nothing to read.
  std::string output_path;  ///< The log.
};

/// A running child. It stands in a process group of its own, so that a Ctrl-C
/// at the terminal reaches only us; it gets StopRequest from the kernel when
/// the thread that started it ends, however that ends. ATELIER_TOKEN and
/// ATELIER_TOKEN_FILE do not reach it. Thread-compatible.
class ChildProcess {
 public:
  /// REQUIRES: called on a thread that lives as long as the child should.
  /// Errors: NotFound (no such program), as the system says.
  static absl::StatusOr<std::unique_ptr<ChildProcess>> Start(
      std::string name, const std::vector<std::string>& argv,
      std::string log_path, const ChildFiles& files = {});

  /// Kills what still runs.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  const std::string& name() const { return name_; }
  pid_t pid() const { return pid_; }

  /// Whether it has ended; never waits.
  bool HasEnded();
  /// Whether a signal ended it. REQUIRES: HasEnded().
  bool WasKilled() const;
  /// How it ended and the last lines of its log, in one line.
  /// REQUIRES: HasEnded().
  std::string ExitSummary() const;

  /// Asks it to stop (StopRequest); Reap afterwards.
  void RequestStop();
  /// Waits for its end until `deadline`, of Clock::Steady(), then kills it.
  void Reap(absl::Time deadline);

 private:
  ChildProcess(std::string name, std::string log_path, pid_t pid)
      : name_(std::move(name)), log_path_(std::move(log_path)), pid_(pid) {}

  const std::string name_;
  const std::string log_path_;
  const pid_t pid_;
  std::optional<int> wait_status_;
};

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_CHILD_PROCESS_H_
