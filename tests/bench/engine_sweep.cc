#include "tests/bench/engine_sweep.h"

#include <chrono>
#include <cmath>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/image/image.h"
#include "common/render/size.h"
#include "common/status_macros.h"
#include "common/weights/weight_file.h"
#include "tests/bench/engine_render.h"
#include "worker/agent/measurer.h"
#include "worker/renderer/torch_measurer.h"
#include "worker/renderer/torch_renderer.h"

namespace atelier {
namespace {

constexpr int kRenders = 25;
constexpr int64_t kTargetCacheBytes = int64_t{256} << 20;  // A worker's.

absl::StatusOr<std::unique_ptr<Renderer>> MakeRenderer(
    const BenchOptions& options, int threads) {
  TorchRendererOptions renderer;
  renderer.threads = threads;
  renderer.backend = options.backend;
  renderer.target_cache_bytes = kTargetCacheBytes;
  ASSIGN_OR_RETURN(TorchRendererSetup setup, MakeTorchRenderer(renderer));
  return std::move(setup.renderer);
}

// What all renders of the sweep share.
absl::StatusOr<RenderJob> MakeJob(const BenchOptions& options) {
  RenderJob job;
  ASSIGN_OR_RETURN(const WeightBytes bytes, LoadWeights(options.weights));
  ASSIGN_OR_RETURN(WeightFile weights, ParseWeights(bytes));
  job.params = BenchParams(options);
  job.params.pooling = weights.network.pooling;
  job.weights = std::make_shared<const WeightFile>(std::move(weights));
  ASSIGN_OR_RETURN(BenchImages images, MakeBenchImages(options));
  job.content = std::move(images.content);
  job.styles.emplace_back().picture = std::move(images.style);
  return job;
}

// From a tenth of the convention's style weight to ten times it.
double StyleWeight(double usual, int render) {
  const double along = static_cast<double>(render) / (kRenders - 1);
  return usual * std::pow(10, 2 * along - 1);
}

// Seconds that a whole render takes.
absl::StatusOr<double> TimeRender(Renderer& renderer, const RenderJob& job) {
  const auto start = std::chrono::steady_clock::now();
  ASSIGN_OR_RETURN(const RenderedImage rendered,
                   renderer.Render(job, [](const LossAt&) { return true; }));
  const std::chrono::duration<double> took =
      std::chrono::steady_clock::now() - start;
  if (rendered.iterations != job.params.iterations) {
    return absl::InternalError(
        absl::StrCat("a render ended after ", rendered.iterations, " of ",
                     job.params.iterations, " iterations"));
  }
  return took.count();
}

// Seconds that its iterations take alone.
absl::StatusOr<double> TimeBare(SteppedRender& bare, int iterations) {
  bare.Restart();
  double seconds = 0;
  for (int i = 0; i < iterations; ++i) {
    ASSIGN_OR_RETURN(const double took, bare.Step());
    seconds += took;
  }
  return seconds;
}

// What the agent asks for such a render.
absl::StatusOr<MeasureRequest> MakeMeasureRequest(const RenderJob& job,
                                                  const Image& result) {
  MeasureRequest request;
  request.by.weights_digest = job.weights->network.weights_digest;
  request.weights = []() -> absl::StatusOr<WeightFile> {
    ASSIGN_OR_RETURN(const WeightBytes bytes,
                     LoadWeights(std::string(kBuiltinNetwork)));
    return ParseWeights(bytes);
  };
  const auto resized = [&request](const Image& image) {
    const auto [width_px, height_px] =
        FitSize(image.width_px, image.height_px, request.by.size_px);
    return Resize(image, width_px, height_px);
  };
  request.content.key = "content";
  ASSIGN_OR_RETURN(request.content.picture, resized(job.content));
  MeasureInput& style = request.styles.emplace_back();
  style.key = "style";
  ASSIGN_OR_RETURN(style.picture, resized(job.styles[0].picture));
  ASSIGN_OR_RETURN(request.image, resized(result));
  return request;
}

}  // namespace

absl::StatusOr<nlohmann::json> MeasureMeasures(int threads) {
  BenchOptions options;
  options.weights = std::string(kBuiltinNetwork);
  RETURN_IF_ERROR(UsePreset(Preset::kFast, options));
  ASSIGN_OR_RETURN(const RenderJob job, MakeJob(options));
  ASSIGN_OR_RETURN(const std::unique_ptr<Renderer> renderer,
                   MakeRenderer(options, threads));
  TorchMeasurerOptions measurer_options;
  measurer_options.threads = threads;
  measurer_options.backend = options.backend;
  ASSIGN_OR_RETURN(const std::unique_ptr<Measurer> measurer,
                   MakeTorchMeasurer(measurer_options));
  const auto now = [] { return std::chrono::steady_clock::now(); };
  using Seconds = std::chrono::duration<double>;
  const auto begun = now();
  ASSIGN_OR_RETURN(const RenderedImage rendered,
                   renderer->Render(job, [](const LossAt&) { return true; }));
  const double render_seconds = Seconds(now() - begun).count();
  std::vector<double> seconds;
  for (int i = 0; i < 6; ++i) {
    const auto start = now();
    ASSIGN_OR_RETURN(const MeasureRequest request,
                     MakeMeasureRequest(job, rendered.image));
    RETURN_IF_ERROR(measurer->Measure(request).status());
    seconds.push_back(Seconds(now() - start).count());
  }
  const double first = seconds.front();
  seconds.erase(seconds.begin());
  const double later = Median(seconds);
  return nlohmann::json{{"render_seconds", render_seconds},
                        {"first_measure_seconds", first},
                        {"measure_seconds", later},
                        {"first_measure_share", first / render_seconds},
                        {"measure_share", later / render_seconds}};
}

absl::StatusOr<nlohmann::json> MeasureSweep(int iterations, int threads) {
  BenchOptions options;
  options.iterations = iterations;
  ASSIGN_OR_RETURN(RenderJob job, MakeJob(options));
  ASSIGN_OR_RETURN(const std::unique_ptr<Renderer> renderer,
                   MakeRenderer(options, threads));
  ASSIGN_OR_RETURN(const std::unique_ptr<SteppedRender> bare,
                   SteppedRender::Make(options));
  const double usual = job.params.style_weight;
  double sweep_seconds = 0;
  double bare_seconds = 0;
  for (int render = 0; render < kRenders; ++render) {
    job.params.style_weight = StyleWeight(usual, render);
    // In turns: neither is always the one that follows the other.
    for (const bool bare_turn : {render % 2 == 0, render % 2 != 0}) {
      if (bare_turn) {
        ASSIGN_OR_RETURN(const double took, TimeBare(*bare, iterations));
        bare_seconds += took;
      } else {
        ASSIGN_OR_RETURN(const double took, TimeRender(*renderer, job));
        sweep_seconds += took;
      }
    }
  }
  return nlohmann::json{{"sweep_seconds", sweep_seconds},
                        {"bare_seconds", bare_seconds},
                        {"sweep_ratio", sweep_seconds / bare_seconds}};
}

}  // namespace atelier
