// How wide text is on a terminal, where a letter may take no cell, or two.
//
//   CellWidth("画風")              // 4
//   FittedText("画風転写", 5)      // "画風…"
#ifndef ATELIER_COMMON_CELL_WIDTH_H_
#define ATELIER_COMMON_CELL_WIDTH_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace atelier {

/// The first character of a text as readers see it: a letter with its marks, an
/// emoji with all that is joined to it.
struct SeenCharacter {
  size_t size = 0;  ///< In bytes, at least 1.
  int cells = 0;    ///< 0 to 2.
};

/// REQUIRES: the text is not empty. A byte that is not UTF-8 takes one cell.
SeenCharacter FirstSeenCharacter(absl::string_view text);

/// Cells of a text without control characters, as Unicode's East Asian Width
/// has them: 2 for CJK and emoji, 0 for combining marks and joiners.
int CellWidth(absl::string_view text);

/// The text in at most `most_cells` cells. A longer one is cut between
/// characters as readers see them and ends in an ellipsis of one cell.
std::string FittedText(absl::string_view text, int most_cells);

}  // namespace atelier

#endif  // ATELIER_COMMON_CELL_WIDTH_H_
