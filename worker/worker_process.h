// What a worker's process does around its agent: signals, folders, the log.
#ifndef ATELIER_WORKER_WORKER_PROCESS_H_
#define ATELIER_WORKER_WORKER_PROCESS_H_

#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace atelier {

/// From now on the first of StopSignals is kept for OnStopSignal, and the
/// second ends the process.
void CatchStopSignals();

/// Starts a thread that calls `stop` at the first of StopSignals, at once if it
/// has come already. `stop` must work for the rest of the process. Call
/// once, after CatchStopSignals.
void OnStopSignal(std::function<void()> stop);

/// Whether what is written in this folder stays in memory (tmpfs, ramfs).
bool IsInMemory(const std::string& folder);

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
