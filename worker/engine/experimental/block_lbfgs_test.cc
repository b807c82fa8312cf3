// A render with L-BFGS in block form, against one in two loops.
#include "worker/engine/experimental/block_lbfgs.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "worker/engine/band_lbfgs.h"
#include "worker/engine/lbfgs.h"
#include "worker/engine/objective.h"
#include "worker/engine/render_fixture.h"
#include "worker/engine/scales.h"

namespace atelier::engine::experimental {
namespace {

class BlockLbfgsTest : public RenderFixture {
 protected:
  BlockLbfgsTest() {
    AddStyle();
    pictures_ = {NoisePicture(34, 44, 50), {{NoisePicture(32, 26, 60)}}, {}};
  }

  // From noise, over two scales or at the last one alone: the best loss.
  double BestLoss(Stepper& lbfgs, int scales) const {
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

TEST_F(BlockLbfgsTest, ARenderInFloat32EndsAtMuchTheSameLoss) {
  for (const int scales : {1, 2}) {
    SCOPED_TRACE(scales);
    const bool scale_bands = scales > 1;
    LbfgsOptions options;
    options.history = scale_bands ? 40 : 10;
    std::unique_ptr<Stepper> two_loops;
    if (scale_bands) {
      two_loops = std::make_unique<BandLbfgs>(options);
    } else {
      two_loops = std::make_unique<Lbfgs>(options);
    }
    const double on_cpu = BestLoss(*two_loops, scales);
    const double on_gpu =
        BestLoss(*MakeBlockLbfgs(options, scale_bands), scales);
    EXPECT_NEAR(on_gpu, on_cpu, 0.05 * on_cpu);
    // Which few pairs would not.
    options.history = 1;
    EXPECT_GT(BestLoss(*MakeBlockLbfgs(options, scale_bands), scales),
              1.1 * on_cpu);
  }
}

}  // namespace
}  // namespace atelier::engine::experimental
