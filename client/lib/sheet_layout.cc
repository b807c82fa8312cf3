#include "client/lib/sheet_layout.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <numeric>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "atelier/v1/jobs.pb.h"
#include "client/lib/measure_names.h"
#include "common/quoted_text.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

constexpr int kLongestSidePx = 256;
constexpr int kLeastSidePx = 16;
// Grids of more have so many gaps that nobody sees what is between them.
constexpr size_t kMostCells = 20'000;
// One row of so many is still seen at once.
constexpr size_t kMostInOneRow = 8;

// A bare number says nothing without its axis.
std::string LabelText(const v1::Axis& axis, const std::string& label) {
  double number = 0;
  return absl::SimpleAtod(label, &number)
             ? absl::StrCat(axis.name(), " ", label)
             : label;
}

// Of some of the axes, as one text.
std::string LabelsText(const v1::JobSpec& spec,
                       const std::vector<std::string>& labels,
                       absl::Span<const int> axes) {
  std::vector<std::string> texts;
  for (int axis : axes) {
    texts.push_back(LabelText(spec.axes(axis), labels[axis]));
  }
  return absl::StrJoin(texts, ", ");
}

bool IsCombined(const v1::JobSpec& spec) {
  return spec.mode() != v1::SWEEP_MODE_ZIP &&
         spec.mode() != v1::SWEEP_MODE_RANDOM;
}

std::vector<int> AllAxes(const v1::JobSpec& spec) {
  std::vector<int> axes(spec.axes_size());
  std::iota(axes.begin(), axes.end(), 0);
  return axes;
}

std::vector<int>::iterator FindSheetAxis(const v1::JobSpec& spec,
                                         const std::string& name,
                                         std::vector<int>& axes) {
  const auto plain = [](const std::string& text) {
    return absl::StrReplaceAll(text, {{"-", "_"}});
  };
  return std::find_if(axes.begin(), axes.end(), [&](int axis) {
    return plain(spec.axes(axis).name()) == plain(name);
  });
}

// The first is the one that goes down, the last the one that goes across.
std::vector<int> OrderOfAxes(const v1::JobSpec& spec,
                             const SheetOptions& options) {
  std::vector<int> axes = AllAxes(spec);
  if (!options.rows.empty()) {
    const auto rows = FindSheetAxis(spec, options.rows, axes);
    if (rows != axes.end()) std::rotate(axes.begin(), rows, rows + 1);
  }
  if (!options.columns.empty()) {
    const auto columns = FindSheetAxis(spec, options.columns, axes);
    if (columns != axes.end()) std::rotate(columns, columns + 1, axes.end());
  }
  return axes;
}

absl::Status CheckSheetAxis(const v1::JobSpec& spec, absl::string_view flag,
                            const std::string& name) {
  if (name.empty()) return absl::OkStatus();
  if (!IsCombined(spec) && spec.axes_size() > 0) {
    return InvalidArgument(
        flag, ": the axes of job ", Quoted(spec.name()), " are ",
        spec.mode() == v1::SWEEP_MODE_ZIP ? "zipped" : "sampled",
        ", so that its sheet has tasks in their order; leave it out");
  }
  std::vector<int> axes = AllAxes(spec);
  if (FindSheetAxis(spec, name, axes) != axes.end()) return absl::OkStatus();
  std::vector<absl::string_view> names;
  for (const v1::Axis& axis : spec.axes()) names.push_back(axis.name());
  return InvalidArgument(
      flag, ": ", Quoted(name), " is no axis of job ", Quoted(spec.name()),
      "; ",
      names.empty() ? "it has none" : "its axes: ", absl::StrJoin(names, ", "));
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

// The values of an axis by their labels. A coordinator may say anything:
// labels that the axis does not have come after its own.
class AxisPlaces {
 public:
  explicit AxisPlaces(const v1::Axis& axis) {
    for (const v1::AxisValue& value : axis.values()) PlaceOf(value.label());
  }

  size_t PlaceOf(const std::string& label) {
    return places_.emplace(label, places_.size()).first->second;
  }

 private:
  std::map<std::string, size_t> places_;
};

// The blocks, and in each of them the rows that have any task, in the order of
// their axes' values; of each row its tasks by column.
class Grid {
 public:
  // REQUIRES: two axes at least, of which `order` has all.
  Grid(const v1::JobSpec& spec, std::vector<int> order)
      : spec_(spec), order_(std::move(order)) {
    for (const v1::Axis& axis : spec.axes()) places_.emplace_back(axis);
  }

  void Add(size_t task, const std::vector<std::string>& labels) {
    std::vector<size_t> block;
    for (int axis : BlockAxes()) {
      block.push_back(places_[axis].PlaceOf(labels[axis]));
    }
    const size_t row = places_[order_.front()].PlaceOf(labels[order_.front()]);
    const size_t column = places_[order_.back()].PlaceOf(labels[order_.back()]);
    Row& at = blocks_[std::move(block)][row];
    if (at.empty()) ++rows_;
    at.emplace(column, task);
  }

  bool IsDrawable() const {
    const size_t columns = std::max(Across().values_size(), 1);
    return rows_ <= kMostCells / columns;
  }

  std::vector<Sheet::Block> Fill(std::vector<SheetTask>& tasks,
                                 std::vector<std::string>& flags) const {
    std::vector<Sheet::Block> blocks;
    for (const auto& [key, rows] : blocks_) {
      Sheet::Block& block = blocks.emplace_back();
      for (const auto& [place, row] : rows) {
        const SheetTask& first = tasks[row.begin()->second];
        if (block.title.empty()) {
          block.title = LabelsText(spec_, first.labels, BlockAxes());
        }
        const std::string label =
            LabelsText(spec_, first.labels, {order_.front()});
        block.rows.push_back({label, Cells(row, tasks, flags)});
      }
    }
    return blocks;
  }

 private:
  // By column. Of two tasks with one place the second comes after it.
  using Row = std::multimap<size_t, size_t>;

  absl::Span<const int> BlockAxes() const {
    return absl::MakeConstSpan(order_).subspan(1, order_.size() - 2);
  }
  const v1::Axis& Across() const { return spec_.axes(order_.back()); }

  std::vector<SheetCell> Cells(const Row& row, std::vector<SheetTask>& tasks,
                               std::vector<std::string>& flags) const {
    std::vector<SheetCell> cells;
    size_t column = 0;
    for (const auto& [place, task] : row) {
      LeaveOut(place, column, cells);
      std::string label =
          LabelsText(spec_, tasks[task].labels, {order_.back()});
      cells.push_back(CellOf(std::move(tasks[task]), std::move(label),
                             std::move(flags[task])));
      column = std::max(column, place + 1);
    }
    LeaveOut(Across().values_size(), column, cells);
    return cells;
  }

  // As columns are labelled where a task has them, up to the column `end`.
  void LeaveOut(size_t end, size_t& column,
                std::vector<SheetCell>& cells) const {
    const v1::Axis& across = Across();
    end = std::min<size_t>(end, across.values_size());
    for (; column < end; ++column) {
      const std::string& label =
          across.values(static_cast<int>(column)).label();
      cells.push_back({Image{}, LabelText(across, label), "left out"});
    }
  }

  const v1::JobSpec& spec_;
  const std::vector<int> order_;
  std::vector<AxisPlaces> places_;
  std::map<std::vector<size_t>, std::map<size_t, Row>> blocks_;
  size_t rows_ = 0;
};

size_t ColumnsInOrder(const v1::JobSpec& spec, const SheetOptions& options,
                      size_t tasks) {
  // Of one axis; a grid that is laid out in order asked for other things.
  if (spec.axes_size() == 1) {
    if (!options.rows.empty()) return 1;
    if (!options.columns.empty()) return tasks;
  }
  if (spec.sheet_columns() > 0) return spec.sheet_columns();
  if (tasks <= kMostInOneRow) return tasks;
  const auto most = static_cast<size_t>(
      std::ceil(std::sqrt(1.5 * static_cast<double>(tasks))));
  const size_t rows = (tasks + most - 1) / most;
  return (tasks + rows - 1) / rows;
}

Sheet::Block InReadingOrder(const v1::JobSpec& spec,
                            const SheetOptions& options,
                            std::vector<SheetTask>& tasks,
                            std::vector<std::string>& flags) {
  const size_t columns = ColumnsInOrder(spec, options, tasks.size());
  const std::vector<int> axes = AllAxes(spec);
  Sheet::Block block;
  for (size_t i = 0; i < tasks.size(); ++i) {
    if (i % columns == 0) block.rows.emplace_back();
    std::string label = LabelsText(spec, tasks[i].labels, axes);
    block.rows.back().cells.push_back(
        CellOf(std::move(tasks[i]), std::move(label), std::move(flags[i])));
  }
  return block;
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
  RETURN_IF_ERROR(CheckSheetAxis(spec, "--rows", options.rows));
  RETURN_IF_ERROR(CheckSheetAxis(spec, "--columns", options.columns));
  if (options.rows.empty() || options.columns.empty()) return absl::OkStatus();
  std::vector<int> axes = AllAxes(spec);
  if (FindSheetAxis(spec, options.rows, axes) !=
      FindSheetAxis(spec, options.columns, axes)) {
    return absl::OkStatus();
  }
  return InvalidArgument("--columns: ", Quoted(options.columns),
                         " is what --rows names; leave one out");
}

Sheet LayOutSheet(const v1::JobSpec& spec, std::vector<SheetTask> tasks,
                  const SheetOptions& options) {
  Sheet sheet;
  sheet.title = spec.name();
  sheet.cell_px = LongestSide(tasks);
  std::vector<std::string> flags = Flags(tasks, options.mark);
  // A coordinator may say anything.
  for (SheetTask& task : tasks) task.labels.resize(spec.axes_size());
  if (spec.axes_size() >= 2 && IsCombined(spec)) {
    Grid grid(spec, OrderOfAxes(spec, options));
    for (size_t i = 0; i < tasks.size(); ++i) grid.Add(i, tasks[i].labels);
    if (grid.IsDrawable()) {
      sheet.blocks = grid.Fill(tasks, flags);
      return sheet;
    }
  }
  sheet.blocks = {InReadingOrder(spec, options, tasks, flags)};
  return sheet;
}

}  // namespace atelier
