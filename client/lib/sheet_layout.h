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

/// Errors: InvalidArgument ("--rows: ...": what was given, and the axes that
///         there are) for an axis that the job does not have, for one that is
///         given twice, and where the sheet has tasks in their order; for a
///         measure that is not known ("--mark: ...").
absl::Status CheckSheetOptions(const v1::JobSpec& spec,
                               const SheetOptions& options);

/// Of a measure alone. Errors: as CheckSheetOptions.
absl::Status CheckMark(const std::string& measure);

/// Lays `tasks`, in index order, out as the job's axes ask. Of a grid of two
/// axes and more one goes down, one across, and the others make titled blocks.
/// What rules leave out of a row is a cell that says so.
/// Everything else stands in reading order, `sheet_columns` to a row; where
/// that is 0, in one row of up to 8, or else in rows of about as many as there
/// are rows. So does a grid whose rows would have a great many empty cells.
/// The task with the best mark has a flag, and so have those that are chosen.
/// REQUIRES: CheckSheetOptions.
Sheet LayOutSheet(const v1::JobSpec& spec, std::vector<SheetTask> tasks,
                  const SheetOptions& options = {});

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_SHEET_LAYOUT_H_
