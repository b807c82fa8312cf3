// Where each result of a job stands on its contact sheet.
//
//   RETURN_IF_ERROR(CheckSheetOptions(job.spec(), options));
//   DrawSheet(LayOutSheet(job.spec(), std::move(tasks), options));
#ifndef ATELIER_CLIENT_LIB_SHEET_LAYOUT_H_
#define ATELIER_CLIENT_LIB_SHEET_LAYOUT_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/image/sheet.h"

namespace atelier {

namespace v1 {
class JobSpec;
}  // namespace v1

/// What people choose about a sheet.
struct SheetOptions {
  std::string rows;     ///< The axis that goes down; empty: the first.
  std::string columns;  ///< The axis that goes across; empty: the last.
  /// The measure whose best cell is marked (measure_names.h); empty: none.
  std::string mark;
};

/// One task's place: its labels, and its picture (empty where it has none).
struct SheetTask {
  std::vector<std::string> labels;
  Image image;
  std::string state;           ///< Said in an empty cell: "failed".
  std::optional<double> mark;  ///< Its value of the measure that is marked.
  std::string note = {};       ///< Said beside its labels: "psnr 21.3 dB".
  std::string chosen = {};     ///< On a flag: "chosen". Empty for none.
};

/// Errors: as CheckGridOptions (task_grid.h), and InvalidArgument for a measure
///         that is not known ("--mark: ...").
absl::Status CheckSheetOptions(const v1::JobSpec& spec,
                               const SheetOptions& options);

/// Of a measure alone. Errors: as CheckSheetOptions.
absl::Status CheckMark(const std::string& measure);

/// Lays `tasks`, in index order, out as LayOutTasks does. A cell that has no
/// task, because rules leave it out, says so.
/// The task with the best mark has a flag, and so have those that are chosen.
/// REQUIRES: CheckSheetOptions.
Sheet LayOutSheet(const v1::JobSpec& spec, std::vector<SheetTask> tasks,
                  const SheetOptions& options = {});

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_SHEET_LAYOUT_H_
