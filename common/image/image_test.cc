#include "common/image/image.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "common/image/pictures_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

float LargestDifference(const Image& a, const Image& b) {
  EXPECT_EQ(a.rgb.size(), b.rgb.size());
  float most = 0;
  for (size_t i = 0; i < std::min(a.rgb.size(), b.rgb.size()); ++i) {
    most = std::max(most, std::abs(a.rgb[i] - b.rgb[i]));
  }
  return most;
}

TEST(FormatOfPathTest, FollowsTheExtension) {
  EXPECT_EQ(FormatOfPath("a/b.PNG").value(), "png");
  EXPECT_EQ(FormatOfPath("b.jpg").value(), "jpeg");
  EXPECT_EQ(FormatOfPath("b.jpeg").value(), "jpeg");
  EXPECT_EQ(FormatOfPath("b.tif").value(), "tiff");
  EXPECT_EQ(FormatOfPath("b.webp").value(), "webp");
}

TEST(FormatOfPathTest, NamesThePathAndWhatIsAllowed) {
  for (const char* path : {"out.gif", "out", "a.png/out", ""}) {
    SCOPED_TRACE(path);
    const absl::Status status = FormatOfPath(path).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(status.message(), HasSubstr(std::string("'") + path + "'"));
    EXPECT_THAT(status.message(), HasSubstr(".webp"));
  }
}

TEST(EncodeTest, LosslessFormatsGiveBackTheRoundedPicture) {
  const Image image = Gradient(33, 17);
  for (const char* format : {"png", "tiff", "webp"}) {
    SCOPED_TRACE(format);
    const auto back = Decode(Encode(image, format).value());
    ASSERT_TRUE(back.ok()) << back.status();
    EXPECT_LE(LargestDifference(image, *back), 0.5f / 255 + 1e-6f);
  }
  const auto back = Decode(Encode(image, "jpeg").value());
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_LE(LargestDifference(image, *back), 0.06f);
}

TEST(EncodeTest, ClampsWhatLeavesTheRange) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  const Image image{2, 1, {-3, 7, 1.001f, -0.001f, 0.5f, kNan}};
  const auto back = Decode(Encode(image, "png").value());
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_THAT(back->rgb, ElementsAre(0, 1, 1, 0, 128 / 255.f, 0));
}

TEST(EncodeTest, SixteenBitsKeepWhatEightRoundAway) {
  const Image fine{3, 1, {0.5f, 0.5005f, 0.501f, 0, 1, 2, -1, 0.25f, 0.75f}};
  for (const char* format : {"png", "tiff"}) {
    SCOPED_TRACE(format);
    const auto back = Decode(Encode(fine, format, "d", 16).value());
    ASSERT_TRUE(back.ok()) << back.status();
    for (int i = 0; i < 9; ++i) {
      EXPECT_NEAR(back->rgb[i], std::clamp(fine.rgb[i], 0.f, 1.f),
                  0.5001f / 65535);
    }
  }
}

TEST(EncodeTest, SixteenBitsAreRefusedWhereTheFormatHasEight) {
  for (const char* format : {"jpeg", "webp"}) {
    EXPECT_THAT(Encode(Gradient(4, 4), format, "", 16).status().message(),
                HasSubstr("16 as png and tiff"));
  }
  EXPECT_THAT(Encode(Gradient(4, 4), "png", "", 12).status().message(),
              HasSubstr("12 bits"));
}

TEST(EncodeTest, TheSamePictureIsTheSameBytes) {
  for (const char* format : {"png", "jpeg", "tiff", "webp"}) {
    EXPECT_EQ(Encode(Gradient(64, 48), format, "seed=1").value(),
              Encode(Gradient(64, 48), format, "seed=1").value())
        << format;
  }
}

TEST(EncodeTest, CarriesItsDescriptionAndNoTime) {
  const std::string description = R"(render {"a":1} <&> "quoted")";
  for (const char* format : {"png", "jpeg", "tiff", "webp"}) {
    SCOPED_TRACE(format);
    const std::string bytes =
        Encode(Gradient(16, 16), format, description).value();
    const auto picture =
        vips::VImage::new_from_buffer(bytes.data(), bytes.size(), "");
    size_t size = 0;
    const void* const xmp = picture.get_blob(VIPS_META_XMP_NAME, &size);
    EXPECT_THAT(std::string(static_cast<const char*>(xmp), size),
                HasSubstr("render {&quot;a&quot;:1} &lt;&amp;&gt;"));
    gchar** const fields = vips_image_get_fields(picture.get_image());
    for (gchar** field = fields; *field != nullptr; ++field) {
      EXPECT_EQ(std::string(*field).find("Date"), std::string::npos) << *field;
    }
    g_strfreev(fields);
    if (std::string(format) == "png") {
      EXPECT_EQ(picture.get_string("png-comment-1-Description"), description);
      EXPECT_EQ(ReadDescription(bytes).value(), description);
    }
    EXPECT_TRUE(Decode(bytes).ok());
  }
}

TEST(EncodeTest, SaysWhatItCannotWrite) {
  EXPECT_THAT(Encode(Gradient(4, 4), "gif").status().message(),
              HasSubstr("'gif' is not written"));
  EXPECT_EQ(Encode(Image{}, "png").status().code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(Encode(Image{2, 2, {0, 0}}, "png").status().message(),
              HasSubstr("2x2 with 2 values"));
}

TEST(ResizeTest, TheSameSizeIsTheSamePicture) {
  const Image image{1, 1, {-2, 0.5f, 3}};
  EXPECT_EQ(Resize(image, 1, 1)->rgb, image.rgb);
}

TEST(ResizeTest, SmoothPicturesStayThemselves) {
  for (const auto& [width, height] :
       {std::pair(100, 75), std::pair(37, 61), std::pair(800, 600)}) {
    SCOPED_TRACE(width);
    const auto resized = Resize(Gradient(400, 300), width, height);
    ASSERT_TRUE(resized.ok()) << resized.status();
    ASSERT_EQ(resized->width_px, width);
    ASSERT_EQ(resized->height_px, height);
    // Away from the edges a slope is reproduced; at them the filter sees the
    // last row again.
    EXPECT_LE(LargestDifference(*resized, Gradient(width, height)), 0.02f);
  }
}

TEST(ResizeTest, FlatPicturesStayFlat) {
  const Image flat{50, 40, std::vector<float>(6000, 0.3f)};
  EXPECT_THAT(Resize(flat, 13, 29)->rgb, Each(testing::FloatNear(0.3f, 1e-5f)));
}

TEST(ResizeTest, AFineCheckerboardAveragesOut) {
  Image board{64, 64, std::vector<float>(3 * 64 * 64)};
  for (int i = 0; i < 3 * 64 * 64; ++i) {
    board.rgb[i] = (i % 64 + i / 64) % 2;
  }
  const auto small = Resize(board, 16, 16);
  ASSERT_TRUE(small.ok()) << small.status();
  for (int y = 4; y < 12; ++y) {
    for (int x = 4; x < 12; ++x) {
      EXPECT_NEAR(small->rgb[y * 16 + x], 0.5f, 0.02f);
    }
  }
}

TEST(ResizeTest, NeverLeavesTheRangeOfItsInput) {
  Image edge{40, 40, std::vector<float>(4800, 0.25f)};
  for (int i = 0; i < 4800; ++i) {
    if (i % 40 >= 20) edge.rgb[i] = 0.75f;
  }
  for (int side : {17, 90}) {
    const auto resized = Resize(edge, side, side);
    ASSERT_TRUE(resized.ok()) << resized.status();
    const auto [least, most] =
        std::minmax_element(resized->rgb.begin(), resized->rgb.end());
    EXPECT_GE(*least, 0.25f);
    EXPECT_LE(*most, 0.75f);
  }
}

TEST(ResizeTest, RefusesEmptySizes) {
  EXPECT_THAT(Resize(Gradient(4, 4), 0, 3).status().message(),
              HasSubstr("0x3"));
  EXPECT_FALSE(Resize(Image{}, 4, 4).ok());
}

}  // namespace
}  // namespace atelier
