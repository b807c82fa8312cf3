// Renders in which terms are absent, in every way that a render may lack them,
// on every backend that this machine has.
#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "worker/engine/backend.h"
#include "worker/engine/experimental/batch_render.h"
#include "worker/engine/memory.h"
#include "worker/engine/render_fixture.h"

namespace atelier::engine {
namespace {

using ::testing::SizeIs;

constexpr int kIterations = 4;
constexpr int kResumedAfter = 2;

// How a term of a render may be absent, or there.
enum class Content { kOff, kLayerOfNoWeight, kOn };
enum class StyleTerm { kOff, kLayerOfNoWeight, kNoShare, kMasked, kOn };

struct Terms {
  Content content = Content::kOff;
  StyleTerm style = StyleTerm::kOff;
  bool total_variation = false;

  std::string text() const {
    return absl::StrCat("content ", static_cast<int>(content), ", style ",
                        static_cast<int>(style), ", total variation ",
                        total_variation);
  }
};

std::vector<Terms> AllTerms() {
  std::vector<Terms> all;
  for (Content content :
       {Content::kOff, Content::kLayerOfNoWeight, Content::kOn}) {
    for (StyleTerm style :
         {StyleTerm::kOff, StyleTerm::kLayerOfNoWeight, StyleTerm::kNoShare,
          StyleTerm::kMasked, StyleTerm::kOn}) {
      for (bool variation : {false, true})
        all.push_back({content, style, variation});
    }
  }
  return all;
}

struct Way {
  Backend backend = Backend::kReference;
  bool recompute = false;
  Padding padding = Padding::kZeros;

  std::string text() const {
    return absl::StrCat(DescribeBackend(backend), recompute ? ", again" : "",
                        ", ", Name(padding));
  }
};

std::vector<Way> AllWays(const std::vector<Padding>& paddings = {
                             Padding::kZeros, Padding::kReflect}) {
  std::vector<Way> ways;
  for (bool recompute : {false, true}) {
    for (Padding padding : paddings) {
      ways.push_back({Backend::kReference, recompute, padding});
      if (ChooseBackend("onednn", at::kCPU).ok()) {
        ways.push_back({Backend::kOnednn, recompute, padding});
      }
    }
  }
  return ways;
}

at::Tensor HalfMask() {
  at::Tensor mask = at::zeros({15, 17});
  mask.narrow(1, 0, 9).fill_(1);
  return mask;
}

class AbsentTermsTest : public RenderFixture {
 protected:
  AbsentTermsTest() {
    ConfigureTorch(1);  // Pictures this small gain nothing by more.
    params_.iterations = kIterations;
    params_.content_layers.clear();
    params_.content_weight = 0;
    pictures_.styles.clear();
  }

  void Use(const Terms& terms) {
    params_.tv_weight = terms.total_variation ? 1e-3 : 0;
    params_.content_weight = terms.content == Content::kOff ? 0 : 1;
    params_.content_layers.clear();
    if (terms.content == Content::kOn) params_.content_layers = {{"conv1_2"}};
    if (terms.content == Content::kLayerOfNoWeight) {
      params_.content_layers = {{"conv1_2", 0}};
    }
    params_.style_weight = terms.style == StyleTerm::kOff ? 0 : 1e3;
    params_.style_layers.clear();
    pictures_.styles.clear();
    if (terms.style == StyleTerm::kOff) return;
    params_.style_layers = {{"relu1_1"}, {"relu2_1"}};
    if (terms.style == StyleTerm::kLayerOfNoWeight) {
      for (LayerWeight& layer : params_.style_layers) layer.weight = 0;
    }
    pictures_.styles = {{NoisePicture(16, 18, 60)}, {NoisePicture(19, 17, 61)}};
    pictures_.styles[0].blend = terms.style == StyleTerm::kNoShare ? 0 : 0.5;
    pictures_.styles[1].blend = terms.style == StyleTerm::kNoShare ? 1 : 0.5;
    if (terms.style == StyleTerm::kMasked) {
      pictures_.styles[0].mask = HalfMask();
    }
  }

  std::unique_ptr<Network> Make(const Way& way) const {
    NetworkOptions options = OptionsFor(params_, way.padding);
    options.recompute = way.recompute;
    auto made = MakeNetwork(way.backend, network_.weights(), options, at::kCPU);
    EXPECT_TRUE(made.ok()) << made.status();
    return made.ok() ? *std::move(made) : nullptr;
  }

  absl::StatusOr<RenderResult> RunOn(Network& network,
                                     RenderHooks hooks = {}) const {
    if (!hooks.observe) hooks.observe = GoOn;
    return Render(network, params_, pictures_, hooks);
  }

  // Its memory can be told, it ends, and its losses are numbers.
  RenderResult ExpectRenders(Network& network) const {
    RenderShape shape;
    shape.content = {pictures_.content.size(2), pictures_.content.size(3)};
    for (const Style& style : pictures_.styles) {
      shape.styles.push_back({style.picture.size(2), style.picture.size(3)});
    }
    const auto bytes = RenderBytes(network, params_, shape);
    EXPECT_TRUE(bytes.ok()) << bytes.status();
    absl::StatusOr<RenderResult> result = RunOn(network);
    EXPECT_TRUE(result.ok()) << result.status();
    if (!result.ok()) return {};
    EXPECT_EQ(result->outcome, Outcome::kCompleted) << result->message;
    EXPECT_THAT(result->curve, SizeIs(params_.iterations));
    EXPECT_TRUE(at::isfinite(result->image).all().item<bool>());
    EXPECT_EQ(result->image.sizes(), pictures_.content.sizes());
    return *std::move(result);
  }

  // The same bytes after an interruption.
  void ExpectResumes(Network& network, const RenderResult& whole) const {
    Checkpoint kept;
    RenderHooks hooks;
    hooks.observe = [](const CurvePoint& at) {
      return at.iteration == kResumedAfter ? Order::kStop : Order::kGoOn;
    };
    hooks.keep = [&kept](const Checkpoint& state) { kept = Copied(state); };
    ASSERT_TRUE(RunOn(network, hooks).ok());
    RenderHooks resuming;
    resuming.resume = &kept;
    const auto resumed = RunOn(network, resuming);
    ASSERT_TRUE(resumed.ok()) << resumed.status();
    EXPECT_TRUE(at::equal(resumed->image, whole.image));
  }

  // Beside another seed, the same bytes as alone.
  void ExpectBatches(Network& network, const RenderResult& alone) const {
    experimental::Batch batch;
    batch.rows = {{params_.seed, pictures_.init}, {99, pictures_.init}};
    std::vector<RenderResult> results(batch.rows.size());
    experimental::BatchHooks hooks;
    hooks.observe = [](int, const CurvePoint&) { return Order::kGoOn; };
    hooks.ended = [&results](int image, RenderResult result) {
      results[image] = std::move(result);
    };
    const absl::Status status = experimental::RenderBatch(
        network, params_, pictures_, std::move(batch), hooks);
    ASSERT_TRUE(status.ok()) << status;
    EXPECT_TRUE(at::equal(results[0].image, alone.image));
  }

  static void ExpectNear(const RenderResult& one, const RenderResult& other) {
    ASSERT_EQ(one.curve.size(), other.curve.size());
    for (size_t i = 0; i < one.curve.size(); ++i) {
      EXPECT_NEAR(one.curve[i].total, other.curve[i].total,
                  5e-3 * std::abs(other.curve[i].total))
          << "iteration " << i + 1;
    }
  }

  // However blocks are kept: as on the reference.
  void ExpectAgree(const std::vector<Way>& ways) const {
    RenderResult reference;
    for (const Way& way : ways) {
      SCOPED_TRACE(way.text());
      const auto network = Make(way);
      ASSERT_NE(network, nullptr);
      const RenderResult result = ExpectRenders(*network);
      if (way.padding == Padding::kZeros) {
        ExpectResumes(*network, result);
        ExpectBatches(*network, result);
      }
      // Of the same way, on the reference, which comes first.
      if (way.backend == Backend::kReference) reference = result;
      ExpectNear(result, reference);
    }
  }
};

TEST_F(AbsentTermsTest, EveryCombinationRendersAlikeOnEveryBackend) {
  for (const Terms& terms : AllTerms()) {
    SCOPED_TRACE(terms.text());
    Use(terms);
    ExpectAgree(AllWays({Padding::kZeros}));
  }
}

TEST_F(AbsentTermsTest, EveryTermAloneRendersOverScalesAndByEitherOptimizer) {
  params_.scales = 3;
  for (const Terms& terms : {Terms{Content::kOff, StyleTerm::kOff, true},
                             Terms{Content::kOff, StyleTerm::kOff, false},
                             Terms{Content::kOn, StyleTerm::kOff, false},
                             Terms{Content::kOff, StyleTerm::kMasked, false}}) {
    for (Optimizer optimizer : {Optimizer::kLbfgs, Optimizer::kAdam}) {
      SCOPED_TRACE(absl::StrCat(terms.text(), ", ", Name(optimizer)));
      Use(terms);
      params_.optimizer = optimizer;
      params_.learning_rate = optimizer == Optimizer::kAdam ? 0.02 : 1;
      ExpectAgree(AllWays());
    }
  }
}

// No feature is read, so no side is too short for one.
TEST_F(AbsentTermsTest, TotalVariationAloneRendersPicturesOfAnySize) {
  Use({Content::kOff, StyleTerm::kOff, true});
  for (const auto& [height, width] :
       {std::make_pair(1, 1), {1, 7}, {7, 1}, {2, 2}, {3, 64}}) {
    for (Initialisation init :
         {Initialisation::kNoise, Initialisation::kContent}) {
      SCOPED_TRACE(absl::StrCat(height, " x ", width));
      pictures_.content = NoisePicture(height, width, 70);
      params_.init = init;
      // Reflection needs a second pixel to reflect.
      for (const Way& way : AllWays({Padding::kZeros})) {
        SCOPED_TRACE(way.text());
        const auto network = Make(way);
        ASSERT_NE(network, nullptr);
        ExpectRenders(*network);
      }
    }
  }
}

// No gradient at all: a loss of zero is not a reason to fail.
TEST_F(AbsentTermsTest, AFlatPictureStaysAsItIs) {
  Use({Content::kOff, StyleTerm::kOff, true});
  params_.init = Initialisation::kContent;
  pictures_.content = at::full({1, 3, 12, 10}, 0.25f);
  for (int scales : {1, 2}) {
    params_.scales = scales;
    for (const Way& way : AllWays()) {
      SCOPED_TRACE(absl::StrCat(way.text(), ", scales ", scales));
      const auto network = Make(way);
      ASSERT_NE(network, nullptr);
      const RenderResult result = ExpectRenders(*network);
      EXPECT_TRUE(at::equal(result.image, pictures_.content));
    }
  }
}

TEST_F(AbsentTermsTest, AMaskThatLetsNothingThroughIsRefusedEverywhere) {
  Use({Content::kOff, StyleTerm::kMasked, true});
  pictures_.styles[0].mask = at::zeros({15, 17});
  for (const Way& way : AllWays()) {
    SCOPED_TRACE(way.text());
    const auto network = Make(way);
    ASSERT_NE(network, nullptr);
    const auto result = RunOn(*network);
    EXPECT_EQ(result.status().code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(result.status().message()),
                ::testing::HasSubstr("it has to let something through"));
  }
}

}  // namespace
}  // namespace atelier::engine
