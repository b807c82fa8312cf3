// Contact sheets: results side by side, labelled.
#ifndef ATELIER_COMMON_IMAGE_SHEET_H_
#define ATELIER_COMMON_IMAGE_SHEET_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/image/image.h"

namespace atelier {

/// One picture of a sheet. An empty image leaves a labelled gap.
struct SheetCell {
  Image image;
  std::string label;
  std::string gap = "no picture";  ///< Said where the image is empty.
  /// Where it is not empty the cell is marked: a frame, and this on a flag.
  std::string flag = {};
};

/// Grids, one after another in reading order; rows may be of different lengths.
struct Sheet {
  struct Row {
    std::string label;  ///< Left of the row; empty for none.
    std::vector<SheetCell> cells;
  };
  struct Block {
    std::string title;  ///< Above its rows; empty for none.
    std::vector<Row> rows;
  };
  std::string title;
  std::string subtitle;           ///< Below it, smaller.
  std::vector<SheetCell> inputs;  ///< Left of the blocks, one below the other.
  std::vector<Block> blocks;
  int cell_px = 256;  ///< Longer side of each picture, where there is room.
};

/// No sheet has more.
inline constexpr int64_t kMaxSheetPixels = int64_t{64} << 20;

/// Draws the sheet: title on top, inputs at the left, a label of up to three
/// lines under each picture. What is longer is cut with an ellipsis. Of a sheet
/// that would exceed kMaxSheetPixels the pictures are smaller, then labels have
/// one line, then there are none under pictures.
/// Errors: InvalidArgument (no cells, a cell size outside 16 to 4096, more
///         pixels even so), Internal from libvips.
absl::StatusOr<Image> DrawSheet(const Sheet& sheet);

}  // namespace atelier

#endif  // ATELIER_COMMON_IMAGE_SHEET_H_
