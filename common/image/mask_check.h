// Inside this room only: whether a picture can be a mask, pixel by pixel.
#ifndef ATELIER_COMMON_IMAGE_MASK_CHECK_H_
#define ATELIER_COMMON_IMAGE_MASK_CHECK_H_

#include <array>

#include "absl/status/status.h"

namespace atelier {

/// Keeps the first pixel that has a colour, and whether all are black.
/// Thread-compatible.
class MaskCheck {
 public:
  /// The pixel at (x, y).
  void Add(const std::array<float, 3>& colour, int x, int y);

  /// As CheckMask, of the pixels so far.
  absl::Status status() const;

 private:
  bool has_colour_ = false;
  std::array<float, 3> colour_{};  // The first.
  int x_ = 0;
  int y_ = 0;
  float brightest_ = 0;
};

}  // namespace atelier

#endif  // ATELIER_COMMON_IMAGE_MASK_CHECK_H_
