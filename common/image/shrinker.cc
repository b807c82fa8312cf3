#include "common/image/shrinker.h"

#include <algorithm>
#include <limits>
#include <vips/vips8>

#include "absl/strings/str_cat.h"
#include "common/image/vips_adapter.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

using vips::VImage;

// libvips has no longer kernels than for this; where a side shrinks more, whole
// groups of pixels are averaged before.
constexpr double kMostByKernel = 300;
constexpr double kLeftForKernel = 100;

// How many pixels are averaged to one, side by side.
int GroupOf(int from_px, int to_px) {
  const double factor = static_cast<double>(from_px) / to_px;
  return factor <= kMostByKernel ? 1
                                 : static_cast<int>(factor / kLeftForKernel);
}

// Lifetime: of `values`.
VImage View(const float* values, int width_px, int height_px) {
  return VImage::new_from_memory(
      const_cast<float*>(values),
      size_t{3} * width_px * height_px * sizeof(float), width_px, height_px, 3,
      VIPS_FORMAT_FLOAT);
}

VImage Reduced(VImage rows, int to_px) {
  if (const int group = GroupOf(rows.width(), to_px); group > 1) {
    rows = rows.shrinkh(group);
  }
  return rows.reduceh(static_cast<double>(rows.width()) / to_px,
                      VImage::option()->set("kernel", VIPS_KERNEL_LANCZOS3));
}

VImage Resized(VImage picture, int to_width_px, int to_height_px) {
  if (const int group = GroupOf(picture.height(), to_height_px); group > 1) {
    picture = picture.shrinkv(group);
  }
  return picture.resize(
      static_cast<double>(to_width_px) / picture.width(),
      VImage::option()
          ->set("vscale", static_cast<double>(to_height_px) / picture.height())
          ->set("kernel", VIPS_KERNEL_LANCZOS3)
          // All of it by Lanczos: no faster box filter before it.
          ->set("gap", 0.0));
}

absl::Status CheckSize(const VImage& image, int width_px, int height_px) {
  if (image.width() == width_px && image.height() == height_px) {
    return absl::OkStatus();
  }
  return absl::InternalError(absl::StrCat("libvips resized to ", image.width(),
                                          "x", image.height(), "; asked for ",
                                          width_px, "x", height_px));
}

}  // namespace

Shrinker::Shrinker(int width_px, int height_px, int to_width_px,
                   int to_height_px)
    : width_px_(width_px),
      height_px_(height_px),
      to_width_px_(to_width_px),
      to_height_px_(to_height_px),
      narrow_px_(std::min(width_px, to_width_px)),
      least_(std::numeric_limits<float>::infinity()),
      most_(-least_) {
  narrow_.reserve(size_t{3} * narrow_px_ * height_px_);
}

int64_t Shrinker::Bytes(int width_px, int height_px, int to_width_px,
                        int to_height_px) {
  const int64_t narrow = int64_t{std::min(width_px, to_width_px)} * height_px;
  // The result as libvips has it, and as an Image.
  const int64_t result = int64_t{2} * to_width_px * to_height_px;
  return (narrow + result) * 3 * static_cast<int64_t>(sizeof(float));
}

void Shrinker::Add(const Strip& strip) {
  const size_t values = size_t{3} * width_px_ * strip.rows;
  const auto [least, most] = std::minmax_element(strip.rgb, strip.rgb + values);
  least_ = std::min(least_, *least);
  most_ = std::max(most_, *most);
  if (narrow_px_ == width_px_) {
    narrow_.insert(narrow_.end(), strip.rgb, strip.rgb + values);
    return;
  }
  const VipsPixels reduced = ComputePixels(
      Reduced(View(strip.rgb, width_px_, strip.rows), narrow_px_));
  const auto* first = static_cast<const float*>(reduced.memory.get());
  narrow_.insert(narrow_.end(), first, first + reduced.bytes / sizeof(float));
}

absl::StatusOr<Image> Shrinker::Finish() {
  VImage scaled = View(narrow_.data(), narrow_px_, height_px_);
  if (narrow_px_ != to_width_px_ || height_px_ != to_height_px_) {
    scaled = Resized(scaled, to_width_px_, to_height_px_);
  }
  RETURN_IF_ERROR(CheckSize(scaled, to_width_px_, to_height_px_));
  const VipsPixels pixels = ComputePixels(scaled);
  const auto* values = static_cast<const float*>(pixels.memory.get());
  narrow_ = {};
  Image result{to_width_px_, to_height_px_, {}};
  const size_t area = size_t(to_width_px_) * to_height_px_;
  result.rgb.resize(3 * area);
  for (size_t i = 0; i < 3 * area; ++i) {
    result.rgb[i % 3 * area + i / 3] = std::clamp(values[i], least_, most_);
  }
  return result;
}

}  // namespace atelier
