#include "worker/agent/thumbnails.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

Image Picture(int width_px, int height_px) {
  Image image{width_px, height_px, {}};
  image.rgb.assign(static_cast<size_t>(width_px) * height_px * 3, 0.25F);
  return image;
}

// Sizes of the files, by the sizes that they are for.
std::vector<std::pair<int, std::pair<int, int>>> SizesOf(const Image& picture) {
  const auto thumbnails = MakeThumbnails(picture, [](int) { return true; });
  EXPECT_TRUE(thumbnails.ok()) << thumbnails.status();
  std::vector<std::pair<int, std::pair<int, int>>> sizes;
  for (const Thumbnail& thumbnail : *thumbnails) {
    const auto header = ReadHeader(thumbnail.jpeg);
    EXPECT_TRUE(header.ok()) << header.status();
    EXPECT_EQ(header->format, "jpeg");
    sizes.push_back(
        {thumbnail.longer_side_px, {header->width_px, header->height_px}});
  }
  return sizes;
}

class ThumbnailsTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    ASSERT_TRUE(InitialiseImages("agent_test").ok());
  }
};

TEST_F(ThumbnailsTest, OnlyOfSizesBelowThePicturesOwn) {
  EXPECT_THAT(SizesOf(Picture(1000, 750)),
              ElementsAre(Pair(512, Pair(512, 384)), Pair(256, Pair(256, 192)),
                          Pair(128, Pair(128, 96))));
  EXPECT_THAT(SizesOf(Picture(300, 512)),
              ElementsAre(Pair(256, Pair(150, 256)), Pair(128, Pair(75, 128))));
  EXPECT_THAT(SizesOf(Picture(128, 128)), IsEmpty());
  EXPECT_THAT(SizesOf(Picture(600, 1)),
              ElementsAre(Pair(512, Pair(512, 1)), Pair(256, Pair(256, 1)),
                          Pair(128, Pair(128, 1))));
}

TEST_F(ThumbnailsTest, OneOfAnInputIsMadeOnceUnlessItIsLost) {
  FakeClock clock(absl::UnixEpoch());
  MadeThumbnails made(clock);
  EXPECT_TRUE(made.Claim("a", 128));
  EXPECT_FALSE(made.Claim("a", 128));
  EXPECT_TRUE(made.Claim("a", 256));
  made.Forget("a", 128);
  EXPECT_TRUE(made.Claim("a", 128));
  clock.Advance(absl::Hours(1));
  EXPECT_TRUE(made.Claim("a", 128)) << "the coordinator may have dropped it";
}

TEST_F(ThumbnailsTest, TheyLookAsThePictureDoes) {
  Image picture = Picture(400, 400);
  std::fill(picture.rgb.begin(), picture.rgb.begin() + 400 * 400, 1.5F);
  const auto thumbnails = MakeThumbnails(picture, [](int) { return true; });
  ASSERT_TRUE(thumbnails.ok());
  const auto decoded = Decode(thumbnails->back().jpeg);
  ASSERT_TRUE(decoded.ok());
  const size_t area = decoded->rgb.size() / 3;
  EXPECT_NEAR(decoded->rgb[area / 2], 1, 0.02);
  EXPECT_NEAR(decoded->rgb[area + area / 2], 0.25, 0.02);
}

TEST_F(ThumbnailsTest, TheyHaveNoMetadata) {
  const auto thumbnails =
      MakeThumbnails(Picture(200, 100), [](int) { return true; });
  ASSERT_TRUE(thumbnails.ok());
  for (const char* marker : {"Exif", "http://ns.adobe.com", "ICC_PROFILE"}) {
    EXPECT_FALSE(absl::StrContains(thumbnails->front().jpeg, marker));
  }
}

TEST_F(ThumbnailsTest, WhatIsNotWantedIsNotMade) {
  const auto thumbnails =
      MakeThumbnails(Picture(1000, 750),
                     [](int longer_side_px) { return longer_side_px == 128; });
  ASSERT_TRUE(thumbnails.ok());
  ASSERT_EQ(thumbnails->size(), 1u);
  EXPECT_EQ(thumbnails->front().longer_side_px, 128);
}

TEST(MadeThumbnailsTest, EachSizeOfAPictureIsMadeOnceAsFarAsIsRemembered) {
  MadeThumbnails made;
  EXPECT_TRUE(made.Claim("a", 128));
  EXPECT_FALSE(made.Claim("a", 128));
  EXPECT_TRUE(made.Claim("a", 256));
  EXPECT_TRUE(made.Claim("b", 128));
  for (int i = 0; i < 10'000; ++i) made.Claim(absl::StrCat(i), 128);
  EXPECT_FALSE(made.Claim("9999", 128));
  EXPECT_TRUE(made.Claim("a", 128));
}

}  // namespace
}  // namespace atelier
