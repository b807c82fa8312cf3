#include "coordinator/state/render_times.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/render/convention.h"
#include "common/render/network.h"
#include "common/render/size.h"

namespace atelier {
namespace {

// What the sums of a kind are multiplied by when one more render comes.
constexpr double kFading = 0.9;

// How many convolutions are run to reach all layers.
int DepthOf(const TaskRender& task) {
  int depth = 0;
  for (const auto* layers :
       {&task.render.params.content_layers, &task.render.params.style_layers}) {
    for (const LayerWeight& layer : *layers) {
      const absl::StatusOr<Tap> tap = FindTap(*task.network, layer.tap);
      if (tap.ok()) depth = std::max(depth, tap->convolution + 1);
    }
  }
  return depth;
}

// Renders of one kind are at most about 1.4 times as large as each other.
int SizeClass(const Scale& largest) {
  return static_cast<int>(
      std::lround(2 * std::log2(static_cast<double>(largest.height) *
                                static_cast<double>(largest.width))));
}

}  // namespace

std::optional<RenderClass> ClassOf(const TaskRender& task,
                                   const JobSpec& spec) {
  const RenderParams& params = task.render.params;
  const auto content = spec.picture_sizes.find(task.render.inputs.content);
  if (content == spec.picture_sizes.end()) return std::nullopt;
  const auto [width, height] =
      FitSize(content->second.first, content->second.second, params.size_px);
  absl::StatusOr<std::vector<Scale>> plan =
      PlanScales(height, width, params.scales, params.iterations,
                 params.init == Initialisation::kNoise);
  if (!plan.ok()) return std::nullopt;
  RenderClass render;
  render.akin =
      absl::StrCat(spec.scope, " ", task.network->weights_digest, " ",
                   params.style_weight > 0 ? Name(params.style_loss) : "none");
  render.alike =
      absl::StrCat(render.akin, " ", Name(params.optimizer), " ", DepthOf(task),
                   " ", params.scales, " ", SizeClass(plan->back()));
  if (params.least_progress > 0) {
    render.ends_early = absl::StrCat(render.akin, " ", params.least_progress,
                                     " ", Name(params.init));
  }
  render.plan = *std::move(plan);
  render.iterations = params.iterations;
  return render;
}

std::optional<TimedRender> TimedOf(RenderClass render, const TaskResult& result,
                                   absl::Duration held, int batch) {
  if (result.iterations < 1 || held <= absl::ZeroDuration()) {
    return std::nullopt;
  }
  absl::Duration took = held;
  // A report may come late. Older workers do not say how long it took.
  if (result.elapsed > absl::ZeroDuration()) {
    took = std::min(took, result.elapsed);
  }
  absl::Duration iterating = took;
  if (result.timings.has_value()) {
    took -= std::clamp(result.timings->waiting, absl::ZeroDuration(), took);
    if (took <= absl::ZeroDuration()) return std::nullopt;
    iterating =
        std::clamp(result.timings->iterations, absl::ZeroDuration(), took);
  }
  return TimedRender{std::move(render), result.arithmetic.profile,
                     result.iterations, (took - iterating) / batch,
                     iterating / batch};
}

void RenderTimes::Add(const TimedRender& done) {
  const RenderClass& render = done.render;
  for (const std::string* kind :
       {&render.alike, &render.akin, &render.ends_early}) {
    if (!kind->empty()) AddTo(*kind, done);
  }
}

void RenderTimes::AddTo(const std::string& kind, const TimedRender& done) {
  const RenderClass& render = done.render;
  // For whoever takes any profile, and for whoever pins this one.
  for (const std::string& key : {kind, absl::StrCat(kind, "|", done.profile)}) {
    if (kinds_.Find(key) == nullptr) {
      kinds_.MakeRoom(1, kMost);
      kinds_.Add(key, Sums(), 1);
    }
    Sums& sums = *kinds_.Find(key);
    const auto add = [](double& sum, double value) {
      sum = kFading * sum + value;
    };
    add(sums.renders, 1);
    add(sums.fixed_seconds, absl::ToDoubleSeconds(done.fixed));
    add(sums.iterating_seconds, absl::ToDoubleSeconds(done.iterating));
    add(sums.done, PixelIterations(render.plan, done.iterations));
    add(sums.planned, PixelIterations(render.plan, render.iterations));
  }
}

RenderTimes::Sums* RenderTimes::Find(const std::string& kind,
                                     const std::string& profile) {
  if (kind.empty()) return nullptr;
  return kinds_.Find(profile.empty() ? kind : absl::StrCat(kind, "|", profile));
}

std::optional<absl::Duration> RenderTimes::Expect(const RenderClass& render,
                                                  const std::string& profile) {
  const Sums* sums = Find(render.alike, profile);
  if (sums == nullptr) sums = Find(render.akin, profile);
  if (sums == nullptr || !(sums->done > 0)) return std::nullopt;
  double to_do = PixelIterations(render.plan, render.iterations);
  const Sums* const ends_early = Find(render.ends_early, profile);
  if (ends_early != nullptr && ends_early->planned > 0) {
    to_do *= ends_early->done / ends_early->planned;
  }
  const double seconds = sums->fixed_seconds / sums->renders +
                         sums->iterating_seconds / sums->done * to_do;
  return std::min(absl::Seconds(seconds), kLongest);
}

void RenderTimes::FillFrom(const RenderTimes& other) {
  for (const auto& entry : other.kinds_.entries()) {
    if (kinds_.entries().size() >= kMost) return;
    kinds_.Add(entry.key, entry.value, entry.size_bytes);
  }
}

}  // namespace atelier
