// Pictures as numbers, and the ways in and out. libvips does the work.
#ifndef ATELIER_COMMON_IMAGE_IMAGE_H_
#define ATELIER_COMMON_IMAGE_IMAGE_H_

#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
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
  /// What decoding may take besides the file's bytes, the result included.
  int64_t max_memory_bytes = std::numeric_limits<int64_t>::max();
};

/// What a header says.
struct ImageHeader {
  int width_px = 0;    ///< After EXIF orientation.
  int height_px = 0;   ///< After EXIF orientation.
  std::string format;  ///< "jpeg", "png", "tiff", "webp".
};

/// What is found where all of a picture is read, and nothing is kept.
struct Inspection {
  ImageHeader header;
  absl::Status as_mask;  ///< As CheckMask.
  /// What the file lacks of its end, for people; empty for a whole one.
  std::string warning;
};

/// The size that a picture of a size is resized to; or why it is refused.
using FitFn = absl::FunctionRef<absl::StatusOr<std::pair<int, int>>(
    int width_px, int height_px)>;

/// Starts libvips: call once, before everything below and before threads are
/// started. It works on its callers' threads. Everything below is thread-safe.
/// Errors: Internal.
absl::Status InitialiseImages(const char* program);

/// Errors: InvalidArgument (not JPEG, PNG, TIFF or WebP; an empty side; larger
///         than the limits, with both figures).
absl::StatusOr<ImageHeader> ReadHeader(absl::string_view bytes,
                                       const DecodeLimits& limits = {});

/// Decodes to sRGB: orients, honours the ICC profile, converts grey, CMYK and
/// 16 bit, lays alpha over white. Of several pages, the first. A JPEG that
/// lacks only its end is grey there.
/// Errors: as ReadHeader; also a damaged picture, one that is cut short, and
///         samples that are neither 8 nor 16 bit nor linear floats.
///         ResourceExhausted (both figures) for one that takes more memory than
///         the limits allow, before it is decoded.
absl::StatusOr<Image> Decode(absl::string_view bytes,
                             const DecodeLimits& limits = {});

/// The same as Decode and then Resize to what `fit` says of its size: bit for
/// bit, but in the memory of the result and of a few rows, for most files.
/// Errors: as Decode and Resize; what `fit` gives, before it is decoded.
absl::StatusOr<Image> DecodeToFit(absl::string_view bytes, FitFn fit,
                                  const DecodeLimits& limits = {});

/// Reads all of a picture as Decode does, in the memory of a few rows for most
/// files. Errors: as Decode.
absl::StatusOr<Inspection> Inspect(absl::string_view bytes,
                                   const DecodeLimits& limits = {});

/// Resamples the sRGB values: Lanczos-3, bicubic where it enlarges. Never
/// leaves the range of the image's own values; the same size is returned as it
/// is. Errors: InvalidArgument for an empty image or size.
absl::StatusOr<Image> Resize(const Image& image, int width_px, int height_px);

/// Clamps to [0,1] and rounds to `bits` a channel: 8, or 16 in png and tiff.
/// The format follows from `format`: "png", "jpeg", "tiff" or "webp" (lossless
/// but for jpeg, quality 95).
/// `description` is stored in the picture's XMP metadata, as dc:description,
/// and in PNG as the text "Description" too. Same arguments, same bytes.
/// Errors: InvalidArgument for another format, bits that it does not have or an
///         empty image.
absl::StatusOr<std::string> Encode(const Image& image, absl::string_view format,
                                   const std::string& description = {},
                                   int bits = 8);

/// A small JPEG to be looked at, and for nothing else: of quality 85, without
/// metadata. Errors: InvalidArgument for an empty image.
absl::StatusOr<std::string> EncodeForLooks(const Image& image);

/// The description that Encode stored in a PNG; empty where there is none.
/// Errors: as ReadHeader.
absl::StatusOr<std::string> ReadDescription(absl::string_view png);

/// Whether Encode writes `bits` a channel in `format`.
/// Errors: InvalidArgument (names both and what is allowed).
absl::Status CheckEncoding(absl::string_view format, int bits);

/// The format that a file's extension asks for.
/// Errors: InvalidArgument (gives the path and the extensions allowed).
absl::StatusOr<std::string> FormatOfPath(absl::string_view path);

}  // namespace atelier

#endif  // ATELIER_COMMON_IMAGE_IMAGE_H_
