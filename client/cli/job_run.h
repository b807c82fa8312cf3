// The steps that commands which see a job through have in common.
#ifndef ATELIER_CLIENT_CLI_JOB_RUN_H_
#define ATELIER_CLIENT_CLI_JOB_RUN_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/cli/json.h"
#include "client/lib/fetch.h"
#include "client/lib/prepare.h"
#include "client/lib/sheet_layout.h"
#include "client/lib/task_grid.h"
#include "common/cli/command_line.h"

namespace atelier {

class Client;
class Session;

/// Shows the job's warnings.
void WarnOf(Session& session, const PreparedJob& job);

/// Prepare, with its warnings shown. Drafts of one command share `files`.
absl::StatusOr<PreparedJob> PrepareAndWarn(Session& session,
                                           const JobDraft& draft,
                                           InputFiles& files);

/// How a job is shown while it is followed.
struct FollowOptions {
  std::string by;    ///< As BestTask's.
  GridOptions grid;  ///< One that does not fit the job is as if not given.
};

/// Follows a job to its end with progress on standard error.
/// Errors: Cancelled when interrupted (says whether the job goes on).
absl::StatusOr<v1::Job> Follow(Session& session, Client& client,
                               const std::string& job_id,
                               const FollowOptions& options = {});

/// OK for a job that succeeded; else Aborted, with its first failure.
absl::Status Verdict(const v1::Job& job);

/// FetchJob, a line for each result that could not be fetched, and a line of
/// summary.
/// Errors: as FetchJob; InvalidArgument where the folder has other results and
///         `force` is not given.
absl::StatusOr<FetchReport> FetchInto(Session& session, Client& client,
                                      const v1::Job& job,
                                      const FetchOptions& options);

/// What the job shows, on standard output, where its notes ask for it; with
/// --json it is in ToJson.
void PrintFindings(Session& session, const v1::Job& job,
                   const FetchReport& report);

/// --rows and --columns, of a sheet or of the grid on a terminal. `command` and
/// what they fill live equally long.
void AddSheetAxisFlags(Command& command, SheetOptions& sheet);
void AddGridAxisFlags(Command& command, GridOptions& grid);
/// --mark.
void AddMarkFlag(Command& command, SheetOptions& sheet);

/// OK where every result is there; else DataLoss, with how many are not.
absl::Status Verdict(const FetchReport& report);

/// For --json: the job, "output", "pictures", "downloaded", "problems" as
/// [{index, file, image_digest, message}], and "findings" (findings.h).
JsonObject ToJson(const v1::Job& job, const std::string& output,
                  const FetchReport& report);

/// Makes the folder and writes to it, before hours of rendering find that they
/// can't be kept. A symbolic link leads to the folder that is made.
/// Errors: InvalidArgument (the folder, and why nothing can be written there).
absl::Status PrepareOutputFolder(const std::string& folder);

/// Errors: InvalidArgument for a path that names a folder, there or not.
absl::Status CheckNamesAFile(const std::string& path);

/// PrepareOutputFolder, of the folder of a file. Errors: also for a name that
/// the file system does not take.
absl::Status PrepareOutputFile(const std::string& path);

/// Before anything is rendered: whether a picture of so many bits a channel can
/// be written there. Returns its format. Errors: InvalidArgument.
absl::StatusOr<std::string> CheckPictureOutput(const std::string& path,
                                               int bits);

/// Downloads the task's result and writes it in this format.
/// Errors: as Client and of the file system; DataLoss for a result that is no
///         picture.
absl::Status WritePicture(Client& client, const std::string& job_id,
                          const v1::Task& task, const std::string& path,
                          const std::string& format);

}  // namespace atelier

#endif  // ATELIER_CLIENT_CLI_JOB_RUN_H_
