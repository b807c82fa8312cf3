// Who may do what: one table, which every request from outside is held against.
//
//   RETURN_IF_ERROR(CheckAccess(caller, Verb::kDrainWorker));
//   RETURN_IF_ERROR(CheckJobAccess(caller, Verb::kCancelJob, id, owner_of));
#ifndef ATELIER_COORDINATOR_CONTROL_ACCESS_H_
#define ATELIER_COORDINATOR_CONTROL_ACCESS_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "coordinator/control/caller.h"
#include "coordinator/state/ids.h"

namespace atelier {

enum class Verb {
  kSubmitJob,
  kPreviewJob,
  kListJobs,
  kReadJob,
  kRateJob,
  kCancelJob,
  kRetryJob,
  kDeleteJob,
  kRepairJob,
  kPauseJob,
  kResumeJob,
  kSetJobPriority,
  kRaisePriority,
  kListWorkers,
  kDrainWorker,
  kReleaseWorker,
  kSynchronize,
  kFindArtifacts,
  kUploadArtifact,
  kDownloadArtifact,
  kUploadCheckpoint,
  kDownloadCheckpoint,
  kUploadPreview,
  kDownloadPreview,
  kUploadLog,
  kDownloadLog,
  kCollectGarbage,
  kReadMetrics,
  kReflect,
  kCreateToken,
  kListTokens,
  kRevokeToken,
  kReadAudit,
  kNameAnotherUser,
  kSetQuota,
  kListQuotas,
  kReadOwnQuota,
};

/// A row of the table. An admin may do everything, and stands in no row.
struct AccessRule {
  Verb verb;
  absl::string_view action;  ///< "drain-worker": as the audit log names it.
  absl::string_view name;    ///< "drain a worker"; "cancel it" of a job.
  Roles any;                 ///< Each of these suffices.
  Roles own;                 ///< Each of these does for the caller's own job.
};

/// A row for each verb; one without is left to admins.
absl::Span<const AccessRule> AccessRules();

/// The row of the verb. Lifetime: the program's.
const AccessRule& RuleOf(Verb verb);

/// NotFound, as of a job that is not there: another's, where jobs are private.
absl::Status HiddenJob(Verb verb, const JobId& job);

/// The action that CheckAccess, CheckJobAccess or HiddenJob refused; empty: it
/// is none of their statuses.
std::string DeniedAction(const absl::Status& status);

/// Whether the caller may do this, whatever it is done to.
/// Errors: PermissionDenied.
absl::Status CheckAccess(const Caller& caller, Verb verb);

/// Whether the caller may give a job this priority, which came in this field: 0
/// and below is for whoever may give it one at all.
/// Errors: PermissionDenied.
absl::Status CheckMayRaise(const Caller& caller, absl::string_view field,
                           int priority);

/// Whether the caller may do this to this job. `owner_of` is asked for the
/// job's owner only where that decides.
/// Errors: PermissionDenied; owner_of's.
absl::Status CheckJobAccess(
    const Caller& caller, Verb verb, const JobId& job,
    absl::FunctionRef<absl::StatusOr<std::string>()> owner_of);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_CONTROL_ACCESS_H_
