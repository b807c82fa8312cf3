#include "worker/decoder/tray.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

absl::Status NoRoom(uint64_t bytes) {
  return absl::ResourceExhaustedError(
      absl::StrCat("memory: no ", bytes, " bytes to pass to the decoder: ",
                   absl::ErrnoToStatus(errno, "").message()));
}

}  // namespace

uint64_t RoomAfter(uint64_t file_bytes) {
  static const auto page = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  return (file_bytes + page - 1) / page * page;
}

absl::StatusOr<std::unique_ptr<Tray>> Tray::Make() {
  const int fd = memfd_create("atelier-decoder", MFD_CLOEXEC);
  if (fd < 0) return absl::ErrnoToStatus(errno, "memfd_create");
  return std::unique_ptr<Tray>(new Tray(fd));
}

Tray::~Tray() { close(fd_); }

absl::Status Tray::Put(absl::string_view file) {
  Clear();
  while (file_bytes_ < file.size()) {
    const ssize_t put =
        pwrite(fd_, file.data() + file_bytes_, file.size() - file_bytes_,
               static_cast<off_t>(file_bytes_));
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return NoRoom(file.size());
    file_bytes_ += static_cast<uint64_t>(put);
  }
  return absl::OkStatus();
}

absl::Status Tray::MakeRoom(uint64_t bytes) {
  const uint64_t size = RoomAfter(file_bytes_) + bytes;
  if (ftruncate(fd_, static_cast<off_t>(size)) != 0) return NoRoom(bytes);
  return absl::OkStatus();
}

absl::Status Tray::Take(uint64_t at, void* to, size_t bytes) const {
  char* next = static_cast<char*>(to);
  at += RoomAfter(file_bytes_);
  while (bytes > 0) {
    const ssize_t got = pread(fd_, next, bytes, static_cast<off_t>(at));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return absl::DataLossError("fewer bytes than there is room");
    next += got;
    at += static_cast<uint64_t>(got);
    bytes -= static_cast<size_t>(got);
  }
  return absl::OkStatus();
}

void Tray::Clear() {
  [[maybe_unused]] const int cleared = ftruncate(fd_, 0);
  file_bytes_ = 0;
}

absl::StatusOr<TrayPart> TrayPart::Map(int fd, uint64_t at, uint64_t bytes,
                                       bool writable) {
  if (bytes == 0) return TrayPart(nullptr, 0);
  void* const mapped =
      mmap(nullptr, bytes, writable ? PROT_READ | PROT_WRITE : PROT_READ,
           MAP_SHARED, fd, static_cast<off_t>(at));
  if (mapped == MAP_FAILED) return NoRoom(bytes);
  return TrayPart(static_cast<char*>(mapped), bytes);
}

TrayPart::~TrayPart() {
  if (data_ != nullptr) munmap(data_, size_);
}

TrayPart::TrayPart(TrayPart&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)) {}

}  // namespace atelier
