#include "client/lib/spec_json.h"

#include <algorithm>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_join.h"
#include "atelier/v1/jobs.pb.h"
#include "client/lib/draft_of_job.h"
#include "client/lib/input_names.h"
#include "client/lib/parameters.h"
#include "common/render/convention.h"
#include "common/render/parameter_text.h"
#include "common/render/parameters.h"
#include "common/render/patch.h"
#include "common/shortest_text.h"
#include "common/status_macros.h"
#include "nlohmann/json.hpp"

namespace atelier {
namespace {

using Given = google::protobuf::RepeatedPtrField<v1::InputName>;

// Names by their places in lists as they were given, and by digest.
v1::JobSpec SpecOfNames(const v1::JobSpec& spec, const Given& given) {
  v1::JobSpec names;
  *names.mutable_images() = spec.images();
  *names.mutable_networks() = spec.networks();
  *names.mutable_base_input_names() = given;
  return names;
}

// A number stands as one, all else as text.
RawJson ValueJson(const std::string& text) {
  const bool is_number = !text.empty() &&
                         (absl::ascii_isdigit(text[0]) || text[0] == '-') &&
                         nlohmann::json::accept(text);
  return {is_number ? text : JsonText(text)};
}

struct PatchWriter {
  const RenderPatch& patch;
  const InputNames& names;
  const Parameter& parameter;
  JsonObject& json;

  void operator()(const FileMember& member) const {
    json.Add(parameter.name,
             names.Of(parameter.wire_name, 0, *(patch.*member.given)));
  }
  void operator()(const StyleMember<std::string>& member) const {
    std::vector<std::string> files;
    for (const std::string& digest : *(patch.*member.given)) {
      files.push_back(digest.empty()
                          ? std::string(kNoMask)
                          : names.Of(parameter.wire_name,
                                     static_cast<int>(files.size()), digest));
    }
    json.Add(parameter.name, files);
  }
  void operator()(const StyleMember<double>& member) const {
    json.Add(parameter.name, absl::StrJoin(*(patch.*member.given), ",",
                                           [](std::string* out, double share) {
                                             out->append(ShortestText(share));
                                           }));
  }
  template <typename T>
  void operator()(const Shorthand<T>& /*member*/) const {
    json.Add(parameter.name, PrintShorthand(parameter, patch));
  }
  template <typename T>
  void operator()(const Member<T>& /*member*/) const {
    Render render;
    render.params = WithGiven(render.params, patch);
    render.inputs.init = patch.init_digest.value_or("");
    json.Add(parameter.name,
             ValueJson(PrintParameter(parameter, render, names)));
  }
};

JsonObject PatchJson(const RenderPatch& patch, const InputNames& names) {
  JsonObject json;
  for (const Parameter& parameter : AllParameters()) {
    if (!IsGiven(parameter, patch)) continue;
    std::visit(PatchWriter{patch, names, parameter, json}, parameter.member);
  }
  return json;
}

// In the form that takes any axis: labels, and the parameters that they set.
JsonObject AxisJson(const v1::JobSpec& spec, const v1::Axis& axis,
                    const AxisDraft& draft, const InputNames& common) {
  std::vector<JsonObject> values;
  for (size_t i = 0; i < draft.values.size(); ++i) {
    const Given& given = axis.values(static_cast<int>(i)).input_names();
    JsonObject value;
    value.Add("label", draft.values[i].label);
    const RenderPatch& patch = draft.values[i].set.patch;
    if (given.empty()) {
      value.Add(PatchJson(patch, common));
    } else {
      const v1::JobSpec own = SpecOfNames(spec, given);
      InputNames names(own);
      names.MoveTo(v1::Task());
      value.Add(PatchJson(patch, names));
    }
    values.push_back(value);
  }
  return JsonObject().Add("name", axis.name()).Add("values", values);
}

void AddExpansion(const JobDraft& draft, JsonObject& json) {
  if (draft.sweep == Sweep::kZip) json.Add("expand", "zip");
  if (draft.sweep == Sweep::kRandom) {
    json.Add("expand", JsonObject()
                           .Add("sample", draft.sample_count)
                           .Add("seed", draft.sample_seed));
  }
}

void AddExclude(const v1::JobSpec& spec, JsonObject& json) {
  if (spec.exclude().empty()) return;
  std::vector<JsonObject> rules;
  for (const v1::Exclusion& rule : spec.exclude()) {
    JsonObject labels;
    for (const v1::AxisLabel& label : rule.labels()) {
      labels.Add(label.axis(), label.label());
    }
    rules.push_back(labels);
  }
  json.Add("exclude", rules);
}

bool HasLabel(const v1::JobSpec& spec, const std::string& axis,
              const std::string& label) {
  return std::any_of(
      spec.axes().begin(), spec.axes().end(), [&](const v1::Axis& one) {
        return one.name() == axis &&
               std::any_of(one.values().begin(), one.values().end(),
                           [&](const v1::AxisValue& value) {
                             return value.label() == label;
                           });
      });
}

bool HasAxis(const v1::JobSpec& spec, const std::string& axis) {
  return std::any_of(spec.axes().begin(), spec.axes().end(),
                     [&](const v1::Axis& one) { return one.name() == axis; });
}

void AddNotes(const v1::JobSpec& spec, const StudyNotes& notes,
              JsonObject& json) {
  std::vector<JsonObject> shows;
  for (const ShownMeasure& shown : notes.shows) {
    if (!HasAxis(spec, shown.by)) continue;
    shows.push_back(
        JsonObject().Add("measure", shown.measure).Add("by", shown.by));
  }
  if (!shows.empty()) json.Add("shows", shows);
  std::vector<JsonObject> chosen;
  for (const auto& point : notes.chosen) {
    JsonObject labels;
    bool is_known = true;
    for (const auto& [axis, label] : point) {
      is_known = is_known && HasLabel(spec, axis, label);
      labels.Add(axis, label);
    }
    if (is_known) chosen.push_back(labels);
  }
  if (chosen.empty()) return;
  json.Add("chosen", chosen);
  if (!notes.chosen_by.empty()) json.Add("chosen_by", notes.chosen_by);
}

void AddScheduling(const v1::JobSpec& spec, JsonObject& json) {
  const auto add = [&json](absl::string_view key, const auto& value) {
    if (value != std::decay_t<decltype(value)>()) json.Add(key, value);
  };
  add("sheet_columns", spec.sheet_columns());
  add("user", spec.user());
  add("priority", spec.priority());
  add("max_running", spec.max_running());
  add("worker_tags", std::vector<std::string>(spec.worker_tags().begin(),
                                              spec.worker_tags().end()));
  add("worker_memory_bytes", spec.worker_memory_bytes());
  add("no_cache", spec.no_cache());
  add("profile", spec.profile());
}

void AddMeasure(const v1::JobSpec& spec, const InputNames& by_digest,
                JsonObject& json) {
  const v1::MeasureSpec& by = spec.measure();
  JsonObject measure;
  if (by.has_weights_digest()) {
    measure.Add("weights", by_digest.Of("measure", 0, by.weights_digest()));
  }
  if (by.has_size_px()) measure.Add("size", by.size_px());
  const int pooling = static_cast<int>(by.pooling()) - 1;
  if (pooling >= 0 && pooling < static_cast<int>(Names(Pooling()).size())) {
    measure.Add("pooling", Name(static_cast<Pooling>(pooling)));
  }
  if (by.has_preprocessing()) measure.Add("preprocessing", by.preprocessing());
  if (spec.has_measure()) json.Add("measure", measure);
}

}  // namespace

absl::StatusOr<JsonObject> SpecJson(const v1::JobSpec& spec,
                                    const StudyNotes& notes) {
  ASSIGN_OR_RETURN(const JobDraft draft, DraftOfJob(spec));
  const v1::JobSpec of_base = SpecOfNames(spec, spec.base_input_names());
  InputNames names(of_base);
  names.MoveTo(v1::Task());
  JsonObject json;
  if (!spec.name().empty()) json.Add("name", spec.name());
  json.Add("base", PatchJson(draft.base.patch, names));
  const v1::JobSpec by_digest = SpecOfNames(spec, {});
  const InputNames common(by_digest);
  if (!draft.axes.empty()) {
    std::vector<JsonObject> axes;
    for (size_t i = 0; i < draft.axes.size(); ++i) {
      axes.push_back(AxisJson(spec, spec.axes(static_cast<int>(i)),
                              draft.axes[i], common));
    }
    json.Add("axes", axes);
  }
  AddExpansion(draft, json);
  AddExclude(spec, json);
  AddNotes(spec, notes, json);
  AddScheduling(spec, json);
  AddMeasure(spec, common, json);
  return json;
}

}  // namespace atelier
