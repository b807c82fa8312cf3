// Which processes worked under a worker's name, beside what they keep on disk:
// a process that follows a killed one can end what that one held.
//
// The file NAME.instances in the cache folder has one instance id a line, and
// is locked (flock) by the process that works under the name. The kernel frees
// the lock when that process has ended, however it ended; so whoever holds it
// knows that all the others in the file are dead.
#ifndef ATELIER_WORKER_AGENT_INSTANCE_RECORD_H_
#define ATELIER_WORKER_AGENT_INSTANCE_RECORD_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace atelier {

/// Thread-compatible.
class InstanceRecord {
 public:
  /// Takes the name in this folder for a process, and writes its id down.
  /// Errors: AlreadyExists while a live process has the name there, else as the
  ///         file system says.
  static absl::StatusOr<std::unique_ptr<InstanceRecord>> Claim(
      const std::string& folder, const std::string& name, std::string instance);
  /// Leaves the file: what this process held may outlive it.
  ~InstanceRecord();
  InstanceRecord(const InstanceRecord&) = delete;
  InstanceRecord& operator=(const InstanceRecord&) = delete;

  /// Ids of processes that have ended, and may be known to the coordinator as
  /// alive; oldest first, at most kMostKept.
  const std::vector<std::string>& predecessors() const { return predecessors_; }
  /// The coordinator knows this process, or none: the others are of no account.
  absl::Status ForgetPredecessors();
  /// Nor is this one: it has handed back all that it held.
  absl::Status Remove();

  static constexpr size_t kMostKept = 16;

 private:
  InstanceRecord(int fd, std::string path, std::string instance);
  absl::Status Load();
  absl::Status Save() const;

  const int fd_;
  const std::string path_;
  std::string instance_;
  std::vector<std::string> predecessors_;
};

}  // namespace atelier

#endif  // ATELIER_WORKER_AGENT_INSTANCE_RECORD_H_
