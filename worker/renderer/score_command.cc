#include "worker/renderer/score_command.h"

#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/cli/command_line.h"
#include "common/file.h"
#include "common/image/image.h"
#include "common/image/mask.h"
#include "common/render/convention.h"
#include "common/render/patch.h"
#include "common/render/resolve.h"
#include "common/render/size.h"
#include "common/status_macros.h"
#include "worker/renderer/score.h"

namespace atelier {
namespace {

absl::StatusOr<Image> ReadPicture(const std::string& path, FitFn fit) {
  ASSIGN_OR_RETURN(const std::string bytes,
                   ReadFile(path, DecodeLimits().max_file_bytes));
  return DecodeToFit(bytes, fit);
}

absl::StatusOr<Image> LoadPicture(absl::string_view field,
                                  const std::string& path, int size_px) {
  absl::StatusOr<Image> image =
      ReadPicture(path, [&](int width_px, int height_px) {
        return FitSize(width_px, height_px, size_px);
      });
  if (image.ok()) return image;
  return Annotate(image.status(), absl::StrCat(field, " ", path));
}

// Of the size of the picture it lies over. No path, no mask.
absl::StatusOr<Mask> LoadMask(absl::string_view field, const std::string& path,
                              const Image& over) {
  if (path.empty()) return Mask();
  const auto load = [&]() -> absl::StatusOr<Mask> {
    ASSIGN_OR_RETURN(const Image image, ReadPicture(path, [&](int, int) {
                       return std::pair{over.width_px, over.height_px};
                     }));
    return ToMask(image);
  };
  absl::StatusOr<Mask> mask = load();
  if (mask.ok()) return mask;
  return Annotate(mask.status(), absl::StrCat(field, " ", path));
}

// By their paths. None where no term that counts needs one.
absl::StatusOr<std::vector<StyleInput>> FindStyles(const RenderPatch& patch,
                                                   const RenderParams& params) {
  const bool needed = params.style_weight != 0 && !params.style_layers.empty();
  const bool given = patch.style_digests || patch.style_blend ||
                     patch.style_mask_digests || patch.style_region_digests;
  if (!needed && !given) return std::vector<StyleInput>();
  return ResolveStyles(patch);
}

absl::StatusOr<RenderStyle> LoadStyle(const StyleInput& input, int size_px,
                                      const Image& content) {
  RenderStyle style;
  style.blend = input.blend;
  ASSIGN_OR_RETURN(style.picture, LoadPicture("style", input.picture, size_px));
  ASSIGN_OR_RETURN(style.mask, LoadMask("style mask", input.mask, content));
  ASSIGN_OR_RETURN(style.region,
                   LoadMask("style region", input.region, style.picture));
  return style;
}

std::vector<std::pair<std::string, double>> Fields(const Score& score) {
  std::vector<std::pair<std::string, double>> fields;
  for (const auto& [name, value] : score.losses.terms) {
    fields.emplace_back(LossColumn(name), value);
  }
  fields.emplace_back("total_loss", score.losses.total);
  fields.emplace_back("gradient_l2", score.gradient_l2);
  return fields;
}

void PrintJson(const Score& score, std::ostream& out) {
  nlohmann::ordered_json fields;
  for (const auto& [name, value] : Fields(score)) {
    fields[name] = value;
  }
  out << fields.dump() << "\n";
}

void PrintText(const Score& score, std::ostream& out) {
  for (const auto& [name, value] : Fields(score)) {
    out << absl::StrFormat("%-12s  %.9g\n", name, value);
  }
}

bool IsBadInput(const absl::Status& status) {
  return absl::IsInvalidArgument(status) || absl::IsNotFound(status) ||
         absl::IsPermissionDenied(status);
}

// What changes how a picture is reached, and not what it is scored by. `size`
// has another default here.
std::vector<absl::string_view> NotOfAScore() {
  return {"size",           "style_scale", "colors",        "iterations",
          "init",           "optimizer",   "learning_rate", "lbfgs_history",
          "least_progress", "scales",      "bits",          "resample_every",
          "preset"};
}

}  // namespace

Command& AddScoreCommand(Command& app, ScoreOptions& options) {
  Command& command = app.AddCommand(
      "score", "Print the losses of a picture, without a coordinator");
  command.AddOption("image", options.image, "The picture to score").Required();
  options.parameters.AddTo(command, {"content"}, NotOfAScore());
  command.AddOption("--size", options.size_px,
                    "Longer side in px that every picture is resized to; 0 "
                    "resizes nothing");
  command.AddOption("--padding", options.padding,
                    "zeros, reflect or replicate; default: the weight file's "
                    "(crowson's first convolution always replicates)");
  command
      .AddOption("--backend", options.backend,
                 "auto (the fastest there is), onednn, reference, "
                 "reference-tf32 or reference-bf16")
      .ShowDefault();
  command.AddOption("--device", options.device, "cpu or cuda:N").ShowDefault();
  command.AddOption("--threads", options.threads, "0: all cores").ShowDefault();
  command.AddFlag("--json", options.json, "One line of JSON");
  return command;
}

absl::StatusOr<Score> ScoreAsAsked(const ScoreOptions& options) {
  RETURN_IF_ERROR(InitialiseImages("atelier-worker"));
  ScoreRequest request;
  request.device = options.device;
  request.backend = options.backend;
  request.threads = options.threads;
  ASSIGN_OR_RETURN(RenderPatch patch, options.parameters.Parse());
  patch.size_px = options.size_px;
  RETURN_IF_ERROR(ValidatePatch(patch));
  ASSIGN_OR_RETURN(
      const WeightBytes weights,
      LoadWeights(patch.weights_digest.value_or(std::string(kBuiltinNetwork))));
  ASSIGN_OR_RETURN(request.weights, ParseWeights(weights));
  // Not Resolve: it drops the layers of terms whose weight is 0, and a score
  // tells every term.
  request.params =
      WithGiven(DefaultsFor(patch, request.weights.network), patch);
  ASSIGN_OR_RETURN(const std::vector<StyleInput> styles,
                   FindStyles(patch, request.params));
  // Without a style the other terms are still told.
  if (styles.empty()) request.params.style_layers.clear();
  if (!options.padding.empty()) {
    ASSIGN_OR_RETURN(request.padding, ParsePadding(options.padding));
  }
  ASSIGN_OR_RETURN(request.image,
                   LoadPicture("image", options.image, options.size_px));
  ASSIGN_OR_RETURN(
      request.content,
      LoadPicture("content", *patch.content_digest, options.size_px));
  for (const StyleInput& input : styles) {
    ASSIGN_OR_RETURN(RenderStyle style,
                     LoadStyle(input, options.size_px, request.content));
    request.styles.push_back(std::move(style));
  }
  return ScorePicture(std::move(request));
}

int RunScore(const ScoreOptions& options, std::ostream& out,
             std::ostream& err) {
  const absl::StatusOr<Score> score = ScoreAsAsked(options);
  if (!score.ok()) {
    err << ErrorLine("atelier-worker score", score.status().message());
    return IsBadInput(score.status()) ? 2 : 1;
  }
  options.json ? PrintJson(*score, out) : PrintText(*score, out);
  return 0;
}

}  // namespace atelier
