// Pictures that the tests of this room make for themselves.
#ifndef ATELIER_COMMON_IMAGE_PICTURES_TESTING_H_
#define ATELIER_COMMON_IMAGE_PICTURES_TESTING_H_

#include <string>
#include <vector>
#include <vips/vips8>

#include "common/image/image.h"
#include "gtest/gtest.h"

namespace atelier {

/// Starts libvips before the first test of a binary.
inline const testing::Environment* const kVipsEnvironment = [] {
  class VipsEnvironment : public testing::Environment {
    void SetUp() override { ASSERT_TRUE(InitialiseImages("image_test").ok()); }
  };
  return testing::AddGlobalTestEnvironment(new VipsEnvironment);
}();

/// A smooth picture without symmetry: red rises to the right, green downwards,
/// blue falls along the diagonal.
inline Image Gradient(int width_px, int height_px) {
  Image image{width_px, height_px, {}};
  const int area = width_px * height_px;
  image.rgb.resize(size_t{3} * area);
  for (int y = 0; y < height_px; ++y) {
    for (int x = 0; x < width_px; ++x) {
      const int i = y * width_px + x;
      image.rgb[i] = (x + 0.5f) / width_px;
      image.rgb[area + i] = (y + 0.5f) / height_px;
      image.rgb[2 * area + i] = 1 - (image.rgb[i] + image.rgb[area + i]) / 2;
    }
  }
  return image;
}

/// The same colour everywhere: `samples` are one value for each band.
template <typename T>
vips::VImage Flat(int width_px, int height_px, const std::vector<T>& samples,
                  VipsBandFormat format, VipsInterpretation meaning) {
  std::vector<double> values(samples.begin(), samples.end());
  return vips::VImage::black(width_px, height_px)
      .cast(VIPS_FORMAT_DOUBLE)
      .new_from_image(values)
      .cast(format)
      .copy(vips::VImage::option()->set("interpretation", meaning));
}

/// `picture` in the format of `suffix`, ".png" or ".jpg[Q=95]".
inline std::string Saved(const vips::VImage& picture,
                         const std::string& suffix) {
  void* memory = nullptr;
  size_t size = 0;
  picture.write_to_buffer(suffix.c_str(), &memory, &size);
  std::string bytes(static_cast<char*>(memory), size);
  g_free(memory);
  return bytes;
}

}  // namespace atelier

#endif  // ATELIER_COMMON_IMAGE_PICTURES_TESTING_H_
