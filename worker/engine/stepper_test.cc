#include "worker/engine/stepper.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <deque>
#include <iterator>
#include <memory>
#include <string>

#include "worker/engine/adam.h"
#include "worker/engine/band_lbfgs.h"
#include "worker/engine/experimental/batch_render.h"
#include "worker/engine/experimental/block_lbfgs.h"
#include "worker/engine/lbfgs.h"
#include "worker/engine/test_networks.h"
#include "worker/engine/test_vectors.h"

namespace atelier::engine {
namespace {

double Dot(const Vector& a, const Vector& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

void AddTo(Vector& a, double factor, const Vector& b) {
  for (size_t i = 0; i < a.size(); ++i) a[i] += factor * b[i];
}

// Nocedal and Wright, algorithm 7.4, in doubles and one variable at a time.
Vector TextbookDirection(const std::deque<std::pair<Vector, Vector>>& pairs,
                         const Vector& gradient) {
  Vector q = gradient;
  Vector alpha(pairs.size());
  for (size_t i = pairs.size(); i-- > 0;) {
    const auto& [s, y] = pairs[i];
    alpha[i] = Dot(s, q) / Dot(s, y);
    AddTo(q, -alpha[i], y);
  }
  const auto& [s, y] = pairs.back();
  for (double& value : q) value *= Dot(s, y) / Dot(y, y);
  for (size_t i = 0; i < pairs.size(); ++i) {
    const auto& [si, yi] = pairs[i];
    AddTo(q, alpha[i] - Dot(yi, q) / Dot(si, yi), si);
  }
  for (double& value : q) value = -value;
  return q;
}

// Half of the sum of curvature·x², of curvatures 1, 2, 3, ...
Vector BowlGradient(const Vector& x) {
  Vector gradient = x;
  for (size_t i = 0; i < x.size(); ++i) gradient[i] *= i + 1.0;
  return gradient;
}

constexpr int kHistory = 3;

LbfgsOptions ShortHistory() {
  LbfgsOptions options;
  options.history = kHistory;
  return options;
}

void ExpectTextbookSteps(Stepper& lbfgs) {
  Vector x = {0.3, -0.2, 0.1, 0.25, -0.3};
  std::deque<std::pair<Vector, Vector>> pairs;
  Vector last_x;
  double last_loss = INFINITY;
  for (int step = 0; step < 8; ++step) {
    SCOPED_TRACE(step);
    const Vector gradient = BowlGradient(x);
    const double loss = Dot(x, gradient) / 2;
    // Where steps get worse the two part ways; here none does.
    ASSERT_LT(loss, last_loss);
    last_loss = loss;
    const Vector next = ToVector(
        lbfgs.Step(ToRow(x), at::tensor({loss}, at::kDouble), ToRow(gradient)));
    Vector expected = x;
    if (step == 0) {
      double length = 0;
      for (double value : gradient) length += std::abs(value);
      AddTo(expected, -std::min(1.0, 1 / length), gradient);
    } else {
      Vector s = x;
      AddTo(s, -1, last_x);
      pairs.push_back({s, BowlGradient(s)});
      if (pairs.size() > kHistory) pairs.pop_front();
      AddTo(expected, 1, TextbookDirection(pairs, gradient));
    }
    EXPECT_THAT(next,
                ::testing::Pointwise(::testing::DoubleNear(1e-12), expected));
    last_x = x;
    x = next;
  }
}

TEST(LbfgsTest, StepsAsTheTextbookOnABowl) {
  Lbfgs lbfgs(ShortHistory());
  ExpectTextbookSteps(lbfgs);
}

TEST(LbfgsTest, OnAGpuItStepsAsTheTextbookToo) {
  ExpectTextbookSteps(*experimental::MakeBlockLbfgs(ShortHistory(), false));
}

struct Valley {
  double loss;
  at::Tensor gradient;
};
Valley Rosenbrock(const at::Tensor& point) {
  const Vector p = ToVector(point);
  const double bend = p[1] - p[0] * p[0];
  return {(1 - p[0]) * (1 - p[0]) + 100 * bend * bend,
          ToRow({-2 * (1 - p[0]) - 400 * p[0] * bend, 200 * bend})};
}

TEST(LbfgsTest, FindsTheEndOfRosenbrocksValley) {
  Lbfgs lbfgs(LbfgsOptions{});
  at::Tensor x = ToRow({-1.2, 1});
  double best = INFINITY;
  for (int step = 0; step < 150; ++step) {
    const Valley at = Rosenbrock(x);
    best = std::min(best, at.loss);
    x = lbfgs.Step(x, at::tensor({at.loss}, at::kDouble), at.gradient);
  }
  EXPECT_LT(best, 1e-10);
}

TEST(LbfgsTest, NoValueMovesFurtherThanTheLearningRate) {
  Lbfgs lbfgs(LbfgsOptions{0.25, 10});
  // Nearly linear: a direction from its curvature alone is a thousand long.
  at::Tensor x = ToRow({0, 0});
  for (int step = 0; step < 5; ++step) {
    const at::Tensor gradient = ToRow({1, 1}) + 1e-3 * x;
    const at::Tensor next =
        lbfgs.Step(x, at::tensor({-double(step)}, at::kDouble), gradient);
    EXPECT_LE((next - x).abs().max().item<double>(), 0.25 + 1e-12);
    x = next;
  }
}

TEST(LbfgsTest, ARestartTakesAFirstStepFromTheKeptPointATenthAsLong) {
  Lbfgs lbfgs(LbfgsOptions{0.5, 10});
  const auto step = [&lbfgs](const at::Tensor& x, double loss,
                             const at::Tensor& gradient) {
    return lbfgs.Step(x, at::tensor({loss}, at::kDouble), gradient);
  };
  const at::Tensor kept = ToRow({0.25, 0.5});
  at::Tensor x = step(ToRow({0, 0}), 3, ToRow({8, 0}));
  x = step(kept, 1, ToRow({4, 0}));
  (void)step(x, NAN, ToRow({NAN, NAN}));
  lbfgs.Restart(at::ones({1}, at::kBool));
  x = step(kept, 1, ToRow({4, 0}));
  EXPECT_THAT(ToVector(x), ::testing::Pointwise(::testing::DoubleNear(1e-12),
                                                Vector{0.25 - 0.05, 0.5}));
}

TEST(LbfgsTest, LeavesAPointThatIsWorseAndComesCloser) {
  Lbfgs lbfgs(LbfgsOptions{});
  const at::Tensor start = ToRow({0, 0});
  const at::Tensor downhill = ToRow({1, 0});
  const auto loss = [](double value) {
    return at::tensor({value}, at::kDouble);
  };
  const at::Tensor first = lbfgs.Step(start, loss(1), downhill);
  // Uphill, and the gradient unchanged: nothing is learned of the curvature.
  const at::Tensor second = lbfgs.Step(first, loss(2), downhill);
  const at::Tensor third = lbfgs.Step(second, loss(2), downhill);
  EXPECT_THAT(ToVector(second), ::testing::ElementsAre(-0.5, 0));
  EXPECT_THAT(ToVector(third), ::testing::ElementsAre(-0.25, 0));
}

TEST(LbfgsTest, StaysWhereTheGradientIsZero) {
  const LbfgsOptions options;
  Lbfgs plain(options);
  BandLbfgs bands(options);
  const auto block = experimental::MakeBlockLbfgs(options, false);
  const auto block_bands = experimental::MakeBlockLbfgs(options, true);
  Stepper* const all[] = {&plain, &bands, block.get(), block_bands.get()};
  for (size_t i = 0; i < std::size(all); ++i) {
    SCOPED_TRACE(i);
    const at::Tensor start = NoisePicture(2, 4, 1).to(at::kDouble);
    at::Tensor x = start;
    for (int step = 0; step < 3; ++step) {
      x = all[i]->Step(x, at::ones({1}, at::kDouble), at::zeros_like(x));
      EXPECT_TRUE(at::equal(x, start));
    }
  }
}

TEST(LbfgsTest, ImagesOfABatchDoNotSeeEachOther) {
  const at::Tensor starts = at::cat({ToRow({-1.2, 1}), ToRow({0.5, -0.5})});
  Lbfgs together(LbfgsOptions{});
  Lbfgs alone(LbfgsOptions{});
  at::Tensor both = starts;
  at::Tensor second = starts.narrow(0, 1, 1);
  for (int step = 0; step < 20; ++step) {
    const Valley a = Rosenbrock(both.narrow(0, 0, 1));
    const Valley b = Rosenbrock(both.narrow(0, 1, 1));
    both = together.Step(both, at::tensor({a.loss, b.loss}, at::kDouble),
                         at::cat({a.gradient, b.gradient}));
    const Valley c = Rosenbrock(second);
    second = alone.Step(second, at::tensor({c.loss}, at::kDouble), c.gradient);
  }
  EXPECT_TRUE(at::allclose(both.narrow(0, 1, 1), second, 1e-9, 1e-12));
}

struct StepperCase {
  const char* name;
  Optimizer optimizer;
  int scales = 1;  // Over 1, L-BFGS scales bands.
  bool as_on_gpu = false;
};

void PrintTo(const StepperCase& tested, std::ostream* out) {
  *out << tested.name;
}

// Two images at once, in valleys, or pictures where bands are scaled.
class StepperTest : public ::testing::TestWithParam<StepperCase> {
 protected:
  std::unique_ptr<Stepper> Make() const {
    if (GetParam().as_on_gpu) {
      return experimental::MakeBlockLbfgs(ShortHistory(),
                                          GetParam().scales > 1);
    }
    RenderParams params;
    params.optimizer = GetParam().optimizer;
    params.scales = GetParam().scales;
    params.learning_rate = params.optimizer == Optimizer::kAdam ? 0.02 : 1;
    params.lbfgs_history = kHistory;
    return MakeStepper(params, at::kCPU);
  }

  static at::Tensor Advance(Stepper& stepper, at::Tensor x, int steps) {
    for (int step = 0; step < steps; ++step) {
      std::vector<double> losses;
      std::vector<at::Tensor> gradients;
      for (int64_t row = 0; row < x.size(0); ++row) {
        const Valley at = Steep(x.narrow(0, row, 1));
        losses.push_back(at.loss);
        gradients.push_back(at.gradient);
      }
      x = stepper.Step(x, at::tensor(losses, at::kDouble), at::cat(gradients));
    }
    return x;
  }

  static Valley Steep(const at::Tensor& x) {
    if (x.dim() == 2) return Rosenbrock(x);
    const at::Tensor off = x - NoisePicture(5, 6, 7).to(at::kDouble);
    const at::Tensor gradient =
        off * (NoisePicture(5, 6, 8).to(at::kDouble) * 10 + 0.01);
    return {(off * gradient).sum().item<double>() / 2, gradient};
  }

  static std::vector<NamedTensor> Copy(std::vector<NamedTensor> state) {
    for (NamedTensor& part : state) part.tensor = part.tensor.clone();
    return state;
  }

  const at::Tensor starts_ =
      GetParam().scales == 1
          ? at::cat({ToRow({-1.2, 1}), ToRow({0.5, -0.5})})
          : at::cat({NoisePicture(5, 6, 1), NoisePicture(5, 6, 2)})
                .to(at::kDouble);
};

TEST_P(StepperTest, GoesOnFromItsStateAsIfItHadNeverStopped) {
  const auto whole = Make();
  at::Tensor x = Advance(*whole, starts_, 7);
  const auto second = Make();
  ASSERT_TRUE(second->SetState(Copy(whole->State()), x).ok());
  const at::Tensor end = Advance(*second, x, 9);
  EXPECT_TRUE(at::equal(Advance(*whole, x, 9), end));
}

TEST_P(StepperTest, ARowThatIsKeptGoesOnAsBefore) {
  const auto both = Make();
  const auto alone = Make();
  at::Tensor x = Advance(*both, starts_, 7);
  at::Tensor y = Advance(*alone, starts_.narrow(0, 1, 1), 7);
  x = x.narrow(0, 1, 1);
  experimental::KeepRows(at::tensor({1}, at::kLong), x, *both);
  EXPECT_TRUE(at::equal(Advance(*both, x, 9), Advance(*alone, y, 9)));
}

TEST_P(StepperTest, ARestartOfOneImageIsNoneOfTheOther) {
  const auto restarted = Make();
  const auto left_alone = Make();
  at::Tensor x = Advance(*restarted, starts_, 7);
  at::Tensor y = Advance(*left_alone, starts_, 7);
  restarted->Restart(at::tensor({1, 0}).to(at::kBool));
  x = Advance(*restarted, x, 5);
  y = Advance(*left_alone, y, 5);
  EXPECT_TRUE(at::equal(x[1], y[1]));
  EXPECT_FALSE(at::equal(x[0], y[0]));
}

TEST_P(StepperTest, AStateOfSomethingElseIsRefusedByName) {
  const auto stepper = Make();
  const at::Tensor x = Advance(*stepper, starts_, 2);
  const std::vector<NamedTensor> state = stepper->State();
  for (size_t i = 0; i < state.size(); ++i) {
    SCOPED_TRACE(state[i].name);
    std::vector<NamedTensor> odd = state;
    odd[i].tensor = at::zeros({2, 5}, at::kDouble);
    absl::Status status = Make()->SetState(odd, x);
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(
        std::string(status.message()),
        ::testing::HasSubstr(
            "has " + state[i].name +
            " of Double [2, 5] where there should be " + state[i].name +
            " of " + c10::toString(state[i].tensor.scalar_type()) + " [2, "));
  }
  std::vector<NamedTensor> shorter = state;
  shorter.pop_back();
  EXPECT_EQ(Make()->SetState(shorter, x).code(),
            absl::StatusCode::kFailedPrecondition);
  std::vector<NamedTensor> longer = state;
  longer.push_back(state[0]);
  EXPECT_EQ(Make()->SetState(longer, x).code(),
            absl::StatusCode::kFailedPrecondition);
}

INSTANTIATE_TEST_SUITE_P(
    All, StepperTest,
    ::testing::Values(StepperCase{"Lbfgs", Optimizer::kLbfgs},
                      StepperCase{"LbfgsBands", Optimizer::kLbfgs, 2},
                      StepperCase{"LbfgsAsOnAGpu", Optimizer::kLbfgs, 1, true},
                      StepperCase{"LbfgsBandsAsOnAGpu", Optimizer::kLbfgs, 2,
                                  true},
                      StepperCase{"Adam", Optimizer::kAdam}),
    [](const auto& tested) { return tested.param.name; });

TEST(AdamTest, TakesTheStepsWorkedOutByHand) {
  Adam adam(AdamOptions{0.1});
  const at::Tensor unused = at::zeros({1}, at::kDouble);
  at::Tensor x = ToRow({1, -2});
  // The first step is the learning rate against the gradient's sign.
  x = adam.Step(x, unused, ToRow({4, -0.5}));
  EXPECT_THAT(ToVector(x), ::testing::Pointwise(::testing::DoubleNear(1e-7),
                                                Vector{0.9, -1.9}));
  // mean = 0.9·0.4 + 0.1·(-2) = 0.16, over 1 - 0.9² = 0.19;
  // square = 0.999·0.016 + 0.001·4 = 0.019984, over 1 - 0.999² = 0.001999.
  x = adam.Step(x, unused, ToRow({-2, -0.5}));
  const double step = 0.1 * (0.16 / 0.19) / std::sqrt(0.019984 / 0.001999);
  EXPECT_THAT(ToVector(x), ::testing::Pointwise(::testing::DoubleNear(1e-7),
                                                Vector{0.9 - step, -1.8}));
}

}  // namespace
}  // namespace atelier::engine
