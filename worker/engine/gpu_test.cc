// A GPU's renders against those of a CPU. Without a GPU, says so and skips.
#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/cuda.h>

#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "worker/engine/experimental/batch_render.h"
#include "worker/engine/experimental/product_spectrum.h"
#include "worker/engine/reference_network.h"
#include "worker/engine/render_fixture.h"
#include "worker/engine/torch_call.h"

namespace atelier::engine {
namespace {

using ::testing::SizeIs;

// A rounding at each of four layers, and no less, or the arithmetic was not
// that asked for; and where a maximum is in doubt, the gradient may go back to
// the neighbour.
struct Accuracy {
  Arithmetic arithmetic;
  double least;
  double most;
  double most_over_maxima;
};
constexpr Accuracy kAccuracies[] = {{Arithmetic::kFloat32, 0, 1e-4, 1e-4},
                                    {Arithmetic::kTf32, 5e-5, 3e-3, 0.02},
                                    {Arithmetic::kBfloat16, 5e-4, 0.02, 0.1},
                                    // As if the others had not been.
                                    {Arithmetic::kFloat32, 0, 1e-4, 1e-4}};

double Difference(const at::Tensor& a, const at::Tensor& b) {
  return ((a.cpu() - b.cpu()).norm() / b.cpu().norm()).item<double>();
}

class GpuTest : public RenderFixture {
 protected:
  void SetUp() override {
    if (!torch::cuda::is_available()) {
      GTEST_SKIP() << "NO GPU IS HERE: WHAT RUNS ON ONE IS NOT TESTED";
    }
    AddStyle();
  }

  static Pictures OnGpu(const Pictures& pictures) {
    Pictures moved{pictures.content.to(kGpu), {}, {}};
    for (const Style& style : pictures.styles) {
      moved.styles.push_back(style);
      moved.styles.back().picture = style.picture.to(kGpu);
      if (style.mask.defined()) {
        moved.styles.back().mask = style.mask.to(kGpu);
      }
    }
    return moved;
  }

  std::unique_ptr<Network> OnGpu(
      const NetworkOptions& options,
      Arithmetic arithmetic = Arithmetic::kFloat32) const {
    return MakeReferenceNetwork(wide_.weights(), options, kGpu, arithmetic)
        .value();
  }

  RenderResult RenderOnGpu(RenderHooks hooks = {},
                           bool recompute = false) const {
    if (!hooks.observe) hooks.observe = GoOn;
    NetworkOptions options = OptionsFor(params_);
    options.recompute = recompute;
    auto result = Render(*OnGpu(options), params_, OnGpu(pictures_), hooks);
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? *result : RenderResult();
  }

  // The first image stops after so many iterations, if any.
  std::vector<RenderResult> RenderOnGpu(experimental::Batch batch,
                                        int stop_first = 0) const {
    std::vector<RenderResult> results(batch.rows.size());
    experimental::BatchHooks hooks;
    hooks.observe = [stop_first](int image, const CurvePoint& at) {
      return image == 0 && at.iteration == stop_first ? Order::kStop
                                                      : Order::kGoOn;
    };
    hooks.ended = [&results](int image, RenderResult result) {
      results[image] = std::move(result);
    };
    const absl::Status status =
        experimental::RenderBatch(*OnGpu(OptionsFor(params_)), params_,
                                  OnGpu(pictures_), std::move(batch), hooks);
    EXPECT_TRUE(status.ok()) << status;
    return results;
  }

  // As it comes back.
  static Checkpoint FromFile(Checkpoint state) {
    state.image = state.image.cpu();
    state.best = state.best.cpu();
    for (NamedTensor& part : state.optimizer) part.tensor = part.tensor.cpu();
    return state;
  }

  RenderResult RenderOnCpu() const {
    RenderHooks hooks;
    hooks.observe = GoOn;
    const auto vgg = wide_.Make(OptionsFor(params_));
    return Render(*vgg, params_, pictures_, hooks).value();
  }

  // Roundings grow from iteration to iteration.
  static void ExpectSameBeginning(const RenderResult& one,
                                  const RenderResult& other) {
    ASSERT_EQ(one.curve.size(), other.curve.size());
    for (size_t i = 0; i < 8; ++i) {
      EXPECT_NEAR(one.curve[i].total, other.curve[i].total,
                  1e-3 * other.curve[i].total)
          << "iteration " << i + 1;
    }
    EXPECT_NEAR(one.best.total, other.best.total, 0.1 * other.best.total);
  }

  static constexpr at::DeviceType kGpu = at::kCUDA;
  const TestNetwork wide_{{{16, 20}, {32, 16}}};
};

TEST_F(GpuTest, FeaturesAndGradientsAreACpus) {
  for (const auto& [arithmetic, least, most, most_over_maxima] : kAccuracies) {
    for (const auto pooling :
         {Pooling::kMax, Pooling::kAverage, Pooling::kL2}) {
      for (const auto padding :
           {Padding::kZeros, Padding::kReflect, Padding::kReplicate}) {
        SCOPED_TRACE(absl::StrCat("arithmetic ", static_cast<int>(arithmetic),
                                  " pooling ", static_cast<int>(pooling),
                                  " padding ", static_cast<int>(padding)));
        NetworkOptions options{{"relu2_2", "conv1_2"}, padding, pooling};
        options.grams = {"relu1_1", "relu2_1"};
        const auto cpu = wide_.Make(options);
        const auto gpu = OnGpu(options, arithmetic);
        const at::Tensor picture =
            at::cat({NoisePicture(31, 34, 1), NoisePicture(31, 34, 2)});
        const auto wanted = cpu->Forward(picture);
        const auto given = gpu->Forward(picture.to(kGpu));
        ASSERT_TRUE(given.ok()) << given.status();
        TapGradients at_cpu;
        TapGradients at_gpu;
        for (size_t i = 0; i < 2; ++i) {
          EXPECT_TRUE(given->taps[i].is_cuda());
          EXPECT_LT(Difference(given->taps[i], wanted->taps[i]), most);
          EXPECT_GE(Difference(given->taps[i], wanted->taps[i]), least);
          EXPECT_LT(Difference(given->grams[i], wanted->grams[i]), most);
          at_cpu.taps.push_back(wanted->taps[i].clone());
          at_cpu.grams.push_back(wanted->grams[i].clone());
          at_gpu.taps.push_back(wanted->taps[i].to(kGpu));
          at_gpu.grams.push_back(wanted->grams[i].to(kGpu));
        }
        const double off =
            Difference(*gpu->Backward(at_gpu), *cpu->Backward(at_cpu));
        EXPECT_LT(off, pooling == Pooling::kAverage ? most : most_over_maxima);
        EXPECT_GE(off, least);
      }
    }
  }
}

TEST_F(GpuTest, RendersBeginAsOnACpu) {
  for (const Optimizer optimizer : {Optimizer::kLbfgs, Optimizer::kAdam}) {
    for (const int scales : {1, 2}) {
      SCOPED_TRACE(absl::StrCat("optimizer ", static_cast<int>(optimizer),
                                ", scales ", scales));
      params_.optimizer = optimizer;
      params_.learning_rate = optimizer == Optimizer::kAdam ? 0.05 : 1;
      params_.scales = scales;
      const RenderResult result = RenderOnGpu();
      EXPECT_TRUE(result.image.is_cuda());
      ExpectSameBeginning(result, RenderOnCpu());
    }
  }
}

TEST_F(GpuTest, StylesHaveTheirRegions) {
  at::Tensor left = at::zeros({15, 17});
  left.narrow(1, 0, 8).fill_(1);
  pictures_.styles.push_back({NoisePicture(9, 9, 61)});
  pictures_.styles[0].mask = left;
  pictures_.styles[1].mask = 1 - left;
  params_.tv_weight = 1e-3;
  ExpectSameBeginning(RenderOnGpu(), RenderOnCpu());
}

TEST_F(GpuTest, ARenderAgainGivesTheSameBytes) {
  params_.scales = 2;
  const RenderResult once = RenderOnGpu();
  EXPECT_TRUE(at::equal(RenderOnGpu().image, once.image));
  EXPECT_TRUE(at::equal(RenderOnGpu({}, /*recompute=*/true).image, once.image));
}

TEST_F(GpuTest, AResumedRenderGivesTheSameBytes) {
  for (const Optimizer optimizer : {Optimizer::kLbfgs, Optimizer::kAdam}) {
    SCOPED_TRACE(static_cast<int>(optimizer));
    params_.optimizer = optimizer;
    params_.learning_rate = optimizer == Optimizer::kAdam ? 0.05 : 1;
    params_.scales = 2;
    const RenderResult whole = RenderOnGpu();
    Checkpoint kept;
    RenderHooks hooks;
    hooks.observe = [](const CurvePoint& at) {
      return at.iteration == 33 ? Order::kStop : Order::kGoOn;
    };
    hooks.keep = [&kept](const Checkpoint& state) { kept = FromFile(state); };
    RenderOnGpu(hooks);
    RenderHooks resumed;
    resumed.resume = &kept;
    EXPECT_TRUE(at::equal(RenderOnGpu(resumed).image, whole.image));
  }
}

TEST_F(GpuTest, ABatchOfFourBeginsAsTheFourAlone) {
  experimental::Batch batch{{{5}, {6}, {7}, {8}}};
  for (const int scales : {1, 2}) {
    params_.scales = scales;
    const auto together = RenderOnGpu(batch);
    ASSERT_THAT(together, SizeIs(4));
    for (size_t i = 0; i < batch.rows.size(); ++i) {
      SCOPED_TRACE(i);
      params_.seed = batch.rows[i].seed;
      ExpectSameBeginning(together[i], RenderOnGpu());
    }
  }
}

TEST_F(GpuTest, AnImageHasTheSameBytesWhoeverIsBesideIt) {
  for (const int scales : {1, 2}) {
    SCOPED_TRACE(scales);
    params_.scales = scales;
    const TermWeights heavy = Weights(1, 5e3, 1e-3);
    // The second's place, and what is beside it, differ.
    const auto many =
        RenderOnGpu({{{5, {}, heavy}, {6}, {7, {}, heavy}, {8}}, 4}, 10);
    const auto few = RenderOnGpu({{{6}, {5, {}, heavy}}, 4});
    const auto alone = RenderOnGpu({{{6}}, 4});
    ASSERT_THAT(many, SizeIs(4));
    ASSERT_THAT(few, SizeIs(2));
    ASSERT_THAT(alone, SizeIs(1));
    EXPECT_TRUE(at::equal(many[1].image, alone[0].image));
    EXPECT_TRUE(at::equal(few[0].image, alone[0].image));
  }
}

TEST_F(GpuTest, ASpectrumKeepsLengthsAndGivesThePictureBack) {
  const at::Tensor picture = NoisePicture(48, 37, 3).to(kGpu);
  const experimental::ProductSpectrum spectrum(48, 37, picture.options());
  const at::Tensor coordinates = spectrum.Of(picture);
  EXPECT_LT(Difference(spectrum.Pictures(coordinates), picture), 1e-5);
  EXPECT_NEAR(coordinates.norm().item<double>(), picture.norm().item<double>(),
              1e-5 * picture.norm().item<double>());
}

TEST_F(GpuTest, MemoryThatCantBeHadIsResourceExhausted) {
  const absl::Status status = CallTorch("asking", []() -> absl::Status {
    at::empty({int64_t{1} << 42}, at::device(kGpu).dtype(at::kFloat));
    return absl::OkStatus();
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
}

}  // namespace
}  // namespace atelier::engine
