// What a worker's process does around its agent: signals, folders, the log.
#ifndef ATELIER_WORKER_WORKER_PROCESS_H_
#define ATELIER_WORKER_WORKER_PROCESS_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace atelier {

/// Blocks SIGTERM and SIGINT here and in every thread started later, so that
/// WaitForStopSignals gets them. Call before there are threads.
void BlockStopSignals();

/// Starts a thread that calls `stop` at the first SIGTERM or SIGINT and ends
/// the process at the second. `stop` must work for the rest of the process.
void WaitForStopSignals(std::function<void()> stop);

/// Has SIGTERM sent when the parent ends, or at once if it already has.
void ExitWithParent();

/// Lines on standard error. `level`: "debug", "info", "warning" or "error".
void StartLog(const std::string& level);

/// A private folder that is removed with this object.
class ScratchFolder {
 public:
  static absl::StatusOr<std::unique_ptr<ScratchFolder>> Make();
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  explicit ScratchFolder(std::string path);
  const std::string path_;
};

}  // namespace atelier

#endif  // ATELIER_WORKER_WORKER_PROCESS_H_
