// Renders for the engine's benchmark: the engine alone, without cluster.
#ifndef ATELIER_TESTS_BENCH_ENGINE_RENDER_H_
#define ATELIER_TESTS_BENCH_ENGINE_RENDER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/image/image.h"
#include "common/render/params.h"
#include "worker/engine/backend.h"
#include "worker/engine/objective.h"
#include "worker/engine/render.h"
#include "worker/engine/stepper.h"

namespace atelier {

struct BenchOptions {
  std::string weights = "synthetic:vgg19";
  std::string device = "cpu";
  std::string backend = "onednn";
  int width_px = 512;
  int height_px = 384;
  int iterations = 10;
  int scales = 1;
  double least_progress = 0;
  bool from_noise = false;
  bool recompute = false;
  StyleLoss style_loss = StyleLoss::kGram;
  int images = 1;  ///< That step as one batch.
  /// Files; empty: the sample pictures.
  std::string content = {};
  std::string style = {};
};

/// gordicaleksa's defaults; L-BFGS with the history that its scales have.
RenderParams BenchParams(const BenchOptions& options);

/// Takes iterations, scales and least progress from a preset.
/// Errors: as LoadWeights and ParseWeights.
absl::Status UsePreset(Preset preset, BenchOptions& options);

/// Gives both pictures the content's sides, the longer one `size_px`.
/// Errors: as ReadFile and ReadHeader.
absl::Status UseSize(int size_px, BenchOptions& options);

/// The sample pictures, resized.
struct BenchImages {
  Image content;
  Image style;
};
absl::StatusOr<BenchImages> MakeBenchImages(const BenchOptions& options);

/// A network and the sample pictures for it.
struct BenchScene {
  std::unique_ptr<engine::Network> network;
  engine::Pictures pictures;
};

/// Errors: as LoadWeights, ParseWeights, FindDevice, ChooseBackend and
///         MakeNetwork.
absl::StatusOr<BenchScene> MakeBenchScene(const BenchOptions& options);

/// A render that is stepped by hand, so that two can take turns.
class SteppedRender {
 public:
  static absl::StatusOr<std::unique_ptr<SteppedRender>> Make(
      const BenchOptions& options);

  /// One iteration; returns its seconds.
  absl::StatusOr<double> Step();
  /// Begins anew, with a fresh optimizer; targets stay.
  void Restart();
  double last_loss() const { return last_loss_; }

 private:
  SteppedRender() = default;

  RenderParams params_;
  int images_ = 1;
  BenchScene scene_;
  std::unique_ptr<engine::Objective> objective_;
  std::unique_ptr<engine::Stepper> stepper_;
  at::Tensor image_;
  double last_loss_ = 0;
};

/// REQUIRES: not empty.
double Median(std::vector<double> values);

/// What this process has had resident at most or, on a GPU, Torch has held of
/// its memory.
/// Errors: as FindDevice.
absl::StatusOr<int64_t> PeakBytes(const std::string& device);

}  // namespace atelier

#endif  // ATELIER_TESTS_BENCH_ENGINE_RENDER_H_
