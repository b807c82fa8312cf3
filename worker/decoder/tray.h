// Where files and pixels lie between a worker and its decoder: memory that both
// can reach, so that a picture is passed on in one piece.
//
// A file is followed, from the next page on, by room for what comes of it.
// Neither side maps the memory: what is taken is a copy, which the other can't
// change while it is looked at. Pages are kept from file to file, as fresh ones
// cost more than what is copied to them.
#ifndef ATELIER_WORKER_DECODER_TRAY_H_
#define ATELIER_WORKER_DECODER_TRAY_H_

#include <cstddef>
#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace atelier {

/// Of what is kept between files.
inline constexpr uint64_t kMostTrayBytesKept = uint64_t{16} << 20;

/// Where the room begins behind a file of so many bytes.
uint64_t RoomAfter(uint64_t file_bytes);

/// One side's end. Thread-compatible.
class Tray {
 public:
  /// Errors: as the system says.
  static absl::StatusOr<std::unique_ptr<Tray>> Make();
  /// Owns `fd`, which the other side made.
  explicit Tray(int fd) : fd_(fd) {}
  ~Tray();
  Tray(const Tray&) = delete;
  Tray& operator=(const Tray&) = delete;

  int fd() const { return fd_; }

  /// Errors: ResourceExhausted.
  absl::Status Put(uint64_t at, absl::string_view bytes);
  /// Errors: DataLoss (there are not so many).
  absl::Status Take(uint64_t at, void* to, size_t bytes) const;
  /// Gives memory back, but for what is kept.
  void Trim();

 private:
  const int fd_;
};

}  // namespace atelier

#endif  // ATELIER_WORKER_DECODER_TRAY_H_
