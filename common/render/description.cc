#include "common/render/description.h"

#include <type_traits>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "common/render/parameter_text.h"
#include "common/render/parameters.h"
#include "nlohmann/json.hpp"

namespace atelier {
namespace {

using nlohmann::json;

std::string KeyText(const std::string& value) { return value; }
std::string KeyText(const std::vector<LayerWeight>& layers) {
  std::string text = absl::StrCat(layers.size());
  for (const LayerWeight& layer : layers) {
    absl::StrAppend(&text, " ", layer.tap.size(), ":", layer.tap, "*",
                    ShortestText(layer.weight));
  }
  return text;
}
template <typename T>
std::string KeyText(T value) {
  return ValueText(value);
}

absl::string_view LabelOf(const Parameter& row) {
  return row.key.label.empty() ? row.wire_name : row.key.label;
}

bool IsWritten(const Parameter& row, absl::string_view value) {
  return row.key.changes_picture && value != row.key.before;
}

// All that the key says of one style.
std::string StyleText(const StyleInput& style) {
  std::string text = style.picture;
  for (const Parameter* row : FieldsByNumber()) {
    const auto append = [&](const auto& value) {
      const std::string value_text = KeyText(value);
      if (!IsWritten(*row, value_text)) return;
      absl::StrAppend(&text, LabelOf(*row), value_text);
    };
    const auto* const blend = std::get_if<StyleMember<double>>(&row->member);
    if (blend != nullptr) append(style.*blend->value);
    const auto* const file =
        std::get_if<StyleMember<std::string>>(&row->member);
    if (file != nullptr && file->value != &StyleInput::picture) {
      append(style.*file->value);
    }
  }
  return text;
}

std::string StylesText(const std::vector<StyleInput>& styles) {
  return absl::StrJoin(styles, ", ",
                       [](std::string* out, const StyleInput& style) {
                         out->append(StyleText(style));
                       });
}

struct KeyLines {
  std::string text;

  void Add(const Parameter& row, const std::string& value) {
    if (!IsWritten(row, value)) return;
    absl::StrAppend(&text, LabelOf(row), "=", value, "\n");
  }
};

void AddTo(KeyLines& key, const Parameter& row, const FileMember& member,
           const Render& render) {
  key.Add(row, render.inputs.*member.value);
}
template <typename T>
void AddTo(KeyLines& key, const Parameter& row, const Member<T>& member,
           const Render& render) {
  key.Add(row, KeyText(render.params.*member.value));
}
template <typename Out, typename T>
void AddTo(Out& /*out*/, const Parameter& /*row*/,
           const Shorthand<T>& /*shorthand*/, const Render& /*render*/) {}
// What belongs to a style stands beside its picture.
template <typename T>
void AddTo(KeyLines& key, const Parameter& row, const StyleMember<T>& member,
           const Render& render) {
  if constexpr (std::is_same_v<T, std::string>) {
    if (member.value != &StyleInput::picture) return;
    key.Add(row, StylesText(render.inputs.styles));
  }
}

// Values in a description.
json JsonOf(const std::vector<LayerWeight>& layers) {
  json list = json::array();
  for (const LayerWeight& layer : layers) {
    list.push_back({{"tap", layer.tap}, {"weight", layer.weight}});
  }
  return list;
}
template <typename T>
json JsonOf(const T& value) {
  if constexpr (std::is_enum_v<T>) {
    return std::string(Name(value));
  } else {
    return value;
  }
}

// "style_mask_digests" is one style's "mask_digest".
std::string StyleKey(const Parameter& row) {
  return std::string(absl::StripSuffix(
      absl::StripPrefix(row.wire_name, "style_"),
      std::holds_alternative<StyleMember<std::string>>(row.member) ? "s" : ""));
}

void AddTo(json& out, const Parameter& row, const FileMember& member,
           const Render& render) {
  const std::string& digest = render.inputs.*member.value;
  if (!digest.empty()) out[std::string(row.wire_name)] = digest;
}
template <typename T>
void AddTo(json& out, const Parameter& row, const Member<T>& member,
           const Render& render) {
  const T& value = render.params.*member.value;
  const bool applies = row.applies == nullptr ? KeyText(value) != row.key.before
                                              : row.applies(render);
  if (applies) out[std::string(row.wire_name)] = JsonOf(value);
}
template <typename T>
void AddTo(json& out, const Parameter& row, const StyleMember<T>& member,
           const Render& render) {
  for (size_t i = 0; i < render.inputs.styles.size(); ++i) {
    const T& value = render.inputs.styles[i].*member.value;
    if (value == T()) continue;
    out["styles"][i][StyleKey(row)] = value;
  }
}

template <typename Out>
void Describe(Out& out, const Parameter& row, const Render& render) {
  std::visit([&](const auto& member) { AddTo(out, row, member, render); },
             row.member);
}

}  // namespace

std::string CanonicalText(const Render& render, absl::string_view without) {
  KeyLines key;
  for (const Parameter* row : FieldsByNumber()) {
    if (row->wire_name != without) Describe(key, *row, render);
  }
  return std::move(key.text);
}

std::string DescribeRender(const Render& render) {
  json out = {{"atelier_render", 1}};
  for (const Parameter& row : AllFields()) Describe(out, row, render);
  return out.dump();
}

}  // namespace atelier
