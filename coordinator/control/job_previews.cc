#include "coordinator/control/job_previews.h"

#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/status_macros.h"
#include "coordinator/control/access.h"
#include "coordinator/control/job_commands.h"
#include "coordinator/control/visible_jobs.h"

namespace atelier {
namespace {

// After a transaction that failed it is to be loaded again.
absl::Status KnowsJobs(const absl::Status& health) {
  if (health.ok()) return health;
  return absl::UnavailableError(absl::StrCat(
      "the store does not answer (", health.message(), "); repeat the call"));
}

}  // namespace

absl::StatusOr<JobPreview> JobPreviews::Preview(const Caller& caller,
                                                JobSpec spec, int64_t first,
                                                int limit) {
  RETURN_IF_ERROR(CheckAccess(caller, Verb::kPreviewJob));
  RETURN_IF_ERROR(CheckMayRaise(caller, "spec.priority", spec.priority));
  if (options_.private_jobs) spec.scope = ScopeOf(spec.user);
  ASSIGN_OR_RETURN(const int64_t task_count, TaskCount(spec));
  int engine_version = 0;
  {
    absl::MutexLock lock(&loop_.mu());
    RETURN_IF_ERROR(KnowsJobs(loop_.health()));
    RETURN_IF_ERROR(
        CheckCanQueue(loop_.state(), spec, task_count,
                      {options_.state.open_spec_bytes, options_.owner_bytes}));
    engine_version =
        loop_.state().versions().Reusable(loop_.state().registry(), spec.needs);
  }
  JobPreview preview = PreviewTasks(spec, first, limit, options_.state.renders);
  const std::set<RenderKey> keys = KeysOf(preview);
  if (!keys.empty()) {
    ASSIGN_OR_RETURN(const std::vector<StoredResult> results,
                     loop_.store().FindResults(keys));
    OfferResults(results, engine_version, spec.needs, preview);
  }
  RETURN_IF_ERROR(loop_.device_times().LoadHistory(
      loop_.store(),
      [this](const JobRecord& job) { return loop_.DecodeSpec(job); },
      options_.state.renders));
  loop_.device_times().Fill(spec.needs.profile, preview.tasks);
  return preview;
}

}  // namespace atelier
