#include "client/lib/comparison_run.h"

#include <cmath>
#include <map>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client/lib/json_text.h"
#include "common/file.h"
#include "common/image/image.h"
#include "common/quoted_text.h"
#include "common/render/convention.h"
#include "common/scratch_folder.h"
#include "common/status_macros.h"
#include "common/weights/weight_file.h"
#include "nlohmann/json.hpp"

namespace atelier {
namespace {

using Json = nlohmann::json;

// Files as a request can name them to another process: a pipe, and what is
// called by no text, by a copy.
class NamedFiles {
 public:
  NamedFiles(InputFiles& files, std::string folder)
      : files_(files), folder_(std::move(folder)) {}

  absl::StatusOr<std::string> PathOf(const std::string& path,
                                     int64_t max_bytes) {
    if (IsUtf8(path) && CanBeReadAgain(path)) return path;
    const auto known = copies_.find(path);
    if (known != copies_.end()) return known->second;
    ASSIGN_OR_RETURN(const InputBytes read, files_.Read(path, max_bytes));
    std::string copy = absl::StrCat(folder_, "/input-", copies_.size() + 1);
    RETURN_IF_ERROR(WriteFile(copy, *read.bytes, Durability::kAtomic));
    return copies_[path] = std::move(copy);
  }

 private:
  InputFiles& files_;
  const std::string folder_;
  std::map<std::string, std::string> copies_;  // By path.
};

absl::StatusOr<JsonObject> MeasureJson(const MeasureChoice& by,
                                       NamedFiles& files) {
  JsonObject json;
  json.Add("size", by.size_px);
  if (!by.weights_digest.empty()) {
    std::string weights = by.weights_digest;
    if (!IsNetworkName(weights)) {
      ASSIGN_OR_RETURN(weights, files.PathOf(weights, LoadOptions().max_bytes));
    }
    json.Add("weights", weights);
  }
  if (by.pooling.has_value()) {
    json.Add("pooling", Name(*by.pooling));
  }
  if (!by.preprocessing.empty()) json.Add("preprocessing", by.preprocessing);
  return json;
}

absl::StatusOr<JsonObject> PictureJson(const ComparedPicture& picture,
                                       NamedFiles& files) {
  const int64_t max_bytes = DecodeLimits().max_file_bytes;
  JsonObject json;
  ASSIGN_OR_RETURN(const std::string image,
                   files.PathOf(picture.path, max_bytes));
  json.Add("image", image);
  if (picture.content.has_value()) {
    ASSIGN_OR_RETURN(const std::string content,
                     files.PathOf(picture.content->path, max_bytes));
    json.Add("content", content);
  }
  if (picture.styles.empty()) return json;
  std::vector<std::string> styles;
  std::vector<double> blend;
  for (const ComparedInput& style : picture.styles) {
    ASSIGN_OR_RETURN(std::string path, files.PathOf(style.path, max_bytes));
    styles.push_back(std::move(path));
    blend.push_back(style.share);
  }
  json.Add("style", styles).Add("style_blend", blend);
  return json;
}

absl::Status ReadAnswer(const std::string& line, ComparedPicture& picture,
                        Comparison& comparison) {
  const Json answer = Json::parse(line, nullptr, false);
  const auto not_as_agreed = [&] {
    return absl::InternalError(absl::StrCat(
        "what atelier-worker answers is not as agreed: ", Quoted(line)));
  };
  if (!answer.is_object()) return not_as_agreed();
  const auto error = answer.find("error");
  if (error != answer.end()) {
    if (!error->is_string()) return not_as_agreed();
    const std::string why = error->get<std::string>();
    // A copy has another name.
    absl::string_view rest = why;
    const bool of_image = absl::ConsumePrefix(&rest, "image ");
    const size_t colon = rest.find(": ");
    if (of_image && colon != absl::string_view::npos) {
      rest.remove_prefix(colon + 2);
    } else {
      rest = why;
    }
    picture.error = absl::StrCat(picture.path, ": ", rest);
    return absl::OkStatus();
  }
  const auto measures = answer.find("measures");
  const auto by = answer.find("measured_by");
  if (measures == answer.end() || !measures->is_object() ||
      by == answer.end() || !by->is_object()) {
    return not_as_agreed();
  }
  for (const auto& [name, value] : measures->items()) {
    if (!value.is_number()) return not_as_agreed();
    picture.measures[name] = value.get<double>();
  }
  comparison.measured_by.text = by->dump();
  return absl::OkStatus();
}

absl::Status CheckWeights(const MeasureChoice& by, InputFiles& files) {
  if (by.weights_digest.empty()) return absl::OkStatus();
  LoadOptions options;
  const auto load = [&]() -> absl::StatusOr<WeightBytes> {
    if (IsNetworkName(by.weights_digest)) {
      return LoadWeights(by.weights_digest, options);
    }
    ASSIGN_OR_RETURN(const InputBytes read,
                     files.Read(by.weights_digest, options.max_bytes));
    return WeightBytes{by.weights_digest, "", read.bytes};
  };
  const absl::StatusOr<WeightBytes> weights = load();
  const absl::Status described =
      weights.ok() ? DescribeWeights(*weights).status() : weights.status();
  if (described.ok()) return absl::OkStatus();
  return InvalidArgument("--measure-weights: ", described.message());
}

}  // namespace

absl::Status MeasureAll(Comparison& comparison, const MeasureChoice& by,
                        InputFiles& files, const WorkerMeasureFn& run,
                        WorkerMeasureOptions options) {
  RETURN_IF_ERROR(CheckWeights(by, files));
  ASSIGN_OR_RETURN(const std::unique_ptr<ScratchFolder> scratch,
                   ScratchFolder::Make("atelier-compare-"));
  options.folder = scratch->path();
  NamedFiles named(files, options.folder);
  std::vector<JsonObject> images;
  std::vector<ComparedPicture*> asked;
  for (ComparedPicture& picture : comparison.pictures) {
    if (!picture.error.empty()) continue;
    ASSIGN_OR_RETURN(JsonObject json, PictureJson(picture, named));
    images.push_back(std::move(json));
    asked.push_back(&picture);
  }
  if (asked.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const JsonObject measure, MeasureJson(by, named));
  ASSIGN_OR_RETURN(
      const std::vector<std::string> lines,
      run(JsonObject().Add("measure", measure).Add("images", images).Text(),
          static_cast<int>(asked.size()), options));
  if (lines.size() != asked.size()) {
    return absl::InternalError(absl::StrCat("atelier-worker measured ",
                                            lines.size(), " of ", asked.size(),
                                            " pictures"));
  }
  for (size_t i = 0; i < lines.size(); ++i) {
    RETURN_IF_ERROR(ReadAnswer(lines[i], *asked[i], comparison));
  }
  return absl::OkStatus();
}

}  // namespace atelier
