#include "worker/renderer/measure_request.h"

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/field_error.h"
#include "common/nearest.h"
#include "common/quoted_text.h"
#include "common/render/patch.h"
#include "common/render/resolve.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

using Json = nlohmann::json;

std::string Given(const Json& value) {
  return Quoted(value.dump(-1, ' ', true, Json::error_handler_t::replace));
}

absl::Status CheckKeys(const std::string& field, const Json& object,
                       const std::vector<absl::string_view>& allowed) {
  if (!object.is_object()) {
    return FieldError(
        field, absl::StrCat(Given(object), " is not allowed; an object with ",
                            absl::StrJoin(allowed, ", ")));
  }
  for (const auto& [key, value] : object.items()) {
    if (std::find(allowed.begin(), allowed.end(), key) != allowed.end()) {
      continue;
    }
    return FieldError(field, absl::StrCat(Quoted(key), " is not known",
                                          Suggest(key, allowed)));
  }
  return absl::OkStatus();
}

// Empty where it is not given.
absl::StatusOr<std::string> TextIn(const std::string& field, const Json& object,
                                   const char* key) {
  const auto found = object.find(key);
  if (found == object.end()) return std::string();
  if (found->is_string() && !found->get_ref<const std::string&>().empty()) {
    return found->get<std::string>();
  }
  return FieldError(
      absl::StrCat(field, key),
      absl::StrCat(Given(*found), " is not allowed; a text that is not empty"));
}

absl::StatusOr<MeasureChoice> ReadChoice(const Json& json) {
  MeasureChoice by;
  RETURN_IF_ERROR(CheckKeys("measure", json,
                            {"weights", "size", "pooling", "preprocessing"}));
  const std::string field = "measure.";
  ASSIGN_OR_RETURN(by.weights_digest, TextIn(field, json, "weights"));
  const auto size = json.find("size");
  if (size != json.end()) {
    const int64_t given =
        size->is_number_integer() ? size->get<int64_t>() : int64_t{-1};
    if (given < kMinMeasureSizePx || given > kMaxMeasureSizePx) {
      return FieldError(
          "measure.size",
          absl::StrCat(Given(*size), " is not allowed; a whole number from ",
                       kMinMeasureSizePx, " to ", kMaxMeasureSizePx));
    }
    by.size_px = static_cast<int>(given);
  }
  for (const char* key : {"pooling", "preprocessing"}) {
    ASSIGN_OR_RETURN(const std::string name, TextIn(field, json, key));
    if (!name.empty()) RETURN_IF_ERROR(ChooseMeasure(key, name, by));
  }
  return by;
}

// One text, or a list of texts.
absl::StatusOr<std::vector<std::string>> ReadStyles(const std::string& field,
                                                    const Json& json) {
  const Json list = json.is_array() ? json : Json::array({json});
  std::vector<std::string> styles;
  for (const Json& style : list) {
    if (!style.is_string()) {
      return FieldError(field, absl::StrCat(Given(style),
                                            " is not allowed; a file, or a "
                                            "list of files"));
    }
    styles.push_back(style.get<std::string>());
  }
  return styles;
}

absl::StatusOr<std::vector<double>> ReadBlend(const std::string& field,
                                              const Json& json) {
  std::vector<double> blend;
  for (const Json& share : json.is_array() ? json : Json::array({json})) {
    if (!share.is_number()) {
      return FieldError(field,
                        absl::StrCat(Given(share), " is not allowed; numbers"));
    }
    blend.push_back(share.get<double>());
  }
  return blend;
}

absl::StatusOr<PictureToMeasure> ReadPictureToMeasure(const std::string& field,
                                                      const Json& json) {
  RETURN_IF_ERROR(
      CheckKeys(field, json, {"image", "content", "style", "style_blend"}));
  const std::string below = absl::StrCat(field, ".");
  PictureToMeasure picture;
  ASSIGN_OR_RETURN(picture.image, TextIn(below, json, "image"));
  if (picture.image.empty()) {
    return FieldError(below + "image", "missing; the picture to measure");
  }
  ASSIGN_OR_RETURN(picture.content, TextIn(below, json, "content"));
  RenderPatch patch;
  if (json.contains("style")) {
    ASSIGN_OR_RETURN(patch.style_digests,
                     ReadStyles(below + "style", json["style"]));
  }
  if (json.contains("style_blend")) {
    ASSIGN_OR_RETURN(patch.style_blend,
                     ReadBlend(below + "style_blend", json["style_blend"]));
  }
  const bool none =
      !patch.style_blend.has_value() &&
      (!patch.style_digests.has_value() || patch.style_digests->empty());
  if (none) return picture;
  absl::Status valid = ValidatePatch(patch);
  if (valid.ok()) {
    absl::StatusOr<std::vector<StyleInput>> styles = ResolveStyles(patch);
    valid = styles.status();
    if (styles.ok()) picture.styles = *std::move(styles);
  }
  if (!valid.ok()) return RenamedField(valid, below + FieldOf(valid));
  return picture;
}

}  // namespace

absl::StatusOr<PicturesToMeasure> ReadMeasureRequest(absl::string_view json) {
  Json request;
  try {
    request = Json::parse(json);
  } catch (const Json::exception& damage) {
    return InvalidArgument("request: damaged JSON: ", damage.what());
  }
  RETURN_IF_ERROR(CheckKeys("request", request, {"measure", "images"}));
  PicturesToMeasure asked;
  if (request.contains("measure")) {
    ASSIGN_OR_RETURN(asked.by, ReadChoice(request["measure"]));
  }
  const Json images = request.value("images", Json());
  if (!images.is_array() || images.empty() ||
      images.size() > kMaxPicturesToMeasure) {
    return FieldError(
        "images",
        absl::StrCat(images.is_array()
                         ? absl::StrCat(images.size(), " given")
                         : absl::StrCat(Given(images), " is not allowed"),
                     "; a list of 1 to ", kMaxPicturesToMeasure));
  }
  for (size_t i = 0; i < images.size(); ++i) {
    ASSIGN_OR_RETURN(
        PictureToMeasure picture,
        ReadPictureToMeasure(absl::StrCat("images[", i, "]"), images[i]));
    asked.pictures.push_back(std::move(picture));
  }
  return asked;
}

}  // namespace atelier
