// What gpu_check measures of the engine, alone: no cluster, no files, nothing
// but Torch and Abseil. Prints one JSON object of milliseconds an iteration.
//
//   gpu_loop DEVICE ITERATIONS WIDTHxHEIGHT,... IMAGES,... [TRACE]
//
// TRACE is a file for a trace of the GPU's kernels, as chrome://tracing reads
// it: of a render of one image in bfloat16 at the first size.
#include <ATen/ATen.h>
#include <torch/csrc/autograd/profiler_kineto.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <iostream>
#include <iterator>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/render/resolve.h"
#include "common/status_macros.h"
#include "worker/engine/experimental/block_lbfgs.h"
#include "worker/engine/lbfgs.h"
#include "worker/engine/objective.h"
#include "worker/engine/reference_network.h"
#include "worker/engine/runtime.h"
#include "worker/engine/test_networks.h"
#include "worker/engine/torch_call.h"

namespace atelier::engine {
namespace {

constexpr int kWarmUps = 3;
constexpr int kHistory = 10;
constexpr int kTracedIterations = 5;

struct Size {
  int64_t width = 0;
  int64_t height = 0;
};

struct Options {
  std::string device_name;
  int iterations = 0;
  std::vector<Size> sizes;
  std::vector<int64_t> images;
  std::string trace;

  at::Device device() const { return at::Device(device_name); }
};

// As deep as the style layers go.
const TestNetwork& Vgg19() {
  static const auto* const network = new TestNetwork({{64, 64},
                                                      {128, 128},
                                                      {256, 256, 256, 256},
                                                      {512, 512, 512, 512},
                                                      {512}});
  return *network;
}

RenderParams Params() {
  RenderParams params = DefaultsFor({}, Vgg19().description());
  params.pooling = Pooling::kAverage;
  return params;
}

// A render of several images at once, stepped by hand.
class Loop {
 public:
  static absl::StatusOr<std::unique_ptr<Loop>> Make(
      at::Device device, Size size, int64_t images, Arithmetic arithmetic,
      std::unique_ptr<Stepper> stepper) {
    const auto noise = [&](uint64_t seed) {
      return NoisePicture(size.height, size.width, seed).to(device);
    };
    std::unique_ptr<Loop> loop(new Loop);
    const RenderParams params = Params();
    ASSIGN_OR_RETURN(loop->network_,
                     MakeReferenceNetwork(Vgg19().weights(), OptionsFor(params),
                                          device, arithmetic));
    ASSIGN_OR_RETURN(loop->objective_, Objective::Make(*loop->network_, params,
                                                       noise(1), {{noise(2)}}));
    loop->stepper_ = std::move(stepper);
    loop->image_ = noise(3).repeat({images, 1, 1, 1});
    return loop;
  }

  // One iteration; returns its milliseconds. Reading the losses waits for the
  // device, as a render does.
  absl::StatusOr<double> Step() {
    const auto start = std::chrono::steady_clock::now();
    ASSIGN_OR_RETURN(const Evaluation at, objective_->Evaluate(image_));
    image_ = stepper_->Step(image_, at.losses.total, at.gradient);
    const auto loss = at.losses.total[0].item<double>();
    if (!std::isfinite(loss)) {
      return absl::InternalError(absl::StrCat("the loss is ", loss));
    }
    if (first_loss_ == 0) first_loss_ = loss;
    return std::chrono::duration<double, std::milli>(
               std::chrono::steady_clock::now() - start)
        .count();
  }

  double first_loss() const { return first_loss_; }

 private:
  Loop() = default;

  std::unique_ptr<Network> network_;
  std::unique_ptr<Objective> objective_;
  std::unique_ptr<Stepper> stepper_;
  at::Tensor image_;
  double first_loss_ = 0;
};

std::unique_ptr<Stepper> Blocks() {
  return experimental::MakeBlockLbfgs({1, kHistory}, /*scale_bands=*/false);
}

// Of several loops that take turns: milliseconds of an iteration, the median.
absl::StatusOr<std::vector<double>> Measure(
    const std::vector<std::unique_ptr<Loop>>& loops, int iterations) {
  std::vector<std::vector<double>> took(loops.size());
  for (int i = -kWarmUps; i < iterations; ++i) {
    for (size_t k = 0; k < loops.size(); ++k) {
      ASSIGN_OR_RETURN(const double ms, loops[k]->Step());
      if (i >= 0) took[k].push_back(ms);
    }
  }
  std::vector<double> medians;
  for (std::vector<double>& values : took) {
    const auto middle =
        values.begin() + static_cast<int64_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    medians.push_back(*middle);
  }
  return medians;
}

struct NamedArithmetic {
  const char* name;
  Arithmetic arithmetic;
  double most_off;  // A first loss from the reference's.
};
constexpr NamedArithmetic kArithmetics[] = {
    {"reference", Arithmetic::kFloat32, 0},
    {"tf32", Arithmetic::kTf32, 5e-3},
    {"bf16", Arithmetic::kBfloat16, 2e-2}};

// "reference": {"1": 15.7, "4": ...}, ...
absl::StatusOr<std::string> Arithmetics(const Options& options, Size size) {
  std::vector<std::vector<std::string>> rows(std::size(kArithmetics));
  for (const int64_t images : options.images) {
    std::vector<std::unique_ptr<Loop>> loops;
    for (const NamedArithmetic& one : kArithmetics) {
      ASSIGN_OR_RETURN(
          loops.emplace_back(),
          Loop::Make(options.device(), size, images, one.arithmetic, Blocks()));
    }
    ASSIGN_OR_RETURN(const std::vector<double> took,
                     Measure(loops, options.iterations));
    for (size_t k = 0; k < loops.size(); ++k) {
      const double off =
          std::abs(loops[k]->first_loss() / loops[0]->first_loss() - 1);
      if (off > kArithmetics[k].most_off) {
        return absl::InternalError(
            absl::StrCat(kArithmetics[k].name, ": the first loss is off by ",
                         off, ", at most ", kArithmetics[k].most_off));
      }
      rows[k].push_back(absl::StrFormat("\"%d\": %.3f", images, took[k]));
    }
  }
  std::vector<std::string> objects;
  for (size_t k = 0; k < rows.size(); ++k) {
    objects.push_back(absl::StrCat("\"", kArithmetics[k].name, "\": {",
                                   absl::StrJoin(rows[k], ", "), "}"));
  }
  return absl::StrJoin(objects, ", ");
}

// What GPUs render with, beside what CPUs do; of one image.
absl::StatusOr<std::string> FormsOfLbfgs(const Options& options, Size size) {
  std::vector<std::unique_ptr<Loop>> loops(2);
  ASSIGN_OR_RETURN(loops[0], Loop::Make(options.device(), size, 1,
                                        Arithmetic::kBfloat16, Blocks()));
  ASSIGN_OR_RETURN(
      loops[1], Loop::Make(options.device(), size, 1, Arithmetic::kBfloat16,
                           std::make_unique<Lbfgs>(LbfgsOptions{1, kHistory})));
  ASSIGN_OR_RETURN(const std::vector<double> took,
                   Measure(loops, options.iterations));
  return absl::StrFormat("\"bf16_block_form\": %.3f, \"bf16_two_loops\": %.3f",
                         took[0], took[1]);
}

absl::Status Trace(const Options& options) {
  namespace profiler = torch::autograd::profiler;
  namespace settings = torch::profiler::impl;
  ASSIGN_OR_RETURN(const auto loop,
                   Loop::Make(options.device(), options.sizes[0], 1,
                              Arithmetic::kBfloat16, Blocks()));
  for (int i = 0; i < kWarmUps; ++i) RETURN_IF_ERROR(loop->Step().status());
  const settings::ProfilerConfig config(settings::ProfilerState::KINETO);
  const std::set<settings::ActivityType> activities = {
      settings::ActivityType::CPU, settings::ActivityType::CUDA};
  profiler::prepareProfiler(config, activities);
  profiler::enableProfiler(config, activities);
  absl::Status status;
  for (int i = 0; i < kTracedIterations && status.ok(); ++i) {
    status = loop->Step().status();
  }
  profiler::disableProfiler()->save(options.trace);
  return status;
}

absl::Status Measure(const Options& options) {
  ConfigureTorch(1);
  std::vector<std::string> sizes;
  for (const Size size : options.sizes) {
    ASSIGN_OR_RETURN(const std::string arithmetics, Arithmetics(options, size));
    ASSIGN_OR_RETURN(const std::string forms, FormsOfLbfgs(options, size));
    sizes.push_back(absl::StrFormat("\"%dx%d\": {%s, %s}", size.width,
                                    size.height, arithmetics, forms));
  }
  if (!options.trace.empty()) RETURN_IF_ERROR(Trace(options));
  std::cout << "{" << absl::StrJoin(sizes, ", ") << "}\n";
  return absl::OkStatus();
}

// What Torch throws, in one line.
absl::Status Run(const Options& options) {
  return CallTorch("measuring", [&] { return Measure(options); });
}

bool Parse(const std::vector<std::string>& words, Options& options) {
  if (words.size() < 5 || words.size() > 6) return false;
  options.device_name = words[1];
  if (!absl::SimpleAtoi(words[2], &options.iterations)) return false;
  for (absl::string_view text : absl::StrSplit(words[3], ',')) {
    const std::pair<std::string, std::string> sides =
        absl::StrSplit(text, absl::MaxSplits('x', 1));
    Size& size = options.sizes.emplace_back();
    if (!absl::SimpleAtoi(sides.first, &size.width) ||
        !absl::SimpleAtoi(sides.second, &size.height)) {
      return false;
    }
  }
  for (absl::string_view text : absl::StrSplit(words[4], ',')) {
    if (!absl::SimpleAtoi(text, &options.images.emplace_back())) return false;
  }
  if (words.size() == 6) options.trace = words[5];
  return options.iterations > 0;
}

int Main(int argc, char** argv) {
  Options options;
  if (!Parse({argv, argv + argc}, options)) {
    std::cerr << "usage: gpu_loop DEVICE ITERATIONS WIDTHxHEIGHT,... "
                 "IMAGES,... [TRACE]\n";
    return 2;
  }
  const absl::Status status = Run(options);
  if (status.ok()) return 0;
  std::cerr << "gpu_loop: " << status.message() << "\n";
  return 1;
}

}  // namespace
}  // namespace atelier::engine

int main(int argc, char** argv) { return atelier::engine::Main(argc, argv); }
