// Inside this room only: a picture's file whose header is read.
#ifndef ATELIER_COMMON_IMAGE_OPENED_H_
#define ATELIER_COMMON_IMAGE_OPENED_H_

#include <string>
#include <vips/vips8>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/image/image.h"

namespace atelier {

enum class Format { kJpeg, kPng, kTiff, kWebp };

/// "jpeg", "png", "tiff" or "webp".
std::string Name(Format format);

/// Lifetime: of the file's bytes.
struct Opened {
  vips::VImage image;  ///< As it lies in the file; no pixel is decoded yet.
  Format format = Format::kPng;
  int orientation = 1;  ///< EXIF's: 1 to 8.
  std::string warning;  ///< What the file lacks, and can be read without.

  bool lies_on_its_side() const { return orientation >= 5; }
  int upright_width_px() const {
    return lies_on_its_side() ? image.height() : image.width();
  }
  int upright_height_px() const {
    return lies_on_its_side() ? image.width() : image.height();
  }
};

/// Reads the header and holds it against the limits. The pixels that follow
/// come from top to bottom, once.
/// Errors: InvalidArgument, as ReadHeader. Throws vips::VError.
absl::StatusOr<Opened> Open(absl::string_view bytes,
                            const DecodeLimits& limits);

}  // namespace atelier

#endif  // ATELIER_COMMON_IMAGE_OPENED_H_
