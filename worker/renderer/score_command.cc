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
#include "common/render/layer_list.h"
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

// A term's layers as given, else the convention's.
absl::Status SetLayers(absl::string_view field, const std::string& given,
                       const std::vector<absl::string_view>& of_convention,
                       std::vector<LayerWeight>& layers) {
  if (given.empty()) {
    for (absl::string_view tap : of_convention) {
      layers.push_back({std::string(tap), 1});
    }
    return absl::OkStatus();
  }
  absl::StatusOr<std::vector<LayerWeight>> parsed = ParseLayerList(given);
  if (!parsed.ok()) return Annotate(parsed.status(), field);
  layers = *std::move(parsed);
  return absl::OkStatus();
}

// Not Resolve: it drops the layers of terms whose weight is 0, and a score
// tells every term.
absl::StatusOr<RenderParams> ReadParams(const ScoreOptions& options,
                                        const NetworkDescription& network) {
  RenderPatch patch;
  patch.size_px = options.size_px;
  patch.content_weight = options.content_weight;
  patch.style_weight = options.style_weight;
  patch.tv_weight = options.tv_weight;
  RETURN_IF_ERROR(ValidatePatch(patch));

  RenderParams params;
  if (!options.convention.empty()) {
    ASSIGN_OR_RETURN(params.convention, ParseConvention(options.convention));
  }
  params.pooling = network.pooling;
  if (!options.pooling.empty()) {
    ASSIGN_OR_RETURN(params.pooling, ParsePooling(options.pooling));
  }
  const ConventionSpec& convention = Spec(params.convention);
  params.content_weight =
      options.content_weight.value_or(convention.content_weight);
  params.style_weight = options.style_weight.value_or(convention.style_weight);
  params.tv_weight = options.tv_weight.value_or(convention.tv_weight);
  RETURN_IF_ERROR(SetLayers("content-layers", options.content_layers,
                            convention.content_layers, params.content_layers));
  RETURN_IF_ERROR(SetLayers("style-layers", options.style_layers,
                            convention.style_layers, params.style_layers));
  return params;
}

// A list as a patch has it: absent where nothing was given.
absl::StatusOr<std::optional<std::vector<std::string>>> Paths(
    absl::string_view field, const std::vector<std::string>& given) {
  for (const std::string& path : given) {
    if (path.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat(field, ": is empty; give FILE",
                       field == "style" ? "" : absl::StrCat(" or ", kNoMask)));
    }
  }
  if (given.empty()) return std::nullopt;
  return given;
}

absl::StatusOr<std::optional<std::vector<std::string>>> MaskPaths(
    absl::string_view field, const std::vector<std::string>& given) {
  ASSIGN_OR_RETURN(auto paths, Paths(field, given));
  if (paths.has_value()) {
    for (std::string& path : *paths) {
      if (path == kNoMask) path.clear();
    }
  }
  return paths;
}

// By their paths. None where no term that counts needs one.
absl::StatusOr<std::vector<StyleInput>> FindStyles(const ScoreOptions& options,
                                                   const RenderParams& params) {
  RenderPatch patch;
  ASSIGN_OR_RETURN(patch.style_digests, Paths("style", options.styles));
  ASSIGN_OR_RETURN(patch.style_mask_digests,
                   MaskPaths("style_mask", options.style_masks));
  ASSIGN_OR_RETURN(patch.style_region_digests,
                   MaskPaths("style_region", options.style_regions));
  if (!options.style_blend.empty()) patch.style_blend = options.style_blend;
  RETURN_IF_ERROR(ValidatePatch(patch));
  const bool needed = params.style_weight != 0 && !params.style_layers.empty();
  const bool given = !options.styles.empty() || !options.style_blend.empty() ||
                     !options.style_masks.empty() ||
                     !options.style_regions.empty();
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

}  // namespace

Command& AddScoreCommand(Command& app, ScoreOptions& options) {
  Command& command = app.AddCommand(
      "score", "Print the losses of a picture, without a coordinator");
  command.AddOption("image", options.image, "The picture to score").Required();
  command.AddOption("--content", options.content, "Content picture").Required();
  command.AddOption(
      "--style", options.styles,
      "Style picture; needed unless --style-weight is 0; give several to "
      "blend them");
  command.AddOption(
      "--style-blend", options.style_blend,
      "Shares of the styles, N,N in their order; equal when not given");
  command.AddOption(
      "--style-mask", options.style_masks,
      "Grey picture over the content: white where the style applies; FILE "
      "or none for each style, in their order");
  command.AddOption(
      "--style-region", options.style_regions,
      "Grey picture over the style: white where its manner is taken from; "
      "FILE or none for each style, in their order");
  command.AddOption("--size", options.size_px,
                    "Longer side in px that every picture is resized to; 0 "
                    "resizes nothing");
  command.AddOption("--convention", options.convention,
                    "pytorch-tutorial, gordicaleksa (the default), "
                    "neural-style or gatys");
  command.AddOption("--content-weight", options.content_weight,
                    "Default: the convention's, as the next four");
  command.AddOption("--style-weight", options.style_weight, "");
  command.AddOption("--tv-weight", options.tv_weight, "");
  command.AddOption("--content-layers", options.content_layers,
                    "Such as conv_2, relu4_2:0.5, conv_1-4 or none");
  command.AddOption("--style-layers", options.style_layers, "");
  command.AddOption("--pooling", options.pooling,
                    "max or avg; default: the weight file's");
  command.AddOption("--padding", options.padding,
                    "zeros or reflect; default: the weight file's");
  command
      .AddOption("--weights", options.weights,
                 "Weight file, or the name of a network")
      .ShowDefault();
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
  ASSIGN_OR_RETURN(request.weights, LoadWeights(options.weights));
  ASSIGN_OR_RETURN(const NetworkDescription network,
                   DescribeWeights(request.weights));
  ASSIGN_OR_RETURN(request.params, ReadParams(options, network));
  ASSIGN_OR_RETURN(const std::vector<StyleInput> styles,
                   FindStyles(options, request.params));
  // Without a style the other terms are still told.
  if (styles.empty()) request.params.style_layers.clear();
  if (!options.padding.empty()) {
    ASSIGN_OR_RETURN(request.padding, ParsePadding(options.padding));
  }
  ASSIGN_OR_RETURN(request.image,
                   LoadPicture("image", options.image, options.size_px));
  ASSIGN_OR_RETURN(request.content,
                   LoadPicture("content", options.content, options.size_px));
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
