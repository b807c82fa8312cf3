#include "deploy/samples/samples.h"

#include <cmath>
#include <fstream>
#include <iterator>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier::samples {
namespace {

class SamplesTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    ASSERT_TRUE(InitialiseImages("samples_test").ok());
  }

  static Image Committed(const std::string& name) {
    std::ifstream file(std::string(ATELIER_SAMPLES_DIR "/") + name,
                       std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(file)), {});
    const auto image = Decode(bytes);
    EXPECT_TRUE(image.ok()) << name << ": " << image.status();
    return image.ok() ? *image : Image{};
  }

  static void ExpectSame(const Image& drawn, const Image& committed) {
    ASSERT_EQ(drawn.width_px, committed.width_px);
    ASSERT_EQ(drawn.height_px, committed.height_px);
    int different = 0;
    for (size_t i = 0; i < drawn.rgb.size(); ++i) {
      different += std::abs(drawn.rgb[i] - committed.rgb[i]) > 1.0f / 255;
    }
    EXPECT_EQ(different, 0) << "draw_samples makes other pictures than those "
                               "that are committed: run it again and look";
  }
};

TEST_F(SamplesTest, TheSceneIsTheOneThatIsCommitted) {
  ExpectSame(DrawScene(), Committed("content.png"));
}

TEST_F(SamplesTest, ThePaintingIsTheOneThatIsCommitted) {
  ExpectSame(DrawPainting(), Committed("style.png"));
}

}  // namespace
}  // namespace atelier::samples
