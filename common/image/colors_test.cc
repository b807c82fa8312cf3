#include "common/image/colors.h"

#include <array>
#include <cmath>
#include <limits>
#include <random>

#include "common/image/pictures_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;

// Noise whose channels go together, around `mean`.
Image Cloud(int seed, float mean, float spread) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0, spread);
  constexpr int kArea = 40 * 30;
  Image image{40, 30, std::vector<float>(3 * kArea)};
  for (int i = 0; i < kArea; ++i) {
    const float common = normal(random);
    for (int c = 0; c < 3; ++c) {
      image.rgb[c * kArea + i] =
          mean + 0.1f * c + common * (1 + c) + 0.3f * normal(random);
    }
  }
  return image;
}

double Mean(const Image& image, int c) {
  const size_t area = image.rgb.size() / 3;
  double sum = 0;
  for (size_t i = 0; i < area; ++i) sum += image.rgb[c * area + i];
  return sum / area;
}

double Covariance(const Image& image, int a, int b) {
  const size_t area = image.rgb.size() / 3;
  double sum = 0;
  for (size_t i = 0; i < area; ++i) {
    sum += (image.rgb[a * area + i] - Mean(image, a)) *
           (image.rgb[b * area + i] - Mean(image, b));
  }
  return sum / area;
}

void ExpectEqualMoments(const Image& actual, const Image& expected) {
  for (int a = 0; a < 3; ++a) {
    EXPECT_NEAR(Mean(actual, a), Mean(expected, a), 1e-5);
    for (int b = 0; b < 3; ++b) {
      EXPECT_NEAR(Covariance(actual, a, b), Covariance(expected, a, b), 1e-5)
          << a << ", " << b;
    }
  }
}

TEST(MatchColorsTest, MeanAndCovarianceBecomeTheOther) {
  const Image like = Cloud(2, 0.6f, 0.05f);
  ExpectEqualMoments(*MatchColors(Cloud(1, 0.2f, 0.1f), like), like);
}

TEST(MatchColorsTest, APictureIsAlreadyLikeItself) {
  const Image cloud = Cloud(3, 0.4f, 0.1f);
  const Image matched = MatchColors(cloud, cloud).value();
  for (size_t i = 0; i < cloud.rgb.size(); ++i) {
    ASSERT_NEAR(matched.rgb[i], cloud.rgb[i], 1e-4);
  }
}

TEST(MatchColorsTest, TheRootsAreSymmetricNotCholeskys) {
  // One pixel up and one down each axis: the covariance is a multiple of the
  // unit matrix, so that the map is the other's root and no more.
  Image axes{6, 1, std::vector<float>(18, 0)};
  for (int c = 0; c < 3; ++c) {
    axes.rgb[c * 6 + 2 * c] = 1;
    axes.rgb[c * 6 + 2 * c + 1] = -1;
  }
  const Image like = Cloud(4, 0.5f, 0.1f);
  const Image matched = MatchColors(axes, like).value();
  const auto map = [&](int to, int from) {
    return matched.rgb[to * 6 + 2 * from] - Mean(like, to);
  };
  for (int a = 0; a < 3; ++a) {
    for (int b = 0; b < a; ++b) {
      EXPECT_GT(std::abs(map(a, b)), 0.01);
      EXPECT_NEAR(map(a, b), map(b, a), 1e-5);
    }
  }
}

TEST(MatchColorsTest, AGreyPictureGetsTheMeanAndNoSpeckle) {
  Image grey = Cloud(5, 0.3f, 0.1f);
  const size_t area = grey.rgb.size() / 3;
  // As JPEG leaves it: a rounding apart between channels.
  for (size_t i = 0; i < area; ++i) {
    grey.rgb[area + i] = grey.rgb[i] + (i % 2 == 0 ? 1e-3f : -1e-3f);
    grey.rgb[2 * area + i] = grey.rgb[i];
  }
  const Image like = Cloud(6, 0.5f, 0.1f);
  const Image matched = MatchColors(grey, like).value();
  for (int c = 0; c < 3; ++c) {
    EXPECT_NEAR(Mean(matched, c), Mean(like, c), 1e-5);
    EXPECT_LE(Covariance(matched, c, c), Covariance(like, c, c) * 1.0001);
  }
  // All three channels still rise and fall together.
  EXPECT_NEAR(Covariance(matched, 0, 2),
              std::sqrt(Covariance(matched, 0, 0) * Covariance(matched, 2, 2)),
              1e-4);
}

TEST(MatchColorsTest, FlatPicturesBecomeTheMean) {
  const Image flat{8, 8, std::vector<float>(192, 0.7f)};
  const Image like = Cloud(7, 0.5f, 0.1f);
  for (const auto& [picture, to] : {std::pair{&flat, &like}, {&like, &flat}}) {
    const Image matched = MatchColors(*picture, *to).value();
    for (size_t i = 0; i < matched.rgb.size(); ++i) {
      const int c = i / (matched.rgb.size() / 3);
      ASSERT_NEAR(matched.rgb[i], Mean(*to, c), 1e-5);
    }
  }
}

TEST(MatchColorsTest, RefusesWhatIsNoPicture) {
  const Image nan{1, 1, {0, 0, std::numeric_limits<float>::quiet_NaN()}};
  EXPECT_FALSE(MatchColors(nan, Gradient(2, 2)).ok());
  EXPECT_FALSE(MatchColors(Gradient(2, 2), Image{}).ok());
}

std::array<float, 3> Yiq(const Image& image, size_t i) {
  const size_t area = image.rgb.size() / 3;
  const float r = image.rgb[i], g = image.rgb[area + i],
              b = image.rgb[2 * area + i];
  return {0.299f * r + 0.587f * g + 0.114f * b,
          0.596f * r - 0.274f * g - 0.322f * b,
          0.211f * r - 0.523f * g + 0.312f * b};
}

TEST(WithColorsOfTest, LuminanceIsThePicturesChrominanceTheOthers) {
  const Image picture{2, 1, {0.4f, 0.6f, 0.5f, 0.5f, 0.45f, 0.55f}};
  const Image colored{2, 1, {0.5f, 0.4f, 0.4f, 0.6f, 0.6f, 0.5f}};
  const Image result = WithColorsOf(picture, colored).value();
  for (int i = 0; i < 2; ++i) {
    EXPECT_NEAR(Yiq(result, i)[0], Yiq(picture, i)[0], 1e-6);
    EXPECT_NEAR(Yiq(result, i)[1], Yiq(colored, i)[1], 1e-3);
    EXPECT_NEAR(Yiq(result, i)[2], Yiq(colored, i)[2], 1e-3);
  }
}

TEST(WithColorsOfTest, OutOfGamutLuminanceAndHueHold) {
  // Red on a picture that is nearly white, and on one that is nearly black.
  const Image picture{2, 1, {0.95f, 0.05f, 0.95f, 0.05f, 0.95f, 0.05f}};
  const Image colored{2, 1, {1, 1, 0, 0, 0, 0}};
  const Image result = WithColorsOf(picture, colored).value();
  for (int i = 0; i < 2; ++i) {
    const auto got = Yiq(result, i);
    const auto red = Yiq(colored, i);
    EXPECT_NEAR(got[0], Yiq(picture, i)[0], 1e-6);
    EXPECT_NEAR(got[1] * red[2], got[2] * red[1], 1e-4) << "same hue";
    EXPECT_GT(got[1], 0);
  }
  for (float value : result.rgb) {
    EXPECT_GE(value, -1e-6f);
    EXPECT_LE(value, 1 + 1e-6f);
  }
}

TEST(WithColorsOfTest, AnUnclampedResultIsClampedBeforeItsLuminanceIsRead) {
  const Image picture{1, 1, {1.5f, -0.5f, 0.5f}};
  const Image grey{1, 1, {0.3f, 0.3f, 0.3f}};
  const Image result = WithColorsOf(picture, grey).value();
  EXPECT_NEAR(result.rgb[0], 0.299f + 0.114f * 0.5f, 1e-6);
}

TEST(WithColorsOfTest, RefusesAnotherSizeWithBoth) {
  EXPECT_THAT(WithColorsOf(Gradient(4, 3), Gradient(3, 4)).status().message(),
              HasSubstr("4x3 px cannot take the colours of one of 3x4 px"));
}

}  // namespace
}  // namespace atelier
