// Contact sheets: results side by side, labelled.
#ifndef ATELIER_COMMON_IMAGE_SHEET_H_
#define ATELIER_COMMON_IMAGE_SHEET_H_

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
};

/// A grid in reading order; rows may be of different lengths.
struct Sheet {
  std::string title;
  struct Row {
    std::string label;  ///< Left of the row; empty for none.
    std::vector<SheetCell> cells;
  };
  std::vector<Row> rows;
  int cell_px = 256;  ///< Longer side of each picture on the sheet.
};

/// Draws the sheet: title on top, a label under each picture. A label that is
/// too long for its column is cut with an ellipsis.
/// Errors: InvalidArgument (no cells, a cell size outside 16 to 4096, a sheet
///         of more than 200 million pixels), Internal from libvips.
absl::StatusOr<Image> DrawSheet(const Sheet& sheet);

}  // namespace atelier

#endif  // ATELIER_COMMON_IMAGE_SHEET_H_
