#include "client/cli/findings_text.h"

#include <algorithm>
#include <cstddef>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "client/cli/table.h"
#include "common/quoted_text.h"

namespace atelier {
namespace {

// What is still read at a glance; results.csv has all.
constexpr size_t kColumns = 8;
constexpr size_t kMostColumns = 3 * kColumns;
constexpr size_t kMostRows = 20;

// In the order in which tasks have them.
std::vector<std::string> LabelsOf(const Finding& finding) {
  std::vector<std::string> labels;
  std::set<std::string> seen;
  for (const Finding::Row& row : finding.rows) {
    for (const FoundValue& found : row.values) {
      if (seen.insert(found.label).second) labels.push_back(found.label);
    }
  }
  return labels;
}

std::string FoundValueText(const std::string& measure, const Finding::Row& row,
                           const std::string& label) {
  const auto found =
      std::find_if(row.values.begin(), row.values.end(),
                   [&](const FoundValue& one) { return one.label == label; });
  if (found == row.values.end()) return "";
  return absl::StrCat(found->value.has_value()
                          ? MeasureNumber(measure, *found->value)
                          : "absent",
                      found->is_chosen ? "*" : "");
}

// The labels [from, to) of all rows.
std::string TableText(const Finding& finding,
                      absl::Span<const std::string> of) {
  const bool has_labels =
      std::any_of(finding.rows.begin(), finding.rows.end(),
                  [](const Finding::Row& row) { return !row.label.empty(); });
  const auto line = [&](const std::string& label,
                        std::vector<std::string> cells) {
    if (has_labels) cells.insert(cells.begin(), label);
    return cells;
  };
  Table table(line("", {of.begin(), of.end()}));
  const size_t rows = std::min(kMostRows, finding.rows.size());
  for (size_t i = 0; i < rows; ++i) {
    std::vector<std::string> cells;
    for (const std::string& label : of) {
      cells.push_back(
          FoundValueText(finding.shown.measure, finding.rows[i], label));
    }
    table.Add(line(finding.rows[i].label, std::move(cells)));
  }
  std::string text;
  const std::string lines = table.TakeText();
  for (absl::string_view one : absl::StrSplit(lines, '\n', absl::SkipEmpty())) {
    absl::StrAppend(&text, "  ", one, "\n");
  }
  return text;
}

std::string FindingText(const std::string& name, const Finding& finding) {
  const absl::string_view unit = MeasureUnit(finding.shown.measure);
  std::string text = EscapedText(
      absl::StrCat(name, ": ", finding.shown.measure, unit.empty() ? "" : " (",
                   unit, unit.empty() ? "" : ")", " by ", finding.shown.by));
  if (!finding.HasValues()) {
    return absl::StrCat(
        text, ": absent, as no result has it (earlier workers measure less)\n");
  }
  text += "\n";
  const std::vector<std::string> labels = LabelsOf(finding);
  const size_t shown = std::min(kMostColumns, labels.size());
  for (size_t from = 0; from < shown; from += kColumns) {
    absl::StrAppend(
        &text, TableText(finding, absl::MakeConstSpan(labels).subspan(
                                      from, std::min(kColumns, shown - from))));
  }
  if (shown < labels.size() || finding.rows.size() > kMostRows) {
    absl::StrAppend(&text, "  and more, see results.csv\n");
  }
  return text;
}

bool HasChosen(const Finding& finding) {
  return std::any_of(
      finding.rows.begin(), finding.rows.end(), [](const Finding::Row& row) {
        return std::any_of(row.values.begin(), row.values.end(),
                           [](const FoundValue& one) { return one.is_chosen; });
      });
}

}  // namespace

std::string FindingsText(absl::Span<const StudyFindings> studies) {
  std::string text;
  std::vector<std::string> notes;
  for (const StudyFindings& study : studies) {
    for (const Finding& finding : study.findings) {
      absl::StrAppend(&text, FindingText(study.name, finding));
      if (!finding.HasValues() || !HasChosen(finding)) continue;
      const std::string note =
          absl::StrCat("* ", EscapedText(ChosenText(finding.chosen_by)), "\n");
      if (std::find(notes.begin(), notes.end(), note) == notes.end()) {
        notes.push_back(note);
      }
    }
  }
  return absl::StrCat(text, absl::StrJoin(notes, ""));
}

}  // namespace atelier
