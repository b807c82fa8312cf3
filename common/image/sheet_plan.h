// Inside this room only: where everything of a sheet goes.
#ifndef ATELIER_COMMON_IMAGE_SHEET_PLAN_H_
#define ATELIER_COMMON_IMAGE_SHEET_PLAN_H_

#include <vector>

#include "absl/status/statusor.h"
#include "common/image/canvas.h"
#include "common/image/sheet.h"
#include "common/image/text_lines.h"

namespace atelier {

/// Every distance is in pixels.
struct SheetPlan {
  int cell_px = 0;  ///< Longer side of each picture.
  int text = 0;     ///< Size of the labels' letters.
  int title_text = 0;
  int line = 0;         ///< From one line of labels to the next.
  int label_lines = 0;  ///< At most so many to a cell; 0: cells have no labels.
  int margin = 0;
  int gutter = 0;  ///< Between pictures.
  int row_label_width = 0;
  int slot_width = 0;
  int top = 0;  ///< Of the blocks and of the inputs.
  int inputs_width = 0;
  int input_px = 0;  ///< Longer side of each of the inputs.
  int block_width = 0;
  int width = 0;
  int height = 0;

  struct Row {
    int y = 0;
    int slot_height = 0;  ///< Of its pictures; labels are below.
  };
  struct Block {
    int x = 0;
    int y = 0;
    std::vector<Row> rows;
  };
  std::vector<Block> blocks;

  TextStyle Label() const { return {text, false}; }
  TextStyle RowLabel() const { return {text, true}; }
  TextStyle BlockTitle() const { return {text * 6 / 5, true}; }
  TextStyle Title() const { return {title_text, true}; }
  // Where cells have no labels, rows and blocks have short ones.
  int RowLabelLines() const { return label_lines == 0 ? 1 : 4; }
  int BlockTitleLines() const { return label_lines == 0 ? 1 : 2; }
  /// From the top of a line of this style to that of the next.
  static int LineOf(const TextStyle& style) { return style.size_px * 5 / 4; }
};

inline constexpr int kTitleLines = 2;
inline constexpr int kSubtitleLines = 4;
inline constexpr int kInputLabelLines = 3;
inline constexpr int kFlagLines = 2;

bool IsGap(const SheetCell& cell);

/// What the cell's picture takes, or the gap in its place.
Box PictureBox(const SheetCell& cell, int longer_side_px);

/// What its flag takes below the picture; 0 without one.
absl::StatusOr<int> FlagHeight(const SheetPlan& plan, const SheetCell& cell,
                               TextBreaker& breaker);

/// Errors: as DrawSheet.
absl::StatusOr<SheetPlan> PlanSheet(const Sheet& sheet, TextBreaker& breaker);

}  // namespace atelier

#endif  // ATELIER_COMMON_IMAGE_SHEET_PLAN_H_
