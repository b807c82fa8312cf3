#include "client/lib/task_grid.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "atelier/v1/jobs.pb.h"
#include "common/quoted_text.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

// Grids of more have so many gaps that nobody sees what is between them.
constexpr size_t kMostCells = 20'000;
// One row of so many is still seen at once.
constexpr size_t kMostInOneRow = 8;

using Labels = absl::Span<const std::vector<std::string>>;

bool IsCombined(const v1::JobSpec& spec) {
  return spec.mode() != v1::SWEEP_MODE_ZIP &&
         spec.mode() != v1::SWEEP_MODE_RANDOM;
}

std::vector<int> AllAxes(const v1::JobSpec& spec) {
  std::vector<int> axes(spec.axes_size());
  std::iota(axes.begin(), axes.end(), 0);
  return axes;
}

std::vector<int>::iterator FindAxis(const v1::JobSpec& spec,
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
                             const GridOptions& options) {
  std::vector<int> axes = AllAxes(spec);
  if (!options.rows.empty()) {
    const auto rows = FindAxis(spec, options.rows, axes);
    if (rows != axes.end()) std::rotate(axes.begin(), rows, rows + 1);
  }
  if (!options.columns.empty()) {
    const auto columns = FindAxis(spec, options.columns, axes);
    if (columns != axes.end()) std::rotate(columns, columns + 1, axes.end());
  }
  return axes;
}

absl::Status CheckAxis(const v1::JobSpec& spec, absl::string_view flag,
                       const std::string& name) {
  if (name.empty()) return absl::OkStatus();
  if (!IsCombined(spec) && spec.axes_size() > 0) {
    return InvalidArgument(
        flag, ": the axes of job ", Quoted(spec.name()), " are ",
        spec.mode() == v1::SWEEP_MODE_ZIP ? "zipped" : "sampled",
        ", so that its sheet has tasks in their order; leave it out");
  }
  std::vector<int> axes = AllAxes(spec);
  if (FindAxis(spec, name, axes) != axes.end()) return absl::OkStatus();
  std::vector<absl::string_view> names;
  for (const v1::Axis& axis : spec.axes()) names.push_back(axis.name());
  return InvalidArgument(
      flag, ": ", Quoted(name), " is no axis of job ", Quoted(spec.name()),
      "; ",
      names.empty() ? "it has none" : "its axes: ", absl::StrJoin(names, ", "));
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
  Grid(const v1::JobSpec& spec, std::vector<int> order, Labels labels)
      : spec_(spec), order_(std::move(order)), labels_(labels) {
    for (const v1::Axis& axis : spec.axes()) places_.emplace_back(axis);
    for (size_t i = 0; i < labels.size(); ++i) Add(i);
  }

  bool IsDrawable() const {
    const size_t columns = std::max(Across().values_size(), 1);
    return rows_ <= kMostCells / columns;
  }

  TaskGrid Fill() const {
    TaskGrid grid;
    grid.row_axis = order_.front();
    grid.column_axis = order_.back();
    for (const auto& [key, rows] : blocks_) {
      TaskGrid::Block& block = grid.blocks.emplace_back();
      for (const auto& [place, row] : rows) {
        const std::vector<std::string>& first = labels_[row.begin()->second];
        if (block.title.empty()) {
          block.title = LabelsText(spec_, first, BlockAxes());
        }
        block.rows.push_back({first[order_.front()], Cells(row)});
      }
    }
    return grid;
  }

 private:
  // By column. Of two tasks with one place the second comes after it.
  using Row = std::multimap<size_t, size_t>;

  void Add(size_t task) {
    const std::vector<std::string>& labels = labels_[task];
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

  absl::Span<const int> BlockAxes() const {
    return absl::MakeConstSpan(order_).subspan(1, order_.size() - 2);
  }
  const v1::Axis& Across() const { return spec_.axes(order_.back()); }

  std::vector<TaskGrid::Cell> Cells(const Row& row) const {
    std::vector<TaskGrid::Cell> cells;
    size_t column = 0;
    for (const auto& [place, task] : row) {
      LeaveOut(place, column, cells);
      cells.push_back({task, labels_[task][order_.back()]});
      column = std::max(column, place + 1);
    }
    LeaveOut(Across().values_size(), column, cells);
    return cells;
  }

  // As columns are labelled where a task has them, up to the column `end`.
  void LeaveOut(size_t end, size_t& column,
                std::vector<TaskGrid::Cell>& cells) const {
    const v1::Axis& across = Across();
    end = std::min<size_t>(end, across.values_size());
    for (; column < end; ++column) {
      cells.push_back(
          {std::nullopt, across.values(static_cast<int>(column)).label()});
    }
  }

  const v1::JobSpec& spec_;
  const std::vector<int> order_;
  const Labels labels_;
  std::vector<AxisPlaces> places_;
  std::map<std::vector<size_t>, std::map<size_t, Row>> blocks_;
  size_t rows_ = 0;
};

size_t ColumnsInOrder(const v1::JobSpec& spec, const GridOptions& options,
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

TaskGrid InReadingOrder(const v1::JobSpec& spec, const GridOptions& options,
                        Labels labels) {
  const size_t columns = ColumnsInOrder(spec, options, labels.size());
  const bool is_one_axis = spec.axes_size() == 1;
  TaskGrid::Block block;
  for (size_t i = 0; i < labels.size(); ++i) {
    if (i % columns == 0) block.rows.emplace_back();
    block.rows.back().cells.push_back(
        {i, is_one_axis ? labels[i][0] : LabelsText(spec, labels[i])});
  }
  TaskGrid grid;
  if (is_one_axis) grid.column_axis = 0;
  grid.blocks.push_back(std::move(block));
  return grid;
}

}  // namespace

absl::Status CheckGridOptions(const v1::JobSpec& spec,
                              const GridOptions& options) {
  RETURN_IF_ERROR(CheckAxis(spec, "--rows", options.rows));
  RETURN_IF_ERROR(CheckAxis(spec, "--columns", options.columns));
  if (options.rows.empty() || options.columns.empty()) return absl::OkStatus();
  std::vector<int> axes = AllAxes(spec);
  if (FindAxis(spec, options.rows, axes) !=
      FindAxis(spec, options.columns, axes)) {
    return absl::OkStatus();
  }
  return InvalidArgument("--columns: ", Quoted(options.columns),
                         " is what --rows names; leave one out");
}

TaskGrid LayOutTasks(const v1::JobSpec& spec, Labels labels,
                     const GridOptions& options) {
  if (spec.axes_size() >= 2 && IsCombined(spec)) {
    const Grid grid(spec, OrderOfAxes(spec, options), labels);
    if (grid.IsDrawable()) return grid.Fill();
  }
  return InReadingOrder(spec, options, labels);
}

std::string LabelText(const v1::Axis& axis, const std::string& label) {
  double number = 0;
  return absl::SimpleAtod(label, &number)
             ? absl::StrCat(axis.name(), " ", label)
             : label;
}

std::string LabelsText(const v1::JobSpec& spec,
                       const std::vector<std::string>& labels,
                       absl::Span<const int> axes) {
  std::vector<std::string> texts;
  for (int axis : axes) {
    texts.push_back(LabelText(spec.axes(axis), labels[axis]));
  }
  return absl::StrJoin(texts, ", ");
}

std::string LabelsText(const v1::JobSpec& spec,
                       const std::vector<std::string>& labels) {
  return LabelsText(spec, labels, AllAxes(spec));
}

}  // namespace atelier
