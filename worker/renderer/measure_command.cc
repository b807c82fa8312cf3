#include "worker/renderer/measure_command.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/cli/command_line.h"
#include "common/digest.h"
#include "common/file.h"
#include "common/image/image.h"
#include "common/lru_map.h"
#include "common/render/convention.h"
#include "common/render/size.h"
#include "common/status_macros.h"
#include "common/weights/weight_file.h"
#include "worker/agent/measurer.h"
#include "worker/renderer/measure_request.h"
#include "worker/renderer/torch_measurer.h"

namespace atelier {
namespace {

constexpr char kMeasureProgram[] = "atelier-worker measure";
constexpr int64_t kMaxRequestBytes = int64_t{64} << 20;
// Pictures of a default size are under 1 MB.
constexpr int64_t kMaxKeptBytes = int64_t{256} << 20;

// Pictures read, each once while there is room: many results share theirs.
class PicturesBySize {
 public:
  /// To these sides; 0 by 0: to the longer side, in its own shape.
  absl::StatusOr<std::shared_ptr<const MeasureInput>> Read(
      const std::string& path, int longer_side_px, std::pair<int, int> sides) {
    const std::string key =
        absl::StrCat(sides.first, "x", sides.second, " ", path);
    if (const auto* found = kept_.Find(key)) return *found;
    ASSIGN_OR_RETURN(const std::string bytes,
                     ReadFile(path, DecodeLimits().max_file_bytes));
    auto input = std::make_shared<MeasureInput>();
    ASSIGN_OR_RETURN(
        input->picture, DecodeToFit(bytes, [&](int width_px, int height_px) {
          return sides.first > 0 ? sides
                                 : FitSize(width_px, height_px, longer_side_px);
        }));
    input->key = absl::StrCat(HexDigest(bytes), " ", key);
    const auto size_bytes =
        static_cast<int64_t>(input->picture.rgb.size() * sizeof(float));
    kept_.MakeRoom(size_bytes, kMaxKeptBytes);
    std::shared_ptr<const MeasureInput> made = std::move(input);
    kept_.Add(key, made, size_bytes);
    return made;
  }

 private:
  LruMap<std::shared_ptr<const MeasureInput>> kept_;
};

struct PictureMeasurer {
  std::unique_ptr<Measurer> measurer;
  MeasureChoice by;
  WeightBytes weights;
  PicturesBySize pictures;

  absl::StatusOr<Measured> Measure(const PictureToMeasure& asked) {
    const auto read =
        [&](const char* field, const std::string& path,
            std::pair<int, int> sides) -> absl::StatusOr<MeasureInput> {
      const auto input = pictures.Read(path, by.size_px, sides);
      if (input.ok()) return **input;
      return Annotate(input.status(), absl::StrCat(field, " ", path));
    };
    MeasureRequest request;
    request.by = by;
    request.weights = [this] { return ParseWeights(weights); };
    ASSIGN_OR_RETURN(MeasureInput image, read("image", asked.image, {0, 0}));
    request.image = std::move(image.picture);
    if (!asked.content.empty()) {
      ASSIGN_OR_RETURN(request.content,
                       read("content", asked.content,
                            {request.image.width_px, request.image.height_px}));
    }
    for (const StyleInput& style : asked.styles) {
      ASSIGN_OR_RETURN(MeasureInput input,
                       read("style", style.picture, {0, 0}));
      input.share = style.blend;
      request.styles.push_back(std::move(input));
    }
    return measurer->Measure(request);
  }
};

nlohmann::ordered_json ToJson(const Measured& measured) {
  nlohmann::ordered_json by;
  by["weights_digest"] = measured.by.weights_digest;
  by["size_px"] = measured.by.size_px;
  by["pooling"] = measured.by.pooling.has_value()
                      ? std::string(Name(*measured.by.pooling))
                      : "";
  by["preprocessing"] = measured.by.preprocessing;
  by["version"] = kMeasureVersion;
  nlohmann::ordered_json answer;
  answer["measured_by"] = std::move(by);
  answer["measures"] = nlohmann::json::object();
  for (const auto& [name, value] : measured.values) {
    answer["measures"][name] = value;
  }
  return answer;
}

bool IsWrongInput(const absl::Status& status) {
  return absl::IsInvalidArgument(status) || absl::IsNotFound(status) ||
         absl::IsPermissionDenied(status) ||
         absl::IsFailedPrecondition(status) || absl::IsDataLoss(status);
}

int CodeOf(const absl::Status& status) { return IsWrongInput(status) ? 2 : 1; }

absl::StatusOr<PictureMeasurer> MakePictureMeasurer(
    const MeasureOptions& options, const MeasureChoice& by) {
  RETURN_IF_ERROR(InitialiseImages("atelier-worker"));
  PictureMeasurer made;
  made.by = by;
  absl::StatusOr<WeightBytes> weights =
      LoadWeights(by.weights_digest.empty() ? std::string(kBuiltinNetwork)
                                            : by.weights_digest);
  if (!weights.ok()) return Annotate(weights.status(), "measure.weights");
  made.weights = *std::move(weights);
  made.by.weights_digest = made.weights.digest;
  TorchMeasurerOptions torch;
  torch.device = options.device;
  torch.threads = options.threads;
  torch.backend = options.backend;
  ASSIGN_OR_RETURN(made.measurer, MakeTorchMeasurer(torch));
  return made;
}

}  // namespace

Command& AddMeasureCommand(Command& app, MeasureOptions& options) {
  Command& command = app.AddCommand(
      "measure",
      "Print the measures of pictures, without a coordinator: a request on "
      "standard input, as JSON (docs/measures.md)");
  command
      .AddOption("--backend", options.backend,
                 "auto (the fastest there is), onednn or reference")
      .Type("NAME")
      .ShowDefault();
  command.AddOption("--device", options.device, "cpu or cuda:N")
      .Type("NAME")
      .ShowDefault();
  command.AddOption("--threads", options.threads, "0: all cores")
      .Type("N")
      .Range(0, 1024)
      .ShowDefault();
  return command;
}

int RunMeasure(const MeasureOptions& options, int request_fd, std::ostream& out,
               std::ostream& err) {
  const auto fail = [&](const absl::Status& why) {
    err << ErrorLine(kMeasureProgram, why.message());
    return CodeOf(why);
  };
  const absl::StatusOr<std::string> request =
      ReadDescriptor(request_fd, "standard input", kMaxRequestBytes);
  if (!request.ok()) return fail(request.status());
  const absl::StatusOr<PicturesToMeasure> asked = ReadMeasureRequest(*request);
  if (!asked.ok()) return fail(asked.status());
  absl::StatusOr<PictureMeasurer> measurer =
      MakePictureMeasurer(options, asked->by);
  if (!measurer.ok()) return fail(measurer.status());
  int code = 0;
  for (const PictureToMeasure& picture : asked->pictures) {
    nlohmann::ordered_json answer;
    answer["image"] = picture.image;
    const absl::StatusOr<Measured> measured = measurer->Measure(picture);
    if (measured.ok()) {
      answer.update(ToJson(*measured));
    } else {
      answer["error"] = std::string(measured.status().message());
      code = std::max(code, CodeOf(measured.status()));
    }
    out << answer.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)
        << "\n"
        << std::flush;
  }
  return code;
}

}  // namespace atelier
