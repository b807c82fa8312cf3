#include "client/lib/description_reader.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/field_error.h"
#include "common/quoted_text.h"
#include "common/render/convention.h"
#include "common/render/parameter_text.h"
#include "common/render/parameters.h"
#include "common/render/patch.h"
#include "common/status_macros.h"
#include "nlohmann/json.hpp"

namespace atelier {
namespace {

using Json = nlohmann::json;

constexpr char kVersionKey[] = "atelier_render";
constexpr char kStylesKey[] = "styles";
constexpr int kVersion = 1;

std::string Shown(const Json& value) {
  return ClippedText(value.dump(-1, ' ', true, Json::error_handler_t::replace),
                     80);
}

absl::Status WrongType(absl::string_view field, const Json& value,
                       absl::string_view wanted) {
  return FieldError(field, absl::StrCat(Shown(value), " is no ", wanted));
}

absl::Status ReadValue(absl::string_view field, const Json& json, int& value) {
  int64_t wide = 0;
  if (!json.is_number_integer() ||
      (wide = json.get<int64_t>(), wide != static_cast<int>(wide))) {
    return WrongType(field, json, "whole number in range");
  }
  value = static_cast<int>(wide);
  return absl::OkStatus();
}
absl::Status ReadValue(absl::string_view field, const Json& json,
                       uint64_t& value) {
  if (!json.is_number_unsigned()) {
    return WrongType(field, json, "whole number, at least 0");
  }
  value = json.get<uint64_t>();
  return absl::OkStatus();
}
absl::Status ReadValue(absl::string_view field, const Json& json,
                       double& value) {
  if (!json.is_number()) return WrongType(field, json, "number");
  value = json.get<double>();
  return absl::OkStatus();
}
// Texts are digests.
absl::Status ReadValue(absl::string_view field, const Json& json,
                       std::string& value) {
  if (!json.is_string()) return WrongType(field, json, "digest");
  value = json.get<std::string>();
  const bool is_digest =
      value.size() == 64 &&
      std::all_of(value.begin(), value.end(), [](unsigned char c) {
        return absl::ascii_isdigit(c) || (c >= 'a' && c <= 'f');
      });
  if (is_digest) return absl::OkStatus();
  return WrongType(field, json, "digest, which is 64 lower-case hex digits");
}
absl::Status ReadValue(absl::string_view field, const Json& json,
                       std::vector<LayerWeight>& layers) {
  if (!json.is_array()) return WrongType(field, json, "list of layers");
  for (const Json& layer : json) {
    const bool is_layer = layer.is_object() && layer.size() == 2 &&
                          layer.contains("tap") && layer["tap"].is_string() &&
                          layer.contains("weight") &&
                          layer["weight"].is_number();
    if (!is_layer) {
      return WrongType(field, layer, "layer, which has a tap and a weight");
    }
    layers.push_back(
        {layer["tap"].get<std::string>(), layer["weight"].get<double>()});
  }
  return absl::OkStatus();
}
template <typename Enum, std::enable_if_t<std::is_enum_v<Enum>, int> = 0>
absl::Status ReadValue(absl::string_view field, const Json& json, Enum& value) {
  if (!json.is_string()) return WrongType(field, json, "name");
  ASSIGN_OR_RETURN(value, ParseEnum<Enum>(field, json.get<std::string>()));
  return absl::OkStatus();
}

// "style_mask_digests" is one style's "mask_digest".
template <typename T>
std::string KeyInStyle(const Parameter& row) {
  return std::string(
      absl::StripSuffix(absl::StripPrefix(row.wire_name, "style_"),
                        std::is_same_v<T, std::string> ? "s" : ""));
}

class Reader {
 public:
  Reader(const Json& root, RenderPatch& patch) : root_(root), patch_(patch) {}

  absl::Status Read() {
    known_.insert(kVersionKey);
    known_.insert(kStylesKey);
    if (root_.contains(kStylesKey)) {
      const Json& styles = root_[kStylesKey];
      if (!styles.is_array()) return WrongType(kStylesKey, styles, "list");
      for (const Json& style : styles) {
        if (style.is_object()) continue;
        return WrongType(kStylesKey, style, "style, which is an object");
      }
    }
    for (const Parameter& row : AllFields()) {
      RETURN_IF_ERROR(std::visit(
          [&](const auto& m) { return ReadField(row, m); }, row.member));
    }
    return CheckNothingElse();
  }

 private:
  const Json* Find(absl::string_view key) {
    known_.insert(std::string(key));
    const auto found = root_.find(std::string(key));
    return found == root_.end() ? nullptr : &*found;
  }

  absl::Status ReadField(const Parameter& row, const FileMember& member) {
    const Json* const found = Find(row.wire_name);
    if (found == nullptr) return absl::OkStatus();
    return ReadValue(row.wire_name, *found, (patch_.*member.given).emplace());
  }
  template <typename T>
  absl::Status ReadField(const Parameter& row, const Member<T>& member) {
    const Json* const found = Find(row.wire_name);
    if (found != nullptr) {
      return ReadValue(row.wire_name, *found, (patch_.*member.given).emplace());
    }
    if (row.applies != nullptr || !row.key.before.has_value()) {
      return absl::OkStatus();
    }
    // It is left out where it has this value, unless that stands for none.
    RenderPatch before;
    if (ParseParameter(row, *row.key.before, before).ok() &&
        ValidatePatch(before).ok()) {
      patch_ = Merge(std::move(patch_), before);
    }
    return absl::OkStatus();
  }
  template <typename T>
  absl::Status ReadField(const Parameter& /*row*/,
                         const Shorthand<T>& /*shorthand*/) {
    patch_.preset = Preset::kPublished;
    return absl::OkStatus();
  }
  template <typename T>
  absl::Status ReadField(const Parameter& row, const StyleMember<T>& member) {
    const std::string key = KeyInStyle<T>(row);
    known_in_style_.insert(key);
    if (!root_.contains(kStylesKey)) return absl::OkStatus();
    std::vector<T> list;
    bool has_any = false;
    for (const Json& style : root_[kStylesKey]) {
      list.emplace_back();
      if (!style.contains(key)) continue;
      has_any = true;
      RETURN_IF_ERROR(ReadValue(absl::StrCat(kStylesKey, ".", key), style[key],
                                list.back()));
    }
    if (has_any) patch_.*member.given = std::move(list);
    return absl::OkStatus();
  }

  absl::Status CheckNothingElse() const {
    const auto check = [](const Json& object,
                          const std::set<std::string>& known) {
      for (const auto& [key, value] : object.items()) {
        if (known.count(key) > 0) continue;
        return InvalidArgument(
            Quoted(key),
            ": no such parameter is known to this version of atelier");
      }
      return absl::OkStatus();
    };
    RETURN_IF_ERROR(check(root_, known_));
    if (!root_.contains(kStylesKey)) return absl::OkStatus();
    for (const Json& style : root_[kStylesKey]) {
      RETURN_IF_ERROR(check(style, known_in_style_));
    }
    return absl::OkStatus();
  }

  const Json& root_;
  RenderPatch& patch_;
  std::set<std::string> known_;
  std::set<std::string> known_in_style_;
};

}  // namespace

absl::StatusOr<RenderPatch> PatchOfDescription(absl::string_view description) {
  const Json root = Json::parse(description, nullptr, /*exceptions=*/false);
  if (!root.is_object() || !root.contains(kVersionKey)) {
    return absl::InvalidArgumentError("its metadata are not of Atelier");
  }
  if (root[kVersionKey] != kVersion) {
    return InvalidArgument(kVersionKey, ": ", Shown(root[kVersionKey]),
                           " is not known to this version of atelier, which "
                           "reads ",
                           kVersion);
  }
  RenderPatch patch;
  RETURN_IF_ERROR(Reader(root, patch).Read());
  RETURN_IF_ERROR(ValidatePatch(patch));
  return patch;
}

}  // namespace atelier
