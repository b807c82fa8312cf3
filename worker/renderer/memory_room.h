// How much memory a render may take.
#ifndef ATELIER_WORKER_RENDERER_MEMORY_ROOM_H_
#define ATELIER_WORKER_RENDERER_MEMORY_ROOM_H_

#include <c10/core/Device.h>

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"

namespace atelier {

class MemoryRoom {
 public:
  /// `limit_bytes` is the resident memory of this process or, on a GPU, memory
  /// of the device; 0: all that there is. What the process has now is its own,
  /// and not for renders.
  MemoryRoom(c10::Device device, int64_t limit_bytes);

  /// What a limit leaves of the memory that is there; a limit of 0 is none.
  static int64_t Bounded(int64_t limit_bytes, int64_t there_bytes);

  /// Of the host's memory: for a job's pictures and, on a CPU, its render; and
  /// of that, what nothing takes now. Thread-safe.
  int64_t HostBytes() const;
  int64_t FreeHostBytes() const;

  /// Errors: InvalidArgument for a limit that this process alone is over.
  absl::Status Check() const;

  /// For one render, with its network, and what is `kept_bytes` on the device
  /// if it has to go. Asks a GPU each time.
  /// Errors: Internal from CUDA.
  absl::StatusOr<int64_t> Bytes(int64_t kept_bytes) const;

 private:
  c10::Device device_;
  int64_t limit_bytes_;
  int64_t host_limit_bytes_;  // The same on a CPU.
  int64_t own_bytes_;         // Of the host's memory.
};

/// "3.20 GB", "410 MB".
std::string ByteText(int64_t bytes);

}  // namespace atelier

#endif  // ATELIER_WORKER_RENDERER_MEMORY_ROOM_H_
