#include "worker/renderer/score.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <tuple>

#include "common/file.h"
#include "common/render/convention.h"
#include "common/status_macros.h"
#include "worker/engine/backend.h"
#include "worker/renderer/device.h"

namespace atelier {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

std::string Shared(const std::string& path) {
  return std::string(ATELIER_SHARED_DIR) + "/" + path;
}

Image LoadShared(const std::string& name) {
  static const bool started = InitialiseImages("renderer_test").ok();
  EXPECT_TRUE(started);
  auto bytes = ReadFile(Shared("reference/" + name + ".png"), 1 << 20);
  EXPECT_TRUE(bytes.ok()) << bytes.status();
  auto image = Decode(bytes.value_or(""));
  EXPECT_TRUE(image.ok()) << image.status();
  return image.value_or(Image());
}

void UseConvention(absl::string_view name, RenderParams& params) {
  params.convention = ParseConvention(name).value();
  const ConventionSpec& spec = Spec(params.convention);
  params.content_weight = spec.content_weight;
  params.style_weight = spec.style_weight;
  params.tv_weight = spec.tv_weight;
  for (auto tap : spec.content_layers) {
    params.content_layers.push_back({std::string(tap)});
  }
  for (size_t i = 0; i < spec.style_layers.size(); ++i) {
    const std::vector<double>& weights = spec.style_layer_weights;
    params.style_layers.push_back(
        {std::string(spec.style_layers[i]), weights.empty() ? 1 : weights[i]});
  }
  params.style_loss = spec.style_loss;
}

ScoreRequest RequestOf(const json& example, const WeightFile& weights) {
  ScoreRequest request;
  request.threads = 1;
  UseConvention(example["convention"].get<std::string>(), request.params);
  request.params.pooling =
      ParsePooling(example["pooling"].get<std::string>()).value();
  request.padding = ParsePadding(example["padding"].get<std::string>()).value();
  request.weights = weights;
  request.image = LoadShared(example["image"]);
  request.content = LoadShared("content");
  request.styles.emplace_back().picture = LoadShared("style");
  return request;
}

struct Place {
  const char* name;
  const char* backend;
  const char* device;
  double loss_tolerance;
  double gradient_tolerance = 1e-3;  // Of its length.
  double value_tolerance = 1e-3;     // Of single values, over the largest.
};

void PrintTo(const Place& place, std::ostream* out) { *out << place.name; }

void ExpectRelative(double actual, double expected, double tolerance) {
  EXPECT_NEAR(actual, expected, tolerance * std::abs(expected) + 1e-12);
}

void ExpectAsReference(const Score& score, const json& expected,
                       const Place& place) {
  const double tolerance = place.loss_tolerance;
  ExpectRelative(score.losses.terms.at("content"), expected["content_loss"],
                 tolerance);
  ExpectRelative(score.losses.terms.at("style"), expected["style_loss"],
                 tolerance);
  ExpectRelative(score.losses.terms.at("total_variation"), expected["tv_loss"],
                 tolerance);
  ExpectRelative(score.losses.total, expected["total_loss"], tolerance);
  ExpectRelative(score.gradient_l2, expected["gradient_l2"],
                 place.gradient_tolerance);
  const double margin =
      place.value_tolerance * expected["gradient_max"].get<double>();
  for (const json& at : expected["gradient_at"]) {
    const Image& gradient = score.gradient;
    const int row =
        at["c"].get<int>() * gradient.height_px + at["y"].get<int>();
    const int index = row * gradient.width_px + at["x"].get<int>();
    EXPECT_NEAR(gradient.rgb[index], at["value"].get<double>(), margin) << at;
  }
}

// The network's name in the reference, and where this tree finds it.
struct GoldenNetwork {
  const char* name;
  std::string weights;
};

void PrintTo(const GoldenNetwork& network, std::ostream* out) {
  *out << network.name;
}

// Of what a machine may lack: a GPU, and oneDNN.
absl::Status CheckIsHere(const Place& place) {
  ASSIGN_OR_RETURN(const c10::Device device, FindDevice(place.device));
  if (place.backend != absl::string_view("onednn")) return absl::OkStatus();
  return engine::ChooseBackend(place.backend, device).status();
}

class GoldenTest
    : public ::testing::TestWithParam<std::tuple<GoldenNetwork, Place>> {};

TEST_P(GoldenTest, LossesAndGradientsAreTheReferences) {
  std::ifstream file(Shared("reference/golden.json"));
  if (!file) {
    GTEST_SKIP() << "the reference cases are not beside this tree: "
                 << Shared("reference/golden.json")
                 << "; engine_test holds the built-in twin";
  }
  const auto& [network, place] = GetParam();
  if (const absl::Status here = CheckIsHere(place); !here.ok()) {
    GTEST_SKIP() << "NOT TESTED: " << here.message();
  }
  const auto bytes = LoadWeights(network.weights);
  ASSERT_TRUE(bytes.ok()) << bytes.status();
  const auto weights = ParseWeights(*bytes);
  ASSERT_TRUE(weights.ok()) << weights.status();
  int cases = 0;
  const json golden = json::parse(file);
  for (const json& example : golden["cases"]) {
    if (example["network"] != network.name) continue;
    SCOPED_TRACE(example.dump());
    ScoreRequest request = RequestOf(example, *weights);
    request.backend = place.backend;
    request.device = place.device;
    const auto score = ScorePicture(request);
    ASSERT_TRUE(score.ok()) << score.status();
    ExpectAsReference(*score, example, place);
    ++cases;
  }
  EXPECT_EQ(cases, 16);
}

INSTANTIATE_TEST_SUITE_P(
    Networks, GoldenTest,
    ::testing::Combine(
        ::testing::Values(
            GoldenNetwork{"atelier-vgg19-slim", std::string(kBuiltinNetwork)},
            GoldenNetwork{"vgg19-synthetic", std::string(kSyntheticVgg19)},
            GoldenNetwork{"vgg19-slim16",
                          Shared("weights/vgg19-slim16.safetensors")}),
        ::testing::Values(
            Place{"reference", "reference", "cpu", 1e-4},
            // Winograd rounds more than a sum does.
            Place{"onednn", "onednn", "cpu", 5e-4},
            Place{"cuda", "reference", "cuda:0", 1e-4},
            // Where a maximum is in doubt, a value goes to its neighbour.
            Place{"cuda_tf32", "reference-tf32", "cuda:0", 5e-3, 0.02, 0.05},
            Place{"cuda_bf16", "reference-bf16", "cuda:0", 1e-2, 0.1, 0.3})),
    [](const auto& tested) {
      std::string name = std::get<0>(tested.param).name;
      name += std::string("_") + std::get<1>(tested.param).name;
      std::replace(name.begin(), name.end(), '-', '_');
      return name;
    });

// As crowson_reference.py makes them.
Image Formula(int height_px, int width_px, int seed) {
  Image image = {width_px, height_px, {}};
  for (int i = 0; i < 3 * height_px * width_px; ++i) {
    const double s = std::sin((i + 1) * 12.9898 + seed * 78.233) * 43758.5453;
    const int y = i / width_px % height_px;
    const double wave =
        0.5 + 0.5 * std::sin(0.4 * (i % width_px) + 0.3 * y + seed);
    image.rgb.push_back(
        static_cast<float>(0.3 * (s - std::floor(s)) + 0.7 * wave));
  }
  return image;
}

struct CrowsonCase {
  const char* pooling;
  std::vector<double> shares;    // Of the styles.
  std::array<double, 5> losses;  // Content, style, variation, total; gradient.
};

// Values of crowson_reference.py, which has nothing of the engine.
TEST(ScoreTest, CrowsonIsTheOriginals) {
  const CrowsonCase cases[] = {
      {"max",
       {1.0},
       {0.0554993017, 0.00453901, 0.0390704205, 0.0835123405, 0.019934673}},
      {"avg",
       {1.0},
       {0.379429325, 0.011900827, 0.0390704205, 0.0957331079, 0.0234282394}},
      {"l2",
       {1.0},
       {0.121320215, 0.00672868428, 0.0390704205, 0.0866893285, 0.0205022786}},
      {"avg",
       {0.75, 0.25},
       {0.379429325, 0.0111254993, 0.0390704205, 0.0949577802, 0.0235394806}}};
  for (const char* backend : {"reference", "auto"}) {
    for (const auto& [pooling, shares, expected] : cases) {
      SCOPED_TRACE(std::string(backend) + " " + pooling);
      ScoreRequest request;
      request.threads = 1;
      request.backend = backend;
      UseConvention("crowson", request.params);
      request.params.pooling = ParsePooling(pooling).value();
      request.weights =
          ParseWeights(LoadWeights(std::string(kBuiltinNetwork)).value())
              .value();
      request.image = Formula(34, 45, 3);
      request.content = Formula(34, 45, 1);
      for (int i = 0; i < static_cast<int>(shares.size()); ++i) {
        RenderStyle& style = request.styles.emplace_back();
        style.picture = Formula(32 + 5 * i, 40 - 4 * i, 10 + i);
        style.blend = shares[i];
      }
      const auto score = ScorePicture(request);
      ASSERT_TRUE(score.ok()) << score.status();
      const auto& terms = score->losses.terms;
      ExpectRelative(terms.at("content"), expected[0], 5e-4);
      ExpectRelative(terms.at("style"), expected[1], 5e-4);
      ExpectRelative(terms.at("total_variation"), expected[2], 1e-5);
      ExpectRelative(score->losses.total, expected[3], 5e-4);
      ExpectRelative(score->gradient_l2, expected[4], 1e-3);
    }
  }
}

Image Flat(int width_px, int height_px, float value) {
  return {width_px, height_px,
          std::vector<float>(size_t{3} * width_px * height_px, value)};
}

TEST(ScoreTest, SizesThatDifferAreRefusedWithBoth) {
  ScoreRequest request;
  request.threads = 1;
  request.image = Flat(8, 6, 0);
  request.content = Flat(9, 6, 0);
  const absl::Status status = ScorePicture(request).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("8x6"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("9x6"));
}

TEST(ScoreTest, TellsTermsWhoseWeightIsZero) {
  ScoreRequest request;
  request.threads = 1;
  UseConvention("gordicaleksa", request.params);
  request.params.content_weight = 0;
  request.params.style_weight = 0;
  request.params.tv_weight = 0;
  request.weights =
      ParseWeights(LoadWeights(std::string(kBuiltinNetwork)).value()).value();
  request.image = Flat(24, 16, 0.75f);
  request.image.rgb[100] = 0;
  request.content = Flat(24, 16, 0.25f);
  request.styles.emplace_back().picture = Flat(16, 32, 0.5f);
  const auto score = ScorePicture(request);
  ASSERT_TRUE(score.ok()) << score.status();
  EXPECT_GT(score->losses.terms.at("content"), 0);
  EXPECT_GT(score->losses.terms.at("style"), 0);
  EXPECT_GT(score->losses.terms.at("total_variation"), 0);
  EXPECT_EQ(score->losses.total, 0);
  EXPECT_EQ(score->gradient_l2, 0);
}

}  // namespace
}  // namespace atelier
