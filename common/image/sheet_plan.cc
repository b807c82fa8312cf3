#include "common/image/sheet_plan.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "common/render/size.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

// A sheet of several blocks is to be about so much wider than high.
constexpr double kAspect = 1.5;
// Inputs stay large enough to be told apart, and gaps to say why they are.
constexpr int kLeastInputPx = 96;

// What is given up, one after another, where pixels run out.
struct Detail {
  int label_lines;
  bool widens_columns;  // For words that are wider than the pictures.
  int least_cell_px;
};
constexpr Detail kDetails[] = {{3, true, 48}, {1, false, 32}, {0, false, 16}};

struct RowSize {
  int slot = 0;
  int label = 0;
};

// What blocks take, wherever they stand.
struct BlockSizes {
  std::vector<int> titles;
  std::vector<std::vector<RowSize>> rows;
};

template <typename Visit>
absl::Status ForEachCell(const Sheet& sheet, Visit visit) {
  for (const Sheet::Block& block : sheet.blocks) {
    for (const Sheet::Row& row : block.rows) {
      for (const SheetCell& cell : row.cells) RETURN_IF_ERROR(visit(cell));
    }
  }
  return absl::OkStatus();
}

int64_t WidestRow(const Sheet& sheet) {
  size_t most = 0;
  for (const Sheet::Block& block : sheet.blocks) {
    for (const Sheet::Row& row : block.rows) {
      most = std::max(most, row.cells.size());
    }
  }
  return static_cast<int64_t>(most);
}

// What a gap is drawn as: the size of the pictures it stands among.
absl::StatusOr<Box> LargestPicture(const Sheet& sheet, int longer_side_px) {
  Box largest;
  RETURN_IF_ERROR(ForEachCell(sheet, [&](const SheetCell& cell) {
    if (IsGap(cell)) return absl::OkStatus();
    const Box box = PictureBox(cell, longer_side_px);
    largest.width = std::max(largest.width, box.width);
    largest.height = std::max(largest.height, box.height);
    return absl::OkStatus();
  }));
  if (largest.width == 0) largest.width = largest.height = longer_side_px;
  return largest;
}

absl::StatusOr<int> LinesHeight(const std::string& text, const TextStyle& style,
                                int width, int max_lines,
                                TextBreaker& breaker) {
  if (max_lines == 0) return 0;
  ASSIGN_OR_RETURN(const absl::Span<const std::string> lines,
                   breaker.Break(text, style, width, max_lines));
  return static_cast<int>(lines.size()) * SheetPlan::LineOf(style);
}

// Plans a sheet at one size of its cells.
class Planner {
 public:
  Planner(const Sheet& sheet, const Detail& detail, TextBreaker& breaker)
      : sheet_(sheet), detail_(detail), breaker_(breaker) {}

  // Leaves blocks without a place where there are more than kMaxSheetPixels.
  absl::StatusOr<std::pair<SheetPlan, int64_t>> At(int cell_px) {
    plan_ = SheetPlan();
    plan_.cell_px = cell_px;
    RETURN_IF_ERROR(Measure());
    ASSIGN_OR_RETURN(const BlockSizes sizes, SizesOfBlocks());
    const int64_t across = BlocksAcross(sizes);
    const int64_t blocks_height = HeightOf(sizes, across);
    RETURN_IF_ERROR(FitInputs(blocks_height));
    const int64_t blocks_width =
        across * (block_width_ + BlockGap()) - BlockGap();
    int64_t inside = plan_.inputs_width + blocks_width;
    ASSIGN_OR_RETURN(const int title,
                     breaker_.Width(sheet_.title, plan_.Title()));
    inside = std::max<int64_t>(inside, std::min(title, plan_.text * 30));
    // What is wider is far beyond the bound.
    const int bounded =
        static_cast<int>(std::min<int64_t>(inside, kMaxSheetPixels));
    RETURN_IF_ERROR(PlaceTitle(bounded));
    const int64_t width = inside + 2 * plan_.margin;
    const int64_t height = plan_.top + plan_.margin +
                           std::max<int64_t>(blocks_height, inputs_height_);
    const int64_t pixels = width > kMaxSheetPixels ? width : width * height;
    if (pixels <= kMaxSheetPixels) {
      plan_.width = static_cast<int>(width);
      plan_.height = static_cast<int>(height);
      plan_.block_width = static_cast<int>(block_width_);
      Place(sizes, static_cast<size_t>(across));
    }
    return std::make_pair(std::move(plan_), pixels);
  }

 private:
  int BlockGap() const { return plan_.gutter * 3; }

  absl::Status Measure() {
    SheetPlan& plan = plan_;
    plan.label_lines = detail_.label_lines;
    plan.text = std::clamp(plan.cell_px / 17, 12, 48);
    plan.title_text = plan.text * 8 / 5;
    plan.line = SheetPlan::LineOf(plan.Label());
    plan.margin = plan.text * 2;
    plan.gutter = plan.label_lines == 0 ? 4 : plan.text;
    ASSIGN_OR_RETURN(largest_, LargestPicture(sheet_, plan.cell_px));
    plan.slot_width = largest_.width;
    if (detail_.widens_columns) {
      ASSIGN_OR_RETURN(const int word, WidestWord());
      // Narrow pictures still leave room for a readable label.
      plan.slot_width = std::max(
          plan.slot_width, std::clamp(word, plan.text * 6, plan.text * 10));
    }
    RETURN_IF_ERROR(MeasureRowLabels());
    block_width_ = plan.row_label_width +
                   WidestRow(sheet_) * int64_t{plan.slot_width + plan.gutter} -
                   plan.gutter;
    return absl::OkStatus();
  }

  absl::StatusOr<int> WidestWord() {
    int widest = 0;
    RETURN_IF_ERROR(
        ForEachCell(sheet_, [&](const SheetCell& cell) -> absl::Status {
          ASSIGN_OR_RETURN(const int word,
                           breaker_.WidestWord(cell.label, plan_.Label()));
          widest = std::max(widest, word);
          return absl::OkStatus();
        }));
    return widest;
  }

  absl::Status MeasureRowLabels() {
    const int most = std::max(plan_.cell_px * 4 / 5, plan_.text * 12);
    int widest = 0;
    for (const Sheet::Block& block : sheet_.blocks) {
      for (const Sheet::Row& row : block.rows) {
        ASSIGN_OR_RETURN(const absl::Span<const std::string> lines,
                         breaker_.Break(row.label, plan_.RowLabel(), most,
                                        plan_.RowLabelLines()));
        for (const std::string& line : lines) {
          ASSIGN_OR_RETURN(const int width,
                           breaker_.Width(line, plan_.RowLabel()));
          widest = std::max(widest, std::min(width, most));
        }
      }
    }
    if (widest > 0) plan_.row_label_width = widest + plan_.text * 3 / 2;
    return absl::OkStatus();
  }

  absl::StatusOr<RowSize> SizeOf(const Sheet::Row& row) {
    RowSize size;
    for (const SheetCell& cell : row.cells) {
      const int picture = IsGap(cell) ? largest_.height
                                      : PictureBox(cell, plan_.cell_px).height;
      ASSIGN_OR_RETURN(const int flag, FlagHeight(plan_, cell, breaker_));
      ASSIGN_OR_RETURN(const int label,
                       LinesHeight(cell.label, plan_.Label(), plan_.slot_width,
                                   plan_.label_lines, breaker_));
      size.slot = std::max(size.slot, picture);
      size.label = std::max(size.label, flag + label);
    }
    if (plan_.label_lines > 0) size.label += plan_.text / 2;
    if (row.label.empty()) return size;
    ASSIGN_OR_RETURN(const int label,
                     LinesHeight(row.label, plan_.RowLabel(),
                                 plan_.row_label_width - plan_.text * 3 / 2,
                                 plan_.RowLabelLines(), breaker_));
    size.slot = std::max(size.slot, label);
    return size;
  }

  absl::StatusOr<BlockSizes> SizesOfBlocks() {
    BlockSizes sizes;
    const int width =
        static_cast<int>(std::min<int64_t>(block_width_, kMaxSheetPixels));
    for (const Sheet::Block& block : sheet_.blocks) {
      ASSIGN_OR_RETURN(int title,
                       LinesHeight(block.title, plan_.BlockTitle(), width,
                                   plan_.BlockTitleLines(), breaker_));
      if (title > 0) title += plan_.text / 2;
      sizes.titles.push_back(title);
      std::vector<RowSize>& rows = sizes.rows.emplace_back();
      for (const Sheet::Row& row : block.rows) {
        ASSIGN_OR_RETURN(rows.emplace_back(), SizeOf(row));
      }
    }
    return sizes;
  }

  // Blocks side by side have their rows and titles at one height.
  static std::pair<int, std::vector<RowSize>> Band(const BlockSizes& sizes,
                                                   size_t first,
                                                   size_t across) {
    const size_t end = std::min(first + across, sizes.rows.size());
    int title = 0;
    std::vector<RowSize> rows;
    for (size_t b = first; b < end; ++b) {
      title = std::max(title, sizes.titles[b]);
      rows.resize(std::max(rows.size(), sizes.rows[b].size()));
      for (size_t r = 0; r < sizes.rows[b].size(); ++r) {
        rows[r].slot = std::max(rows[r].slot, sizes.rows[b][r].slot);
        rows[r].label = std::max(rows[r].label, sizes.rows[b][r].label);
      }
    }
    return {title, std::move(rows)};
  }

  int64_t RowsHeight(const std::vector<RowSize>& rows) const {
    return std::accumulate(rows.begin(), rows.end(), int64_t{0},
                           [this](int64_t sum, const RowSize& row) {
                             return sum + row.slot + row.label + plan_.gutter;
                           }) -
           plan_.gutter;
  }

  int64_t HeightOf(const BlockSizes& sizes, int64_t across) const {
    int64_t height = -BlockGap();
    for (size_t b = 0; b < sizes.rows.size();
         b += static_cast<size_t>(across)) {
      const auto [title, rows] = Band(sizes, b, static_cast<size_t>(across));
      height += title + RowsHeight(rows) + BlockGap();
    }
    return height;
  }

  // So many that the sheet is about as wide as screens are, and that the last
  // band is not left half empty for nothing.
  int64_t BlocksAcross(const BlockSizes& sizes) const {
    const auto blocks = static_cast<int64_t>(sizes.rows.size());
    if (blocks == 1) return 1;
    const double block_height =
        static_cast<double>(HeightOf(sizes, 1) + BlockGap()) /
        static_cast<double>(blocks);
    int64_t best = 1;
    double least = 0;
    for (int64_t across = 1; across <= blocks; ++across) {
      const int64_t bands = (blocks + across - 1) / across;
      const double ratio =
          static_cast<double>(across * (block_width_ + BlockGap())) /
          (static_cast<double>(bands) * block_height) / kAspect;
      const double left_empty =
          1 - static_cast<double>(blocks) / static_cast<double>(bands * across);
      const double badness = std::max(ratio, 1 / ratio) * (1 + left_empty);
      if (across > 1 && badness >= least) continue;
      best = across;
      least = badness;
    }
    return best;
  }

  // As large as the cells, or smaller where they would be higher than all of
  // the blocks.
  absl::Status FitInputs(int64_t blocks_height) {
    inputs_height_ = 0;
    if (sheet_.inputs.empty()) return absl::OkStatus();
    int px = std::max(plan_.cell_px, kLeastInputPx);
    for (;; px = std::max(px * 7 / 8, kLeastInputPx)) {
      RETURN_IF_ERROR(MeasureInputs(px));
      if (inputs_height_ <= blocks_height || px == kLeastInputPx) break;
    }
    plan_.inputs_width += 3 * plan_.text;
    return absl::OkStatus();
  }

  absl::Status MeasureInputs(int px) {
    plan_.input_px = px;
    plan_.inputs_width = plan_.text * 7;
    for (const SheetCell& input : sheet_.inputs) {
      plan_.inputs_width =
          std::max(plan_.inputs_width, PictureBox(input, px).width);
    }
    inputs_height_ = -plan_.gutter;
    for (const SheetCell& input : sheet_.inputs) {
      ASSIGN_OR_RETURN(
          const int label,
          LinesHeight(input.label, plan_.Label(), plan_.inputs_width,
                      kInputLabelLines, breaker_));
      inputs_height_ +=
          PictureBox(input, px).height + label + plan_.text / 2 + plan_.gutter;
    }
    return absl::OkStatus();
  }

  // Title and subtitle are above all else.
  absl::Status PlaceTitle(int width) {
    plan_.top = plan_.margin;
    ASSIGN_OR_RETURN(
        const int title,
        LinesHeight(sheet_.title, plan_.Title(), width, kTitleLines, breaker_));
    ASSIGN_OR_RETURN(const int subtitle,
                     LinesHeight(sheet_.subtitle, plan_.Label(), width,
                                 kSubtitleLines, breaker_));
    if (title + subtitle > 0) plan_.top += title + subtitle + plan_.text * 2;
    return absl::OkStatus();
  }

  void Place(const BlockSizes& sizes, size_t across) {
    int y = plan_.top;
    for (size_t b = 0; b < sizes.rows.size(); b += across) {
      const auto [title, rows] = Band(sizes, b, across);
      const size_t end = std::min(b + across, sizes.rows.size());
      for (size_t i = b; i < end; ++i) {
        SheetPlan::Block& block = plan_.blocks.emplace_back();
        block.x = plan_.margin + plan_.inputs_width +
                  static_cast<int>(i - b) * (plan_.block_width + BlockGap());
        block.y = y;
        int row_y = y + title;
        for (size_t r = 0; r < sizes.rows[i].size(); ++r) {
          block.rows.push_back({row_y, rows[r].slot});
          row_y += rows[r].slot + rows[r].label + plan_.gutter;
        }
      }
      y += title + static_cast<int>(RowsHeight(rows)) + BlockGap();
    }
  }

  const Sheet& sheet_;
  const Detail& detail_;
  TextBreaker& breaker_;
  SheetPlan plan_;
  Box largest_;
  int64_t block_width_ = 0;
  int64_t inputs_height_ = 0;
};

}  // namespace

bool IsGap(const SheetCell& cell) { return cell.image.rgb.empty(); }

Box PictureBox(const SheetCell& cell, int longer_side_px) {
  if (IsGap(cell)) return {0, 0, longer_side_px, longer_side_px * 3 / 4};
  const auto [width, height] =
      FitSize(cell.image.width_px, cell.image.height_px, longer_side_px);
  return {0, 0, width, height};
}

absl::StatusOr<int> FlagHeight(const SheetPlan& plan, const SheetCell& cell,
                               TextBreaker& breaker) {
  if (cell.flag.empty()) return 0;
  ASSIGN_OR_RETURN(const int lines,
                   LinesHeight(cell.flag, plan.RowLabel(), plan.slot_width,
                               kFlagLines, breaker));
  return lines + plan.text / 2;
}

absl::StatusOr<SheetPlan> PlanSheet(const Sheet& sheet, TextBreaker& breaker) {
  int px = sheet.cell_px;
  int64_t pixels = 0;
  for (const Detail& detail : kDetails) {
    const int least_px = std::min(px, detail.least_cell_px);
    for (;;) {
      ASSIGN_OR_RETURN(auto planned, Planner(sheet, detail, breaker).At(px));
      pixels = planned.second;
      if (pixels <= kMaxSheetPixels) return std::move(planned.first);
      if (px == least_px) break;
      const double share =
          static_cast<double>(kMaxSheetPixels) / static_cast<double>(pixels);
      // Letters and margins shrink less than the pictures.
      px = std::max(least_px,
                    std::min(static_cast<int>(px * std::sqrt(share)), px - 1));
    }
  }
  return InvalidArgument("sheet would have ", pixels, " pixels; at most ",
                         kMaxSheetPixels, " are drawn: use fewer cells");
}

}  // namespace atelier
