#include "tests/bench/engine_render.h"

#include <ATen/core/Tensor.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <tuple>
#include <utility>

#include "common/file.h"
#include "common/image/image.h"
#include "common/render/auto_scales.h"
#include "common/render/convention.h"
#include "common/render/preset.h"
#include "common/render/size.h"
#include "common/status_macros.h"
#include "common/weights/weight_file.h"
#include "deploy/samples/samples.h"
#include "worker/renderer/device.h"
#include "worker/renderer/gpu.h"
#include "worker/renderer/picture_tensor.h"
#include "worker/weights/network_weights.h"

namespace atelier {
namespace {

constexpr int64_t kMostBytes = int64_t{64} << 20;

std::vector<LayerWeight> Layers(const std::vector<absl::string_view>& names) {
  std::vector<LayerWeight> layers;
  for (absl::string_view name : names) layers.push_back({std::string(name)});
  return layers;
}

}  // namespace

RenderParams BenchParams(const BenchOptions& options) {
  const ConventionSpec& convention = Spec(Convention::kGordicaleksa);
  RenderParams params;
  params.convention = convention.id;
  params.iterations = options.iterations;
  params.scales = options.scales;
  params.least_progress = options.least_progress;
  params.lbfgs_history = DefaultLbfgsHistory(options.scales);
  params.content_weight = convention.content_weight;
  params.style_loss = options.style_loss;
  params.style_weight = StyleWeight(convention, options.style_loss);
  if (IsDrawn(options.style_loss)) {
    params.resample_every = std::min(kResampleEvery, options.iterations);
  }
  params.tv_weight = convention.tv_weight;
  params.content_layers = Layers(convention.content_layers);
  params.style_layers = Layers(convention.style_layers);
  params.init =
      options.from_noise ? Initialisation::kNoise : Initialisation::kContent;
  return params;
}

absl::Status UsePreset(Preset preset, BenchOptions& options) {
  const PresetSpec& spec = Spec(preset);
  ASSIGN_OR_RETURN(const WeightBytes bytes, LoadWeights(options.weights));
  ASSIGN_OR_RETURN(const WeightFile file, ParseWeights(bytes));
  Render render{BenchParams(options), {}};
  render.params.iterations = spec.IterationsFrom(render.params.init);
  render.params.size_px = 0;
  render.inputs.content = "content";
  const PictureSizes sizes = {
      {"content", {options.width_px, options.height_px}}};
  options.iterations = render.params.iterations;
  options.scales = spec.scales;
  if (spec.scales == kAutoScales) {
    ASSIGN_OR_RETURN(options.scales, AutoScales(render, file.network, sizes));
  }
  options.least_progress = spec.least_progress;
  return absl::OkStatus();
}

absl::Status UseSize(int size_px, BenchOptions& options) {
  if (!options.content.empty()) {
    ASSIGN_OR_RETURN(const std::string bytes,
                     ReadFile(options.content, kMostBytes));
    ASSIGN_OR_RETURN(const ImageHeader header, ReadHeader(bytes));
    options.width_px = header.width_px;
    options.height_px = header.height_px;
  }
  std::tie(options.width_px, options.height_px) =
      FitSize(options.width_px, options.height_px, size_px);
  return absl::OkStatus();
}

absl::StatusOr<BenchImages> MakeBenchImages(const BenchOptions& options) {
  Image content = samples::DrawScene();
  Image style = samples::DrawPainting();
  for (const auto& [path, image] : {std::pair(&options.content, &content),
                                    std::pair(&options.style, &style)}) {
    if (path->empty()) continue;
    ASSIGN_OR_RETURN(const std::string bytes, ReadFile(*path, kMostBytes));
    ASSIGN_OR_RETURN(*image, Decode(bytes));
  }
  BenchImages images;
  ASSIGN_OR_RETURN(images.content,
                   Resize(content, options.width_px, options.height_px));
  ASSIGN_OR_RETURN(images.style,
                   Resize(style, options.width_px, options.height_px));
  return images;
}

absl::StatusOr<BenchScene> MakeBenchScene(const BenchOptions& options) {
  BenchScene scene;
  ASSIGN_OR_RETURN(const WeightBytes bytes, LoadWeights(options.weights));
  ASSIGN_OR_RETURN(const WeightFile file, ParseWeights(bytes));
  ASSIGN_OR_RETURN(const at::Device device, FindDevice(options.device));
  ASSIGN_OR_RETURN(const engine::BackendChoice choice,
                   engine::ChooseBackend(options.backend, device));
  RenderParams params = BenchParams(options);
  params.pooling = file.network.pooling;
  engine::NetworkOptions reads =
      engine::OptionsFor(params, file.network.padding);
  reads.recompute = options.recompute;
  ASSIGN_OR_RETURN(
      scene.network,
      engine::MakeNetwork(choice.backend, ViewWeights(file), reads, device));
  ASSIGN_OR_RETURN(const BenchImages images, MakeBenchImages(options));
  ASSIGN_OR_RETURN(scene.pictures.content,
                   ToTensor("content", images.content, device));
  engine::Style style;
  ASSIGN_OR_RETURN(style.picture, ToTensor("style", images.style, device));
  scene.pictures.styles.push_back(std::move(style));
  return scene;
}

absl::StatusOr<std::unique_ptr<SteppedRender>> SteppedRender::Make(
    const BenchOptions& options) {
  std::unique_ptr<SteppedRender> render(new SteppedRender());
  render->params_ = BenchParams(options);
  render->images_ = options.images;
  ASSIGN_OR_RETURN(render->scene_, MakeBenchScene(options));
  const engine::Pictures& pictures = render->scene_.pictures;
  ASSIGN_OR_RETURN(
      render->objective_,
      engine::Objective::Make(*render->scene_.network, render->params_,
                              pictures.content, pictures.styles));
  render->Restart();
  return render;
}

void SteppedRender::Restart() {
  stepper_ = engine::MakeStepper(params_, scene_.network->device());
  const at::Tensor& content = scene_.pictures.content;
  image_ = images_ == 1 ? content : content.repeat({images_, 1, 1, 1});
}

absl::StatusOr<double> SteppedRender::Step() {
  const auto start = std::chrono::steady_clock::now();
  ASSIGN_OR_RETURN(const engine::Evaluation at, objective_->Evaluate(image_));
  image_ = stepper_->Step(image_, at.losses.total, at.gradient);
  last_loss_ = at.losses.total[0].item<double>();
  const std::chrono::duration<double> took =
      std::chrono::steady_clock::now() - start;
  return took.count();
}

double Median(std::vector<double> values) {
  const auto middle = values.begin() + values.size() / 2;
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

absl::StatusOr<int64_t> PeakBytes(const std::string& device_name) {
  ASSIGN_OR_RETURN(const at::Device device, FindDevice(device_name));
  if (!device.is_cpu()) return GpuPeakBytes(device.index());
  // Not getrusage, whose peak outlives exec.
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    if (word != "VmHWM:") continue;
    int64_t kilobytes = 0;
    status >> kilobytes;
    return kilobytes * 1024;
  }
  return 0;
}

}  // namespace atelier
