// Inside this room only: a picture resized while it is read.
//
//   Shrinker shrinker(14000, 14000, 512, 512);
//   shrinker.Add(strip);  // From top to bottom.
//   ASSIGN_OR_RETURN(Image image, shrinker.Finish());
#ifndef ATELIER_COMMON_IMAGE_SHRINKER_H_
#define ATELIER_COMMON_IMAGE_SHRINKER_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "common/image/image.h"
#include "common/image/strips.h"

namespace atelier {

/// Lanczos-3, first along rows and then along columns; bicubic where it
/// enlarges. The result is clamped to the range of the values read. What it
/// gives does not depend on how the rows are cut into strips.
/// Thread-compatible. Throws vips::VError.
class Shrinker {
 public:
  /// REQUIRES: all sides positive.
  Shrinker(int width_px, int height_px, int to_width_px, int to_height_px);

  /// What it takes at most, the result included.
  static int64_t Bytes(int width_px, int height_px, int to_width_px,
                       int to_height_px);

  /// REQUIRES: the rows after those of the last strip.
  void Add(const Strip& strip);

  /// REQUIRES: all rows were added. Once.
  /// Errors: Internal.
  absl::StatusOr<Image> Finish();

 private:
  const int width_px_;
  const int height_px_;
  const int to_width_px_;
  const int to_height_px_;
  const int narrow_px_;        // Of rows, until they are finished.
  std::vector<float> narrow_;  // All rows so far, pixel by pixel.
  float least_;
  float most_;
};

}  // namespace atelier

#endif  // ATELIER_COMMON_IMAGE_SHRINKER_H_
