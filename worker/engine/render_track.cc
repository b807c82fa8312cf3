#include "worker/engine/render_track.h"

#include <ATen/ATen.h>

#include <cmath>

#include "absl/strings/str_cat.h"

namespace atelier::engine {

StepResult RenderTrack::Judge(
    const CurvePoint& point,
    const std::function<Order(const CurvePoint&)>& observe) {
  result_.curve.push_back(point);
  const Progress::Verdict verdict = progress_.Judge(point);
  const Order order = observe(point);
  StepResult step;
  step.restart = verdict == Progress::Verdict::kRestart;
  if (verdict == Progress::Verdict::kDiverged) {
    step.ended = true;
    step.outcome = Outcome::kDiverged;
    result_.message = DivergenceMessage(point);
    return step;
  }
  step.checkpoint = order == Order::kCheckpoint;
  if (order == Order::kStop) {
    step.ended = true;
    step.outcome = Outcome::kStopped;
  } else if (point.scale == params_->scales && Stalled()) {
    step.ended = step.stopped_early = true;
  }
  return step;
}

std::string RenderTrack::DivergenceMessage(const CurvePoint& point) const {
  const std::string scale =
      params_->scales == 1
          ? ""
          : absl::StrCat(", scale ", point.scale, " of ", params_->scales);
  const CurvePoint& best = progress_.best();
  const std::string history =
      best.iteration == 0
          ? "no loss was finite"
          : absl::StrCat("went back ", progress_.state().restarts,
                         " times to the best, ", Describe(best));
  return absl::StrCat("diverged at iteration ", point.iteration, " of ",
                      params_->iterations, scale, ": ", DescribeLosses(point),
                      "; ", history, "; try a smaller learning rate");
}

RenderResult RenderTrack::Finish(const StepResult& last, int iterations,
                                 at::Tensor image) {
  result_.outcome = last.outcome;
  result_.stopped_early = last.stopped_early;
  result_.iterations = iterations;
  result_.best = progress_.best();
  result_.image = std::move(image);
  return std::move(result_);
}

BestImages::BestImages(const at::Tensor& start)
    : image_(start),
      total_(at::full({start.size(0)}, INFINITY, start.options())) {}

void BestImages::Offer(const at::Tensor& image, const at::Tensor& total) {
  const at::Tensor better = total < total_;
  image_ = at::where(better.view({-1, 1, 1, 1}), image, image_);
  total_ = at::where(better, total, total_);
}

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

}  // namespace atelier::engine
