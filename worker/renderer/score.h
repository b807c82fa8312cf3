// The losses and gradient of one picture under a convention: what an
// implementation is compared by. Free of Torch.
#ifndef ATELIER_WORKER_RENDERER_SCORE_H_
#define ATELIER_WORKER_RENDERER_SCORE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/image/image.h"
#include "common/render/losses.h"
#include "common/render/params.h"
#include "common/weights/weight_file.h"
#include "worker/agent/renderer.h"

namespace atelier {

struct ScoreRequest {
  RenderParams params;  ///< Layers are read even where a weight is 0.
  std::optional<Padding> padding;  ///< The weight file's unless given.
  WeightFile weights;
  Image image;
  Image content;
  std::vector<RenderStyle> styles;  ///< Of no use without style layers.
  std::string device = "cpu";
  int threads = 0;               ///< 0: as many as this process has cores.
  std::string backend = "auto";  ///< As engine::ChooseBackend.
};

struct Score {
  Losses losses;
  double gradient_l2 = 0;
  /// Of the total loss, with respect to the image's RGB [0,1] values.
  Image gradient;
};

/// Errors: InvalidArgument (image and content of different sizes, with both;
///         otherwise as Renderer), ResourceExhausted, Internal.
absl::StatusOr<Score> ScorePicture(ScoreRequest request);

}  // namespace atelier

#endif  // ATELIER_WORKER_RENDERER_SCORE_H_
