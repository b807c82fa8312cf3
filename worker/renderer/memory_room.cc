#include "worker/renderer/memory_room.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/status_macros.h"
#include "worker/renderer/cpu.h"
#include "worker/renderer/gpu.h"

namespace atelier {

MemoryRoom::MemoryRoom(c10::Device device, int64_t limit_bytes)
    : device_(device),
      limit_bytes_(limit_bytes),
      host_limit_bytes_(UsableMemoryBytes()),
      own_bytes_(ResidentBytes()) {
  if (!device.is_cpu()) return;
  host_limit_bytes_ = Bounded(limit_bytes_, host_limit_bytes_);
  limit_bytes_ = host_limit_bytes_;
}

int64_t MemoryRoom::HostBytes() const {
  return std::max<int64_t>(0, host_limit_bytes_ - own_bytes_);
}

int64_t MemoryRoom::FreeHostBytes() const {
  return std::max<int64_t>(0, host_limit_bytes_ - ResidentBytes());
}

int64_t MemoryRoom::Bounded(int64_t limit_bytes, int64_t there_bytes) {
  return limit_bytes == 0 ? there_bytes : std::min(limit_bytes, there_bytes);
}

absl::Status MemoryRoom::Check() const {
  if (!device_.is_cpu() || own_bytes_ < limit_bytes_) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("memory limit: ", ByteText(limit_bytes_),
                   " is too little; this process takes ", ByteText(own_bytes_),
                   " before any render"));
}

absl::StatusOr<int64_t> MemoryRoom::Bytes(int64_t kept_bytes) const {
  if (device_.is_cpu()) return HostBytes();
  ASSIGN_OR_RETURN(const int64_t free_bytes, GpuFreeBytes(device_.index()));
  const int64_t bytes = free_bytes + kept_bytes;
  return Bounded(limit_bytes_, bytes);
}

std::string ByteText(int64_t bytes) {
  const double megabytes = static_cast<double>(bytes) / 1e6;
  return megabytes < 1000 ? absl::StrFormat("%.0f MB", megabytes)
                          : absl::StrFormat("%.2f GB", megabytes / 1000);
}

}  // namespace atelier
