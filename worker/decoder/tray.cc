#include "worker/decoder/tray.h"

#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/str_cat.h"

namespace atelier {
namespace {

constexpr uint64_t kPageBytes = 4096;

}  // namespace

uint64_t RoomAfter(uint64_t file_bytes) {
  return (file_bytes + kPageBytes - 1) / kPageBytes * kPageBytes;
}

absl::StatusOr<std::unique_ptr<Tray>> Tray::Make() {
  const int fd = memfd_create("atelier-decoder", MFD_CLOEXEC);
  if (fd < 0) return absl::ErrnoToStatus(errno, "memfd_create");
  return std::make_unique<Tray>(fd);
}

Tray::~Tray() { close(fd_); }

absl::Status Tray::Put(uint64_t at, absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put =
        pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(at));
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) {
      return absl::ResourceExhaustedError(absl::StrCat(
          "memory: none to pass ", bytes.size(),
          " bytes on: ", absl::ErrnoToStatus(errno, "").message()));
    }
    at += static_cast<uint64_t>(put);
    bytes.remove_prefix(static_cast<size_t>(put));
  }
  return absl::OkStatus();
}

absl::Status Tray::Take(uint64_t at, void* to, size_t bytes) const {
  char* next = static_cast<char*>(to);
  while (bytes > 0) {
    const ssize_t got = pread(fd_, next, bytes, static_cast<off_t>(at));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return absl::DataLossError("fewer bytes than it says");
    next += got;
    at += static_cast<uint64_t>(got);
    bytes -= static_cast<size_t>(got);
  }
  return absl::OkStatus();
}

void Tray::Trim() {
  struct stat now = {};
  if (fstat(fd_, &now) != 0) return;
  if (static_cast<uint64_t>(now.st_size) <= kMostTrayBytesKept) return;
  [[maybe_unused]] const int trimmed =
      ftruncate(fd_, static_cast<off_t>(kMostTrayBytesKept));
}

}  // namespace atelier
