#include "worker/renderer/torch_measurer.h"

#include <cmath>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/image/image.h"
#include "common/render/convention.h"
#include "common/weights/weight_file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Key;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

using Values = std::map<std::string, double>;

// The picture of measures_reference.py.
Image Picture(int width_px, int height_px, int seed) {
  Image image{width_px, height_px, {}};
  for (int c = 0; c < 3; ++c) {
    for (int y = 0; y < height_px; ++y) {
      for (int x = 0; x < width_px; ++x) {
        const int waves =
            std::abs((5 * x + 3 * y + 11 * c + 37 * seed) % 256 - 128);
        const int grain =
            (x * x * 31 + y * 17 + x * y * 7 + c * 13 + seed * 101) % 64;
        image.rgb.push_back(static_cast<float>(waves + grain) / 255.0F);
      }
    }
  }
  return image;
}

WeightBytes BuiltinFile() {
  return LoadWeights(std::string(kBuiltinNetwork)).value();
}

struct StyleCase {
  double share;
  int width_px, height_px, seed;
};

MeasureRequest RequestOf(const std::vector<StyleCase>& styles) {
  MeasureRequest request;
  request.by.weights_digest = BuiltinFile().digest;
  request.by.size_px = 64;
  request.weights = [] { return ParseWeights(BuiltinFile()); };
  request.image = Picture(64, 48, 3);
  request.content = {"content", Picture(64, 48, 1)};
  for (const StyleCase& style : styles) {
    request.styles.push_back(
        {"style " + std::to_string(style.seed),
         Picture(style.width_px, style.height_px, style.seed), style.share});
  }
  return request;
}

std::unique_ptr<Measurer> MakeMeasurer(const std::string& backend) {
  TorchMeasurerOptions options;
  options.threads = 1;
  options.backend = backend;
  return MakeTorchMeasurer(options).value();
}

void ExpectValues(const Values& values, const Values& expected) {
  EXPECT_EQ(values.size(), expected.size());
  for (const auto& [name, value] : expected) {
    ASSERT_EQ(values.count(name), 1U) << name;
    EXPECT_NEAR(values.at(name), value, 1e-4 * std::abs(value)) << name;
  }
}

struct ReferenceCase {
  const char* name;
  std::vector<StyleCase> styles;
  std::optional<Pooling> pooling;
  std::string preprocessing;
  Values expected;
};

// Printed by measures_reference.py, which computes in NumPy's float64.
const std::vector<ReferenceCase>& ReferenceCases() {
  static const auto& cases =
      *new std::vector<ReferenceCase>{{"one style",
                                       {{1, 50, 64, 10}},
                                       {},
                                       "",
                                       {{"content_distance", 0.592970227},
                                        {"gram_distance", 0.10908147},
                                        {"gram_distance_relu1_1", 0.0877684553},
                                        {"gram_distance_relu2_1", 0.080341683},
                                        {"gram_distance_relu3_1", 0.0993721694},
                                        {"gram_distance_relu3_3", 0.091199969},
                                        {"gram_distance_relu4_1", 0.113401876},
                                        {"gram_distance_relu4_3", 0.142851141},
                                        {"gram_distance_relu5_1", 0.148634995},
                                        {"mean_wavelength", 38.8723273},
                                        {"psnr", 12.8449785},
                                        {"ssim", 0.247883935},
                                        {"style_distance", 0.128079359},
                                        {"wasserstein_relu1_1", 0.262396777},
                                        {"wasserstein_relu2_1", 0.152753994},
                                        {"wasserstein_relu3_1", 0.360946417},
                                        {"wasserstein_relu3_3", 0.40066168},
                                        {"wasserstein_relu4_1", 0.824882717},
                                        {"wasserstein_relu4_3", 0.973501809},
                                        {"wasserstein_relu5_1", 0.574456615}}},
                                      {"two styles",
                                       {{0.75, 50, 64, 10}, {0.25, 64, 40, 11}},
                                       {},
                                       "",
                                       {{"content_distance", 0.592970227},
                                        {"gram_distance", 0.112297465},
                                        {"gram_distance_relu1_1", 0.0853346149},
                                        {"gram_distance_relu2_1", 0.0787706814},
                                        {"gram_distance_relu3_1", 0.0957365983},
                                        {"gram_distance_relu3_3", 0.0949161155},
                                        {"gram_distance_relu4_1", 0.124679059},
                                        {"gram_distance_relu4_3", 0.146432429},
                                        {"gram_distance_relu5_1", 0.160212761},
                                        {"mean_wavelength", 38.8723273},
                                        {"psnr", 12.8449785},
                                        {"ssim", 0.247883935},
                                        {"style_distance", 0.128594809},
                                        {"wasserstein_relu1_1", 0.253272991},
                                        {"wasserstein_relu2_1", 0.153492449},
                                        {"wasserstein_relu3_1", 0.349481623},
                                        {"wasserstein_relu3_3", 0.409995714},
                                        {"wasserstein_relu4_1", 0.833523765},
                                        {"wasserstein_relu4_3", 0.956215754},
                                        {"wasserstein_relu5_1", 0.582892003}}},
                                      {"another network's input",
                                       {{1, 50, 64, 10}},
                                       Pooling::kMax,
                                       "caffe-255-bgr",
                                       {{"content_distance", 0.514220906},
                                        {"gram_distance", 0.140301865},
                                        {"gram_distance_relu1_1", 0.103104487},
                                        {"gram_distance_relu2_1", 0.0866537852},
                                        {"gram_distance_relu3_1", 0.113702223},
                                        {"gram_distance_relu3_3", 0.0910470277},
                                        {"gram_distance_relu4_1", 0.154108242},
                                        {"gram_distance_relu4_3", 0.204527101},
                                        {"gram_distance_relu5_1", 0.228970191},
                                        {"mean_wavelength", 38.8723273},
                                        {"psnr", 12.8449785},
                                        {"ssim", 0.247883935},
                                        {"style_distance", 0.154839641},
                                        {"wasserstein_relu1_1", 14.9619846},
                                        {"wasserstein_relu2_1", 11.8092875},
                                        {"wasserstein_relu3_1", 32.3234055},
                                        {"wasserstein_relu3_3", 35.877587},
                                        {"wasserstein_relu4_1", 106.664475},
                                        {"wasserstein_relu4_3", 123.572042},
                                        {"wasserstein_relu5_1", 92.6523453}}}};
  return cases;
}

TEST(TorchMeasurerTest, ValuesAreNumPys) {
  for (const char* backend : {"reference", "auto"}) {
    // One for all: what it keeps of a case is not another one's.
    const std::unique_ptr<Measurer> measurer = MakeMeasurer(backend);
    for (const ReferenceCase& one : ReferenceCases()) {
      SCOPED_TRACE(std::string(backend) + ", " + one.name);
      MeasureRequest request = RequestOf(one.styles);
      request.by.pooling = one.pooling;
      request.by.preprocessing = one.preprocessing;
      for (int time = 0; time < 2; ++time) {
        const auto measured = measurer->Measure(request);
        ASSERT_TRUE(measured.ok()) << measured.status();
        ExpectValues(measured->values, one.expected);
      }
    }
  }
}

TEST(TorchMeasurerTest, SaysByWhatItMeasured) {
  const auto measured = MakeMeasurer("auto")->Measure(RequestOf({}));
  ASSERT_TRUE(measured.ok()) << measured.status();
  EXPECT_EQ(measured->by.weights_digest, BuiltinFile().digest);
  EXPECT_EQ(measured->by.size_px, 64);
  EXPECT_EQ(measured->by.pooling, Pooling::kAverage);
  EXPECT_EQ(measured->by.preprocessing, "imagenet-unit-rgb");
}

TEST(TorchMeasurerTest, EqualPicturesAreAtNoDistance) {
  MeasureRequest request = RequestOf({});
  request.image = request.content.picture = Picture(64, 48, 1);
  request.styles.push_back({"the image", request.image});
  const auto measured = MakeMeasurer("auto")->Measure(request);
  ASSERT_TRUE(measured.ok()) << measured.status();
  for (const auto& [name, value] : measured->values) {
    if (name == "mean_wavelength") continue;  // Of the image alone.
    const double expected = name == "psnr" ? 100 : name == "ssim" ? 1 : 0;
    EXPECT_NEAR(value, expected, 1e-5) << name;
  }
}

TEST(TorchMeasurerTest, WithoutStylesNothingIsSaidOfThem) {
  const auto measured = MakeMeasurer("auto")->Measure(RequestOf({}));
  ASSERT_TRUE(measured.ok()) << measured.status();
  EXPECT_THAT(measured->values, UnorderedElementsAre(Key("psnr"), Key("ssim"),
                                                     Key("content_distance"),
                                                     Key("mean_wavelength")));
}

TEST(TorchMeasurerTest, WithoutAContentTheRestHasTheSameValues) {
  const std::unique_ptr<Measurer> measurer = MakeMeasurer("auto");
  MeasureRequest request = RequestOf({{1, 50, 64, 10}});
  Values expected = measurer->Measure(request).value().values;
  for (const char* name : {"psnr", "ssim", "content_distance"}) {
    EXPECT_EQ(expected.erase(name), 1U) << name;
  }
  request.content = {};
  const auto measured = measurer->Measure(request);
  ASSERT_TRUE(measured.ok()) << measured.status();
  EXPECT_EQ(measured->values, expected);
}

TEST(TorchMeasurerTest, WithNothingToCompareWithThereIsTheWavelengthAlone) {
  MeasureRequest request = RequestOf({});
  request.content = {};
  const auto measured = MakeMeasurer("auto")->Measure(request);
  ASSERT_TRUE(measured.ok()) << measured.status();
  EXPECT_THAT(measured->values, UnorderedElementsAre(Key("mean_wavelength")));
}

TEST(TorchMeasurerTest, AFlatImageHasNoWavelength) {
  MeasureRequest request = RequestOf({});
  for (float& value : request.image.rgb) value = 0.3F;
  const auto measured = MakeMeasurer("auto")->Measure(request);
  ASSERT_TRUE(measured.ok()) << measured.status();
  EXPECT_THAT(measured->values, UnorderedElementsAre(Key("psnr"), Key("ssim"),
                                                     Key("content_distance")));
}

TEST(TorchMeasurerTest, PicturesTooSmallForTheNetworkHaveTheRest) {
  MeasureRequest request = RequestOf({{1, 64, 64, 1}});
  request.image = request.content.picture = Picture(64, 11, 1);
  const auto measured = MakeMeasurer("auto")->Measure(request);
  ASSERT_TRUE(measured.ok()) << measured.status();
  EXPECT_THAT(measured->values, UnorderedElementsAre(Key("psnr"), Key("ssim"),
                                                     Key("mean_wavelength")));
}

TEST(TorchMeasurerTest, AFlatStyleHasNumbersThatAreFinite) {
  MeasureRequest request = RequestOf({{1, 64, 64, 1}});
  for (float& value : request.styles[0].picture.rgb) value = 0.5F;
  const auto measured = MakeMeasurer("auto")->Measure(request);
  ASSERT_TRUE(measured.ok()) << measured.status();
  EXPECT_THAT(measured->values, Not(IsEmpty()));
  for (const auto& [name, value] : measured->values) {
    EXPECT_TRUE(std::isfinite(value)) << name;
  }
}

TEST(TorchMeasurerTest, WhatDoesNotFitIsRefusedWithBothFigures) {
  TorchMeasurerOptions options;
  options.free_bytes = [] { return int64_t{1'000'000}; };
  const auto measured =
      MakeTorchMeasurer(options).value()->Measure(RequestOf({}));
  EXPECT_TRUE(absl::IsResourceExhausted(measured.status()));
  EXPECT_THAT(measured.status().message(), HasSubstr("1 MB are free"));
}

TEST(TorchMeasurerTest, WeightsThatCannotBeReadAreTheirError) {
  MeasureRequest request = RequestOf({});
  request.weights = []() -> absl::StatusOr<WeightFile> {
    return absl::InvalidArgumentError("no weights");
  };
  EXPECT_THAT(MakeMeasurer("auto")->Measure(request).status().message(),
              HasSubstr("no weights"));
}

}  // namespace
}  // namespace atelier
