#include <array>
#include <cstring>
#include <memory>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/image/image.h"
#include "common/image/vips_adapter.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

using vips::VImage;
using vips::VOption;

constexpr char kUnreadable[] = "picture cannot be decoded";

enum class Format { kJpeg, kPng, kTiff, kWebp };

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
  // Either side alone is below 2^32, so that the product is below 2^64.
  const uint64_t pixels =
      static_cast<uint64_t>(width_px) * static_cast<uint64_t>(height_px);
  if (pixels <= static_cast<uint64_t>(limits.max_pixels)) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat("picture is ", width_px, "x", height_px, ", ", pixels,
                   " pixels; at most ", limits.max_pixels, " are read"));
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

struct Opened {
  VImage image;
  Format format;
};

VImage Load(absl::string_view bytes, Format format) {
  const std::unique_ptr<VipsBlob, void (*)(VipsBlob*)> blob(
      vips_blob_new(nullptr, bytes.data(), bytes.size()),
      [](VipsBlob* b) { vips_area_unref(VIPS_AREA(b)); });
  VOption* const options = VImage::option()
                               ->set("access", VIPS_ACCESS_SEQUENTIAL)
                               ->set("fail_on", VIPS_FAIL_ON_ERROR);
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

// Reads the header and holds it against the limits. No pixel is decoded.
absl::StatusOr<Opened> Open(absl::string_view bytes,
                            const DecodeLimits& limits) {
  if (static_cast<int64_t>(bytes.size()) > limits.max_file_bytes) {
    return absl::InvalidArgumentError(
        absl::StrCat("picture has ", bytes.size(), " bytes; at most ",
                     limits.max_file_bytes, " are read"));
  }
  const std::optional<Format> format = Sniff(bytes);
  if (!format.has_value()) {
    return absl::InvalidArgumentError(
        "not a picture that is read: JPEG, PNG, TIFF or WebP is expected");
  }
  if (*format == Format::kPng) RETURN_IF_ERROR(CheckPngSize(bytes, limits));
  Opened opened{Load(bytes, *format), *format};
  RETURN_IF_ERROR(
      CheckPixels(opened.image.width(), opened.image.height(), limits));
  return opened;
}

std::string Name(Format format) {
  constexpr std::array<const char*, 4> kNames = {"jpeg", "png", "tiff", "webp"};
  return kNames[static_cast<size_t>(format)];
}

bool IsWholeNumbers(const VImage& image) {
  return image.format() == VIPS_FORMAT_UCHAR ||
         image.format() == VIPS_FORMAT_USHORT;
}

// Grey, RGB or CMYK without what follows it (alpha is taken apart before).
VImage ColourBands(const VImage& image) {
  const bool is_cmyk = image.interpretation() == VIPS_INTERPRETATION_CMYK;
  const int wanted = is_cmyk ? 4 : (image.bands() < 3 ? 1 : 3);
  if (image.bands() <= wanted) return image;
  return image.extract_band(0, VImage::option()->set("n", wanted));
}

// By the picture's own profile; nothing where it has none that fits it.
std::optional<VImage> ByProfile(const VImage& colour) {
  const bool is_cmyk = colour.interpretation() == VIPS_INTERPRETATION_CMYK;
  const bool has_profile =
      vips_image_get_typeof(colour.get_image(), VIPS_META_ICC_NAME) != 0;
  if (!IsWholeNumbers(colour) || (!has_profile && !is_cmyk)) {
    return std::nullopt;
  }
  VOption* const options = VImage::option()
                               ->set("embedded", has_profile)
                               ->set("intent", VIPS_INTENT_RELATIVE)
                               ->set("black_point_compensation", true)
                               ->set("depth", 16);
  if (is_cmyk) options->set("input_profile", "cmyk");
  try {
    return colour.icc_transform("srgb", options);
  } catch (const std::exception& thrown) {
    // A picture with a damaged profile is still a picture: every viewer shows
    // it, by the usual meaning of its numbers.
    TakeVipsComplaint(thrown);
    return std::nullopt;
  }
}

// One or three bands of sRGB, 8 or 16 bit.
absl::StatusOr<VImage> ToSrgb(const VImage& colour) {
  if (std::optional<VImage> srgb = ByProfile(colour)) return *srgb;
  const VipsInterpretation meaning = colour.guess_interpretation();
  if (IsWholeNumbers(colour) && (meaning == VIPS_INTERPRETATION_sRGB ||
                                 meaning == VIPS_INTERPRETATION_RGB ||
                                 meaning == VIPS_INTERPRETATION_RGB16 ||
                                 meaning == VIPS_INTERPRETATION_B_W ||
                                 meaning == VIPS_INTERPRETATION_GREY16)) {
    return colour;
  }
  if (meaning == VIPS_INTERPRETATION_scRGB ||
      meaning == VIPS_INTERPRETATION_LAB ||
      meaning == VIPS_INTERPRETATION_LABS ||
      meaning == VIPS_INTERPRETATION_CMYK) {
    return colour.colourspace(VIPS_INTERPRETATION_RGB16);
  }
  return absl::InvalidArgumentError(
      absl::StrCat("picture has ", colour.bands(), " bands of ",
                   vips_enum_nick(VIPS_TYPE_BAND_FORMAT, colour.format()),
                   "; grey, RGB and CMYK of 8 or 16 bits are read"));
}

// Samples of `image`, computed, as numbers in [0,1].
class Samples {
 public:
  explicit Samples(const VImage& image)
      : bands_(image.bands()),
        is_wide_(image.format() == VIPS_FORMAT_USHORT),
        pixels_(ComputePixels(
            IsWholeNumbers(image) ? image : image.cast(VIPS_FORMAT_UCHAR))) {}

  float At(size_t pixel, int band) const {
    const size_t i = pixel * bands_ + std::min(band, bands_ - 1);
    if (is_wide_) {
      uint16_t value;
      std::memcpy(&value,
                  static_cast<const char*>(pixels_.memory.get()) + 2 * i, 2);
      return static_cast<float>(value) / 65535.0f;
    }
    return static_cast<float>(
               static_cast<const unsigned char*>(pixels_.memory.get())[i]) /
           255.0f;
  }

 private:
  int bands_;
  bool is_wide_;
  VipsPixels pixels_;
};

void LayOverWhite(const Samples& alpha, Image& image) {
  const size_t area = image.rgb.size() / 3;
  for (size_t i = 0; i < image.rgb.size(); ++i) {
    const float a = alpha.At(i % area, 0);
    image.rgb[i] = a * image.rgb[i] + (1 - a);
  }
}

absl::StatusOr<Image> DecodeOpened(const Opened& opened) {
  // Decoded once into memory: colour and alpha both read it.
  const VImage upright = opened.image.copy_memory().autorot();
  const VImage bands = ColourBands(upright);
  ASSIGN_OR_RETURN(const VImage srgb, ToSrgb(bands));
  Image image;
  image.width_px = srgb.width();
  image.height_px = srgb.height();
  const size_t area = size_t(image.width_px) * image.height_px;
  image.rgb.resize(3 * area);
  {
    const Samples samples(srgb);
    for (int c = 0; c < 3; ++c) {
      for (size_t i = 0; i < area; ++i) {
        image.rgb[c * area + i] = samples.At(i, c);
      }
    }
  }
  if (upright.has_alpha() && IsWholeNumbers(upright)) {
    LayOverWhite(Samples(upright.extract_band(bands.bands())), image);
  }
  return image;
}

}  // namespace

absl::StatusOr<ImageHeader> ReadHeader(absl::string_view bytes,
                                       const DecodeLimits& limits) {
  return CallVips(absl::StatusCode::kInvalidArgument, kUnreadable,
                  [&]() -> absl::StatusOr<ImageHeader> {
                    ASSIGN_OR_RETURN(const Opened opened, Open(bytes, limits));
                    constexpr int kFirstTurnedOnItsSide = 5;
                    ImageHeader header;
                    header.width_px = opened.image.width();
                    header.height_px = opened.image.height();
                    if (vips_image_get_orientation(opened.image.get_image()) >=
                        kFirstTurnedOnItsSide) {
                      std::swap(header.width_px, header.height_px);
                    }
                    header.format = Name(opened.format);
                    return header;
                  });
}

absl::StatusOr<Image> Decode(absl::string_view bytes,
                             const DecodeLimits& limits) {
  return CallVips(absl::StatusCode::kInvalidArgument, kUnreadable,
                  [&]() -> absl::StatusOr<Image> {
                    ASSIGN_OR_RETURN(const Opened opened, Open(bytes, limits));
                    return DecodeOpened(opened);
                  });
}

}  // namespace atelier
