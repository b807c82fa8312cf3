// A render small enough for tests to do many times.
#ifndef ATELIER_WORKER_ENGINE_RENDER_FIXTURE_H_
#define ATELIER_WORKER_ENGINE_RENDER_FIXTURE_H_

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <utility>

#include "worker/engine/objective.h"
#include "worker/engine/render.h"
#include "worker/engine/runtime.h"
#include "worker/engine/test_networks.h"

namespace atelier::engine {

/// Values of its own, to be looked at when the render has gone on.
inline Checkpoint Copied(Checkpoint state) {
  const auto copy = [](at::Tensor& tensor) {
    if (tensor.defined()) tensor = tensor.clone();
  };
  copy(state.image);
  copy(state.best);
  for (NamedTensor& part : state.optimizer) copy(part.tensor);
  return state;
}

inline TermWeights Weights(double content, double style,
                           double total_variation) {
  return {{"content", content},
          {"style", style},
          {"total_variation", total_variation}};
}

class RenderFixture : public ::testing::Test {
 protected:
  RenderFixture() {
    ConfigureTorch(2);
    params_.convention = Convention::kPytorchTutorial;
    params_.iterations = 40;
    params_.content_weight = 1;
    params_.content_layers = {{"conv1_2"}};
    params_.init = Initialisation::kNoise;
    params_.seed = 5;
  }

  void AddStyle() {
    params_.style_weight = 1e3;
    params_.style_layers = {{"relu1_1"}, {"relu2_1"}};
  }

  static Order GoOn(const CurvePoint&) { return Order::kGoOn; }

  /// Without an observer, to the end.
  absl::StatusOr<RenderResult> Run(RenderHooks hooks = {}) const {
    if (!hooks.observe) hooks.observe = GoOn;
    const auto vgg = network_.Make(OptionsFor(params_));
    return Render(*vgg, params_, pictures_, hooks);
  }

  absl::StatusOr<RenderResult> RunObserved(
      std::function<Order(const CurvePoint&)> observe) const {
    RenderHooks hooks;
    hooks.observe = std::move(observe);
    return Run(hooks);
  }

  const TestNetwork network_{{{12, 16}, {8}}};
  RenderParams params_;
  Pictures pictures_{NoisePicture(15, 17, 50), {{NoisePicture(9, 9, 60)}}, {}};
};

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_RENDER_FIXTURE_H_
