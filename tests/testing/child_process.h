// Real programs as tests start, watch and kill them.
#ifndef ATELIER_TESTS_TESTING_CHILD_PROCESS_H_
#define ATELIER_TESTS_TESTING_CHILD_PROCESS_H_

#include <sys/types.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace atelier {

/// How a program ended: its exit code, or 128 plus the signal that killed it.
struct Finished {
  int code = 0;
  std::string out;
  std::string err;
};

/// A running program. Killed when it goes out of scope. Thread-compatible.
class ChildProcess {
 public:
  /// Starts argv[0]; both outputs go to files under a private folder. The
  /// environment is ours with `variables` ("NAME=value") on top.
  explicit ChildProcess(const std::vector<std::string>& argv,
                        const std::vector<std::string>& variables = {});
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  pid_t pid() const { return pid_; }
  void Signal(int signal) const;
  /// SIGKILL, and waits until it is gone.
  void Kill();
  /// Waits for the end; nullopt when it still runs after `timeout`.
  std::optional<Finished> Wait(absl::Duration timeout);
  /// What it has written to standard output or error so far.
  std::string Output() const;
  std::string Errors() const;

 private:
  std::string folder_;
  pid_t pid_ = -1;
  int pidfd_ = -1;
  std::optional<int> code_;
};

/// Runs a program to its end.
/// Fails the test when it runs longer than `timeout`.
Finished RunProgram(const std::vector<std::string>& argv,
                    absl::Duration timeout = absl::Minutes(5));

/// Waits, without polling, until `path` exists; false after `timeout`. The
/// folder of `path` must exist.
bool WaitForFile(const std::string& path, absl::Duration timeout);

/// The path of one of our programs: beside the test itself.
std::string Binary(const std::string& name);

/// A new empty folder, removed with all it holds at the end of its scope.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const {
    return path_ + "/" + name;
  }

 private:
  std::string path_;
};

/// Where the programs that this process starts find and leave the token of
/// their user: an empty folder of its own at first. In the environment once it
/// was asked for, or a program started.
const std::string& ConfigurationFolder();

/// The whole file; empty when there is none.
std::string ReadFile(const std::string& path);
void WriteFile(const std::string& path, const std::string& bytes);

}  // namespace atelier

#endif  // ATELIER_TESTS_TESTING_CHILD_PROCESS_H_
