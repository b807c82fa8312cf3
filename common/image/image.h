// Pictures as numbers, and the ways in and out. libvips does the work.
#ifndef ATELIER_COMMON_IMAGE_IMAGE_H_
#define ATELIER_COMMON_IMAGE_IMAGE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace atelier {

/// RGB in [0,1] by sRGB's curve, planar: rgb[(c·height + y)·width + x]. Values
/// may leave [0,1] while a render runs; encoding clamps.
struct Image {
  int width_px = 0;
  int height_px = 0;
  std::vector<float> rgb;
};

/// Bounds checked against a picture's header before any pixel is decoded.
struct DecodeLimits {
  int64_t max_file_bytes = int64_t{512} << 20;
  int64_t max_pixels = 200'000'000;
};

/// What a header says.
struct ImageHeader {
  int width_px = 0;    ///< After EXIF orientation.
  int height_px = 0;   ///< After EXIF orientation.
  std::string format;  ///< "jpeg", "png", "tiff", "webp".
};

/// Starts libvips: call once, before everything below and before threads are
/// started. `threads` bounds its own, at least 1. Everything below is
/// thread-safe.
/// Errors: Internal.
absl::Status InitialiseImages(const char* program, int threads);

/// Errors: InvalidArgument (not JPEG, PNG, TIFF or WebP; truncated; larger than
///         the limits, with both figures).
absl::StatusOr<ImageHeader> ReadHeader(absl::string_view bytes,
                                       const DecodeLimits& limits = {});

/// Decodes to sRGB: orients, honours the ICC profile, converts grey, CMYK and
/// 16 bit, lays alpha over white. Of several pages, the first.
/// Errors: as ReadHeader; also a damaged picture and samples that are neither
///         8 nor 16 bit nor linear floats.
absl::StatusOr<Image> Decode(absl::string_view bytes,
                             const DecodeLimits& limits = {});

/// Resamples the sRGB values: Lanczos-3, bicubic where it enlarges. Never
/// leaves the range of the image's own values; the same size is returned as it
/// is. Errors: InvalidArgument for an empty image or size.
absl::StatusOr<Image> Resize(const Image& image, int width_px, int height_px);

/// Clamps to [0,1] and rounds to `bits` a channel: 8, or 16 in png and tiff.
/// The format follows from `format`: "png", "jpeg", "tiff" or "webp" (lossless
/// but for jpeg, quality 95).
/// `description` is stored in the picture's XMP metadata, and in PNG as the
/// text "Description" too. Same arguments, same bytes.
/// Errors: InvalidArgument for another format, bits that it does not have or an
///         empty image.
absl::StatusOr<std::string> Encode(const Image& image, absl::string_view format,
                                   const std::string& description = {},
                                   int bits = 8);

/// Whether Encode writes `bits` a channel in `format`.
/// Errors: InvalidArgument (names both and what is allowed).
absl::Status CheckEncoding(absl::string_view format, int bits);

/// The format that a file's extension asks for.
/// Errors: InvalidArgument (gives the path and the extensions allowed).
absl::StatusOr<std::string> FormatOfPath(absl::string_view path);

}  // namespace atelier

#endif  // ATELIER_COMMON_IMAGE_IMAGE_H_
