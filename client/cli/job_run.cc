#include "client/cli/job_run.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "client/cli/progress.h"
#include "client/lib/state_names.h"
#include "common/file.h"
#include "common/status_macros.h"

namespace atelier {

absl::StatusOr<PreparedJob> PrepareAndWarn(Session& session,
                                           const JobDraft& draft) {
  ASSIGN_OR_RETURN(PreparedJob job, Prepare(draft));
  for (const std::string& warning : job.warnings) {
    session.Warn(absl::StrCat("warning: ", warning));
  }
  return job;
}

absl::StatusOr<v1::Job> Follow(Session& session, Client& client,
                               const std::string& job_id) {
  const Environment& environment = session.environment();
  absl::StatusOr<v1::Job> job;
  {
    Progress progress(environment.err, environment.clock,
                      {environment.terminal_columns, session.flags.quiet,
                       session.has_own_cluster()});
    job = client.Watch(job_id, [&](const v1::JobSnapshot& snapshot) {
      progress.Show(snapshot);
    });
  }
  if (absl::IsCancelled(job.status()) && session.HasCoordinator()) {
    return absl::CancelledError(
        absl::StrCat("interrupted; job ", job_id,
                     " goes on, see it again with: atelier watch ", job_id));
  }
  return job;
}

absl::Status Verdict(const v1::Job& job) {
  if (job.state() == v1::JOB_STATE_SUCCEEDED) return absl::OkStatus();
  return absl::AbortedError(
      absl::StrCat("job ", job.job_id(), " (", job.spec().name(), ") ",
                   StateName(job.state()), job.message().empty() ? "" : ": ",
                   job.message()));
}

absl::StatusOr<FetchReport> FetchInto(Session& session, Client& client,
                                      const v1::Job& job,
                                      const std::string& folder) {
  FetchOptions options;
  options.folder = folder;
  ASSIGN_OR_RETURN(FetchReport report, FetchJob(client, job, options));
  if (!session.flags.quiet && !session.flags.json) {
    session.environment().err
        << job.spec().name() << ": " << report.pictures.size() << " pictures, "
        << kResultTableFile << (report.has_sheet ? " and " : "")
        << (report.has_sheet ? kSheetFile : "") << " in " << folder
        << std::endl;
  }
  return report;
}

absl::Status PrepareOutputFolder(const std::string& folder) {
  const absl::Status made = MakeFolders(folder);
  if (!made.ok()) {
    return absl::InvalidArgumentError(absl::StrCat("output: ", made.message()));
  }
  if (access(folder.c_str(), W_OK | X_OK) != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("output: ", folder, ": ", std::strerror(errno)));
  }
  return absl::OkStatus();
}

}  // namespace atelier
