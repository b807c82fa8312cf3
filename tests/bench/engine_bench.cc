// Measures the engine. Ratios are of one run: what is compared takes turns in
// one process, or runs one after the other.
//
//   engine_bench --json                # one iteration, and its memory
//   engine_bench --case large          # 2048 x 1536 under a memory limit
//   engine_bench --case peer           # against plain PyTorch in Python
//   engine_bench --list
#include <algorithm>
#include <array>
#include <cmath>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/cli/command_line.h"
#include "common/log/log.h"
#include "common/render/convention.h"
#include "common/status_macros.h"
#include "nlohmann/json.hpp"
#include "tests/bench/engine_child.h"
#include "tests/bench/engine_peer.h"
#include "tests/bench/engine_render.h"
#include "tests/bench/engine_sweep.h"
#include "worker/engine/runtime.h"

namespace atelier {
namespace {

using nlohmann::json;

// Of what a render uses, told before it starts.
constexpr double kMostOffMemory = 0.15;

struct Flags {
  bool as_json = false;
  bool list = false;
  std::string name;
  int iterations = 0;  // 0: the case's own.
  int threads = 2;
  std::string device = "cpu";
  std::string backend;  // Empty: as Fast says.
  std::string python = "/usr/bin/python3";
  // Of the case presets.
  std::string content;
  std::string style;
  int size_px = 512;
  bool from_noise = false;
  std::string child;  // A BenchOptions, as JSON.
};

std::string Fast(const Flags& flags) {
  if (!flags.backend.empty()) return flags.backend;
  return flags.device == "cpu" ? "onednn" : "reference-bf16";
}

BenchOptions OptionsOf(const Flags& flags, int iterations) {
  BenchOptions options;
  options.device = flags.device;
  options.backend = Fast(flags);
  options.iterations = flags.iterations > 0 ? flags.iterations : iterations;
  return options;
}

absl::StatusOr<json> BenchIteration(const Flags& flags) {
  const std::array<std::string, 2> backends = {"reference", Fast(flags)};
  if (backends[0] == backends[1]) {
    return absl::InvalidArgumentError(
        "backend: 'reference' is what the others are compared with");
  }
  std::array<std::vector<double>, 2> seconds;
  std::array<double, 2> losses{};
  {
    std::array<std::unique_ptr<SteppedRender>, 2> renders;
    for (int i = 0; i < 2; ++i) {
      BenchOptions options = OptionsOf(flags, 15);
      options.backend = backends[i];
      ASSIGN_OR_RETURN(renders[i], SteppedRender::Make(options));
    }
    const int iterations = OptionsOf(flags, 15).iterations;
    for (int step = 0; step < iterations; ++step) {
      for (int i = 0; i < 2; ++i) {
        ASSIGN_OR_RETURN(const double took, renders[i]->Step());
        // Later iterations are of images that have drifted apart.
        if (step == 0) losses[i] = renders[i]->last_loss();
        if (step > 0) seconds[i].push_back(took);
      }
    }
  }
  const double reference = Median(seconds[0]) * 1e3;
  const double fast = Median(seconds[1]) * 1e3;
  return json{{"reference_ms", reference},
              {backends[1] + "_ms", fast},
              {"ratio", reference / fast},
              {"loss_difference", std::abs(losses[1] / losses[0] - 1)}};
}

absl::StatusOr<json> BenchMemory(const Flags& flags) {
  const BenchOptions options = OptionsOf(flags, 15);
  ASSIGN_OR_RETURN(const json child, InChild(flags.threads, options));
  const double told = child.at("told_mb");
  const double used = child.at("used_mb");
  if (std::abs(told / used - 1) > kMostOffMemory) {
    return absl::InternalError(
        absl::StrCat("memory: told ", told, " MB before, used ", used, " MB"));
  }
  return json{
      {"rss_mb", child.at("rss_mb")}, {"used_mb", used}, {"told_mb", told}};
}

// Each beside Gram matrices: time of an iteration, and memory told and used.
absl::StatusOr<json> BenchLosses(const Flags& flags) {
  json all;
  double gram_ms = 0;
  for (size_t i = 0; i < Names(StyleLoss()).size(); ++i) {
    BenchOptions options = OptionsOf(flags, 12);
    options.style_loss = static_cast<StyleLoss>(i);
    ASSIGN_OR_RETURN(const json child, InChild(flags.threads, options));
    const double ms = child.at("ms");
    if (options.style_loss == StyleLoss::kGram) gram_ms = ms;
    all[std::string(Name(options.style_loss))] = {
        {"ms", ms},
        {"over_gram", ms / gram_ms},
        {"used_mb", child.at("used_mb")},
        {"told_over_used", child.at("told_mb").get<double>() /
                               child.at("used_mb").get<double>()}};
  }
  return all;
}

// Blocks are computed again, as a worker does where only that fits. By the
// twelfth iteration the optimizer has all its pairs.
absl::StatusOr<json> BenchLarge(const Flags& flags) {
  constexpr double kLimitMegabytes = 4 * 1024 * 1.048576;
  BenchOptions options = OptionsOf(flags, 12);
  options.width_px = 2048;
  options.height_px = 1536;
  ASSIGN_OR_RETURN(const json unlimited, InChild(flags.threads, options));
  options.recompute = true;
  ASSIGN_OR_RETURN(const json limited, InChild(flags.threads, options));
  const double rss = limited.at("rss_mb");
  const double told = limited.at("told_mb");
  const double own = rss - limited.at("used_mb").get<double>();
  if (std::max(rss, own + told) > kLimitMegabytes) {
    return absl::InternalError(absl::StrCat("large: ", rss, " MB, told ",
                                            own + told, "; at most ",
                                            kLimitMegabytes));
  }
  return json{{"large_rss_mb", rss},
              {"large_used_mb", limited.at("used_mb")},
              {"large_told_mb", told},
              {"large_limit_mb", kLimitMegabytes},
              {"large_ms", limited.at("ms")},
              {"large_unlimited_rss_mb", unlimited.at("rss_mb")},
              {"large_unlimited_used_mb", unlimited.at("used_mb")},
              {"large_unlimited_told_mb", unlimited.at("told_mb")},
              {"large_unlimited_ms", unlimited.at("ms")},
              {"large_ratio", limited.at("ms").get<double>() /
                                  unlimited.at("ms").get<double>()}};
}

// When a child's loss at its last scale was at or below `loss`, in seconds; or
// never.
std::optional<double> SecondsTo(const json& child, double loss) {
  const json& curve = child.at("curve");
  for (const json& point : curve) {
    if (point.at(2) != curve.back().at(2)) continue;
    if (point.at(1).get<double>() <= loss) return point.at(0).get<double>();
  }
  return std::nullopt;
}

absl::StatusOr<json> BenchScales(const Flags& flags) {
  json figures;
  for (const bool noise : {false, true}) {
    BenchOptions options = OptionsOf(flags, 500);
    options.weights = "atelier-vgg19-slim";
    options.from_noise = noise;
    ASSIGN_OR_RETURN(const json single, InChild(flags.threads, options));
    options.scales = noise ? 3 : 2;  // docs/adr/0017.
    ASSIGN_OR_RETURN(const json scaled, InChild(flags.threads, options));
    const double whole = single.at("curve").back().at(0).get<double>();
    const auto reached = SecondsTo(scaled, single.at("best").get<double>());
    const std::string prefix = noise ? "noise_" : "content_";
    figures[prefix + "single_seconds"] = whole;
    figures[prefix + "single_best"] = single.at("best");
    figures[prefix + "scaled_best"] = scaled.at("best");
    figures[prefix + "scaled_seconds"] =
        reached.has_value() ? json(*reached) : json(nullptr);
    figures[prefix + "scaled_ratio"] =
        reached.has_value() ? json(*reached / whole) : json(nullptr);
  }
  return figures;
}

// Each preset beside 500 iterations at one scale: shares of their time and of
// the loss they end at.
absl::StatusOr<json> BenchPresets(const Flags& flags) {
  BenchOptions options = OptionsOf(flags, 500);
  options.weights = "atelier-vgg19-slim";
  options.content = flags.content;
  options.style = flags.style;
  options.from_noise = flags.from_noise;
  RETURN_IF_ERROR(UseSize(flags.size_px, options));
  ASSIGN_OR_RETURN(const json single, InChild(flags.threads, options));
  const auto seconds = [](const json& child) {
    return child.at("curve").back().at(0).get<double>();
  };
  json figures = {{"single_seconds", seconds(single)}};
  for (const Preset preset : {Preset::kFast, Preset::kFine}) {
    RETURN_IF_ERROR(UsePreset(preset, options));
    ASSIGN_OR_RETURN(const json child, InChild(flags.threads, options));
    const std::string prefix = absl::StrCat(Name(preset), "_");
    figures[prefix + "iterations"] = child.at("curve").size();
    figures[prefix + "time"] = seconds(child) / seconds(single);
    figures[prefix + "loss"] =
        child.at("best").get<double>() / single.at("best").get<double>();
  }
  return figures;
}

absl::StatusOr<json> BenchSweep(const Flags& flags) {
  if (flags.device != "cpu" || !flags.backend.empty()) {
    return absl::InvalidArgumentError(
        "sweep: is measured on the CPU's fastest backend only");
  }
  return MeasureSweep(flags.iterations > 0 ? flags.iterations : 10,
                      flags.threads);
}

absl::StatusOr<json> BenchMeasures(const Flags& flags) {
  return MeasureMeasures(flags.threads);
}

absl::StatusOr<json> BenchPeer(const Flags& flags) {
  return MeasurePeer({flags.python, ATELIER_TORCH_PEER, flags.device,
                      Fast(flags), flags.iterations, flags.threads});
}

absl::StatusOr<json> BenchBatch(const Flags& flags) {
  std::array<std::vector<double>, 2> seconds;
  constexpr std::array<int, 2> kImages = {1, 4};
  std::array<std::unique_ptr<SteppedRender>, 2> renders;
  BenchOptions options = OptionsOf(flags, 15);
  for (int i = 0; i < 2; ++i) {
    options.images = kImages[i];
    ASSIGN_OR_RETURN(renders[i], SteppedRender::Make(options));
  }
  for (int step = 0; step < options.iterations; ++step) {
    for (int i = 0; i < 2; ++i) {
      ASSIGN_OR_RETURN(const double took, renders[i]->Step());
      if (step > 0) seconds[i].push_back(took / kImages[i]);
    }
  }
  const double alone = Median(seconds[0]) * 1e3;
  const double of_four = Median(seconds[1]) * 1e3;
  return json{{"alone_ms", alone},
              {"of_four_ms", of_four},
              {"batch_ratio", alone / of_four}};
}

struct Case {
  const char* name;
  const char* what;
  absl::StatusOr<json> (*run)(const Flags&);
};
constexpr Case kCases[] = {
    {"iteration", "vgg19-synthetic, 512 x 384, L-BFGS 10, two backends",
     BenchIteration},
    {"memory", "resident memory of that render, alone", BenchMemory},
    {"losses", "an iteration by each style loss, and its memory", BenchLosses},
    {"large", "2048 x 1536 under a limit of 4 GiB", BenchLarge},
    {"scales", "512 x 384: when several scales reach 500 iterations' loss",
     BenchScales},
    {"presets", "loss and time of each against 500 iterations at one scale",
     BenchPresets},
    {"sweep", "25 renders that share inputs, against 25 bare ones", BenchSweep},
    {"measures", "measuring a result, of a default render at 512 px",
     BenchMeasures},
    {"peer", "against a plain PyTorch loop in Python, the same inputs",
     BenchPeer},
    {"batch", "an iteration of an image, alone and in a batch of four",
     BenchBatch},
};

absl::Status Run(const Flags& flags) {
  StartLog("engine_bench", "warning");
  engine::ConfigureTorch(flags.threads);
  if (!flags.child.empty()) {
    ASSIGN_OR_RETURN(const json result, RunChild(flags.child));
    std::cout << result.dump() << "\n";
    return absl::OkStatus();
  }
  json all = json::object();
  for (const Case& bench : kCases) {
    const bool standard =
        bench.run == BenchIteration || bench.run == BenchMemory;
    if (flags.name.empty() ? !standard : flags.name != bench.name) continue;
    ASSIGN_OR_RETURN(const json figures, bench.run(flags));
    all.update(figures);
    if (flags.as_json) continue;
    absl::PrintF("%s: %s\n", bench.name, bench.what);
    for (const auto& [key, value] : figures.items()) {
      absl::PrintF("  %-24s %s\n", key, value.dump());
    }
  }
  if (flags.as_json) std::cout << all.dump() << "\n";
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  Flags flags;
  Command app("engine_bench", "Measures the engine.");
  std::vector<std::string> names;
  for (const Case& bench : kCases) names.emplace_back(bench.name);
  app.AddFlag("--json", flags.as_json, "One JSON object");
  app.AddFlag("--list", flags.list, "The cases, and what they measure");
  app.AddOption("--case", flags.name, "Only this one; default: the first two")
      .OneOf(names);
  app.AddOption("--iterations", flags.iterations, "Instead of the case's own")
      .Range(3, 10000);
  app.AddOption("--threads", flags.threads, "").Range(1, 1024);
  app.AddOption("--device", flags.device, "cpu or cuda:N").ShowDefault();
  app.AddOption("--backend", flags.backend,
                "Not reference itself; default: onednn, or reference-bf16 on a "
                "GPU");
  app.AddOption("--content", flags.content,
                "For the case presets, as the next three; default: a sample")
      .Type("FILE");
  app.AddOption("--style", flags.style, "Default: a sample").Type("FILE");
  app.AddOption("--size", flags.size_px, "Longer side, in pixels")
      .Range(32, 4096);
  app.AddFlag("--noise", flags.from_noise, "Start from noise");
  app.AddOption("--python", flags.python, "Interpreter for the case peer")
      .ShowDefault();
  app.AddOption(
      "--child", flags.child,
      "One render, as JSON; what the cases run in processes of their own");
  const absl::StatusOr<bool> parsed =
      app.Parse(ArgumentsOf(argc, argv), std::cout);
  if (!parsed.ok()) {
    std::cerr << ErrorLine("engine_bench", parsed.status().message());
    return 2;
  }
  if (!*parsed) return 0;
  if (flags.list) {
    for (const Case& bench : kCases) {
      absl::PrintF("%-10s %s\n", bench.name, bench.what);
    }
    return 0;
  }
  const absl::Status status = Run(flags);
  if (status.ok()) return 0;
  std::cerr << "engine_bench: " << status.message() << "\n";
  return 1;
}

}  // namespace
}  // namespace atelier

int main(int argc, char** argv) { return atelier::Main(argc, argv); }
