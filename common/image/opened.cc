#include "common/image/opened.h"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>

#include "absl/strings/match.h"
#include "common/image/jpeg_check.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

using vips::VImage;
using vips::VOption;

// The loader is chosen here, never by libvips: its other loaders (PDF, SVG,
// ImageMagick) are not for bytes from strangers.
std::optional<Format> Sniff(absl::string_view bytes) {
  using namespace std::string_literals;
  if (absl::StartsWith(bytes, "\xff\xd8\xff")) return Format::kJpeg;
  if (absl::StartsWith(bytes, "\x89PNG\r\n\x1a\n")) return Format::kPng;
  for (const std::string& magic : {"II*\0"s, "MM\0*"s, "II+\0"s, "MM\0+"s}) {
    if (absl::StartsWith(bytes, magic)) return Format::kTiff;
  }
  if (absl::StartsWith(bytes, "RIFF") && bytes.size() >= 12 &&
      bytes.substr(8, 4) == "WEBP") {
    return Format::kWebp;
  }
  return std::nullopt;
}

absl::Status CheckPixels(int64_t width_px, int64_t height_px,
                         const DecodeLimits& limits) {
  if (width_px < 1 || height_px < 1) {
    return InvalidArgument("picture is ", width_px, "x", height_px,
                           "; both sides have to be at least 1 pixel");
  }
  // Either side alone is below 2^32, so that the product is below 2^64.
  const uint64_t pixels =
      static_cast<uint64_t>(width_px) * static_cast<uint64_t>(height_px);
  if (pixels <= static_cast<uint64_t>(limits.max_pixels)) {
    return absl::OkStatus();
  }
  return InvalidArgument("picture is ", width_px, "x", height_px, ", ", pixels,
                         " pixels; at most ", limits.max_pixels, " are read");
}

uint32_t LoadBigEndian(absl::string_view bytes, size_t at) {
  uint32_t value = 0;
  for (size_t i = at; i < at + 4; ++i) {
    value = value << 8 | static_cast<unsigned char>(bytes[i]);
  }
  return value;
}

// A PNG says its size in its first chunk; libvips would first read all that
// comes before the pixels, and then complain of that instead.
absl::Status CheckPngSize(absl::string_view bytes, const DecodeLimits& limits) {
  constexpr size_t kWidthAt = 16;
  constexpr size_t kHeightAt = 20;
  if (bytes.size() < kHeightAt + 4) return absl::OkStatus();
  return CheckPixels(LoadBigEndian(bytes, kWidthAt),
                     LoadBigEndian(bytes, kHeightAt), limits);
}

absl::Status CheckFile(absl::string_view bytes, const DecodeLimits& limits) {
  if (bytes.empty()) {
    return absl::InvalidArgumentError(
        "the file is empty; JPEG, PNG, TIFF or WebP is expected");
  }
  if (static_cast<int64_t>(bytes.size()) <= limits.max_file_bytes) {
    return absl::OkStatus();
  }
  return InvalidArgument("picture has ", bytes.size(), " bytes; at most ",
                         limits.max_file_bytes, " are read");
}

VImage Load(absl::string_view bytes, Format format, VipsFailOn fail_on) {
  const std::unique_ptr<VipsBlob, void (*)(VipsBlob*)> blob(
      vips_blob_new(nullptr, bytes.data(), bytes.size()),
      [](VipsBlob* b) { vips_area_unref(VIPS_AREA(b)); });
  VOption* const options = VImage::option()
                               ->set("access", VIPS_ACCESS_SEQUENTIAL)
                               ->set("fail_on", fail_on);
  switch (format) {
    case Format::kJpeg:
      return VImage::jpegload_buffer(blob.get(), options);
    case Format::kPng:
      return VImage::pngload_buffer(blob.get(), options);
    case Format::kTiff:
      return VImage::tiffload_buffer(blob.get(), options);
    case Format::kWebp:
      return VImage::webpload_buffer(blob.get(), options);
  }
  return {};
}

}  // namespace

std::string Name(Format format) {
  constexpr std::array<const char*, 4> kNames = {"jpeg", "png", "tiff", "webp"};
  return kNames[static_cast<size_t>(format)];
}

absl::StatusOr<Opened> Open(absl::string_view bytes,
                            const DecodeLimits& limits) {
  RETURN_IF_ERROR(CheckFile(bytes, limits));
  const std::optional<Format> format = Sniff(bytes);
  if (!format.has_value()) {
    return absl::InvalidArgumentError(
        "not a picture that is read: JPEG, PNG, TIFF or WebP is expected");
  }
  if (*format == Format::kPng) RETURN_IF_ERROR(CheckPngSize(bytes, limits));
  // What a JPEG lacks is found by CheckJpeg.
  const bool is_jpeg = *format == Format::kJpeg;
  Opened opened;
  opened.format = *format;
  opened.image =
      Load(bytes, *format, is_jpeg ? VIPS_FAIL_ON_NONE : VIPS_FAIL_ON_ERROR);
  RETURN_IF_ERROR(
      CheckPixels(opened.image.width(), opened.image.height(), limits));
  opened.orientation = vips_image_get_orientation(opened.image.get_image());
  return opened;
}

}  // namespace atelier
