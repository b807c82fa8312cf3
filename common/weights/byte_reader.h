// Little-endian numbers from bytes that are not to be trusted.
#ifndef ATELIER_COMMON_WEIGHTS_BYTE_READER_H_
#define ATELIER_COMMON_WEIGHTS_BYTE_READER_H_

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"

namespace atelier {

/// Reads from `at` on. A read past the end gives zero or nothing and is
/// remembered, so that a record is read whole and checked once:
///
///   ByteReader read(file, offset);
///   const uint32_t signature = read.U32();
///   const absl::string_view name = read.Take(read.U16());
///   if (!read.ok()) return Truncated(offset);
///
/// Thread-compatible. Lifetime: what it returns points into the bytes given.
class ByteReader {
 public:
  explicit ByteReader(absl::string_view bytes, uint64_t at = 0)
      : bytes_(bytes), at_(at), ok_(at <= bytes.size()) {}

  uint8_t U8() { return static_cast<uint8_t>(Number(1)); }
  uint16_t U16() { return static_cast<uint16_t>(Number(2)); }
  uint32_t U32() { return static_cast<uint32_t>(Number(4)); }
  uint64_t U64() { return Number(8); }

  absl::string_view Take(uint64_t size) {
    if (!ok_ || size > bytes_.size() - at_) {
      ok_ = false;
      return {};
    }
    const absl::string_view taken = bytes_.substr(at_, size);
    at_ += size;
    return taken;
  }

  /// Up to `end`, which is passed over.
  absl::string_view TakeUntil(char end) {
    const size_t found = ok_ ? bytes_.find(end, at_) : absl::string_view::npos;
    if (found == absl::string_view::npos) {
      ok_ = false;
      return {};
    }
    const absl::string_view taken = Take(found - at_);
    ++at_;
    return taken;
  }

  /// Whether every read so far found its bytes.
  bool ok() const { return ok_; }
  uint64_t at() const { return at_; }

 private:
  uint64_t Number(int size) {
    const absl::string_view bytes = Take(static_cast<uint64_t>(size));
    uint64_t number = 0;
    for (size_t i = 0; i < bytes.size(); ++i) {
      number |= uint64_t{static_cast<unsigned char>(bytes[i])} << (8 * i);
    }
    return number;
  }

  absl::string_view bytes_;
  uint64_t at_;
  bool ok_;
};

}  // namespace atelier

#endif  // ATELIER_COMMON_WEIGHTS_BYTE_READER_H_
