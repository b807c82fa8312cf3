// What commands that submit one job have in common: their flags, and all that
// follows once the job is drafted.
#ifndef ATELIER_CLIENT_CLI_SUBMISSION_H_
#define ATELIER_CLIENT_CLI_SUBMISSION_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/cli/flags.h"
#include "client/cli/session.h"
#include "client/lib/prepare.h"
#include "client/lib/sheet_layout.h"
#include "client/lib/spec.h"
#include "client/lib/study_notes.h"
#include "common/cli/command_line.h"

namespace atelier {

class Client;

/// Scheduling flags, --wait, --output, --mark, --dry-run and --workers.
struct SubmissionFlags {
  SchedulingFlags scheduling;
  MeasureFlags measure;
  std::string output;
  SheetOptions sheet;  ///< Of the output.
  bool wait = false;
  bool dry_run = false;
  int workers = 1;

  /// `command` and this live equally long.
  void AddTo(Command& command);
  /// The same without --workers, for a command that starts no cluster.
  void AddToOneWithCoordinator(Command& command);
};

/// A spec that an argument names. Errors: InvalidArgument, whatever is wrong.
absl::StatusOr<JobDraft> ReadSpecArgument(const std::string& path);

/// Checks the flags, then submits what `make_draft` returns and prints the
/// job's id; with --wait follows the job to its end, with --output fetches its
/// results. With --dry-run prints what it would be (dry_run.h) and does none of
/// this; where it would start a cluster it starts none.
absl::Status Submit(Session& session, const SubmissionFlags& flags,
                    absl::FunctionRef<absl::StatusOr<JobDraft>()> make_draft);

/// The steps of Submit, for a job that is not made from a draft.
/// Errors: InvalidArgument for flags that do not go together.
absl::Status CheckSubmission(Session& session, const SubmissionFlags& flags);
/// Submits, or with --dry-run does not, and goes on as Submit does. Scheduling
/// flags are not looked at. The notes are of the job's spec.
/// REQUIRES: PrepareOutputFolder, where there is an output.
absl::Status SubmitPrepared(Session& session, const SubmissionFlags& flags,
                            Client& client, const PreparedJob& job,
                            const StudyNotes& notes = {});

}  // namespace atelier

#endif  // ATELIER_CLIENT_CLI_SUBMISSION_H_
