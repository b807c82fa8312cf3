#include "client/lib/sheet_heading.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "atelier/v1/jobs.pb.h"
#include "client/lib/parameters.h"
#include "common/render/network.h"
#include "common/render/parameter_text.h"
#include "common/render/parameters.h"
#include "common/render/patch.h"
#include "common/render/resolve.h"
#include "common/rpc/render_conversion.h"

namespace atelier {
namespace {

constexpr absl::string_view kContent = "content";
constexpr absl::string_view kStyle = "style";
constexpr absl::string_view kStart = "start";

// The network of the base, whose pooling is a default.
NetworkDescription BaseNetwork(const v1::JobSpec& spec) {
  for (const v1::NetworkDescription& network : spec.networks()) {
    if (network.weights_digest() != spec.base().weights_digest()) continue;
    absl::StatusOr<NetworkDescription> read = FromProto(network);
    if (read.ok()) return *std::move(read);
  }
  return {};
}

// What the parameter would be if the base did not give it.
std::string DefaultText(const Parameter& parameter, RenderPatch base,
                        const NetworkDescription& network) {
  for (const Parameter& row : AllFields()) {
    if (row.name != parameter.name) continue;
    std::visit([&](const auto& m) { (base.*m.given).reset(); }, row.member);
  }
  const Render render{DefaultsFor(base, network), {}};
  return PrintParameter(parameter, render, InputNames());
}

CommonInput InputOf(absl::string_view role, const std::string& name,
                    const std::string& digest) {
  return {name == digest ? std::string(role) : absl::StrCat(role, ": ", name),
          digest};
}

}  // namespace

SheetHeading::SheetHeading(const v1::JobSpec& spec)
    : spec_(spec), names_(spec) {}

void SheetHeading::Add(const v1::Task& task) {
  const absl::StatusOr<Render> render = ResolvedFromProto(task.render());
  if (!render.ok()) return;
  names_.MoveTo(task);
  for (const Parameter& parameter : AllParameters()) {
    if (!IsResolved(parameter) || IsFile(parameter)) continue;
    if (!is_first_ && texts_.count(parameter.name) == 0) continue;
    std::string text = PrintParameter(parameter, *render, names_);
    if (is_first_) {
      texts_.emplace(parameter.name, std::move(text));
    } else if (texts_[parameter.name] != text) {
      texts_.erase(parameter.name);
    }
  }
  is_first_ = false;
  AddInputs(*render);
}

void SheetHeading::AddInputs(const Render& render) {
  const RenderInputs& inputs = render.inputs;
  const auto named = [&](absl::string_view role, absl::string_view field,
                         int position, const std::string& digest) {
    return InputOf(role, names_.Of(field, position, digest), digest);
  };
  if (!inputs.content.empty()) {
    Keep(kContent, {named(kContent, "content_digest", 0, inputs.content)});
  }
  std::vector<CommonInput> styles;
  for (size_t i = 0; i < inputs.styles.size(); ++i) {
    styles.push_back(named(kStyle, "style_digests", static_cast<int>(i),
                           inputs.styles[i].picture));
  }
  if (!styles.empty()) Keep(kStyle, std::move(styles));
  if (!inputs.init.empty()) {
    Keep(kStart, {named(kStart, "init_digest", 0, inputs.init)});
  }
}

void SheetHeading::Keep(absl::string_view role,
                        std::vector<CommonInput> inputs) {
  Candidates& kept = inputs_[role];
  if (kept.is_first) {
    kept = {false, std::move(inputs)};
    return;
  }
  const auto is_gone = [&](const CommonInput& input) {
    return std::none_of(
        inputs.begin(), inputs.end(),
        [&](const CommonInput& other) { return other.digest == input.digest; });
  };
  kept.inputs.erase(
      std::remove_if(kept.inputs.begin(), kept.inputs.end(), is_gone),
      kept.inputs.end());
}

std::string SheetHeading::Subtitle() const {
  const absl::StatusOr<RenderPatch> base = FromProto(spec_.base());
  if (!base.ok()) return "";
  const NetworkDescription network = BaseNetwork(spec_);
  std::vector<std::string> parts;
  for (const Parameter& parameter : AllParameters()) {
    if (IsFile(parameter) || !IsGiven(parameter, *base)) continue;
    if (!IsResolved(parameter)) {
      // What the client gives where nobody does.
      const bool is_usual = base->preset == Preset::kFast;
      if (!is_usual) {
        parts.push_back(absl::StrCat(parameter.name, " ",
                                     PrintShorthand(parameter, *base)));
      }
      continue;
    }
    const auto found = texts_.find(parameter.name);
    if (found == texts_.end() || found->second.empty() ||
        found->second == DefaultText(parameter, *base, network)) {
      continue;
    }
    parts.push_back(absl::StrCat(parameter.name, " ", found->second));
  }
  return absl::StrJoin(parts, ", ");
}

std::vector<CommonInput> SheetHeading::Inputs() const {
  std::vector<CommonInput> all;
  for (absl::string_view role : {kContent, kStyle, kStart}) {
    const auto found = inputs_.find(role);
    if (found == inputs_.end()) continue;
    all.insert(all.end(), found->second.inputs.begin(),
               found->second.inputs.end());
  }
  return all;
}

}  // namespace atelier
