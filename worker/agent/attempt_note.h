// What a worker runs, on disk, for whoever starts after it: should the process
// die, the next one can tell which attempts it died of.
//
// One file a process, INSTANCE.note: "signal 000\n", where a fault signal
// writes its number, then one JSON object, padded with spaces. The process
// holds a lock (flock) on it for life, which the kernel takes back however it
// ends.
//
// Nothing is synced: the death of a process takes nothing from the kernel's
// cache, and after the death of a machine no evidence would be believed anyway.
#ifndef ATELIER_WORKER_AGENT_ATTEMPT_NOTE_H_
#define ATELIER_WORKER_AGENT_ATTEMPT_NOTE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "atelier/v1/workers.pb.h"
#include "worker/agent/cgroup_memory.h"

namespace atelier {

/// What a note says.
struct NotedAttempts {
  std::string worker;
  std::string boot_id;   ///< Of the machine's start; empty: unknown.
  CgroupMemory cgroup;   ///< With an empty folder: unknown.
  int fault_signal = 0;  ///< 0: none came.
  std::vector<v1::AttemptToken> attempts;
};

/// Errors: InvalidArgument (it is no note, or was cut short).
absl::StatusOr<NotedAttempts> ParseNote(absl::string_view bytes);

/// Changes whenever the machine starts; empty where it can't be read.
std::string BootId();

/// The note of this process. Thread-safe.
class AttemptNote {
 public:
  struct Options {
    std::string folder;    ///< Made if need be.
    std::string instance;  ///< Names the file.
    std::string worker;    ///< As the coordinator knows it.
    std::string proc_self = "/proc/self";
  };

  /// Makes the note and has fault signals written into it (fault_signals.h).
  /// One in a process at a time. Errors: as the file system says.
  static absl::StatusOr<std::unique_ptr<AttemptNote>> Open(Options options);
  /// As Close.
  ~AttemptNote();
  AttemptNote(const AttemptNote&) = delete;
  AttemptNote& operator=(const AttemptNote&) = delete;

  /// Returns once it is noted. Errors: as the file system says.
  absl::Status Begin(const v1::AttemptToken& token);
  /// Call once its report is in the outbox.
  absl::Status End(const v1::AttemptToken& token);
  /// Removes the note: a process that ends in good order leaves none. Nothing
  /// is noted from then on.
  void Close();
  /// Reads the cgroup again, so that what dies beside this process until then
  /// is not taken for it. Does nothing while no attempt runs.
  absl::Status Refresh();

 private:
  AttemptNote(Options options, std::string path, int descriptor);
  absl::Status Write() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Options options_;
  const std::string path_;
  absl::Mutex mutex_;
  int descriptor_ ABSL_GUARDED_BY(mutex_);  // -1 once closed.
  NotedAttempts noted_ ABSL_GUARDED_BY(mutex_);
  size_t longest_bytes_ ABSL_GUARDED_BY(mutex_) = 0;  // That was written.
};

}  // namespace atelier

#endif  // ATELIER_WORKER_AGENT_ATTEMPT_NOTE_H_
