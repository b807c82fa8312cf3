#include "worker/engine/render_loop.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status_macros.h"
#include "worker/engine/noise.h"
#include "worker/engine/stepper_state.h"

namespace atelier::engine {
namespace {

at::Tensor Noise(at::IntArrayRef shape, uint64_t seed, at::Device device) {
  std::vector<float> values =
      UniformNoiseValues(seed, c10::multiply_integers(shape));
  return at::from_blob(values.data(), shape, at::kFloat)
      .to(device, at::kFloat, /*non_blocking=*/false, /*copy=*/true);
}

// The pictures that a scale `factor` times smaller is rendered from. Masks are
// of any size.
Pictures Shrunk(const Pictures& pictures, int64_t factor) {
  Pictures shrunk = pictures;
  shrunk.content = Shrink(pictures.content, factor);
  for (Style& style : shrunk.styles) {
    style.picture = Shrink(style.picture, factor);
  }
  return shrunk;
}

// The picture that a render starts from, at the result's size; undefined where
// it starts from noise, which each size has its own of.
absl::StatusOr<at::Tensor> InitialPicture(const RenderParams& params,
                                          const Pictures& pictures,
                                          const at::Tensor& init) {
  if (params.init == Initialisation::kNoise) return at::Tensor();
  if (params.init == Initialisation::kContent) return pictures.content;
  if (!init.defined()) {
    return absl::InvalidArgumentError("init: missing; needed with init image");
  }
  if (init.sizes() != pictures.content.sizes()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "init: image of shape [", absl::StrJoin(init.sizes(), ", "),
        "] does not have the content's, [",
        absl::StrJoin(pictures.content.sizes(), ", "), "]"));
  }
  return init;
}

// The iteration's one wait for the device: a point for each row.
std::vector<CurvePoint> ReadLosses(int iteration, int scale,
                                   const Losses& losses) {
  std::vector<at::Tensor> columns = {losses.total};
  for (const auto& [name, value] : losses.terms) columns.push_back(value);
  const at::Tensor values =
      at::stack(columns, /*dim=*/1).to(at::kCPU, at::kDouble).contiguous();
  std::vector<CurvePoint> points(values.size(0));
  const double* next = values.data_ptr<double>();
  for (CurvePoint& point : points) {
    point.iteration = iteration;
    point.scale = scale;
    point.total = *next++;
    for (const auto& [name, value] : losses.terms) {
      point.terms.Add(name, *next++);
    }
  }
  return points;
}

at::Tensor Joined(const std::vector<at::Tensor>& rows) {
  return rows.size() == 1 ? rows[0] : at::cat(rows);
}

at::Tensor Row(const at::Tensor& tensor, size_t row) {
  return tensor.narrow(0, static_cast<int64_t>(row), 1);
}

}  // namespace

BestImages::BestImages(const at::Tensor& start)
    : image_(start),
      total_(at::full({start.size(0)}, INFINITY, start.options())) {}

BestImages::BestImages(at::Tensor image, at::Tensor total)
    : image_(std::move(image)), total_(std::move(total)) {}

void BestImages::Offer(const at::Tensor& image, const at::Tensor& total) {
  const at::Tensor better = total < total_;
  image_ = at::where(better.view({-1, 1, 1, 1}), image, image_);
  total_ = at::where(better, total, total_);
}

void BestImages::Select(const at::Tensor& rows) {
  image_ = image_.index_select(0, rows);
  total_ = total_.index_select(0, rows);
}

RenderLoop::RenderLoop(Network& network, const RenderParams& params,
                       Pictures pictures, const BatchHooks& hooks)
    : network_(network),
      params_(params),
      pictures_(std::move(pictures)),
      hooks_(hooks),
      stepper_(MakeStepper(params, network.device())) {}

absl::Status RenderLoop::Plan() {
  ASSIGN_OR_RETURN(
      plan_, PlanScales(pictures_.content.size(2), pictures_.content.size(3),
                        params_.scales, params_.iterations,
                        params_.init == Initialisation::kNoise));
  return absl::OkStatus();
}

absl::Status RenderLoop::Begin(Batch batch) {
  RETURN_IF_ERROR(Plan());
  for (const Start& start : batch.starts) {
    Track track;
    track.image = static_cast<int>(tracks_.size());
    track.weights = start.weights.value_or(WeightsOf(params_));
    ASSIGN_OR_RETURN(track.initial,
                     InitialPicture(params_, pictures_, start.init));
    tracks_.push_back(std::move(track));
  }
  results_.resize(batch.starts.size());
  if (batch.starts[0].resume == nullptr) {
    StartImages(batch.starts);
  } else {
    RETURN_IF_ERROR(Resume(batch.starts));
  }
  rows_stay_ = batch.width > 1;
  FillUp(batch.width);
  SetFactors();
  return SetTargets();
}

void RenderLoop::StartImages(const std::vector<Start>& starts) {
  const Scale& first = plan_[0];
  std::vector<at::Tensor> images;
  for (const Track& track : tracks_) {
    images.push_back(track.initial.defined()
                         ? Shrink(track.initial, first.factor)
                         : Noise({1, 3, first.height, first.width},
                                 starts[track.image].seed,
                                 pictures_.content.device()));
  }
  image_ = Joined(images);
  best_ = BestImages(image_);
}

absl::Status RenderLoop::Resume(const std::vector<Start>& starts) {
  const at::Device device = pictures_.content.device();
  std::vector<at::Tensor> images;
  std::vector<at::Tensor> bests;
  std::vector<double> totals;
  std::vector<std::vector<NamedTensor>> states;
  for (Track& track : tracks_) {
    Checkpoint& from = *starts[track.image].resume;
    RETURN_IF_ERROR(from.progress.Check());
    RETURN_IF_ERROR(CheckPosition(from));
    scale_ = from.scale_ends.size();
    iteration_ = from.iteration;
    const std::vector<int64_t> shape = {1, 3, plan_[scale_].height,
                                        plan_[scale_].width};
    const std::vector<NamedTensor> pictures = {{"image", from.image},
                                               {"best", from.best}};
    StateReader reader(pictures);
    RETURN_IF_ERROR(
        reader.Take("image", at::kFloat, shape, &images.emplace_back()));
    RETURN_IF_ERROR(
        reader.Take("best", at::kFloat, shape, &bests.emplace_back()));
    track.progress = Progress(std::move(from.progress));
    const CurvePoint& at = track.progress.best();
    totals.push_back(at.iteration == 0 ? INFINITY : at.total);
    states.push_back(std::move(from.optimizer));
    from = {};
  }
  image_ = Joined(images).to(device);
  best_ = BestImages(Joined(bests).to(device),
                     at::tensor(totals, at::kDouble).to(image_.options()));
  ASSIGN_OR_RETURN(std::vector<NamedTensor> state, JoinRows(std::move(states)));
  for (NamedTensor& part : state) part.tensor = part.tensor.to(device);
  return stepper_->SetState(std::move(state), image_);
}

void RenderLoop::SetFactors() {
  const at::Device device = image_.device();
  std::vector<TermWeights> weights;
  for (const Track& track : tracks_) weights.push_back(track.weights);
  factors_.clear();
  if (!device.is_cpu()) {
    factors_.push_back(FactorsOf(weights, device));
    return;
  }
  for (const TermWeights& of_row : weights) {
    factors_.push_back(FactorsOf(absl::MakeConstSpan(&of_row, 1), device));
  }
}

void RenderLoop::FillUp(int64_t width) {
  if (width <= image_.size(0)) return;
  std::vector<int64_t> rows(width, 0);
  std::iota(rows.begin(), rows.begin() + image_.size(0), 0);
  const size_t own = tracks_.size();
  SelectRows(rows);
  for (size_t row = own; row < tracks_.size(); ++row) {
    tracks_[row].ended = true;
  }
}

absl::Status RenderLoop::CheckPosition(const Checkpoint& checkpoint) const {
  const std::vector<int>& ends = checkpoint.scale_ends;
  bool fits = ends.size() < plan_.size();
  for (size_t i = 0; fits && i < ends.size(); ++i) {
    fits = ends[i] == plan_[i].end;
  }
  const int begin = ends.empty() ? 0 : ends.back();
  if (fits && checkpoint.iteration >= begin &&
      checkpoint.iteration <= plan_[ends.size()].end) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(absl::StrCat(
      "checkpoint: iteration ", checkpoint.iteration,
      " after scales that ended at [", absl::StrJoin(ends, ", "),
      "] is not on the way of ", params_.iterations, " iterations over ",
      params_.scales, " scales, which end at [",
      absl::StrJoin(plan_, ", ",
                    [](std::string* out, const Scale& scale) {
                      absl::StrAppend(out, scale.end);
                    }),
      "]"));
}

absl::Status RenderLoop::SetTargets() {
  objective_.reset();  // Two scales' targets need not fit side by side.
  const int64_t factor = plan_[scale_].factor;
  const Pictures pictures = Shrunk(pictures_, factor);
  auto objective =
      Objective::Make(network_, params_, pictures.content, pictures.styles,
                      hooks_.targets.Shrunk(factor));
  if (objective.ok()) {
    objective_ = *std::move(objective);
    if (at_last_scale()) ForgetPictures();
    return absl::OkStatus();
  }
  if (factor == 1) return objective.status();
  return Annotate(objective.status(),
                  absl::StrCat("scales: at 1/", factor, " of the size"));
}

void RenderLoop::ForgetPictures() {
  pictures_ = {};
  for (Track& track : tracks_) track.initial = at::Tensor();
}

absl::Status RenderLoop::NextScale() {
  std::vector<at::Tensor> images;
  for (size_t row = 0; row < tracks_.size(); ++row) {
    images.push_back(BestAt(plan_[scale_ + 1], row));
  }
  ++scale_;
  image_ = at::cat(images);
  best_ = BestImages(image_);
  stepper_->Forget();
  for (Track& track : tracks_) track.progress.StartScale();
  return SetTargets();
}

at::Tensor RenderLoop::BestAt(const Scale& scale, size_t row) const {
  const Scale& here = plan_[scale_];
  const at::Tensor best = Row(best_.image(), row);
  if (scale.factor == here.factor) return best;
  const at::Tensor& initial = tracks_[row].initial;
  if (!initial.defined()) return Enlarge(best, scale.height, scale.width);
  // What this scale did to the initial picture, done to a larger one of it.
  return Enlarge(best - Shrink(initial, here.factor), scale.height,
                 scale.width) +
         Shrink(initial, scale.factor);
}

bool RenderLoop::AnyGoesOn() const {
  return std::any_of(tracks_.begin(), tracks_.end(),
                     [](const Track& track) { return !track.ended; });
}

absl::Status RenderLoop::Run() {
  // What ended early does not go on for being given more iterations.
  std::vector<Turn> early(tracks_.size());
  for (size_t row = 0; row < tracks_.size(); ++row) {
    early[row].ended = early[row].stopped_early = Stalled(tracks_[row]);
  }
  Settle(early);
  while (AnyGoesOn() && iteration_ < params_.iterations) {
    if (iteration_ == plan_[scale_].end) RETURN_IF_ERROR(NextScale());
    RETURN_IF_ERROR(Iterate());
  }
  for (size_t row = 0; row < tracks_.size(); ++row) {
    if (!tracks_[row].ended) Finish(row, Turn());
  }
  return absl::OkStatus();
}

absl::Status RenderLoop::Iterate() {
  ++iteration_;
  ASSIGN_OR_RETURN(const Evaluation at, Evaluate());
  best_.Offer(image_, at.losses.total);
  // Before the losses are read, so that the device has work meanwhile. The last
  // image of a scale is of use to a longer render only.
  if (iteration_ < plan_[scale_].end || hooks_.keep) {
    image_ = stepper_->Step(image_, at.losses.total, at.gradient);
  }
  const std::vector<CurvePoint> points =
      ReadLosses(iteration_, static_cast<int>(scale_) + 1, at.losses);
  std::vector<Turn> turns(tracks_.size());
  for (size_t row = 0; row < tracks_.size(); ++row) {
    if (!tracks_[row].ended) turns[row] = Judge(tracks_[row], points[row]);
  }
  Settle(turns);
  return absl::OkStatus();
}

// On a CPU one image after the other: evaluating them at once would be no
// faster, take the memory of all, and round otherwise than each alone.
absl::StatusOr<Evaluation> RenderLoop::Evaluate() {
  if (factors_.size() == 1) return objective_->Evaluate(image_, factors_[0]);
  std::vector<Evaluation> rows;
  for (size_t row = 0; row < tracks_.size(); ++row) {
    ASSIGN_OR_RETURN(rows.emplace_back(),
                     objective_->Evaluate(Row(image_, row), factors_[row]));
  }
  const auto join = [&rows](auto part) {
    std::vector<at::Tensor> parts;
    for (const Evaluation& row : rows) parts.push_back(part(row));
    return at::cat(parts);
  };
  Evaluation all;
  for (const auto& [name, value] : rows[0].losses.terms) {
    all.losses.terms.Add(name, join([name = name](const Evaluation& row) {
                           return row.losses.terms[name];
                         }));
  }
  all.losses.total =
      join([](const Evaluation& row) { return row.losses.total; });
  all.gradient = join([](const Evaluation& row) { return row.gradient; });
  return all;
}

RenderLoop::Turn RenderLoop::Judge(Track& track, const CurvePoint& point) {
  results_[track.image].curve.push_back(point);
  const Progress::Verdict verdict = track.progress.Judge(point);
  const Order order = hooks_.observe(track.image, point);
  Turn turn;
  turn.restart = verdict == Progress::Verdict::kRestart;
  if (verdict == Progress::Verdict::kDiverged) {
    turn.ended = true;
    turn.outcome = Outcome::kDiverged;
    results_[track.image].message = DivergenceMessage(track.progress, point);
    return turn;
  }
  turn.checkpoint = order == Order::kCheckpoint;
  if (order == Order::kStop) {
    turn.ended = true;
    turn.outcome = Outcome::kStopped;
  } else if (Stalled(track)) {
    turn.ended = turn.stopped_early = true;
  }
  return turn;
}

std::string RenderLoop::DivergenceMessage(const Progress& progress,
                                          const CurvePoint& point) const {
  const std::string scale =
      plan_.size() == 1
          ? ""
          : absl::StrCat(", scale ", point.scale, " of ", plan_.size());
  const CurvePoint& best = progress.best();
  const std::string history =
      best.iteration == 0
          ? "no loss was finite"
          : absl::StrCat("went back ", progress.state().restarts,
                         " times to the best, ", Describe(best));
  return absl::StrCat("diverged at iteration ", point.iteration, " of ",
                      params_.iterations, scale, ": ", DescribeLosses(point),
                      "; ", history, "; try a smaller learning rate");
}

bool RenderLoop::Stalled(const Track& track) const {
  return at_last_scale() && track.progress.StalledBelow(params_.least_progress);
}

void RenderLoop::Settle(const std::vector<Turn>& turns) {
  RestartRows(turns);
  const bool keep =
      std::any_of(turns.begin(), turns.end(),
                  [](const Turn& turn) { return turn.checkpoint; });
  std::vector<int64_t> going_on;
  for (size_t row = 0; row < turns.size(); ++row) {
    Track& track = tracks_[row];
    if (track.ended) continue;
    if (turns[row].ended) {
      Finish(row, turns[row]);
      track.ended = true;
    } else {
      going_on.push_back(static_cast<int64_t>(row));
      if (keep) Keep(row);
    }
  }
  if (rows_stay_ || going_on.empty()) return;
  if (going_on.size() == tracks_.size()) return;
  SelectRows(going_on);
  SetFactors();
}

void RenderLoop::SelectRows(const std::vector<int64_t>& rows) {
  std::vector<Track> tracks;
  for (const int64_t row : rows) tracks.push_back(tracks_[row]);
  tracks_ = std::move(tracks);
  const at::Tensor indices = at::tensor(rows, at::kLong).to(image_.device());
  image_ = image_.index_select(0, indices);
  best_.Select(indices);
  KeepRows(indices, image_, *stepper_);
}

void RenderLoop::RestartRows(const std::vector<Turn>& turns) {
  std::vector<int64_t> rows;
  for (size_t row = 0; row < turns.size(); ++row) {
    if (turns[row].restart) rows.push_back(static_cast<int64_t>(row));
  }
  if (rows.empty()) return;
  const at::Tensor which =
      at::zeros({image_.size(0)}, image_.options().dtype(at::kBool))
          .index_fill_(0, at::tensor(rows, at::kLong).to(image_.device()), 1);
  stepper_->Restart(which);
  image_ = at::where(which.view({-1, 1, 1, 1}), best_.image(), image_);
}

void RenderLoop::Keep(size_t row) const {
  if (hooks_.keep) hooks_.keep(tracks_[row].image, Snapshot(row));
}

void RenderLoop::Finish(size_t row, const Turn& turn) {
  if (turn.outcome != Outcome::kDiverged) Keep(row);
  const Track& track = tracks_[row];
  RenderResult& result = results_[track.image];
  result.outcome = turn.outcome;
  result.stopped_early = turn.stopped_early;
  result.iterations = iteration_;
  result.best = track.progress.best();
  result.image = BestAt(plan_.back(), row);
  hooks_.ended(track.image, std::move(result));
}

Checkpoint RenderLoop::Snapshot(size_t row) const {
  Checkpoint checkpoint;
  checkpoint.iteration = iteration_;
  for (size_t i = 0; i < scale_; ++i) {
    checkpoint.scale_ends.push_back(plan_[i].end);
  }
  checkpoint.progress = tracks_[row].progress.state();
  checkpoint.image = Row(image_, row);
  checkpoint.best = Row(best_.image(), row);
  for (const NamedTensor& part : stepper_->State()) {
    checkpoint.optimizer.push_back({part.name, Row(part.tensor, row)});
  }
  return checkpoint;
}

}  // namespace atelier::engine
