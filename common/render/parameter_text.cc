#include "common/render/parameter_text.h"

#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/field_error.h"
#include "common/nearest.h"
#include "common/number_text.h"
#include "common/quoted_text.h"
#include "common/render/layer_list.h"
#include "common/render/patch.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

absl::Status CheckPath(const Parameter& row, absl::string_view text) {
  if (!text.empty()) return absl::OkStatus();
  return FieldError(row.name, absl::StrCat("is empty; give ", row.value_name));
}

// A word that is nearly a choice is a typing mistake, and no file.
absl::Status CheckChoiceOrPath(const Parameter& row, absl::string_view text,
                               const std::vector<absl::string_view>& choices) {
  RETURN_IF_ERROR(CheckPath(row, text));
  const bool is_word = text.find_first_of("./") == absl::string_view::npos;
  const absl::string_view nearest =
      is_word ? Nearest(text, choices) : absl::string_view();
  if (nearest.empty()) return absl::OkStatus();
  return FieldError(row.name,
                    absl::StrCat(Quoted(text), " is unknown; did you mean '",
                                 nearest, "'? A file is './",
                                 ClippedText(text, kMaxQuotedBytes), "'"));
}

template <typename T>
absl::Status BadNumber(const Parameter& row, const Member<T>& member,
                       absl::string_view text) {
  const absl::string_view zero = row.range.zero;
  if (!zero.empty() && Nearest(text, {zero}) == zero) {
    return FieldError(
        row.name, absl::StrCat(Quoted(text), " is not allowed; write ", zero));
  }
  const std::string correction = NumberCorrection(
      text, std::is_same_v<T, double> ? NumberKind::kAny : NumberKind::kWhole,
      [&](absl::string_view other) {
        RenderPatch patch;
        T value = 0;
        if (!ReadNumber(other, value) || (value == 0 && !zero.empty())) {
          return false;
        }
        patch.*member.given = value;
        return ValidatePatch(patch).ok();
      });
  if (!correction.empty()) return FieldError(row.name, correction);
  return FieldError(row.name, absl::StrCat(Quoted(text), " is not allowed; ",
                                           AllowedText(row)));
}

// One for each kind of member. First numbers and enums.
template <typename T>
absl::Status Read(const Parameter& row, const Member<T>& member,
                  absl::string_view text, RenderPatch& into) {
  if constexpr (std::is_enum_v<T>) {
    ASSIGN_OR_RETURN(into.*member.given, ParseEnum<T>(row.name, text));
    return absl::OkStatus();
  } else {
    const absl::string_view zero = row.range.zero;
    T value = 0;
    if (zero.empty() || text != zero) {
      const bool is_number = ReadNumber(text, value);
      if (!is_number || (!zero.empty() && value == 0)) {
        return BadNumber(row, member, text);
      }
    }
    into.*member.given = value;
    return absl::OkStatus();
  }
}

absl::Status Read(const Parameter& row,
                  const Member<std::vector<LayerWeight>>& member,
                  absl::string_view text, RenderPatch& into) {
  absl::StatusOr<std::vector<LayerWeight>> layers = ParseLayerList(text);
  if (!layers.ok()) return FieldError(row.name, layers.status().message());
  into.*member.given = *std::move(layers);
  return absl::OkStatus();
}

template <typename T>
absl::Status Read(const Parameter& row, const Shorthand<T>& shorthand,
                  absl::string_view text, RenderPatch& into) {
  ASSIGN_OR_RETURN(into.*shorthand.given, ParseEnum<T>(row.name, text));
  return absl::OkStatus();
}

// What is no other choice is a file.
absl::Status Read(const Parameter& row, const Member<Initialisation>& member,
                  absl::string_view text, RenderPatch& into) {
  into.init_digest.reset();
  std::vector<absl::string_view> names;
  for (Initialisation choice :
       {Initialisation::kContent, Initialisation::kNoise}) {
    names.push_back(Name(choice));
    if (text != names.back()) continue;
    into.*member.given = choice;
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(CheckChoiceOrPath(row, text, names));
  into.*member.given = Initialisation::kImage;
  into.init_digest = std::string(text);
  return absl::OkStatus();
}

absl::Status Read(const Parameter& row, const FileMember& member,
                  absl::string_view text, RenderPatch& into) {
  RETURN_IF_ERROR(CheckPath(row, text));
  into.*member.given = std::string(text);
  return absl::OkStatus();
}

// A file more of the list.
absl::Status Read(const Parameter& row, const StyleMember<std::string>& member,
                  absl::string_view text, RenderPatch& into) {
  const bool has_none = row.file == FileKind::kMask;
  const bool is_none = has_none && text == kNoMask;
  if (has_none && !is_none) {
    RETURN_IF_ERROR(CheckChoiceOrPath(row, text, {kNoMask}));
  }
  RETURN_IF_ERROR(CheckPath(row, text));
  std::optional<std::vector<std::string>>& list = into.*member.given;
  if (!list.has_value()) list.emplace();
  list->emplace_back(is_none ? "" : text);
  return absl::OkStatus();
}

absl::Status Read(const Parameter& row, const StyleMember<double>& member,
                  absl::string_view text, RenderPatch& into) {
  std::vector<double> numbers;
  for (absl::string_view part : absl::StrSplit(text, ',')) {
    if (ReadNumber(part, numbers.emplace_back())) continue;
    const std::string correction = NumberCorrection(
        part, NumberKind::kAny, [](absl::string_view) { return true; });
    if (!correction.empty()) return FieldError(row.name, correction);
    return FieldError(row.name,
                      absl::StrCat(Quoted(text),
                                   " is not a list of numbers; give one for "
                                   "each style, such as 2,1"));
  }
  into.*member.given = std::move(numbers);
  return absl::OkStatus();
}

template <typename T>
std::string Print(const Parameter& /*row*/, const Member<T>& member,
                  const Render& render, InputName name) {
  // A picture to start from is called by its file.
  if constexpr (std::is_same_v<T, Initialisation>) {
    if (render.params.*member.value == Initialisation::kImage) {
      return name(*FindWireField("init_digest"), 0, render.inputs.init);
    }
  }
  if constexpr (std::is_same_v<T, std::vector<LayerWeight>>) {
    return FormatLayerList(render.params.*member.value);
  } else {
    return ValueText(render.params.*member.value);
  }
}

template <typename T>
std::string PrintGiven(const Shorthand<T>& shorthand,
                       const RenderPatch& patch) {
  const std::optional<T>& given = patch.*shorthand.given;
  return given.has_value() ? ValueText(*given) : "";
}
template <typename Member>
std::string PrintGiven(const Member& /*member*/, const RenderPatch& /*patch*/) {
  return "";
}

template <typename T>
std::string Print(const Parameter& /*row*/, const Shorthand<T>& /*shorthand*/,
                  const Render& /*render*/, InputName /*name*/) {
  return "";
}

std::string Print(const Parameter& row, const FileMember& member,
                  const Render& render, InputName name) {
  return name(row, 0, render.inputs.*member.value);
}

// Empty where no style has such a file.
std::string Print(const Parameter& row, const StyleMember<std::string>& member,
                  const Render& render, InputName name) {
  std::vector<std::string> texts;
  bool has_any = false;
  for (const StyleInput& style : render.inputs.styles) {
    const std::string& digest = style.*member.value;
    has_any = has_any || !digest.empty();
    texts.push_back(digest.empty()
                        ? std::string(kNoMask)
                        : name(row, static_cast<int>(texts.size()), digest));
  }
  return has_any ? absl::StrJoin(texts, ",") : "";
}

std::string Print(const Parameter& /*row*/, const StyleMember<double>& member,
                  const Render& render, InputName /*name*/) {
  return absl::StrJoin(render.inputs.styles, ",",
                       [&](std::string* out, const StyleInput& style) {
                         out->append(ShortestText(style.*member.value));
                       });
}

}  // namespace

std::string Flag(const Parameter& parameter) {
  return absl::StrCat("--", absl::StrReplaceAll(parameter.name, {{"_", "-"}}));
}

absl::Status ParseParameter(const Parameter& parameter, absl::string_view text,
                            RenderPatch& into) {
  return std::visit(
      [&](const auto& member) { return Read(parameter, member, text, into); },
      parameter.member);
}

std::string PrintShorthand(const Parameter& parameter,
                           const RenderPatch& patch) {
  return std::visit(
      [&](const auto& member) { return PrintGiven(member, patch); },
      parameter.member);
}

std::string DefaultText(const Parameter& parameter) {
  if (!parameter.usually.empty()) return std::string(parameter.usually);
  if (IsFile(parameter)) return "";
  return PrintParameter(
      parameter, Render(),
      [](const Parameter&, int, const std::string&) { return ""; });
}

std::string PrintParameter(const Parameter& parameter, const Render& render,
                           InputName name) {
  return std::visit(
      [&](const auto& member) {
        return Print(parameter, member, render, name);
      },
      parameter.member);
}

}  // namespace atelier
