// Any bytes as a picture: refused or decoded, within the limits.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "common/image/image.h"

namespace atelier {
namespace {

constexpr int kMostPx = 16;

absl::StatusOr<std::pair<int, int>> Little(int width_px, int height_px) {
  return std::pair{std::min(width_px, kMostPx), std::min(height_px, kMostPx)};
}

void CheckImage(const Image& image) {
  const size_t values = size_t{3} * image.width_px * image.height_px;
  if (image.rgb.size() != values) __builtin_trap();
  for (const float value : image.rgb) {
    if (!std::isfinite(value)) __builtin_trap();
  }
}

}  // namespace
}  // namespace atelier

extern "C" int LLVMFuzzerInitialize(int* /*argc*/, char*** /*argv*/) {
  return atelier::InitialiseImages("pictures_fuzzer").ok() ? 0 : 1;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view bytes(reinterpret_cast<const char*>(data), size);
  atelier::DecodeLimits limits;
  limits.max_pixels = 1 << 20;
  limits.max_memory_bytes = 64 << 20;
  const auto header = atelier::ReadHeader(bytes, limits);
  const auto image = atelier::DecodeToFit(bytes, atelier::Little, limits);
  if (!image.ok()) return 0;
  if (!header.ok()) __builtin_trap();
  atelier::CheckImage(*image);
  return 0;
}
