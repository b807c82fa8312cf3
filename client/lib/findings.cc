#include "client/lib/findings.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "atelier/v1/jobs.pb.h"
#include "client/lib/measure_names.h"

namespace atelier {
namespace {

int PlaceOfAxis(const v1::JobSpec& spec, const std::string& name) {
  for (int i = 0; i < spec.axes_size(); ++i) {
    if (spec.axes(i).name() == name) return i;
  }
  return -1;
}

// A coordinator may say anything: a label that is not there is empty.
std::string LabelAt(const v1::Task& task, int axis) {
  return axis < task.labels_size() ? task.labels(axis) : "";
}

std::string LabelsBut(const v1::JobSpec& spec, const v1::Task& task,
                      int left_out) {
  std::vector<std::string> labels;
  for (int i = 0; i < spec.axes_size(); ++i) {
    if (i != left_out) labels.push_back(LabelAt(task, i));
  }
  return absl::StrJoin(labels, ", ");
}

bool FillsAGrid(const v1::JobSpec& spec) {
  return spec.mode() != v1::SWEEP_MODE_ZIP &&
         spec.mode() != v1::SWEEP_MODE_RANDOM;
}

absl::string_view UnitOf(absl::string_view measure) {
  for (const MeasureName& known : KnownMeasures()) {
    if (known.name == measure) return known.unit;
  }
  return "";
}

}  // namespace

bool Finding::HasValues() const {
  return std::any_of(rows.begin(), rows.end(), [](const Row& row) {
    return std::any_of(
        row.values.begin(), row.values.end(),
        [](const FoundValue& found) { return found.value.has_value(); });
  });
}

bool IsChosen(const StudyNotes& notes, const v1::JobSpec& spec,
              const v1::Task& task) {
  return std::any_of(
      notes.chosen.begin(), notes.chosen.end(), [&](const auto& point) {
        return std::all_of(point.begin(), point.end(), [&](const auto& label) {
          const int axis = PlaceOfAxis(spec, label.first);
          return axis >= 0 && LabelAt(task, axis) == label.second;
        });
      });
}

std::string ChosenText(const std::string& chosen_by) {
  return absl::StrCat("chosen", chosen_by.empty() ? "" : " by ", chosen_by);
}

FindingsReader::FindingsReader(const v1::JobSpec& spec, const StudyNotes& notes)
    : spec_(spec), notes_(notes) {
  for (const ShownMeasure& shown : notes.shows) {
    const int axis = PlaceOfAxis(spec, shown.by);
    if (axis < 0) continue;
    findings_.push_back({shown, notes.chosen_by, {}});
    axes_.push_back(axis);
  }
  rows_.resize(findings_.size());
}

void FindingsReader::Add(const v1::Task& task) {
  if (findings_.empty()) return;
  std::map<std::string, double> measures;
  if (IsMeasuredAs(spec_.measure(), task)) measures = MeasuresOf(task);
  const bool is_chosen = IsChosen(notes_, spec_, task);
  const bool is_grid = FillsAGrid(spec_);
  for (size_t i = 0; i < findings_.size(); ++i) {
    Finding& finding = findings_[i];
    const std::string label =
        is_grid ? LabelsBut(spec_, task, axes_[i]) : std::string();
    const auto [row, is_new] = rows_[i].try_emplace(label, finding.rows.size());
    if (is_new) finding.rows.push_back({label, {}});
    FoundValue found;
    found.label =
        is_grid ? LabelAt(task, axes_[i]) : LabelsBut(spec_, task, -1);
    const auto value = measures.find(finding.shown.measure);
    if (value != measures.end()) found.value = value->second;
    found.is_chosen = is_chosen;
    finding.rows[row->second].values.push_back(std::move(found));
  }
}

std::vector<Finding> FindingsReader::Findings() const { return findings_; }

absl::string_view MeasureUnit(absl::string_view measure) {
  const absl::string_view unit = UnitOf(measure);
  return unit == "bytes" ? "MiB" : unit;
}

std::string MeasureNumber(absl::string_view measure, double value) {
  if (UnitOf(measure) == "bytes") {
    return absl::StrFormat("%.0f", value / (1 << 20));
  }
  // Whole numbers have all their digits.
  return std::abs(value) < 1e4 ? absl::StrFormat("%.4g", value)
                               : absl::StrFormat("%.0f", value);
}

std::string NoteOfTask(const StudyNotes& notes, const v1::JobSpec& spec,
                       const v1::Task& task) {
  if (notes.shows.empty() || !IsMeasuredAs(spec.measure(), task)) return "";
  const std::string& measure = notes.shows.front().measure;
  const std::map<std::string, double> measures = MeasuresOf(task);
  const auto found = measures.find(measure);
  if (found == measures.end()) return "";
  const absl::string_view unit = MeasureUnit(measure);
  return absl::StrCat(measure, " ", MeasureNumber(measure, found->second),
                      unit.empty() ? "" : " ", unit);
}

JsonObject ToJson(const Finding& finding) {
  std::vector<JsonObject> rows;
  for (const Finding::Row& row : finding.rows) {
    std::vector<JsonObject> values;
    for (const FoundValue& found : row.values) {
      values.push_back(JsonObject()
                           .Add("label", found.label)
                           .Add("value", found.value)
                           .Add("chosen", found.is_chosen));
    }
    rows.push_back(JsonObject().Add("label", row.label).Add("values", values));
  }
  const std::string& measure = finding.shown.measure;
  return JsonObject()
      .Add("measure", measure)
      .Add("unit", NullIfEmpty(std::string(UnitOf(measure))))
      .Add("by", finding.shown.by)
      .Add("chosen_by", NullIfEmpty(finding.chosen_by))
      .Add("rows", rows);
}

}  // namespace atelier
