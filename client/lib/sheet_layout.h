// Where each result of a job stands on its contact sheet.
#ifndef ATELIER_CLIENT_LIB_SHEET_LAYOUT_H_
#define ATELIER_CLIENT_LIB_SHEET_LAYOUT_H_

#include <string>
#include <vector>

#include "common/image/sheet.h"

namespace atelier {

namespace v1 {
class JobSpec;
}  // namespace v1

/// One task's place: its labels, and its picture (empty where it has none).
struct SheetTask {
  std::vector<std::string> labels;
  Image image;
  std::string state;  ///< Said in an empty cell: "failed".
};

/// Lays `tasks`, in index order, out as the job's axes ask: a grid of two axes
/// has the first down and the second across; of more, all but the last down.
/// What rules leave out of such a grid is a cell that says so, unless it is a
/// whole row.
/// Everything else stands in reading order, `sheet_columns` to a row.
Sheet LayOutSheet(const v1::JobSpec& spec, std::vector<SheetTask> tasks);

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_SHEET_LAYOUT_H_
