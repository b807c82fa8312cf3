// What is decided of one image, iteration by iteration.
#ifndef ATELIER_WORKER_ENGINE_RENDER_TRACK_H_
#define ATELIER_WORKER_ENGINE_RENDER_TRACK_H_

#include <ATen/core/Tensor.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "worker/engine/objective.h"
#include "worker/engine/progress.h"
#include "worker/engine/render.h"

namespace atelier::engine {

/// How one iteration went for an image.
struct StepResult {
  bool restart = false;
  bool checkpoint = false;  ///< Asked for.
  bool ended = false;
  bool stopped_early = false;
  Outcome outcome = Outcome::kCompleted;
};

/// Follows an image to its result. `params` must outlive it.
class RenderTrack {
 public:
  explicit RenderTrack(const RenderParams& params) : params_(&params) {}

  /// What it began with, at the result's size; undefined if that was noise, and
  /// at the last scale.
  at::Tensor initial;

  void Resume(Progress::State state) { progress_ = Progress(std::move(state)); }
  void BeginAnew() { progress_.BeginAnew(); }
  /// Takes the next point of the curve, and asks the observer.
  StepResult Judge(const CurvePoint& point,
                   const std::function<Order(const CurvePoint&)>& observe);
  /// Whether there was too little progress at the last scale.
  bool Stalled() const {
    return progress_.StalledBelow(params_->least_progress);
  }
  const Progress& progress() const { return progress_; }

  /// The result, to be called once.
  RenderResult Finish(const StepResult& last, int iterations, at::Tensor image);

 private:
  std::string DivergenceMessage(const CurvePoint& point) const;

  const RenderParams* params_;
  Progress progress_;
  RenderResult result_;
};

/// Of the images evaluated at one scale, the one of least total loss, for each
/// row. The first of the least, as Progress has it; NaN is never less.
class BestImages {
 public:
  BestImages() = default;
  explicit BestImages(const at::Tensor& start);
  BestImages(at::Tensor image, at::Tensor total)
      : image_(std::move(image)), total_(std::move(total)) {}

  /// Shapes: image [n, 3, h, w], total [n].
  void Offer(const at::Tensor& image, const at::Tensor& total);

  const at::Tensor& image() const { return image_; }
  const at::Tensor& total() const { return total_; }

 private:
  at::Tensor image_;
  at::Tensor total_;
};

/// A point of the curve for each image evaluated. The iteration's one wait for
/// the device.
std::vector<CurvePoint> ReadLosses(int iteration, int scale,
                                   const Losses& losses);

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_RENDER_TRACK_H_
