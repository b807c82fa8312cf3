// The iterations of a batch of renders, scale after scale. Not for use outside
// render.cc.
#ifndef ATELIER_WORKER_ENGINE_RENDER_LOOP_H_
#define ATELIER_WORKER_ENGINE_RENDER_LOOP_H_

#include <ATen/core/Tensor.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "worker/engine/objective.h"
#include "worker/engine/render.h"
#include "worker/engine/scales.h"
#include "worker/engine/stepper.h"

namespace atelier::engine {

/// Of the images evaluated at one scale, the one of least total loss, for each
/// image of a batch. The first of the least, as Progress has it; NaN is never
/// less.
class BestImages {
 public:
  BestImages() = default;
  explicit BestImages(const at::Tensor& start);
  BestImages(at::Tensor image, at::Tensor total);

  /// Shapes: image [n, 3, h, w], total [n].
  void Offer(const at::Tensor& image, const at::Tensor& total);
  void Select(const at::Tensor& rows);

  const at::Tensor& image() const { return image_; }

 private:
  at::Tensor image_;
  at::Tensor total_;
};

/// One use: Begin, then Run. May throw what Torch throws. What it is made with
/// must outlive it.
class RenderLoop {
 public:
  RenderLoop(Network& network, const RenderParams& params, Pictures pictures,
             const BatchHooks& hooks);

  absl::Status Begin(Batch batch);
  absl::Status Run();

 private:
  // One image that steps: a row of the tensors below.
  struct Track {
    int image = 0;  // Of the batch as it was begun.
    TermWeights weights;
    // At the result's size; undefined if it was noise, and at the last scale.
    at::Tensor initial;
    Progress progress;
    bool ended = false;  // Nobody looks at it any more.
  };
  // How one iteration went for one row.
  struct Turn {
    bool restart = false;
    bool checkpoint = false;
    bool ended = false;
    bool stopped_early = false;
    Outcome outcome = Outcome::kCompleted;
  };

  absl::Status Plan();
  void StartImages(const std::vector<Start>& starts);
  absl::Status Resume(const std::vector<Start>& starts);
  void FillUp(int64_t width);
  void SetFactors();
  absl::Status CheckPosition(const Checkpoint& checkpoint) const;
  absl::Status SetTargets();
  void ForgetPictures();
  absl::Status NextScale();
  // The best image of the present scale, for this or a larger one.
  at::Tensor BestAt(const Scale& scale, size_t row) const;
  absl::Status Iterate();
  absl::StatusOr<Evaluation> Evaluate();
  Turn Judge(Track& track, const CurvePoint& point);
  // REQUIRES: a turn for each row; those of ended ones are not looked at.
  void Settle(const std::vector<Turn>& turns);
  void SelectRows(const std::vector<int64_t>& rows);
  void RestartRows(const std::vector<Turn>& turns);
  std::string DivergenceMessage(const Progress& progress,
                                const CurvePoint& point) const;
  bool Stalled(const Track& track) const;
  void Keep(size_t row) const;
  void Finish(size_t row, const Turn& turn);
  bool AnyGoesOn() const;
  Checkpoint Snapshot(size_t row) const;
  bool at_last_scale() const { return scale_ + 1 == plan_.size(); }

  Network& network_;
  const RenderParams& params_;
  Pictures pictures_;  // Until the last scale has its targets.
  const BatchHooks& hooks_;
  std::vector<Scale> plan_;
  size_t scale_ = 0;
  int iteration_ = 0;       // Done.
  bool rows_stay_ = false;  // Those of images that have ended.
  // Of images evaluated at once: of all, or of each by itself.
  std::vector<TermFactors> factors_;
  std::unique_ptr<Objective> objective_;
  std::unique_ptr<Stepper> stepper_;
  std::vector<Track> tracks_;
  at::Tensor image_;  // To evaluate next: [n, 3, h, w].
  BestImages best_;
  std::vector<RenderResult> results_;
};

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_RENDER_LOOP_H_
