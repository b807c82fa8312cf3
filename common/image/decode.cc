#include <memory>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/image/decoder_bytes.h"
#include "common/image/image.h"
#include "common/image/jpeg_check.h"
#include "common/image/mask_check.h"
#include "common/image/opened.h"
#include "common/image/shrinker.h"
#include "common/image/strips.h"
#include "common/image/turn.h"
#include "common/image/vips_adapter.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

constexpr char kUnreadable[] = "picture cannot be decoded";

absl::Status CheckMemory(int64_t needed, const Opened& opened,
                         const DecodeLimits& limits) {
  if (needed <= limits.max_memory_bytes) return absl::OkStatus();
  const auto megabytes = [](int64_t bytes) {
    return absl::StrFormat("%.0f MB", static_cast<double>(bytes) / 1e6);
  };
  return absl::ResourceExhaustedError(
      absl::StrCat("memory: decoding ", opened.upright_width_px(), " x ",
                   opened.upright_height_px(), " px of ", Name(opened.format),
                   " needs ", megabytes(needed), "; ",
                   megabytes(limits.max_memory_bytes), " may be used"));
}

// Whether all of it is there. Other formats say so while they are read.
absl::Status CheckWhole(absl::string_view bytes, Opened& opened) {
  if (opened.format != Format::kJpeg) return absl::OkStatus();
  ASSIGN_OR_RETURN(opened.warning, CheckJpeg(bytes));
  return absl::OkStatus();
}

ImageHeader HeaderOf(const Opened& opened) {
  return {opened.upright_width_px(), opened.upright_height_px(),
          Name(opened.format)};
}

// All pixels, as they lie in the file.
absl::StatusOr<Image> ReadAll(const Opened& opened) {
  ASSIGN_OR_RETURN(const SrgbSamples samples, ToSrgbSamples(opened.image));
  Image image{opened.image.width(), opened.image.height(), {}};
  const size_t area = size_t(image.width_px) * image.height_px;
  image.rgb.resize(3 * area);
  RETURN_IF_ERROR(ReadStrips(samples, [&](const Strip& strip) {
    const size_t first = size_t(strip.top) * image.width_px;
    const size_t pixels = size_t(strip.rows) * image.width_px;
    for (size_t i = 0; i < pixels; ++i) {
      for (size_t c = 0; c < 3; ++c) {
        image.rgb[c * area + first + i] = strip.rgb[3 * i + c];
      }
    }
    return absl::OkStatus();
  }));
  return image;
}

absl::StatusOr<Image> ReadShrunk(const Opened& opened, int to_width_px,
                                 int to_height_px) {
  ASSIGN_OR_RETURN(const SrgbSamples samples, ToSrgbSamples(opened.image));
  Shrinker shrinker(opened.image.width(), opened.image.height(), to_width_px,
                    to_height_px);
  RETURN_IF_ERROR(ReadStrips(samples, [&](const Strip& strip) {
    shrinker.Add(strip);
    return absl::OkStatus();
  }));
  return shrinker.Finish();
}

int64_t ResultBytes(const Opened& opened, int to_width_px, int to_height_px) {
  if (to_width_px != opened.image.width() ||
      to_height_px != opened.image.height()) {
    return Shrinker::Bytes(opened.image.width(), opened.image.height(),
                           to_width_px, to_height_px);
  }
  const int copies = opened.orientation > 1 ? 2 : 1;
  return int64_t{copies} * to_width_px * to_height_px * 3 * sizeof(float);
}

absl::StatusOr<Image> DecodeOpened(absl::string_view bytes, FitFn fit,
                                   const DecodeLimits& limits) {
  ASSIGN_OR_RETURN(Opened opened, Open(bytes, limits));
  ASSIGN_OR_RETURN(auto size,
                   fit(opened.upright_width_px(), opened.upright_height_px()));
  if (opened.lies_on_its_side()) std::swap(size.first, size.second);
  const auto [width_px, height_px] = size;
  RETURN_IF_ERROR(CheckMemory(
      DecoderBytes(bytes, opened) + ResultBytes(opened, width_px, height_px),
      opened, limits));
  RETURN_IF_ERROR(CheckWhole(bytes, opened));
  const bool as_it_is =
      width_px == opened.image.width() && height_px == opened.image.height();
  ASSIGN_OR_RETURN(Image image, as_it_is
                                    ? ReadAll(opened)
                                    : ReadShrunk(opened, width_px, height_px));
  return Upright(std::move(image), opened.orientation);
}

absl::Status ReadAsMask(const Opened& opened, MaskCheck& check) {
  ASSIGN_OR_RETURN(const SrgbSamples samples, ToSrgbSamples(opened.image));
  const int width_px = opened.image.width();
  return ReadStrips(samples, [&](const Strip& strip) {
    const float* at = strip.rgb;
    for (int y = strip.top; y < strip.top + strip.rows; ++y) {
      for (int x = 0; x < width_px; ++x, at += 3) {
        const auto [to_x, to_y] = UprightPlace(opened.orientation, width_px,
                                               opened.image.height(), x, y);
        check.Add({at[0], at[1], at[2]}, to_x, to_y);
      }
    }
    return absl::OkStatus();
  });
}

// A PNG's first text whose name ends so: libvips numbers them.
std::string TextOf(const vips::VImage& picture, absl::string_view ending) {
  const std::unique_ptr<gchar*, void (*)(gchar**)> fields(
      vips_image_get_fields(picture.get_image()), &g_strfreev);
  for (gchar** field = fields.get(); *field != nullptr; ++field) {
    if (absl::StartsWith(*field, "png-comment-") &&
        absl::EndsWith(*field, ending)) {
      return picture.get_string(*field);
    }
  }
  return "";
}

}  // namespace

absl::StatusOr<ImageHeader> ReadHeader(absl::string_view bytes,
                                       const DecodeLimits& limits) {
  return CallVips(absl::StatusCode::kInvalidArgument, kUnreadable,
                  [&]() -> absl::StatusOr<ImageHeader> {
                    ASSIGN_OR_RETURN(const Opened opened, Open(bytes, limits));
                    return HeaderOf(opened);
                  });
}

absl::StatusOr<std::string> ReadDescription(absl::string_view png) {
  return CallVips(absl::StatusCode::kInvalidArgument, kUnreadable,
                  [&]() -> absl::StatusOr<std::string> {
                    ASSIGN_OR_RETURN(const Opened opened,
                                     Open(png, DecodeLimits()));
                    return TextOf(opened.image, "-Description");
                  });
}

absl::StatusOr<Inspection> Inspect(absl::string_view bytes,
                                   const DecodeLimits& limits) {
  return CallVips(
      absl::StatusCode::kInvalidArgument, kUnreadable,
      [&]() -> absl::StatusOr<Inspection> {
        ASSIGN_OR_RETURN(Opened opened, Open(bytes, limits));
        RETURN_IF_ERROR(
            CheckMemory(DecoderBytes(bytes, opened), opened, limits));
        RETURN_IF_ERROR(CheckWhole(bytes, opened));
        MaskCheck check;
        RETURN_IF_ERROR(ReadAsMask(opened, check));
        return Inspection{HeaderOf(opened), check.status(), opened.warning};
      });
}

absl::StatusOr<Image> DecodeToFit(absl::string_view bytes, FitFn fit,
                                  const DecodeLimits& limits) {
  return CallVips(absl::StatusCode::kInvalidArgument, kUnreadable,
                  [&]() { return DecodeOpened(bytes, fit, limits); });
}

absl::StatusOr<Image> Decode(absl::string_view bytes,
                             const DecodeLimits& limits) {
  return DecodeToFit(
      bytes,
      [](int width_px, int height_px) {
        return std::pair{width_px, height_px};
      },
      limits);
}

}  // namespace atelier
