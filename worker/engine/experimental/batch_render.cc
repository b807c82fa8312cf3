#include "worker/engine/experimental/batch_render.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>
#include <utility>

#include "common/status_macros.h"
#include "worker/engine/render_scene.h"
#include "worker/engine/render_track.h"
#include "worker/engine/torch_call.h"

namespace atelier::engine::experimental {
namespace {

at::Tensor Joined(const std::vector<at::Tensor>& rows) {
  return rows.size() == 1 ? rows[0] : at::cat(rows);
}

at::Tensor Row(const at::Tensor& tensor, size_t row) {
  return tensor.narrow(0, static_cast<int64_t>(row), 1);
}

// One image that steps: a row of the tensors.
struct RowTrack {
  int image = 0;  // Of the batch as it was begun.
  TermWeights weights;
  RenderTrack track;
  bool ended = false;  // Nobody looks at it any more.
};

// As RenderLoop (render.cc), for several rows.
class BatchLoop {
 public:
  BatchLoop(Network& network, const RenderParams& params, Pictures pictures,
            const BatchHooks& hooks)
      : params_(params),
        hooks_(hooks),
        device_(network.device()),
        scene_(network, params, std::move(pictures), hooks.targets),
        stepper_(MakeStepper(params, device_)) {}

  absl::Status Begin(const Batch& batch);
  absl::Status Run();

 private:
  absl::Status Resume(const std::vector<BatchRow>& rows);
  void FillUp(int64_t width);
  void SetFactors();
  absl::Status NextScale();
  void Redraw();
  void ForgetInitialPictures();
  absl::Status Iterate();
  absl::StatusOr<Evaluation> Evaluate();
  // REQUIRES: a step for each row; those of ended ones are not looked at.
  void Settle(const std::vector<StepResult>& steps);
  void SelectRows(const std::vector<int64_t>& rows);
  void RestartRows(const std::vector<StepResult>& steps);
  void Show(const std::vector<StepResult>& steps) const;
  void Keep(size_t row) const;
  void Finish(size_t row, const StepResult& step);
  bool AnyGoesOn() const {
    return std::any_of(rows_.begin(), rows_.end(),
                       [](const RowTrack& row) { return !row.ended; });
  }

  const RenderParams& params_;
  const BatchHooks& hooks_;
  const at::Device device_;
  RenderScene scene_;
  const std::unique_ptr<Stepper> stepper_;
  int iteration_ = 0;       // Done.
  bool rows_stay_ = false;  // Those of images that have ended.
  // Of images evaluated at once: of all, or of each by itself.
  std::vector<TermFactors> factors_;
  std::vector<RowTrack> rows_;
  at::Tensor image_;  // To evaluate next: [n, 3, h, w].
  BestImages best_;
};

absl::Status BatchLoop::Begin(const Batch& batch) {
  RETURN_IF_ERROR(scene_.Plan());
  std::vector<at::Tensor> images;
  for (const BatchRow& own : batch.rows) {
    RowTrack row{static_cast<int>(rows_.size()),
                 own.weights.value_or(WeightsOf(params_)),
                 RenderTrack(params_)};
    ASSIGN_OR_RETURN(row.track.initial, scene_.InitialPicture(own.init));
    rows_.push_back(std::move(row));
  }
  if (batch.rows[0].resume != nullptr) {
    RETURN_IF_ERROR(Resume(batch.rows));
  } else {
    for (const RowTrack& row : rows_) {
      images.push_back(
          scene_.StartImage(row.track.initial, batch.rows[row.image].seed));
    }
    image_ = Joined(images);
    best_ = BestImages(image_);
  }
  rows_stay_ = batch.width > 1;
  FillUp(batch.width);
  SetFactors();
  RETURN_IF_ERROR(scene_.SetTargets());
  ForgetInitialPictures();
  return absl::OkStatus();
}

absl::Status BatchLoop::Resume(const std::vector<BatchRow>& rows) {
  std::vector<at::Tensor> images(rows.size());
  std::vector<at::Tensor> bests(rows.size());
  std::vector<double> totals;
  std::vector<std::vector<NamedTensor>> states;
  for (size_t i = 0; i < rows.size(); ++i) {
    Checkpoint& from = *rows[i].resume;
    RETURN_IF_ERROR(scene_.Resume(from, &images[i], &bests[i]));
    iteration_ = from.iteration;
    const CurvePoint& at = from.progress.best;
    totals.push_back(at.iteration == 0 ? INFINITY : at.total);
    rows_[i].track.Resume(std::move(from.progress));
    states.push_back(std::move(from.optimizer));
    from = {};
  }
  image_ = Joined(images).to(device_);
  best_ = BestImages(Joined(bests).to(device_),
                     at::tensor(totals, at::kDouble).to(image_.options()));
  ASSIGN_OR_RETURN(std::vector<NamedTensor> state, JoinRows(std::move(states)));
  for (NamedTensor& part : state) part.tensor = part.tensor.to(device_);
  return stepper_->SetState(std::move(state), image_);
}

void BatchLoop::FillUp(int64_t width) {
  if (width <= image_.size(0)) return;
  std::vector<int64_t> rows(width, 0);
  std::iota(rows.begin(), rows.begin() + image_.size(0), 0);
  const size_t own = rows_.size();
  SelectRows(rows);
  for (size_t row = own; row < rows_.size(); ++row) rows_[row].ended = true;
}

void BatchLoop::SetFactors() {
  std::vector<TermWeights> weights;
  for (const RowTrack& row : rows_) weights.push_back(row.weights);
  factors_.clear();
  if (!device_.is_cpu()) {
    factors_.push_back(FactorsOf(weights, device_));
    return;
  }
  for (const TermWeights& of_row : weights) {
    factors_.push_back(FactorsOf(absl::MakeConstSpan(&of_row, 1), device_));
  }
}

absl::Status BatchLoop::NextScale() {
  std::vector<at::Tensor> images;
  for (size_t row = 0; row < rows_.size(); ++row) {
    images.push_back(
        scene_.ForNextScale(Row(best_.image(), row), rows_[row].track.initial));
  }
  image_ = at::cat(images);
  best_ = BestImages(image_);
  stepper_->Forget();
  for (RowTrack& row : rows_) row.track.BeginAnew();
  RETURN_IF_ERROR(scene_.NextScale());
  ForgetInitialPictures();
  return absl::OkStatus();
}

void BatchLoop::ForgetInitialPictures() {
  if (!scene_.at_last_scale()) return;
  for (RowTrack& row : rows_) row.track.initial = at::Tensor();
}

absl::Status BatchLoop::Run() {
  // What ended early does not go on for being given more iterations.
  std::vector<StepResult> early(rows_.size());
  for (size_t row = 0; row < rows_.size(); ++row) {
    early[row].ended = early[row].stopped_early =
        scene_.at_last_scale() && rows_[row].track.Stalled();
  }
  Settle(early);
  while (AnyGoesOn() && iteration_ < params_.iterations) {
    if (iteration_ == scene_.scale().end) {
      RETURN_IF_ERROR(NextScale());
    } else if (scene_.IsRedrawnAt(iteration_)) {
      Redraw();
    }
    RETURN_IF_ERROR(Iterate());
  }
  for (size_t row = 0; row < rows_.size(); ++row) {
    if (!rows_[row].ended) Finish(row, StepResult());
  }
  return absl::OkStatus();
}

void BatchLoop::Redraw() {
  image_ = best_.image();
  best_ = BestImages(image_);
  stepper_->Forget();
  for (RowTrack& row : rows_) row.track.BeginAnew();
}

absl::Status BatchLoop::Iterate() {
  scene_.DrawFor(iteration_);
  ++iteration_;
  ASSIGN_OR_RETURN(const Evaluation at, Evaluate());
  scene_.HoldPages();
  best_.Offer(image_, at.losses.total);
  if (iteration_ < scene_.scale().end || hooks_.keep) {
    image_ = stepper_->Step(image_, at.losses.total, at.gradient);
  }
  const std::vector<CurvePoint> points =
      ReadLosses(iteration_, scene_.scale_number(), at.losses);
  std::vector<StepResult> steps(rows_.size());
  for (size_t row = 0; row < rows_.size(); ++row) {
    if (rows_[row].ended) continue;
    steps[row] = rows_[row].track.Judge(
        points[row], [this, image = rows_[row].image](const CurvePoint& point) {
          return hooks_.observe(image, point);
        });
  }
  Show(steps);
  Settle(steps);
  return absl::OkStatus();
}

// On a CPU one image after the other: evaluating them at once would be no
// faster, take the memory of all, and round otherwise than each alone.
absl::StatusOr<Evaluation> BatchLoop::Evaluate() {
  if (factors_.size() == 1) {
    return scene_.objective().Evaluate(image_, factors_[0]);
  }
  std::vector<Evaluation> rows(rows_.size());
  for (size_t row = 0; row < rows.size(); ++row) {
    ASSIGN_OR_RETURN(rows[row], scene_.objective().Evaluate(Row(image_, row),
                                                            factors_[row]));
  }
  const auto join = [&rows](auto part_of) {
    std::vector<at::Tensor> parts;
    for (const Evaluation& row : rows) parts.push_back(part_of(row));
    return at::cat(parts);
  };
  Evaluation all;
  for (const auto& entry : rows[0].losses.terms) {
    const absl::string_view name = entry.first;
    all.losses.terms.Add(name, join([name](const Evaluation& row) {
                           return row.losses.terms[name];
                         }));
  }
  all.losses.total =
      join([](const Evaluation& row) { return row.losses.total; });
  all.gradient = join([](const Evaluation& row) { return row.gradient; });
  return all;
}

void BatchLoop::Settle(const std::vector<StepResult>& steps) {
  RestartRows(steps);
  const bool keep =
      std::any_of(steps.begin(), steps.end(),
                  [](const StepResult& step) { return step.checkpoint; });
  std::vector<int64_t> going_on;
  for (size_t row = 0; row < steps.size(); ++row) {
    if (rows_[row].ended) continue;
    if (steps[row].ended) {
      Finish(row, steps[row]);
      rows_[row].ended = true;
    } else {
      going_on.push_back(static_cast<int64_t>(row));
      if (keep) Keep(row);
    }
  }
  if (rows_stay_ || going_on.empty()) return;
  if (going_on.size() == rows_.size()) return;
  SelectRows(going_on);
  SetFactors();
}

void BatchLoop::SelectRows(const std::vector<int64_t>& rows) {
  std::vector<RowTrack> selected;
  for (const int64_t row : rows) selected.push_back(rows_[row]);
  rows_ = std::move(selected);
  const at::Tensor indices = at::tensor(rows, at::kLong).to(device_);
  image_ = image_.index_select(0, indices);
  best_ = BestImages(best_.image().index_select(0, indices),
                     best_.total().index_select(0, indices));
  KeepRows(indices, image_, *stepper_);
}

void BatchLoop::RestartRows(const std::vector<StepResult>& steps) {
  std::vector<int64_t> rows;
  for (size_t row = 0; row < steps.size(); ++row) {
    if (steps[row].restart) rows.push_back(static_cast<int64_t>(row));
  }
  if (rows.empty()) return;
  const at::Tensor which =
      at::zeros({image_.size(0)}, image_.options().dtype(at::kBool))
          .index_fill_(0, at::tensor(rows, at::kLong).to(device_), 1);
  stepper_->Restart(which);
  image_ = at::where(which.view({-1, 1, 1, 1}), best_.image(), image_);
}

void BatchLoop::Show(const std::vector<StepResult>& steps) const {
  if (!hooks_.show || iteration_ == params_.iterations) return;
  for (size_t row = 0; row < rows_.size(); ++row) {
    if (rows_[row].ended || steps[row].ended) continue;
    hooks_.show(rows_[row].image, iteration_, Row(best_.image(), row));
  }
}

void BatchLoop::Keep(size_t row) const {
  if (!hooks_.keep) return;
  Checkpoint checkpoint = scene_.CheckpointAt(iteration_);
  checkpoint.progress = rows_[row].track.progress().state();
  checkpoint.image = Row(image_, row);
  checkpoint.best = Row(best_.image(), row);
  for (const NamedTensor& part : stepper_->State()) {
    checkpoint.optimizer.push_back({part.name, Row(part.tensor, row)});
  }
  hooks_.keep(rows_[row].image, checkpoint);
}

void BatchLoop::Finish(size_t row, const StepResult& step) {
  if (step.outcome != Outcome::kDiverged) Keep(row);
  RenderTrack& track = rows_[row].track;
  RenderResult result =
      track.Finish(step, iteration_,
                   scene_.ForResult(Row(best_.image(), row), track.initial));
  result.spent = scene_.Spent();
  hooks_.ended(rows_[row].image, result);
}

bool AreAlike(const NamedTensor& a, const NamedTensor& b) {
  return a.name == b.name && a.tensor.defined() && b.tensor.defined() &&
         a.tensor.scalar_type() == b.tensor.scalar_type() &&
         a.tensor.sizes() == b.tensor.sizes();
}

}  // namespace

absl::Status RenderBatch(Network& network, const RenderParams& params,
                         Pictures pictures, Batch batch,
                         const BatchHooks& hooks) {
  return CallTorch("rendering", [&]() -> absl::Status {
    BatchLoop loop(network, params, std::move(pictures), hooks);
    RETURN_IF_ERROR(loop.Begin(std::exchange(batch, {})));
    return loop.Run();
  });
}

absl::StatusOr<std::vector<NamedTensor>> JoinRows(
    std::vector<std::vector<NamedTensor>> states) {
  std::vector<NamedTensor> joined = std::move(states[0]);
  if (states.size() == 1) return joined;
  for (size_t i = 1; i < states.size(); ++i) {
    if (!std::equal(joined.begin(), joined.end(), states[i].begin(),
                    states[i].end(), AreAlike)) {
      return absl::FailedPreconditionError(
          "checkpoint: another optimizer's than that of the others in its "
          "batch");
    }
  }
  for (size_t part = 0; part < joined.size(); ++part) {
    std::vector<at::Tensor> rows = {joined[part].tensor};
    for (size_t i = 1; i < states.size(); ++i) {
      rows.push_back(std::move(states[i][part].tensor));
    }
    joined[part].tensor = at::cat(rows);
  }
  return joined;
}

void KeepRows(const at::Tensor& rows, const at::Tensor& image,
              Stepper& stepper) {
  std::vector<NamedTensor> state = stepper.State();
  for (NamedTensor& part : state)
    part.tensor = part.tensor.index_select(0, rows);
  const absl::Status kept = stepper.SetState(std::move(state), image);
  TORCH_INTERNAL_ASSERT(kept.ok(), kept.message());
}

}  // namespace atelier::engine::experimental
