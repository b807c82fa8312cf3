// The results of a job, brought into a folder.
#ifndef ATELIER_CLIENT_LIB_FETCH_H_
#define ATELIER_CLIENT_LIB_FETCH_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/lib/findings.h"
#include "client/lib/report.h"
#include "client/lib/sheet_layout.h"
#include "client/lib/study_notes.h"

namespace atelier {

namespace v1 {
class Job;
}  // namespace v1

class Client;

struct FetchOptions {
  std::string folder;  ///< Made if it is not there.
  /// Also into a folder that has other results: files of the same names are
  /// replaced, all others stay.
  bool force = false;
  SheetOptions sheet;
  /// What the results are looked at for: findings, sheet, table and report tell
  /// it.
  StudyNotes notes;
  /// Jobs of more tasks get no sheet.
  int max_sheet_tasks = 2000;
  /// Jobs of more tasks get no report and no findings.
  int max_report_tasks = 2000;
  /// Of all pictures in the report.
  int64_t max_report_bytes = kMaxReportPictureBytes;
};

/// A task that succeeded and whose result is not in the folder, or whose row of
/// the table is not whole.
struct FetchProblem {
  int64_t task_index = 0;
  std::string file;    ///< What the picture is, or would be, called.
  std::string digest;  ///< Of the picture.
  /// NotFound: the coordinator has no such artifact. DataLoss: its bytes are
  /// damaged. InvalidArgument: they are no picture. Internal: this build cannot
  /// read the task's render. Else as the file system or the coordinator says.
  absl::Status why;
};

struct FetchReport {
  std::vector<std::string> pictures;  ///< Names in the folder, by task.
  int64_t downloaded = 0;             ///< Of these, not there before.
  int64_t without_result = 0;         ///< Tasks that have none (yet).
  bool has_sheet = false;
  /// For people: why there is no sheet though there are pictures, or why it
  /// marks none. Else empty.
  std::string sheet_note;
  /// What the report shows, for one of several jobs; none where there is none.
  std::optional<ReportJob> shown;
  std::vector<Finding> findings;  ///< What the notes ask for.
  std::string other_results;  ///< With `force`: whose the folder had before.
  std::vector<FetchProblem> problems;  ///< By task; empty: all is here.
};

/// Names of the other files that FetchJob writes.
inline constexpr char kResultTableFile[] = "results.csv";
inline constexpr char kResultsDocumentFile[] = "results.json";
inline constexpr char kSheetFile[] = "sheet.png";
inline constexpr char kReportFile[] = "report.html";
/// Holds the id of the job whose results the folder has.
inline constexpr char kMarkerFile[] = ".atelier-job";

/// Writes one PNG for each task that succeeded (names: FileNamer), the table
/// and the document of all tasks and, where there is any picture, the sheet. A
/// file appears
/// whole or not at all; a picture that is there already is not fetched again.
/// A result that is missing, damaged or no picture is a problem of the report:
/// the others are fetched, the table's message says why, and the sheet has a
/// gap that names it.
/// Errors: as CheckSheetOptions; AlreadyExists where the folder has results,
/// and not known to be this
///         job's, without `force`; as Client where no task can be fetched (no
///         coordinator, no access, interrupted); of the file system, with the
///         path.
absl::StatusOr<FetchReport> FetchJob(Client& client, const v1::Job& job,
                                     const FetchOptions& options);

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_FETCH_H_
