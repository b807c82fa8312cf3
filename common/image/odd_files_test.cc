// Files that people have, and that are not quite as they should be.
#include <fstream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/image/image.h"
#include "common/image/pictures_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;
using vips::VImage;

std::string ErrorOf(const std::string& bytes) {
  const absl::Status decoded = Decode(bytes).status();
  EXPECT_EQ(decoded.code(), absl::StatusCode::kInvalidArgument) << decoded;
  const absl::Status inspected = Inspect(bytes).status();
  EXPECT_EQ(inspected, decoded) << "a worker and a client differ";
  return std::string(decoded.message());
}

// Of the middle of the picture, as 0 to 255.
std::vector<float> MiddleOf(const std::string& bytes) {
  const auto image = Decode(bytes);
  EXPECT_TRUE(image.ok()) << image.status();
  if (!image.ok()) return {};
  const size_t area = image->rgb.size() / 3;
  const size_t middle =
      size_t(image->height_px / 2) * image->width_px + image->width_px / 2;
  return {image->rgb[middle] * 255, image->rgb[area + middle] * 255,
          image->rgb[2 * area + middle] * 255};
}

// A busy picture, so that every part of its file holds some of it.
VImage Busy() {
  return VImage::gaussnoise(320, 240, VImage::option()->set("seed", 3))
      .bandjoin(VImage::gaussnoise(320, 240, VImage::option()->set("seed", 4)))
      .bandjoin(VImage::gaussnoise(320, 240, VImage::option()->set("seed", 5)))
      .cast(VIPS_FORMAT_UCHAR)
      .copy(VImage::option()->set("interpretation", VIPS_INTERPRETATION_sRGB));
}

const char* const kJpegs[] = {".jpg", ".jpg[interlace]",
                              ".jpg[optimize-coding,subsample-mode=off]"};

TEST(OddFilesTest, AJpegThatLacksItsEndIsReadWithAWarning) {
  for (const char* suffix : kJpegs) {
    for (size_t missing : {1, 2, 3, 12, 60}) {
      SCOPED_TRACE(absl::StrCat(suffix, " less ", missing));
      const std::string whole = Saved(Busy(), suffix);
      const std::string cut = whole.substr(0, whole.size() - missing);
      const auto found = Inspect(cut);
      ASSERT_TRUE(found.ok()) << found.status();
      EXPECT_THAT(found->warning, HasSubstr("its end"));
      EXPECT_EQ(found->header.height_px, 240);
      const auto image = Decode(cut);
      ASSERT_TRUE(image.ok()) << image.status();
      // What is there is as in the whole one.
      EXPECT_EQ(MiddleOf(cut), MiddleOf(whole));
    }
  }
  EXPECT_EQ(Inspect(Saved(Busy(), ".jpg"))->warning, "");
}

TEST(OddFilesTest, AJpegThatLacksMoreIsRefused) {
  for (const char* suffix : kJpegs) {
    for (double part : {0.3, 0.5, 0.7, 0.9}) {
      SCOPED_TRACE(absl::StrCat(suffix, " ", part));
      const std::string whole = Saved(Busy(), suffix);
      const std::string message =
          ErrorOf(whole.substr(0, static_cast<size_t>(part * whole.size())));
      EXPECT_EQ(message.find('\n'), std::string::npos) << message;
      EXPECT_THAT(message, HasSubstr("of 240"));
    }
  }
}

TEST(OddFilesTest, AJpegThatIsDamagedInTheMiddleIsRefused) {
  std::mt19937 random(7);
  for (const char* suffix : kJpegs) {
    for (const char* damage : {"zeros", "noise", "missing"}) {
      SCOPED_TRACE(absl::StrCat(suffix, " ", damage));
      std::string bytes = Saved(Busy(), suffix);
      const size_t middle = bytes.size() / 2;
      if (damage == std::string("missing")) {
        bytes.erase(middle, 2000);
      } else {
        for (size_t i = 0; i < 2000; ++i) {
          bytes[middle + i] =
              damage == std::string("zeros") ? 0 : static_cast<char>(random());
        }
      }
      EXPECT_THAT(ErrorOf(bytes), HasSubstr("picture is damaged at row "));
    }
  }
}

std::string WithSize(std::string png, uint32_t width_px, uint32_t height_px) {
  constexpr size_t kWidthAt = 16;
  for (int i = 0; i < 4; ++i) {
    png[kWidthAt + i] = static_cast<char>(width_px >> (24 - 8 * i));
    png[kWidthAt + 4 + i] = static_cast<char>(height_px >> (24 - 8 * i));
  }
  return png;
}

TEST(OddFilesTest, APictureWithoutPixelsSaysSo) {
  const std::string png = Saved(Busy(), ".png");
  for (const auto& [width, height] : {std::pair{0, 10}, {10, 0}, {0, 0}}) {
    EXPECT_EQ(ErrorOf(WithSize(png, width, height)),
              absl::StrCat("picture is ", width, "x", height,
                           "; both sides have to be at least 1 pixel"));
  }
  EXPECT_THAT(ErrorOf(""), HasSubstr("the file is empty"));
  EXPECT_THAT(ErrorOf("a text\n"), HasSubstr("not a picture that is read"));
}

TEST(OddFilesTest, OnePixelIsAPicture) {
  const VImage pixel = Flat<int>(1, 1, {200, 100, 50}, VIPS_FORMAT_UCHAR,
                                 VIPS_INTERPRETATION_sRGB);
  for (const char* suffix :
       {".png", ".tif", ".webp[lossless]", ".jpg", ".png[interlace]"}) {
    SCOPED_TRACE(suffix);
    const std::string bytes = Saved(pixel, suffix);
    EXPECT_NEAR(MiddleOf(bytes).at(0), 200, 3);
    EXPECT_TRUE(DecodeToFit(bytes, [](int, int) {
                  return std::pair{16, 16};
                }).ok());
  }
}

TEST(OddFilesTest, OfAnAnimatedPictureTheFirstIsRead) {
  VImage frames =
      Flat<int>(8, 8, {255, 0, 0}, VIPS_FORMAT_UCHAR, VIPS_INTERPRETATION_sRGB)
          .join(Flat<int>(8, 8, {0, 0, 255}, VIPS_FORMAT_UCHAR,
                          VIPS_INTERPRETATION_sRGB),
                VIPS_DIRECTION_VERTICAL)
          .copy();
  frames.set(VIPS_META_PAGE_HEIGHT, 8);
  for (const char* suffix : {".webp[lossless]", ".tif"}) {
    SCOPED_TRACE(suffix);
    const std::string bytes = Saved(frames, suffix);
    EXPECT_EQ(Inspect(bytes)->header.height_px, 8);
    EXPECT_NEAR(MiddleOf(bytes).at(0), 255, 1);
    EXPECT_NEAR(MiddleOf(bytes).at(2), 0, 1);
  }
}

TEST(OddFilesTest, BandsPastColoursAndAlphaAreLeftAlone) {
  for (int bands : {5, 6, 9}) {
    SCOPED_TRACE(bands);
    std::vector<int> samples(bands, 10);
    samples[0] = 200;
    samples[1] = 100;
    samples[2] = 50;
    samples[3] = 255;  // Opaque.
    EXPECT_NEAR(MiddleOf(Saved(Flat<int>(6, 4, samples, VIPS_FORMAT_UCHAR,
                                         VIPS_INTERPRETATION_sRGB),
                               ".tif"))
                    .at(0),
                200, 1);
  }
}

// Half transparent, over white.
TEST(OddFilesTest, AlphaOfFloatsCounts) {
  const VImage opaque = Flat<int>(6, 4, {200, 100, 50}, VIPS_FORMAT_UCHAR,
                                  VIPS_INTERPRETATION_sRGB);
  for (const auto& [space, most] : {std::pair{VIPS_INTERPRETATION_LAB, 255.0},
                                    {VIPS_INTERPRETATION_scRGB, 1.0}}) {
    const VImage floats = opaque.colourspace(space);
    for (double alpha : {0.0, 0.5, 1.0}) {
      SCOPED_TRACE(absl::StrCat(space, " at ", alpha));
      const VImage with_alpha =
          floats.bandjoin(alpha * most)
              .copy(VImage::option()->set("interpretation", space));
      const std::vector<float> middle = MiddleOf(Saved(with_alpha, ".tif"));
      ASSERT_EQ(middle.size(), 3);
      EXPECT_NEAR(middle[0], alpha * 200 + (1 - alpha) * 255, 1);
      EXPECT_NEAR(middle[2], alpha * 50 + (1 - alpha) * 255, 1);
    }
  }
}

TEST(OddFilesTest, ASharedLabPictureHasItsAlpha) {
  std::ifstream file(ATELIER_SHARED_DIR "/cases/turn2/laba.tif",
                     std::ios::binary);
  if (!file) {
    GTEST_SKIP() << "THE SHARED LAB PICTURE IS NOT HERE; AlphaOfFloatsCounts "
                    "makes its own";
  }
  std::stringstream bytes;
  bytes << file.rdbuf();
  const auto image = Decode(bytes.str());
  ASSERT_TRUE(image.ok()) << image.status();
  // Transparent on the left, which is white; opaque on the right.
  EXPECT_FLOAT_EQ(image->rgb[0], 1);
  EXPECT_LT(image->rgb[image->width_px - 1], 1);
}

}  // namespace
}  // namespace atelier
