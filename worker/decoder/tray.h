// Where files and pixels lie between a worker and its decoder: memory that both
// can reach, so that a picture is passed on in one piece.
//
// What is put in is followed, from the next page on, by room for what is to
// come out. The worker never maps it: what it takes is a copy, which nobody
// else can change while it is looked at.
#ifndef ATELIER_WORKER_DECODER_TRAY_H_
#define ATELIER_WORKER_DECODER_TRAY_H_

#include <cstddef>
#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace atelier {

/// Where the room begins behind so many bytes.
uint64_t RoomAfter(uint64_t file_bytes);

/// The worker's side. Thread-compatible.
class Tray {
 public:
  /// Errors: as the system says.
  static absl::StatusOr<std::unique_ptr<Tray>> Make();
  ~Tray();
  Tray(const Tray&) = delete;
  Tray& operator=(const Tray&) = delete;

  int fd() const { return fd_; }

  /// Replaces all that is there. Errors: ResourceExhausted.
  absl::Status Put(absl::string_view file);
  /// Makes room behind it. Errors: ResourceExhausted.
  absl::Status MakeRoom(uint64_t bytes);
  /// Copies from the room, `at` bytes behind its beginning.
  /// Errors: DataLoss (there are not so many).
  absl::Status Take(uint64_t at, void* to, size_t bytes) const;
  /// Gives its memory back.
  void Clear();

 private:
  explicit Tray(int fd) : fd_(fd) {}

  const int fd_;
  uint64_t file_bytes_ = 0;
};

/// A part of a tray, mapped: the decoder's side.
class TrayPart {
 public:
  /// REQUIRES: `at` is RoomAfter something, `bytes` are there.
  /// Errors: ResourceExhausted.
  static absl::StatusOr<TrayPart> Map(int fd, uint64_t at, uint64_t bytes,
                                      bool writable);
  ~TrayPart();
  TrayPart(TrayPart&& other) noexcept;
  TrayPart& operator=(TrayPart&&) = delete;

  char* data() const { return data_; }
  absl::string_view bytes() const { return {data_, size_}; }

 private:
  TrayPart(char* data, size_t size) : data_(data), size_(size) {}

  char* data_;
  size_t size_;
};

}  // namespace atelier

#endif  // ATELIER_WORKER_DECODER_TRAY_H_
