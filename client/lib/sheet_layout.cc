#include "client/lib/sheet_layout.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "atelier/v1/jobs.pb.h"

namespace atelier {
namespace {

constexpr int kLongestSidePx = 256;
constexpr int kLeastSidePx = 16;
// More are not drawn on any sheet.
constexpr size_t kMostCells = 1'000'000;

// A bare number says nothing without its axis.
std::string LabelText(const v1::Axis& axis, const std::string& label) {
  double number = 0;
  return absl::SimpleAtod(label, &number)
             ? absl::StrCat(axis.name(), " ", label)
             : label;
}

// The labels of axes [first, last), as one text.
std::string LabelsText(const v1::JobSpec& spec,
                       const std::vector<std::string>& labels, int first,
                       int last) {
  std::vector<std::string> texts;
  last = std::min<int>(last, labels.size());
  for (int i = first; i < last; ++i) {
    texts.push_back(LabelText(spec.axes(i), labels[i]));
  }
  return absl::StrJoin(texts, ", ");
}

bool IsGrid(const v1::JobSpec& spec) {
  return spec.axes_size() >= 2 && spec.mode() != v1::SWEEP_MODE_ZIP &&
         spec.mode() != v1::SWEEP_MODE_RANDOM;
}

int LongestSide(absl::Span<const SheetTask> tasks) {
  int longest_px = 0;
  for (const SheetTask& task : tasks) {
    longest_px =
        std::max({longest_px, task.image.width_px, task.image.height_px});
  }
  // Smaller ones are enlarged: a sheet has no smaller cells.
  return longest_px == 0 ? kLongestSidePx
                         : std::clamp(longest_px, kLeastSidePx, kLongestSidePx);
}

// As a column of `axis` is labelled where no task has it.
SheetCell LeftOut(const v1::Axis& axis, const v1::AxisValue& value) {
  return {Image{}, LabelText(axis, value.label()), "left out"};
}

// One cell for each value of the last axis, whether or not a task has it: what
// rules leave out is no task.
Sheet::Row GridRow(const v1::JobSpec& spec, const SheetTask& first,
                   size_t rows_before) {
  const int row_axes = spec.axes_size() - 1;
  const v1::Axis& across = spec.axes(row_axes);
  Sheet::Row row{LabelsText(spec, first.labels, 0, row_axes), {}};
  const size_t columns = across.values_size();
  if ((rows_before + 1) * columns > kMostCells) return row;
  for (const v1::AxisValue& value : across.values()) {
    row.cells.push_back(LeftOut(across, value));
  }
  return row;
}

SheetCell CellOf(const v1::JobSpec& spec, SheetTask task, int first_axis) {
  std::string label =
      LabelsText(spec, task.labels, first_axis, spec.axes_size());
  if (task.image.rgb.empty()) {
    absl::StrAppend(&label, label.empty() ? "" : " ", "(", task.state, ")");
  }
  return {std::move(task.image), std::move(label)};
}

void FillGrid(const v1::JobSpec& spec, std::vector<SheetTask> tasks,
              Sheet& sheet) {
  const int row_axes = spec.axes_size() - 1;
  std::map<absl::string_view, size_t> columns;
  for (int i = 0; i < spec.axes(row_axes).values_size(); ++i) {
    columns.emplace(spec.axes(row_axes).values(i).label(), i);
  }
  std::vector<std::string> row;  // The labels of the present one.
  std::set<size_t> filled;       // Its columns that have a task.
  for (SheetTask& task : tasks) {
    // A coordinator may say anything.
    task.labels.resize(spec.axes_size());
    std::vector<std::string> labels(task.labels.begin(), task.labels.end() - 1);
    if (sheet.rows.empty() || labels != row) {
      sheet.rows.push_back(GridRow(spec, task, sheet.rows.size()));
      row = std::move(labels);
      filled.clear();
    }
    std::vector<SheetCell>& cells = sheet.rows.back().cells;
    const auto column = columns.find(task.labels.back());
    const bool has_place = column != columns.end() &&
                           column->second < cells.size() &&
                           filled.insert(column->second).second;
    SheetCell& cell = has_place ? cells[column->second] : cells.emplace_back();
    cell = CellOf(spec, std::move(task), row_axes);
  }
}

void FillInReadingOrder(const v1::JobSpec& spec, std::vector<SheetTask> tasks,
                        Sheet& sheet) {
  const size_t columns = std::max(spec.sheet_columns(), 0);
  for (SheetTask& task : tasks) {
    if (sheet.rows.empty() ||
        (columns > 0 && sheet.rows.back().cells.size() == columns)) {
      sheet.rows.emplace_back();
    }
    sheet.rows.back().cells.push_back(
        CellOf(spec, std::move(task), /*first_axis=*/0));
  }
}

}  // namespace

Sheet LayOutSheet(const v1::JobSpec& spec, std::vector<SheetTask> tasks) {
  Sheet sheet;
  sheet.title = spec.name();
  sheet.cell_px = LongestSide(tasks);
  if (IsGrid(spec)) {
    FillGrid(spec, std::move(tasks), sheet);
  } else {
    FillInReadingOrder(spec, std::move(tasks), sheet);
  }
  return sheet;
}

}  // namespace atelier
