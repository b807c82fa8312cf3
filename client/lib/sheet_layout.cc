#include "client/lib/sheet_layout.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "atelier/v1/jobs.pb.h"
#include "client/lib/measure_names.h"
#include "client/lib/task_grid.h"
#include "common/quoted_text.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

constexpr int kLongestSidePx = 256;
constexpr int kLeastSidePx = 16;

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

SheetCell CellOf(SheetTask task, std::string label, std::string flag) {
  if (task.image.rgb.empty()) {
    absl::StrAppend(&label, label.empty() ? "" : " ", "(", task.state, ")");
  }
  absl::StrAppend(&label, label.empty() || task.note.empty() ? "" : ", ",
                  task.note);
  return {std::move(task.image), std::move(label), "no picture",
          std::move(flag)};
}

// "best psnr 21.3 dB"
std::string FlagText(const std::string& measure, double value) {
  return absl::StrCat("best ", measure, " ", MeasureText(measure, value));
}

GridOptions GridOf(const SheetOptions& options) {
  return {options.rows, options.columns};
}

std::string AxisText(const v1::JobSpec& spec, std::optional<int> axis,
                     const std::string& label) {
  return axis.has_value() ? LabelText(spec.axes(*axis), label) : label;
}

// One text for each task: empty but for the best one's.
std::vector<std::string> Flags(absl::Span<const SheetTask> tasks,
                               const std::string& measure) {
  std::vector<std::string> flags(tasks.size());
  const bool wants_high = HigherIsBetter(measure);
  size_t best = tasks.size();
  for (size_t i = 0; i < tasks.size(); ++i) {
    if (!tasks[i].mark.has_value() || tasks[i].image.rgb.empty()) continue;
    const bool is_better = best == tasks.size() ||
                           (wants_high ? *tasks[i].mark > *tasks[best].mark
                                       : *tasks[i].mark < *tasks[best].mark);
    if (is_better) best = i;
  }
  if (best < tasks.size()) flags[best] = FlagText(measure, *tasks[best].mark);
  for (size_t i = 0; i < tasks.size(); ++i) {
    absl::StrAppend(&flags[i],
                    flags[i].empty() || tasks[i].chosen.empty() ? "" : ", ",
                    tasks[i].chosen);
  }
  return flags;
}

}  // namespace

absl::Status CheckMark(const std::string& measure) {
  if (measure.empty()) return absl::OkStatus();
  std::vector<absl::string_view> names;
  for (const MeasureName& known : KnownMeasures()) {
    if (known.better != Better::kNeither) names.push_back(known.name);
  }
  if (BetterOf(measure) == Better::kNeither) {
    return InvalidArgument("--mark: ", Quoted(measure),
                           " has no best value, as neither more nor less of it "
                           "is better; there are ",
                           absl::StrJoin(names, ", "));
  }
  return CheckMeasureName("--mark", measure, names);
}

absl::Status CheckSheetOptions(const v1::JobSpec& spec,
                               const SheetOptions& options) {
  RETURN_IF_ERROR(CheckMark(options.mark));
  return CheckGridOptions(spec, GridOf(options));
}

Sheet LayOutSheet(const v1::JobSpec& spec, std::vector<SheetTask> tasks,
                  const SheetOptions& options) {
  Sheet sheet;
  sheet.title = spec.name();
  sheet.cell_px = LongestSide(tasks);
  std::vector<std::string> flags = Flags(tasks, options.mark);
  std::vector<std::vector<std::string>> labels;
  for (SheetTask& task : tasks) {
    labels.push_back(std::move(task.labels));
    // A coordinator may say anything.
    labels.back().resize(spec.axes_size());
  }
  const TaskGrid grid = LayOutTasks(spec, labels, GridOf(options));
  for (const TaskGrid::Block& block : grid.blocks) {
    Sheet::Block& drawn = sheet.blocks.emplace_back();
    drawn.title = block.title;
    for (const TaskGrid::Row& row : block.rows) {
      drawn.rows.push_back({AxisText(spec, grid.row_axis, row.label), {}});
      for (const TaskGrid::Cell& cell : row.cells) {
        std::string label = AxisText(spec, grid.column_axis, cell.label);
        drawn.rows.back().cells.push_back(
            cell.task.has_value()
                ? CellOf(std::move(tasks[*cell.task]), std::move(label),
                         std::move(flags[*cell.task]))
                : SheetCell{Image{}, std::move(label), "left out"});
      }
    }
  }
  return sheet;
}

}  // namespace atelier
