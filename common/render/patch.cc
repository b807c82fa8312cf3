#include "common/render/patch.h"

#include <algorithm>
#include <cmath>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/field_error.h"
#include "common/quoted_text.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

constexpr size_t kMaxTapLength = 64;

// Written so that NaN is refused.
bool IsWithin(double value, double least, double most, int step) {
  if (!(value >= least && value <= most)) return false;
  return step == 1 || std::fmod(value - least, step) == 0;
}

double Most(const Range& range, const RenderLimits& limits) {
  return range.limit == nullptr ? range.most : limits.*range.limit;
}

template <typename T>
std::string Allowed(const Range& range, const RenderLimits& limits,
                    const T& /*type*/) {
  if (!range.text.empty()) return std::string(range.text);
  if constexpr (std::is_arithmetic_v<T>) {
    return absl::StrCat("from ", static_cast<T>(range.least), " to ",
                        static_cast<T>(Most(range, limits)));
  }
  return "";
}

template <typename Number>
absl::Status CheckNumber(const Parameter& row, Number value,
                         const RenderLimits& limits) {
  if (IsWithin(static_cast<double>(value), row.range.least,
               Most(row.range, limits), row.range.step) ||
      (!row.range.zero.empty() && value == 0)) {
    return absl::OkStatus();
  }
  return FieldError(row.name, absl::StrCat(value, " is not allowed; ",
                                           Allowed(row.range, limits, value)));
}

absl::Status CheckCount(const Parameter& row, size_t count,
                        absl::string_view what, int most) {
  if (count <= static_cast<size_t>(most)) return absl::OkStatus();
  return FieldError(row.name,
                    absl::StrCat(count, what, " given; at most ", most));
}

absl::Status CheckLayer(const Parameter& row, const LayerWeight& layer) {
  // No network has a longer name, and one that no task uses is kept, too.
  if (layer.tap.size() > kMaxTapLength ||
      !std::all_of(layer.tap.begin(), layer.tap.end(), absl::ascii_isgraph)) {
    return FieldError(
        row.name,
        absl::StrCat("layer ", Quoted(layer.tap), " is not allowed; at most ",
                     kMaxTapLength, " letters, digits and '_'"));
  }
  if (layer.weight >= 0 && std::isfinite(layer.weight)) return absl::OkStatus();
  return FieldError(
      row.name,
      absl::StrCat("weight of ", ClippedText(layer.tap, kMaxQuotedBytes), ": ",
                   layer.weight,
                   " is not allowed; a finite number, at least 0"));
}

// A choice is one of its names, and a file is read or looked up elsewhere.
template <typename T>
absl::Status Check(const Parameter& row, const T& value,
                   const RenderLimits& limits) {
  if constexpr (std::is_arithmetic_v<T>) return CheckNumber(row, value, limits);
  return absl::OkStatus();
}

absl::Status Check(const Parameter& row, const std::vector<LayerWeight>& layers,
                   const RenderLimits& limits) {
  RETURN_IF_ERROR(CheckCount(row, layers.size(), " layers", limits.max_layers));
  for (auto layer = layers.begin(); layer != layers.end(); ++layer) {
    RETURN_IF_ERROR(CheckLayer(row, *layer));
    const bool is_again = std::any_of(
        layers.begin(), layer,
        [&](const LayerWeight& earlier) { return earlier.tap == layer->tap; });
    if (is_again) {
      return FieldError(row.name,
                        absl::StrCat(ClippedText(layer->tap, kMaxQuotedBytes),
                                     " is given twice"));
    }
  }
  return absl::OkStatus();
}

// One for each style.
template <typename T>
absl::Status Check(const Parameter& row, const std::vector<T>& list,
                   const RenderLimits& limits) {
  RETURN_IF_ERROR(CheckCount(row, list.size(), "", limits.max_styles));
  for (const T& entry : list) RETURN_IF_ERROR(Check(row, entry, limits));
  return absl::OkStatus();
}

template <typename T>
void SetGiven(const Member<T>& member, const RenderPatch& patch,
              RenderParams& params) {
  if ((patch.*member.given).has_value()) {
    params.*member.value = *(patch.*member.given);
  }
}
template <typename NoParameter>
void SetGiven(const NoParameter& /*member*/, const RenderPatch& /*patch*/,
              RenderParams& /*params*/) {}

// Gives each style its entry of a list, which may be absent.
template <typename T>
absl::Status SpreadOver(std::vector<StyleInput>& styles, const Parameter& row,
                        const StyleMember<T>& member,
                        const RenderPatch& patch) {
  const std::optional<std::vector<T>>& list = patch.*member.given;
  if (!list.has_value()) return absl::OkStatus();
  if (list->size() != styles.size()) {
    return FieldError(row.name,
                      absl::StrCat(list->size(), " given for ", styles.size(),
                                   styles.size() == 1 ? " style" : " styles",
                                   "; give one for each"));
  }
  for (size_t i = 0; i < styles.size(); ++i) {
    styles[i].*member.value = (*list)[i];
  }
  return absl::OkStatus();
}
template <typename NotOfStyles>
absl::Status SpreadOver(std::vector<StyleInput>& /*styles*/,
                        const Parameter& /*row*/, const NotOfStyles& /*member*/,
                        const RenderPatch& /*patch*/) {
  return absl::OkStatus();
}

template <typename Patch, typename Visit>
void VisitInputs(Patch& patch, Visit visit) {
  for (const Parameter& row : AllFields()) {
    if (const auto* const member = std::get_if<FileMember>(&row.member)) {
      auto& file = patch.*member->given;
      if (file.has_value()) visit(row, 0, *file);
    }
    const auto* const member =
        std::get_if<StyleMember<std::string>>(&row.member);
    if (member == nullptr || !(patch.*member->given).has_value()) continue;
    int position = 0;
    for (auto& file : *(patch.*member->given)) {
      const bool is_none = file.empty() && row.file == FileKind::kMask;
      if (!is_none) visit(row, position, file);
      ++position;
    }
  }
}

}  // namespace

bool IsGiven(const Parameter& parameter, const RenderPatch& patch) {
  return std::visit(
      [&](const auto& member) { return (patch.*member.given).has_value(); },
      parameter.member);
}

RenderPatch Merge(RenderPatch base, const RenderPatch& over) {
  for (const Parameter& row : AllFields()) {
    std::visit(
        [&](const auto& member) {
          const auto& given = over.*member.given;
          if (given.has_value()) base.*member.given = given;
        },
        row.member);
  }
  return base;
}

absl::StatusOr<std::vector<StyleInput>> StylesOf(const RenderPatch& patch) {
  std::vector<StyleInput> styles(
      patch.style_digests.has_value() ? patch.style_digests->size() : 0);
  for (const Parameter& row : AllFields()) {
    RETURN_IF_ERROR(std::visit(
        [&](const auto& member) {
          return SpreadOver(styles, row, member, patch);
        },
        row.member));
  }
  return styles;
}

std::string AllowedText(const Parameter& parameter,
                        const RenderLimits& limits) {
  return std::visit(
      [&](const auto& member) {
        using Given = std::decay_t<decltype(*(RenderPatch().*member.given))>;
        return Allowed(parameter.range, limits, Given());
      },
      parameter.member);
}

absl::Status ValidatePatch(const RenderPatch& patch,
                           const RenderLimits& limits) {
  for (const Parameter& row : AllFields()) {
    RETURN_IF_ERROR(std::visit(
        [&](const auto& member) {
          const auto& given = patch.*member.given;
          return given.has_value() ? Check(row, *given, limits)
                                   : absl::OkStatus();
        },
        row.member));
  }
  return absl::OkStatus();
}

RenderParams WithGiven(RenderParams params, const RenderPatch& patch) {
  for (const Parameter& row : AllFields()) {
    std::visit([&](const auto& member) { SetGiven(member, patch, params); },
               row.member);
  }
  return params;
}

void ForEachInput(const RenderPatch& patch, VisitInput visit) {
  VisitInputs(patch, visit);
}

void ForEachInput(RenderPatch& patch, ChangeInput change) {
  VisitInputs(patch, change);
}

void ForEachInput(const RenderInputs& inputs, VisitInput visit) {
  for (const Parameter& row : AllFields()) {
    if (const auto* const member = std::get_if<FileMember>(&row.member)) {
      const std::string& file = inputs.*member->value;
      if (!file.empty()) visit(row, 0, file);
    }
    const auto* const member =
        std::get_if<StyleMember<std::string>>(&row.member);
    if (member == nullptr) continue;
    for (size_t i = 0; i < inputs.styles.size(); ++i) {
      const std::string& file = inputs.styles[i].*member->value;
      if (!file.empty()) visit(row, static_cast<int>(i), file);
    }
  }
}

}  // namespace atelier
