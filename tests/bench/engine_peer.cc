#include "tests/bench/engine_peer.h"

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "common/random_id.h"
#include "common/render/convention.h"
#include "common/status_macros.h"
#include "common/weights/weight_file.h"
#include "tests/bench/engine_child.h"
#include "tests/bench/engine_render.h"

namespace atelier {
namespace {

using nlohmann::json;

constexpr int kRounds = 3;
constexpr char kManifest[] = "manifest.json";
// On a GPU, matrix products of Torch's default and of bfloat16 round more.
double MostDifference(const std::string& device) {
  return device == "cpu" ? 1e-3 : 5e-3;
}

// A folder for this run, removed with all that is in it.
class ScratchFolder {
 public:
  ScratchFolder()
      : path_(std::filesystem::temp_directory_path() /
              absl::StrCat("engine_bench_", RandomId())) {}
  ~ScratchFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  absl::Status Make() const { return MakeFolders(path_); }
  std::string File(const char* name) const { return path_ / name; }

 private:
  const std::filesystem::path path_;
};

absl::string_view Bytes(const std::vector<float>& values) {
  return {reinterpret_cast<const char*>(values.data()),
          values.size() * sizeof(float)};
}

absl::Status CheckPython(const std::string& python) {
  const std::string command =
      absl::StrCat("'", python, "' -c 'import torch' 2>/dev/null");
  if (std::system(command.c_str()) == 0) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("python: '", python,
                   "' can't import torch; install the Debian package "
                   "python3-torch, or name another interpreter by --python"));
}

json ManifestOf(const RenderParams& params, const NetworkDescription& network) {
  const Preprocessing& preprocessing = Spec(params.convention).preprocessing;
  json style_layers = json::array();
  for (const LayerWeight& layer : params.style_layers) {
    style_layers.push_back(layer.tap);
  }
  return {{"iterations", params.iterations},
          {"history", params.lbfgs_history},
          {"learning_rate", params.learning_rate},
          {"blocks", network.blocks},
          {"pooling", std::string(Name(network.pooling))},
          {"scale", preprocessing.scale},
          {"mean", preprocessing.mean},
          {"content_layer", params.content_layers.at(0).tap},
          {"style_layers", style_layers},
          {"content_weight", params.content_weight},
          {"style_weight", params.style_weight},
          {"tv_weight", params.tv_weight}};
}

// Writes what torch_peer.py reads; returns the manifest's path.
absl::StatusOr<std::string> WriteInputs(const BenchOptions& options,
                                        int threads,
                                        const ScratchFolder& folder) {
  ASSIGN_OR_RETURN(const WeightBytes bytes, LoadWeights(options.weights));
  ASSIGN_OR_RETURN(const WeightFile weights, ParseWeights(bytes));
  ASSIGN_OR_RETURN(const BenchImages images, MakeBenchImages(options));
  std::string numbers;
  for (const ConvolutionWeights& convolution : weights.convolutions) {
    absl::StrAppend(&numbers, Bytes(convolution.kernel),
                    Bytes(convolution.bias));
  }
  json manifest = ManifestOf(BenchParams(options), weights.network);
  manifest["threads"] = threads;
  manifest["device"] = options.device;
  manifest["width_px"] = options.width_px;
  manifest["height_px"] = options.height_px;
  manifest["weights"] = "weights.f32";
  manifest["content"] = "content.f32";
  manifest["style"] = "style.f32";
  const std::string manifest_bytes = manifest.dump();
  const std::pair<const char*, absl::string_view> files[] = {
      {"weights.f32", numbers},
      {"content.f32", Bytes(images.content.rgb)},
      {"style.f32", Bytes(images.style.rgb)},
      {kManifest, manifest_bytes}};
  for (const auto& [name, content] : files) {
    RETURN_IF_ERROR(WriteFile(folder.File(name), content, Durability::kAtomic));
  }
  return folder.File(kManifest);
}

// What is read of one of the two.
struct Side {
  std::vector<double> ms;  // Of each round.
  double first_loss = 0;
};

void AddPeer(const json& child, Side& side) {
  auto seconds = child.at("seconds").get<std::vector<double>>();
  // The first warms up; the engine's makes its targets, too.
  seconds.erase(seconds.begin());
  side.ms.push_back(Median(seconds) * 1e3);
  side.first_loss = child.at("losses").at(0);
}

void AddEngine(const json& child, Side& side) {
  side.ms.push_back(child.at("ms"));
  side.first_loss = child.at("curve").at(0).at(1);
}

absl::StatusOr<json> Compare(const Side& peer, const Side& engine,
                             const PeerOptions& options) {
  const double difference = std::abs(peer.first_loss / engine.first_loss - 1);
  // Neither is NaN.
  if (!(difference <= MostDifference(options.device))) {
    return absl::InternalError(absl::StrCat(
        "peer: its first loss is ", peer.first_loss, ", the engine's ",
        engine.first_loss, ": they do not compute the same"));
  }
  const double peer_ms = Median(peer.ms);
  const double engine_ms = Median(engine.ms);
  return json{{"peer_ms", peer_ms},
              {absl::StrCat("peer_", options.backend, "_ms"), engine_ms},
              {"peer_ratio", peer_ms / engine_ms},
              {"peer_loss_difference", difference}};
}

}  // namespace

absl::StatusOr<json> MeasurePeer(const PeerOptions& options) {
  RETURN_IF_ERROR(CheckPython(options.python));
  BenchOptions render;
  render.device = options.device;
  render.backend = options.backend;
  render.iterations = options.iterations > 0 ? options.iterations : 6;
  const ScratchFolder folder;
  RETURN_IF_ERROR(folder.Make());
  ASSIGN_OR_RETURN(const std::string manifest,
                   WriteInputs(render, options.threads, folder));
  const std::string command = absl::StrCat(
      "'", options.python, "' '", options.script, "' '", manifest, "'");
  render.iterations = options.iterations > 0 ? options.iterations : 8;
  Side peer;
  Side engine;
  json torch;
  for (int round = 0; round < kRounds; ++round) {
    ASSIGN_OR_RETURN(const json python, ReadJsonFrom(command));
    AddPeer(python, peer);
    torch = python.at("torch");
    ASSIGN_OR_RETURN(const json ours, InChild(options.threads, render));
    AddEngine(ours, engine);
  }
  ASSIGN_OR_RETURN(json figures, Compare(peer, engine, options));
  figures["peer_torch"] = torch;
  return figures;
}

}  // namespace atelier
