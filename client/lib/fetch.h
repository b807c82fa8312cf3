// The results of a job, brought into a folder.
#ifndef ATELIER_CLIENT_LIB_FETCH_H_
#define ATELIER_CLIENT_LIB_FETCH_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "atelier/v1/jobs.pb.h"
#include "client/lib/client.h"

namespace atelier {

struct FetchOptions {
  std::string folder;  ///< Made if it is not there.
  /// Jobs of more tasks get no sheet.
  int max_sheet_tasks = 400;
};

struct FetchReport {
  std::vector<std::string> pictures;  ///< Names in the folder, by task.
  int64_t downloaded = 0;             ///< Of these, not there before.
  int64_t without_result = 0;         ///< Tasks that have none (yet).
  bool has_sheet = false;
};

/// Names of the other files that FetchJob writes.
inline constexpr char kResultTableFile[] = "results.csv";
inline constexpr char kSheetFile[] = "sheet.png";

/// Writes one PNG for each task that succeeded (names: FileNamer), the table
/// of all tasks and, where there is any picture, the sheet. A file appears
/// whole or not at all; a picture that is there already is not fetched again.
/// Errors: as Client; of the file system, with the path.
absl::StatusOr<FetchReport> FetchJob(Client& client, const v1::Job& job,
                                     const FetchOptions& options);

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_FETCH_H_
