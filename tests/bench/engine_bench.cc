// Measures the engine. Ratios are of one run: what is compared takes turns in
// one process, or runs one after the other.
//
//   engine_bench --json                # one iteration, and its memory
//   engine_bench --case large          # 2048 x 1536 under a memory limit
//   engine_bench --list
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/status_macros.h"
#include "nlohmann/json.hpp"
#include "tests/bench/engine_render.h"
#include "worker/engine/memory.h"
#include "worker/engine/runtime.h"

namespace atelier {
namespace {

using nlohmann::json;

struct Flags {
  bool as_json = false;
  bool list = false;
  std::string name;
  int iterations = 0;  // 0: the case's own.
  int threads = 2;
  std::string child;  // A BenchOptions, as JSON.
};

double Median(std::vector<double> values) {
  const auto middle = values.begin() + values.size() / 2;
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

double Megabytes(int64_t bytes) { return static_cast<double>(bytes) / 1e6; }

json ToJson(const BenchOptions& options) {
  return {{"weights", options.weights},       {"backend", options.backend},
          {"width_px", options.width_px},     {"height_px", options.height_px},
          {"iterations", options.iterations}, {"scales", options.scales},
          {"from_noise", options.from_noise}, {"recompute", options.recompute}};
}

BenchOptions FromJson(const json& from) {
  BenchOptions options;
  from.at("weights").get_to(options.weights);
  from.at("backend").get_to(options.backend);
  from.at("width_px").get_to(options.width_px);
  from.at("height_px").get_to(options.height_px);
  from.at("iterations").get_to(options.iterations);
  from.at("scales").get_to(options.scales);
  from.at("from_noise").get_to(options.from_noise);
  from.at("recompute").get_to(options.recompute);
  return options;
}

// One render, alone in this process.
absl::StatusOr<json> RunChild(const BenchOptions& options) {
  using Clock = std::chrono::steady_clock;
  const int64_t before = PeakResidentBytes();
  ASSIGN_OR_RETURN(const BenchScene scene, MakeBenchScene(options));
  const RenderParams params = BenchParams(options);
  const engine::Grid size{options.height_px, options.width_px};
  ASSIGN_OR_RETURN(const int64_t told,
                   engine::RenderBytes(*scene.network, params, {size, {size}}));
  std::vector<double> seconds;
  json curve = json::array();
  const Clock::time_point start = Clock::now();
  Clock::time_point last = start;
  engine::RenderHooks hooks;
  hooks.observe = [&](const engine::CurvePoint& at) {
    const Clock::time_point now = Clock::now();
    seconds.push_back(std::chrono::duration<double>(now - last).count());
    curve.push_back(
        {std::chrono::duration<double>(now - start).count(), at.total});
    last = now;
    return engine::Order::kGoOn;
  };
  ASSIGN_OR_RETURN(
      const engine::RenderResult result,
      engine::Render(*scene.network, params, scene.pictures, hooks));
  // The first iteration makes the targets too.
  if (seconds.size() > 1) seconds.erase(seconds.begin());
  return json{{"ms", Median(seconds) * 1e3},
              {"rss_mb", Megabytes(PeakResidentBytes())},
              {"used_mb", Megabytes(PeakResidentBytes() - before)},
              {"told_mb", Megabytes(told)},
              {"best", result.best.total},
              {"curve", curve}};
}

absl::StatusOr<json> InChild(const Flags& flags, const BenchOptions& options) {
  const std::string command = absl::StrCat(
      "'", std::filesystem::read_symlink("/proc/self/exe").string(),
      "' --threads ", flags.threads, " --child '", ToJson(options).dump(), "'");
  FILE* const pipe = popen(command.c_str(), "r");
  if (pipe == nullptr) return absl::InternalError("cannot start a child");
  std::string out;
  std::array<char, 4096> part;
  while (const size_t read = fread(part.data(), 1, part.size(), pipe)) {
    out.append(part.data(), read);
  }
  if (pclose(pipe) != 0) {
    return absl::InternalError(absl::StrCat("a child failed: ", command));
  }
  return json::parse(out);
}

absl::StatusOr<json> BenchIteration(const Flags& flags) {
  std::array<std::vector<double>, 2> seconds;
  std::array<double, 2> losses{};
  {
    std::array<std::unique_ptr<SteppedRender>, 2> renders;
    for (int i = 0; i < 2; ++i) {
      BenchOptions options;
      options.backend = i == 0 ? "reference" : "onednn";
      ASSIGN_OR_RETURN(renders[i], SteppedRender::Make(options));
    }
    const int iterations = flags.iterations > 0 ? flags.iterations : 15;
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
  const double onednn = Median(seconds[1]) * 1e3;
  return json{{"reference_ms", reference},
              {"onednn_ms", onednn},
              {"ratio", reference / onednn},
              {"loss_difference", std::abs(losses[1] / losses[0] - 1)}};
}

absl::StatusOr<json> BenchMemory(const Flags& flags) {
  BenchOptions options;
  options.iterations = flags.iterations > 0 ? flags.iterations : 15;
  ASSIGN_OR_RETURN(const json child, InChild(flags, options));
  return json{{"rss_mb", child.at("rss_mb")},
              {"used_mb", child.at("used_mb")},
              {"told_mb", child.at("told_mb")}};
}

// As a worker does: blocks are computed again where only that fits.
absl::StatusOr<json> BenchLarge(const Flags& flags) {
  constexpr double kLimitMegabytes = 4 * 1024 * 1.048576;
  BenchOptions options;
  options.width_px = 2048;
  options.height_px = 1536;
  options.iterations = flags.iterations > 0 ? flags.iterations : 12;
  ASSIGN_OR_RETURN(const json unlimited, InChild(flags, options));
  const double own = unlimited.at("rss_mb").get<double>() -
                     unlimited.at("used_mb").get<double>();
  options.recompute =
      own + unlimited.at("told_mb").get<double>() > kLimitMegabytes;
  ASSIGN_OR_RETURN(const json limited, InChild(flags, options));
  options.recompute = true;
  ASSIGN_OR_RETURN(const json again, InChild(flags, options));
  return json{{"large_rss_mb", limited.at("rss_mb")},
              {"large_limit_mb", kLimitMegabytes},
              {"large_ms", limited.at("ms")},
              {"large_unlimited_ms", unlimited.at("ms")},
              {"large_unlimited_rss_mb", unlimited.at("rss_mb")},
              {"large_recomputed_rss_mb", again.at("rss_mb")},
              {"large_recomputed_told_mb", again.at("told_mb")},
              {"large_told_mb", unlimited.at("told_mb")},
              {"large_recomputed_ratio", again.at("ms").get<double>() /
                                             unlimited.at("ms").get<double>()}};
}

// When a child's best loss was at or below `loss`, in seconds; or never.
std::optional<double> SecondsTo(const json& child, double loss) {
  for (const json& point : child.at("curve")) {
    if (point.at(1).get<double>() <= loss) return point.at(0).get<double>();
  }
  return std::nullopt;
}

absl::StatusOr<json> BenchScales(const Flags& flags) {
  json figures;
  for (const bool noise : {false, true}) {
    BenchOptions options;
    options.weights = "atelier-vgg19-slim";
    options.from_noise = noise;
    options.iterations = flags.iterations > 0 ? flags.iterations : 500;
    ASSIGN_OR_RETURN(const json single, InChild(flags, options));
    options.scales = 3;
    ASSIGN_OR_RETURN(const json scaled, InChild(flags, options));
    const double whole = single.at("curve").back().at(0).get<double>();
    const auto reached = SecondsTo(scaled, single.at("best").get<double>());
    const std::string prefix = noise ? "noise_" : "content_";
    figures[prefix + "single_seconds"] = whole;
    figures[prefix + "single_best"] = single.at("best");
    figures[prefix + "scaled_best"] = scaled.at("best");
    figures[prefix + "scaled_seconds"] =
        reached.has_value() ? json(*reached) : json(nullptr);
  }
  return figures;
}

struct Case {
  const char* name;
  const char* what;
  absl::StatusOr<json> (*run)(const Flags&);
};
constexpr Case kCases[] = {
    {"iteration", "vgg19-synthetic, 512 x 384, L-BFGS 10, both backends",
     BenchIteration},
    {"memory", "resident memory of that render, alone", BenchMemory},
    {"large", "2048 x 1536 under a limit of 4 GiB", BenchLarge},
    {"scales", "512 x 384: when three scales reach 500 iterations' loss",
     BenchScales},
};

absl::Status Run(const Flags& flags) {
  engine::ConfigureTorch(flags.threads);
  if (!flags.child.empty()) {
    ASSIGN_OR_RETURN(const json result,
                     RunChild(FromJson(json::parse(flags.child))));
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
  CLI::App app("Measures the engine.");
  std::vector<std::string> names;
  for (const Case& bench : kCases) names.emplace_back(bench.name);
  app.add_flag("--json", flags.as_json, "One JSON object");
  app.add_flag("--list", flags.list, "The cases, and what they measure");
  app.add_option("--case", flags.name, "Only this one; default: the first two")
      ->check(CLI::IsMember(names));
  app.add_option("--iterations", flags.iterations, "Instead of the case's own")
      ->check(CLI::Range(3, 10000));
  app.add_option("--threads", flags.threads)->check(CLI::Range(1, 1024));
  app.add_option("--child", flags.child)->group("");
  CLI11_PARSE(app, argc, argv);
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
