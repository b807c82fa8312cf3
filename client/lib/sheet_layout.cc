#include "client/lib/sheet_layout.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/types/span.h"
#include "atelier/v1/jobs.pb.h"

namespace atelier {
namespace {

constexpr int kLongestSidePx = 256;
constexpr int kLeastSidePx = 16;

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

}  // namespace

Sheet LayOutSheet(const v1::JobSpec& spec, std::vector<SheetTask> tasks) {
  Sheet sheet;
  sheet.title = spec.name();
  sheet.cell_px = LongestSide(tasks);
  const bool grid = IsGrid(spec);
  const int row_axes = grid ? spec.axes_size() - 1 : 0;
  const size_t columns = grid ? spec.axes(row_axes).values_size()
                              : std::max(spec.sheet_columns(), 0);
  for (SheetTask& task : tasks) {
    if (sheet.rows.empty() ||
        (columns > 0 && sheet.rows.back().cells.size() == columns)) {
      sheet.rows.push_back({LabelsText(spec, task.labels, 0, row_axes), {}});
    }
    std::string label =
        LabelsText(spec, task.labels, row_axes, spec.axes_size());
    if (task.image.rgb.empty()) {
      absl::StrAppend(&label, label.empty() ? "" : " ", "(", task.state, ")");
    }
    sheet.rows.back().cells.push_back(
        {std::move(task.image), std::move(label)});
  }
  return sheet;
}

}  // namespace atelier
