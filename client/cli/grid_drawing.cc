#include "client/cli/grid_drawing.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "client/cli/grid_table.h"
#include "client/cli/progress.h"
#include "common/cell_width.h"
#include "common/quoted_text.h"

namespace atelier {
namespace {

using Lines = std::vector<ScreenLine>;

// Narrower ones show nothing of a grid.
constexpr int kLeastColumns = 20;

constexpr struct {
  CellState state;
  const char* name;
} kLegend[] = {
    {CellState::kDone, "done"},        {CellState::kCached, "cached"},
    {CellState::kRunning, "running"},  {CellState::kQueued, "queued"},
    {CellState::kFailed, "failed"},    {CellState::kCancelled, "cancelled"},
    {CellState::kUnknown, "not read"},
};

ScreenLine LegendLine(const GridPicture& picture, GridStep step,
                      const TerminalLook& look) {
  const bool has_percent =
      step == GridStep::kTable || step == GridStep::kNarrowTable;
  LineBuilder line(look);
  for (const auto& entry : kLegend) {
    const auto found = picture.counts.find(entry.state);
    if (found == picture.counts.end() || found->second == 0) continue;
    const CellText sign = SignOf(entry.state, look.is_utf8);
    const bool is_tenths = entry.state == CellState::kRunning && !has_percent;
    line.Add(line.cells() > 0 ? "  " : "")
        .Add(is_tenths ? "0-9" : sign.text, sign.style)
        .Add(absl::StrCat(" ", found->second, " ", entry.name));
  }
  return line.Take();
}

ScreenLine StatusLineOf(const GridPicture& picture, const TerminalLook& look) {
  LineBuilder line(look);
  line.Add(picture.verdict.empty() ? ProgressBar(picture.name, picture.fraction,
                                                 picture.progress, look.columns)
                                   : picture.verdict);
  return line.Take();
}

// All that stands below the grid.
Lines NotesOf(const GridPicture& picture, GridStep step,
              const TerminalLook& look) {
  Lines notes = {LegendLine(picture, step, look)};
  if (!picture.speed.empty()) {
    notes.push_back(LineBuilder(look).Add(picture.speed).Take());
  }
  if (!picture.best_text.empty()) {
    const CellText sign = BestSign(look.is_utf8);
    notes.push_back(LineBuilder(look)
                        .Add(sign.text, sign.style)
                        .Add(absl::StrCat(" ", picture.best_text))
                        .Take());
  }
  notes.push_back(StatusLineOf(picture, look));
  return notes;
}

// A job without rows as a grid of one row, or of one column.
TaskGrid AsList(const TaskGrid& grid, bool goes_down) {
  TaskGrid list;
  std::vector<TaskGrid::Row>& rows = list.blocks.emplace_back().rows;
  if (!goes_down) rows.emplace_back();
  for (const TaskGrid::Block& block : grid.blocks) {
    for (const TaskGrid::Row& row : block.rows) {
      for (const TaskGrid::Cell& cell : row.cells) {
        if (goes_down) {
          rows.push_back({cell.label, {{cell.task, ""}}});
        } else {
          rows.back().cells.push_back(cell);
        }
      }
    }
  }
  return list;
}

// One way to draw, and what it is.
struct TableStep {
  GridStep step;
  TableShape shape;
};

constexpr TableStep kGridSteps[] = {
    {GridStep::kTable, {24, 16, false}},
    {GridStep::kTable, {16, 8, true}},
    {GridStep::kNarrowTable, {12, 6, true}},
    {GridStep::kNarrowTable, {12, 4, true}},
    {GridStep::kSigns, {16, 1, false}},
    {GridStep::kSigns, {6, 1, false}},
};
constexpr TableStep kListSteps[] = {
    {GridStep::kTable, {40, 4, true}},
    {GridStep::kNarrowTable, {20, 4, true}},
    {GridStep::kSigns, {12, 1, false}},
};

// Several tasks in each sign, in so many lines; "label  ##5..  12/40" each.
class DenseDrawing {
 public:
  DenseDrawing(const GridPicture& picture, const TerminalLook& look)
      : picture_(picture), look_(look) {
    for (const TaskGrid::Block& block : picture.grid.blocks) {
      for (const TaskGrid::Row& row : block.rows) {
        Row& own = rows_.emplace_back();
        own.label = absl::StrCat(block.title, block.title.empty() ? "" : " ",
                                 row.label);
        for (const TaskGrid::Cell& cell : row.cells) {
          if (cell.task.has_value()) own.tasks.push_back(*cell.task);
        }
      }
    }
  }

  Lines Draw(int most_lines) {
    // A line of its own where there are some.
    constexpr int kEnoughLines = 4;
    const bool has_caption = most_lines >= kEnoughLines;
    Lines lines = DrawRows(most_lines - (has_caption ? 1 : 0));
    if (has_caption) {
      lines.insert(lines.begin(),
                   LineBuilder(look_).Add(Caption(), LineStyle::kFaint).Take());
    }
    return lines;
  }

 private:
  struct Row {
    std::string label;
    std::vector<size_t> tasks;
  };

  Lines DrawRows(int most_lines) {
    if (!picture_.grid.row_axis.has_value()) {
      CutAnew(most_lines);
    } else {
      JoinTo(most_lines);
    }
    int label = 0;
    for (const Row& row : rows_) {
      label = std::max(label, CellWidth(EscapedText(row.label)));
    }
    label = std::min(label, look_.room() / 3);
    Lines lines;
    for (const Row& row : rows_) lines.push_back(LineOf(row, label));
    return lines;
  }

  std::string Caption() const {
    const std::string axes =
        is_list_ ? picture_.column_axis
                 : absl::StrCat("rows ", picture_.row_axis, ", columns ",
                                picture_.column_axis);
    if (most_in_sign_ <= 1) return axes;
    return absl::StrCat(axes, axes.empty() ? "" : "; ",
                        "a sign stands for up to ", most_in_sign_, " tasks");
  }

  // In reading order rows mean nothing: as few tasks in each sign as fit.
  void CutAnew(int most_lines) {
    std::vector<size_t> all;
    for (const Row& row : rows_) {
      all.insert(all.end(), row.tasks.begin(), row.tasks.end());
    }
    const size_t signs = static_cast<size_t>(look_.room()) * most_lines;
    const size_t each = std::max<size_t>((all.size() + signs - 1) / signs, 1);
    rows_.clear();
    const size_t in_line = each * look_.room();
    for (size_t first = 0; first < all.size(); first += in_line) {
      const size_t end = std::min(first + in_line, all.size());
      rows_.push_back({"", {all.begin() + first, all.begin() + end}});
    }
    is_list_ = true;
    each_ = each;
  }

  // Neighbours share a line where there are too many.
  void JoinTo(int most_lines) {
    const size_t most = most_lines;
    if (rows_.size() <= most) return;
    const size_t by = (rows_.size() + most - 1) / most;
    std::vector<Row> joined;
    for (size_t first = 0; first < rows_.size(); first += by) {
      const size_t last = std::min(first + by, rows_.size()) - 1;
      Row& row = joined.emplace_back(rows_[first]);
      if (last == first) continue;
      absl::StrAppend(&row.label, " to ", rows_[last].label);
      for (size_t i = first + 1; i <= last; ++i) {
        row.tasks.insert(row.tasks.end(), rows_[i].tasks.begin(),
                         rows_[i].tasks.end());
      }
    }
    rows_ = std::move(joined);
  }

  ScreenLine LineOf(const Row& row, int label) {
    LineBuilder line(look_);
    if (is_list_) {
      AddSigns(row, (row.tasks.size() + each_ - 1) / each_, line);
      return line.Take();
    }
    if (label > 0) {
      line.Add(FittedText(EscapedText(row.label), label)).PadTo(label + 2);
    }
    const auto ended =
        std::count_if(row.tasks.begin(), row.tasks.end(), [this](size_t task) {
          const CellState state = picture_.tasks[task].state;
          return state == CellState::kDone || state == CellState::kCached;
        });
    const std::string count = absl::StrCat("  ", ended, "/", row.tasks.size());
    const int room =
        look_.room() - line.cells() - static_cast<int>(count.size());
    AddSigns(row, std::min<size_t>(row.tasks.size(), std::max(room, 1)), line);
    line.Add(count, LineStyle::kFaint);
    return line.Take();
  }

  void AddSigns(const Row& row, size_t signs, LineBuilder& line) {
    const size_t tasks = row.tasks.size();
    for (size_t i = 0; i < signs; ++i) {
      std::vector<TaskCell> cells;
      bool is_best = false;
      const size_t first =
          is_list_ ? std::min(i * each_, tasks) : i * tasks / signs;
      const size_t end =
          is_list_ ? std::min((i + 1) * each_, tasks) : (i + 1) * tasks / signs;
      for (size_t t = first; t < end; ++t) {
        cells.push_back(picture_.tasks[row.tasks[t]]);
        is_best = is_best || row.tasks[t] == picture_.best;
      }
      most_in_sign_ = std::max(most_in_sign_, cells.size());
      const CellText text = is_best && cells.size() == 1
                                ? BestSign(look_.is_utf8)
                                : DenseText(cells, look_.is_utf8);
      line.Add(text.text, text.style);
    }
  }

  const GridPicture& picture_;
  const TerminalLook& look_;
  std::vector<Row> rows_;
  bool is_list_ = false;
  size_t each_ = 1;  // Tasks in a sign of a list.
  size_t most_in_sign_ = 0;
};

std::optional<Lines> DrawList(const GridPicture& picture, GridStep step,
                              const TableShape& shape, const TerminalLook& look,
                              int most_lines) {
  // Bare values of one axis are labels of columns.
  if (step == GridStep::kTable && !picture.column_axis.empty()) {
    std::optional<Lines> across = DrawTable(
        picture, AsList(picture.grid, false), {0, 16, false}, look, most_lines);
    if (across.has_value()) return across;
  }
  return DrawTable(picture, AsList(picture.grid, true), shape, look,
                   most_lines);
}

GridDrawing Joined(GridStep step, Lines lines, Lines notes) {
  std::move(notes.begin(), notes.end(), std::back_inserter(lines));
  return {step, std::move(lines)};
}

}  // namespace

GridDrawing DrawGrid(const GridPicture& picture, const TerminalLook& look) {
  const GridDrawing line = {GridStep::kLine, {StatusLineOf(picture, look)}};
  if (look.columns < kLeastColumns || picture.tasks.empty()) return line;
  const bool is_list = !picture.grid.row_axis.has_value();
  const auto steps = is_list ? absl::MakeConstSpan(kListSteps)
                             : absl::MakeConstSpan(kGridSteps);
  for (const TableStep& one : steps) {
    Lines notes = NotesOf(picture, one.step, look);
    const int room = look.rows - static_cast<int>(notes.size());
    if (room < 1) break;
    std::optional<Lines> lines =
        is_list ? DrawList(picture, one.step, one.shape, look, room)
                : DrawTable(picture, picture.grid, one.shape, look, room);
    if (lines.has_value()) {
      return Joined(one.step, *std::move(lines), std::move(notes));
    }
  }
  Lines notes = NotesOf(picture, GridStep::kDense, look);
  // Rather a line of the grid than all that is said of it.
  if (look.rows <= static_cast<int>(notes.size())) {
    notes = {StatusLineOf(picture, look)};
  }
  const int room = look.rows - static_cast<int>(notes.size());
  if (room < 1) return line;
  return Joined(GridStep::kDense, DenseDrawing(picture, look).Draw(room),
                std::move(notes));
}

}  // namespace atelier
