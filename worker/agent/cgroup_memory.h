// The cgroup that bounds this process's memory, and how often the kernel has
// killed in it.
#ifndef ATELIER_WORKER_AGENT_CGROUP_MEMORY_H_
#define ATELIER_WORKER_AGENT_CGROUP_MEMORY_H_

#include <cstdint>
#include <optional>
#include <string>

namespace atelier {

/// One cgroup at one moment of its life: a folder that was removed and made
/// again is another. Of version 1 (`memory.oom_control`) or 2
/// (`memory.events`).
struct CgroupMemory {
  std::string folder;
  uint64_t id = 0;  ///< The folder's inode.
  /// Processes of it that the kernel killed for want of memory.
  int64_t oom_kills = 0;
  /// The least of its own limit and of those around it; 0: none.
  int64_t limit_bytes = 0;
};

/// The nearest cgroup around this process that counts kills; nothing where none
/// does. `proc_self` has the files `cgroup` and `mountinfo`.
std::optional<CgroupMemory> FindCgroupMemory(
    const std::string& proc_self = "/proc/self");

/// What the folder says now; nothing where it has gone or counts no kills.
std::optional<CgroupMemory> ReadCgroupMemory(const std::string& folder);

}  // namespace atelier

#endif  // ATELIER_WORKER_AGENT_CGROUP_MEMORY_H_
