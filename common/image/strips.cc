#include "common/image/strips.h"

#include <algorithm>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <vector>

#include "common/image/vips_adapter.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

// libvips's own sinks ask for hundreds, and more the more threads there are.
constexpr int kRowsAtOnce = 16;

using vips::VImage;
using vips::VOption;

bool IsWholeNumbers(const VImage& image) {
  return image.format() == VIPS_FORMAT_UCHAR ||
         image.format() == VIPS_FORMAT_USHORT;
}

float MostOf(const VImage& image) {
  return image.format() == VIPS_FORMAT_USHORT ? 65535.0f : 255.0f;
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
  return InvalidArgument("picture has ", colour.bands(), " bands of ",
                         vips_enum_nick(VIPS_TYPE_BAND_FORMAT, colour.format()),
                         "; grey, RGB and CMYK of 8 or 16 bits are read");
}

// What libvips takes for opaque where samples are not whole numbers.
double OpaqueOf(const VImage& picture) {
  switch (picture.interpretation()) {
    case VIPS_INTERPRETATION_scRGB:
      return 1;
    case VIPS_INTERPRETATION_RGB16:
    case VIPS_INTERPRETATION_GREY16:
      return 65535;
    default:
      return 255;
  }
}

// Of 16 bits, whatever it was.
VImage WholeAlpha(const VImage& alpha, double opaque) {
  return alpha.linear(65535.0 / opaque, 0.5).cast(VIPS_FORMAT_USHORT);
}

class Converter {
 public:
  explicit Converter(const SrgbSamples& samples)
      : bands_(samples.image.bands()),
        colours_(samples.colours),
        is_wide_(samples.image.format() == VIPS_FORMAT_USHORT),
        most_colour_(samples.most_colour),
        most_alpha_(samples.most_alpha) {}

  void Convert(const VipsPel* row, int width_px, float* rgb) const {
    if (is_wide_) {
      ConvertAs(reinterpret_cast<const uint16_t*>(row), width_px, rgb);
    } else {
      ConvertAs(row, width_px, rgb);
    }
  }

 private:
  template <typename Sample>
  void ConvertAs(const Sample* at, int width_px, float* rgb) const {
    for (int x = 0; x < width_px; ++x, at += bands_, rgb += 3) {
      for (int c = 0; c < 3; ++c) {
        rgb[c] = static_cast<float>(at[colours_ == 1 ? 0 : c]) / most_colour_;
      }
      if (most_alpha_ == 0) continue;
      const float a = static_cast<float>(at[colours_]) / most_alpha_;
      for (int c = 0; c < 3; ++c) rgb[c] = a * rgb[c] + (1 - a);
    }
  }

  const int bands_;
  const int colours_;
  const bool is_wide_;
  const float most_colour_;
  const float most_alpha_;
};

struct Unref {
  void operator()(VipsRegion* region) const { g_object_unref(region); }
};

}  // namespace

absl::StatusOr<SrgbSamples> ToSrgbSamples(const VImage& picture) {
  const VImage bands = ColourBands(picture);
  ASSIGN_OR_RETURN(const VImage srgb, ToSrgb(bands));
  SrgbSamples samples;
  samples.image = IsWholeNumbers(srgb) ? srgb : srgb.cast(VIPS_FORMAT_UCHAR);
  samples.colours = samples.image.bands();
  samples.most_colour = MostOf(samples.image);
  if (!picture.has_alpha()) return samples;
  VImage alpha = picture.extract_band(bands.bands());
  if (!IsWholeNumbers(alpha)) alpha = WholeAlpha(alpha, OpaqueOf(picture));
  samples.most_alpha = MostOf(alpha);
  samples.image = samples.image.bandjoin(alpha);
  return samples;
}

absl::Status ReadStrips(const SrgbSamples& samples,
                        absl::FunctionRef<absl::Status(const Strip&)> visit) {
  const VImage& image = samples.image;
  const Converter converter(samples);
  const size_t row_values = size_t{3} * image.width();
  std::vector<float> rgb(row_values * std::min(kRowsAtOnce, image.height()));
  const std::unique_ptr<VipsRegion, Unref> region(
      vips_region_new(image.get_image()));
  for (int top = 0; top < image.height(); top += kRowsAtOnce) {
    const int rows = std::min(kRowsAtOnce, image.height() - top);
    const VipsRect area = {0, top, image.width(), rows};
    if (vips_region_prepare(region.get(), &area) != 0) throw vips::VError();
    for (int y = 0; y < rows; ++y) {
      converter.Convert(VIPS_REGION_ADDR(region.get(), 0, top + y),
                        image.width(), rgb.data() + y * row_values);
    }
    RETURN_IF_ERROR(visit({top, rows, rgb.data()}));
  }
  return absl::OkStatus();
}

}  // namespace atelier
