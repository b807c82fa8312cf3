#include "client/lib/present_value.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "client/lib/input_names.h"
#include "client/lib/parameters.h"
#include "client/lib/points.h"
#include "common/quoted_text.h"
#include "common/render/description.h"
#include "common/render/parameter_text.h"
#include "common/render/parameters.h"
#include "common/render/patch.h"
#include "common/render/resolve.h"
#include "common/rpc/render_conversion.h"
#include "common/status_macros.h"
#include "common/unicode.h"

namespace atelier {
namespace {

// Each is resolved twice, within a second or two.
constexpr int64_t kMostPointsCompared = 20'000;
constexpr size_t kMaxLabelCharacters = 64;

// Lists about styles as they were given: resolving makes shares sum to 1.
std::vector<StyleInput> GivenStyles(const RenderPatch& patch) {
  const auto size_of = [](const auto& list) {
    return list.has_value() ? list->size() : 0;
  };
  std::vector<StyleInput> styles(
      std::max({size_of(patch.style_digests), size_of(patch.style_blend),
                size_of(patch.style_mask_digests),
                size_of(patch.style_region_digests)}));
  const auto fill = [&styles](const auto& list, auto member) {
    if (!list.has_value()) return;
    for (size_t i = 0; i < list->size(); ++i) styles[i].*member = (*list)[i];
  };
  fill(patch.style_digests, &StyleInput::picture);
  fill(patch.style_blend, &StyleInput::blend);
  fill(patch.style_mask_digests, &StyleInput::mask);
  fill(patch.style_region_digests, &StyleInput::region);
  return styles;
}

// What the names of a job's inputs in its base follow from. Without the shares
// of styles: positions are then those of the lists as they were given.
v1::JobSpec NamesInBase(const v1::JobSpec& spec) {
  v1::JobSpec names;
  *names.mutable_images() = spec.images();
  *names.mutable_networks() = spec.networks();
  *names.mutable_base_input_names() = spec.base_input_names();
  return names;
}

std::string TextOfGiven(const Parameter& parameter, const RenderPatch& part,
                        const v1::JobSpec& spec) {
  if (!IsResolved(parameter)) return PrintShorthand(parameter, part);
  Render render;
  render.params = WithGiven(render.params, part);
  render.inputs.content = part.content_digest.value_or("");
  render.inputs.weights = part.weights_digest.value_or("");
  render.inputs.init = part.init_digest.value_or("");
  render.inputs.styles = GivenStyles(part);
  const v1::JobSpec base = NamesInBase(spec);
  InputNames names(base);
  names.MoveTo(v1::Task());
  const std::string text = PrintParameter(parameter, render, names);
  // Masks that are none are printed as nothing.
  return text.empty() ? std::string(kNoMask) : text;
}

v1::AxisValue GivenValue(const Parameter& parameter, const RenderPatch& part,
                         const v1::JobSpec& spec) {
  v1::AxisValue value;
  value.set_label(
      ShortenedText(TextOfGiven(parameter, part, spec), kMaxLabelCharacters));
  *value.mutable_set() = ToProto(part);
  for (const v1::InputName& name : spec.base_input_names()) {
    const Parameter* const row = FindWireField(name.field());
    if (row == nullptr || row->name != parameter.name) continue;
    *value.add_input_names() = name;
  }
  return value;
}

// A parameter by which the renders differ, other than `given`.
absl::string_view FirstDifference(const Parameter& given, const Render& a,
                                  const Render& b) {
  const InputNames digests;
  for (const Parameter& parameter : AllParameters()) {
    if (parameter.name == given.name) continue;
    if (PrintParameter(parameter, a, digests) !=
        PrintParameter(parameter, b, digests)) {
      return parameter.name;
    }
  }
  return given.name;
}

// What all points have by default, as a patch that gives it.
class CommonDefault {
 public:
  explicit CommonDefault(const Parameter& parameter) : parameter_(parameter) {}

  /// Errors: InvalidArgument where it is not as at the points before.
  absl::Status Add(const RenderPatch& patch, const NetworkDescription& network,
                   const RenderLimits& limits, const PictureSizes& sizes) {
    ASSIGN_OR_RETURN(const Render render,
                     Resolve(patch, network, limits, sizes));
    const std::string text = PrintParameter(parameter_, render, InputNames());
    if (is_first_) {
      RETURN_IF_ERROR(ReadFirst(text));
    } else if (text != text_) {
      return Refusal("its default is not the same for all tasks (", text_, ", ",
                     text, ")");
    }
    const absl::StatusOr<Render> same =
        Resolve(Merge(patch, part_), network, limits, sizes);
    if (!same.ok()) {
      return Refusal("its default, ", text_,
                     ", cannot be given: ", same.status().message());
    }
    if (CanonicalText(*same) == CanonicalText(render)) return absl::OkStatus();
    return Refusal("giving its default, ", text_, ", would change ",
                   FirstDifference(parameter_, render, *same));
  }

  v1::AxisValue Value() const {
    v1::AxisValue value;
    value.set_label(ShortenedText(text_, kMaxLabelCharacters));
    *value.mutable_set() = ToProto(part_);
    return value;
  }

  template <typename... Parts>
  absl::Status Refusal(const Parts&... why) const {
    return InvalidArgument(Flag(parameter_), ": the job does not give ",
                           parameter_.name, ", and ", why...,
                           "; submit a new job");
  }

 private:
  absl::Status ReadFirst(const std::string& text) {
    is_first_ = false;
    text_ = text;
    if (text.empty()) return Refusal("a default of it cannot be written");
    const absl::Status parsed = ParseParameter(parameter_, text, part_);
    if (parsed.ok()) return parsed;
    return Refusal("its default, ", text, ", cannot be given");
  }

  const Parameter& parameter_;
  bool is_first_ = true;
  std::string text_;
  RenderPatch part_;
};

absl::StatusOr<v1::AxisValue> DefaultValue(const Parameter& parameter,
                                           const JobDraft& draft,
                                           const ImagesByDigest& images,
                                           const NetworksByDigest& networks,
                                           const RenderLimits& limits) {
  CommonDefault common(parameter);
  if (IsFile(parameter)) return common.Refusal("a file has no default");
  const int64_t count = CountPoints(draft);
  if (count > kMostPointsCompared) {
    return common.Refusal("of ", count,
                          " tasks its default cannot be compared (at most ",
                          kMostPointsCompared, ")");
  }
  const PictureSizes sizes = SizesOf(images);
  for (const Point& point : PointsToCheck(draft, count)) {
    ASSIGN_OR_RETURN(const NetworkDescription* const network,
                     NetworkOf(point.render.patch, networks));
    RETURN_IF_ERROR(common.Add(point.render.patch, *network, limits, sizes));
  }
  return common.Value();
}

}  // namespace

RenderPatch PartOf(const Parameter& parameter, const RenderPatch& patch) {
  RenderPatch part;
  for (const Parameter& row : AllFields()) {
    if (row.name != parameter.name) continue;
    std::visit([&](const auto& m) { part.*m.given = patch.*m.given; },
               row.member);
  }
  return part;
}

bool SaysOf(const Parameter& parameter, const RenderPatch& patch) {
  const absl::Span<const Parameter> rows = AllFields();
  return std::any_of(rows.begin(), rows.end(), [&](const Parameter& row) {
    return row.name == parameter.name && IsGiven(row, patch);
  });
}

absl::StatusOr<v1::AxisValue> PresentValue(const Parameter& parameter,
                                           const v1::JobSpec& spec,
                                           const JobDraft& draft,
                                           const ImagesByDigest& images,
                                           const NetworksByDigest& networks,
                                           const RenderLimits& limits) {
  const RenderPatch part = PartOf(parameter, draft.base.patch);
  if (SaysOf(parameter, part)) return GivenValue(parameter, part, spec);
  return DefaultValue(parameter, draft, images, networks, limits);
}

}  // namespace atelier
