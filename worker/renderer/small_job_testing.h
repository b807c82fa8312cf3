// A render that tests of the renderer do in a few milliseconds.
#ifndef ATELIER_WORKER_RENDERER_SMALL_JOB_TESTING_H_
#define ATELIER_WORKER_RENDERER_SMALL_JOB_TESTING_H_

#include <cmath>
#include <memory>
#include <string>

#include "common/image/image.h"
#include "common/weights/weight_file.h"
#include "worker/agent/renderer.h"

namespace atelier {

inline Image Waves(int width_px, int height_px, float pitch) {
  Image image{width_px, height_px, {}};
  for (int i = 0; i < 3 * width_px * height_px; ++i) {
    image.rgb.push_back(0.5f + 0.5f * std::sin(pitch * i));
  }
  return image;
}

inline RenderJob SmallJob() {
  RenderJob job;
  job.params.iterations = 5;
  job.params.init = Initialisation::kNoise;
  job.params.seed = 7;
  job.params.content_weight = 1e5;
  job.params.style_weight = 3e4;
  job.params.tv_weight = 1;
  job.params.content_layers = {{"relu2_1"}};
  job.params.style_layers = {{"relu1_1"}, {"relu2_1"}};
  job.weights = std::make_shared<const WeightFile>(
      ParseWeights(LoadWeights(std::string(kBuiltinNetwork)).value()).value());
  job.content = Waves(24, 17, 0.3f);
  job.styles.resize(1);
  job.styles[0].picture = Waves(16, 16, 1.1f);
  return job;
}

}  // namespace atelier

#endif  // ATELIER_WORKER_RENDERER_SMALL_JOB_TESTING_H_
