#include "client/cli/grid_table.h"

#include <algorithm>
#include <cstddef>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "client/cli/task_cells.h"
#include "common/cell_width.h"
#include "common/quoted_text.h"

namespace atelier {
namespace {

constexpr int kPanelGap = 3;
constexpr int kMostTitle = 20;
constexpr int kLabelGap = 2;
// "42%" and a gap.
constexpr int kLeastWideCell = 4;

int ShownWidth(const std::string& label) {
  return CellWidth(EscapedText(label));
}

// Rows that stand together: a block, or a part of one.
struct Panel {
  std::string title;
  absl::Span<const TaskGrid::Row> rows;
};

int Ceil(size_t count, int by) {
  return (static_cast<int>(count) + by - 1) / by;
}

// The columns' labels, as the longest row has them.
std::vector<std::string> ColumnLabels(const TaskGrid& grid) {
  const TaskGrid::Row* longest = nullptr;
  for (const TaskGrid::Block& block : grid.blocks) {
    for (const TaskGrid::Row& row : block.rows) {
      if (longest == nullptr || row.cells.size() > longest->cells.size()) {
        longest = &row;
      }
    }
  }
  std::vector<std::string> labels;
  if (longest == nullptr) return labels;
  for (const TaskGrid::Cell& cell : longest->cells) {
    labels.push_back(EscapedText(cell.label));
  }
  return labels;
}

// One grid in one shape.
class TableDrawing {
 public:
  TableDrawing(const GridPicture& picture, const TaskGrid& grid,
               const TableShape& shape, const TerminalLook& look)
      : picture_(picture), grid_(grid), look_(look) {
    columns_ = ColumnLabels(grid);
    Measure(shape);
  }

  std::optional<std::vector<ScreenLine>> Draw(int most_lines) {
    if (!fits_) return std::nullopt;
    std::vector<ScreenLine> lines;
    if (LineBuilder caption(look_); AddCaption(caption)) {
      lines.push_back(caption.Take());
    }
    const int room = most_lines - static_cast<int>(lines.size());
    const std::vector<Panel> panels = Panels(room);
    const int most_beside = (look_.room() + kPanelGap) / (width_ + kPanelGap);
    for (int beside = 1; beside <= most_beside; ++beside) {
      if (HeightOf(panels, beside) > room) continue;
      AddBands(panels, beside, lines);
      return lines;
    }
    return std::nullopt;
  }

 private:
  // How wide labels and cells are, and whether columns are labelled.
  void Measure(const TableShape& shape) {
    int title = 0;
    size_t across = 0;
    for (const TaskGrid::Block& block : grid_.blocks) {
      title = std::max(title, std::min(ShownWidth(block.title), kMostTitle));
      for (const TaskGrid::Row& row : block.rows) {
        label_ = std::max(label_, ShownWidth(row.label));
        across = std::max(across, row.cells.size());
      }
    }
    label_ = std::min(label_, shape.most_label);
    is_wide_ = shape.most_cell > 1;
    cell_ = 1;
    if (is_wide_) {
      int longest = 0;
      for (const std::string& label : columns_) {
        longest = std::max(longest, CellWidth(label) + kLabelGap);
      }
      cell_ = std::clamp(longest, kLeastWideCell,
                         std::max(shape.most_cell, kLeastWideCell));
      if (longest > cell_ && !shape.cuts_labels) fits_ = false;
      has_header_ = !columns_.empty() && AreDistinct(cell_ - 1);
    }
    const int wide = look_.room() + 1;  // No matter how much wider.
    width_ = across > static_cast<size_t>(wide)
                 ? wide
                 : label_ + (label_ > 0 ? kLabelGap : 0) +
                       cell_ * static_cast<int>(across);
    width_ = std::max(width_, title);
    if (width_ > look_.room()) fits_ = false;
  }

  // Whether labels of columns differ in so many cells; empty ones say nothing.
  bool AreDistinct(int cells) const {
    std::set<std::string> seen;
    for (const std::string& label : columns_) {
      const std::string fitted = FittedText(label, cells);
      if (fitted.empty() || !seen.insert(fitted).second) return false;
    }
    return true;
  }

  // What goes down and across. False for nothing to say.
  bool AddCaption(LineBuilder& line) const {
    std::string text;
    if (!picture_.row_axis.empty()) {
      text = absl::StrCat("rows ", picture_.row_axis, ", columns ");
    }
    absl::StrAppend(&text, picture_.column_axis);
    // A list's rows are labelled, whatever goes across.
    const bool is_list = label_ > 0 && columns_.size() == 1;
    if (!has_header_ && !is_list && !columns_.empty() && !text.empty()) {
      absl::StrAppend(&text, ": ", columns_.front(), " to ", columns_.back());
    }
    line.Add(text, LineStyle::kFaint);
    return !text.empty();
  }

  int HeadOf(const Panel& panel) const {
    return (panel.title.empty() ? 0 : 1) + (has_header_ ? 1 : 0);
  }
  int HeightOf(const Panel& panel) const {
    return HeadOf(panel) + static_cast<int>(panel.rows.size());
  }

  // A single block that is too high is cut into parts of one height.
  std::vector<Panel> Panels(int room) const {
    std::vector<Panel> panels;
    for (const TaskGrid::Block& block : grid_.blocks) {
      panels.push_back({block.title, block.rows});
    }
    if (panels.size() != 1 || HeightOf(panels[0]) <= room) return panels;
    const Panel whole = panels[0];
    const int most_rows = room - HeadOf(whole);
    if (most_rows < 1) return panels;
    const int parts = Ceil(whole.rows.size(), most_rows);
    const int rows = Ceil(whole.rows.size(), parts);
    panels.clear();
    for (size_t first = 0; first < whole.rows.size(); first += rows) {
      panels.push_back({whole.title, whole.rows.subspan(first, rows)});
    }
    return panels;
  }

  template <typename Visit>
  void ForEachBand(const std::vector<Panel>& panels, int beside,
                   Visit visit) const {
    const absl::Span<const Panel> all = panels;
    for (size_t first = 0; first < all.size(); first += beside) {
      const absl::Span<const Panel> band = all.subspan(first, beside);
      int height = 0;
      for (const Panel& panel : band) {
        height = std::max(height, HeightOf(panel));
      }
      visit(band, height);
    }
  }

  int HeightOf(const std::vector<Panel>& panels, int beside) const {
    int height = 0;
    ForEachBand(panels, beside,
                [&](absl::Span<const Panel> /*band*/, int of_band) {
                  height += of_band;
                });
    return height;
  }

  void AddBands(const std::vector<Panel>& panels, int beside,
                std::vector<ScreenLine>& lines) const {
    ForEachBand(panels, beside, [&](absl::Span<const Panel> band, int height) {
      for (int i = 0; i < height; ++i) {
        LineBuilder line(look_);
        int begin = 0;
        for (const Panel& panel : band) {
          line.PadTo(begin);
          AddLine(panel, i, begin, line);
          begin += width_ + kPanelGap;
        }
        lines.push_back(line.Take());
      }
    });
  }

  void AddLine(const Panel& panel, int i, int begin, LineBuilder& line) const {
    if (!panel.title.empty() && i-- == 0) {
      line.Add(FittedText(EscapedText(panel.title), width_));
      return;
    }
    const int cells = begin + label_ + (label_ > 0 ? kLabelGap : 0);
    if (has_header_ && i-- == 0) {
      for (size_t c = 0; c < columns_.size(); ++c) {
        line.PadTo(cells + static_cast<int>(c) * cell_);
        line.Add(FittedText(columns_[c], cell_ - 1), LineStyle::kFaint);
      }
      return;
    }
    if (i >= static_cast<int>(panel.rows.size())) return;
    const TaskGrid::Row& row = panel.rows[i];
    line.Add(FittedText(EscapedText(row.label), label_));
    for (size_t c = 0; c < row.cells.size(); ++c) {
      if (!row.cells[c].task.has_value()) continue;
      line.PadTo(cells + static_cast<int>(c) * cell_);
      const CellText text = TextOf(*row.cells[c].task);
      line.Add(text.text, text.style);
    }
  }

  CellText TextOf(size_t task) const {
    if (task == picture_.best) return BestSign(look_.is_utf8);
    const TaskCell& cell = picture_.tasks[task];
    return is_wide_ ? WideText(cell, look_.is_utf8)
                    : DenseText({&cell, 1}, look_.is_utf8);
  }

  const GridPicture& picture_;
  const TaskGrid& grid_;
  const TerminalLook& look_;
  std::vector<std::string> columns_;
  bool is_wide_ = false;
  bool has_header_ = false;
  bool fits_ = true;
  int label_ = 0;
  int cell_ = 0;
  int width_ = 0;  // Of a panel.
};

}  // namespace

std::optional<std::vector<ScreenLine>> DrawTable(const GridPicture& picture,
                                                 const TaskGrid& grid,
                                                 const TableShape& shape,
                                                 const TerminalLook& look,
                                                 int most_lines) {
  return TableDrawing(picture, grid, shape, look).Draw(most_lines);
}

}  // namespace atelier
