// A render with L-BFGS as on a GPU, against one as on a CPU.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "worker/engine/lbfgs.h"
#include "worker/engine/objective.h"
#include "worker/engine/render_fixture.h"
#include "worker/engine/scales.h"

namespace atelier::engine {
namespace {

class LbfgsFormsTest : public RenderFixture {
 protected:
  LbfgsFormsTest() {
    AddStyle();
    pictures_ = {NoisePicture(34, 44, 50), {{NoisePicture(32, 26, 60)}}, {}};
  }

  // From noise, over two scales or at the last one alone: the best loss.
  double BestLoss(const LbfgsOptions& options, int scales) const {
    Lbfgs lbfgs(options);
    at::Tensor image = NoisePicture(34 >> (scales - 1), 44 >> (scales - 1), 5);
    double best = INFINITY;
    for (int factor = 1 << (scales - 1); factor > 0; factor /= 2) {
      const auto vgg = network_.Make(OptionsFor(params_));
      const auto objective =
          Objective::Make(*vgg, params_, Shrink(pictures_.content, factor),
                          {{Shrink(pictures_.styles[0].picture, factor)}});
      image = Enlarge(image, 34 / factor, 44 / factor);
      lbfgs.Forget();
      best = INFINITY;
      for (int step = 0; step < 100; ++step) {
        const Evaluation at = (*objective)->Evaluate(image).value();
        best = std::min(best, at.losses.total.item<double>());
        image = lbfgs.Step(image, at.losses.total, at.gradient);
      }
    }
    return best;
  }
};

TEST_F(LbfgsFormsTest, ARenderInFloat32EndsAtMuchTheSameLoss) {
  for (const int scales : {1, 2}) {
    SCOPED_TRACE(scales);
    LbfgsOptions options;
    options.history = scales > 1 ? 40 : 10;
    options.scale_bands = scales > 1;
    const double on_cpu = BestLoss(options, scales);
    options.as_on_gpu = true;
    const double on_gpu = BestLoss(options, scales);
    EXPECT_NEAR(on_gpu, on_cpu, 0.05 * on_cpu);
    // Which few pairs would not.
    options.history = 1;
    EXPECT_GT(BestLoss(options, scales), 1.1 * on_cpu);
  }
}

}  // namespace
}  // namespace atelier::engine
