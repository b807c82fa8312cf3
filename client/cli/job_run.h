// The steps that commands which see a job through have in common.
#ifndef ATELIER_CLIENT_CLI_JOB_RUN_H_
#define ATELIER_CLIENT_CLI_JOB_RUN_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/cli/session.h"
#include "client/lib/client.h"
#include "client/lib/fetch.h"
#include "client/lib/prepare.h"

namespace atelier {

/// Prepare, with its warnings shown.
absl::StatusOr<PreparedJob> PrepareAndWarn(Session& session,
                                           const JobDraft& draft);

/// Follows a job to its end with progress on standard error.
/// Errors: Cancelled when interrupted (says whether the job goes on).
absl::StatusOr<v1::Job> Follow(Session& session, Client& client,
                               const std::string& job_id);

/// OK for a job that succeeded; else Aborted, with its first failure.
absl::Status Verdict(const v1::Job& job);

/// FetchJob, and a line of summary.
absl::StatusOr<FetchReport> FetchInto(Session& session, Client& client,
                                      const v1::Job& job,
                                      const std::string& folder);

/// Makes the folder, before hours of rendering find that they can't be kept.
/// Errors: InvalidArgument (the folder, and why nothing can be written there).
absl::Status PrepareOutputFolder(const std::string& folder);

}  // namespace atelier

#endif  // ATELIER_CLIENT_CLI_JOB_RUN_H_
