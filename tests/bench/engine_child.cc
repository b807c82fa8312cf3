#include "tests/bench/engine_child.h"

#include <array>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "worker/engine/memory.h"

namespace atelier {
namespace {

using nlohmann::json;

constexpr int64_t kTargetCacheBytes = 256 << 20;  // A worker's, by default.

double Megabytes(int64_t bytes) { return static_cast<double>(bytes) / 1e6; }

json ToJson(const BenchOptions& options) {
  return {{"weights", options.weights},
          {"device", options.device},
          {"backend", options.backend},
          {"width_px", options.width_px},
          {"height_px", options.height_px},
          {"iterations", options.iterations},
          {"scales", options.scales},
          {"from_noise", options.from_noise},
          {"least_progress", options.least_progress},
          {"recompute", options.recompute},
          {"style_loss", options.style_loss},
          {"content", options.content},
          {"style", options.style}};
}

BenchOptions FromJson(const json& from) {
  BenchOptions options;
  from.at("weights").get_to(options.weights);
  from.at("device").get_to(options.device);
  from.at("backend").get_to(options.backend);
  from.at("width_px").get_to(options.width_px);
  from.at("height_px").get_to(options.height_px);
  from.at("iterations").get_to(options.iterations);
  from.at("scales").get_to(options.scales);
  from.at("least_progress").get_to(options.least_progress);
  from.at("from_noise").get_to(options.from_noise);
  from.at("recompute").get_to(options.recompute);
  from.at("style_loss").get_to(options.style_loss);
  from.at("content").get_to(options.content);
  from.at("style").get_to(options.style);
  return options;
}

}  // namespace

absl::StatusOr<json> ReadJsonFrom(const std::string& command) {
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
  json read = json::parse(out, nullptr, /*allow_exceptions=*/false);
  if (read.is_discarded()) {
    return absl::InternalError(
        absl::StrCat("a child printed no JSON: ", command));
  }
  return read;
}

absl::StatusOr<json> InChild(int threads, const BenchOptions& options) {
  return ReadJsonFrom(absl::StrCat(
      "'", std::filesystem::read_symlink("/proc/self/exe").string(),
      "' --threads ", threads, " --child '", ToJson(options).dump(), "'"));
}

absl::StatusOr<json> RunChild(const std::string& options_json) {
  using Clock = std::chrono::steady_clock;
  const BenchOptions options = FromJson(json::parse(options_json));
  ASSIGN_OR_RETURN(const int64_t before, PeakBytes(options.device));
  ASSIGN_OR_RETURN(BenchScene scene, MakeBenchScene(options));
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
    curve.push_back({std::chrono::duration<double>(now - start).count(),
                     at.total, at.scale});
    last = now;
    return engine::Order::kGoOn;
  };
  // As in a worker: targets are kept for the next render, and the last state is
  // made for a longer one.
  engine::TargetCache targets(kTargetCacheBytes);
  hooks.targets = {&targets, "network", "content", {"style"}};
  hooks.keep = [](const engine::Checkpoint&) {};
  ASSIGN_OR_RETURN(
      const engine::RenderResult result,
      engine::Render(*scene.network, params, std::move(scene.pictures), hooks));
  ASSIGN_OR_RETURN(const int64_t peak, PeakBytes(options.device));
  // The first iteration makes the targets too.
  if (seconds.size() > 1) seconds.erase(seconds.begin());
  return json{
      {"ms", Median(seconds) * 1e3},         {"rss_mb", Megabytes(peak)},
      {"used_mb", Megabytes(peak - before)}, {"told_mb", Megabytes(told)},
      {"best", result.best.total},           {"curve", curve}};
}

}  // namespace atelier
