// Whether a caller may do to a job what it asks for.
#include <string>

#include "absl/synchronization/mutex.h"
#include "common/status_macros.h"
#include "coordinator/control/access.h"
#include "coordinator/control/control_plane.h"
#include "coordinator/control/visible_jobs.h"

namespace atelier {
namespace {

// A job of an earlier version has none but its spec's user.
std::string OwnerOf(const JobRecord& job, const JobSpec& spec) {
  return job.owner.empty() ? spec.user : job.owner;
}

}  // namespace

absl::Status ControlPlane::CheckMay(const Caller& caller, Verb verb,
                                    const JobId& id) {
  const auto owner_of = [&]() -> absl::StatusOr<std::string> {
    {
      absl::MutexLock lock(&loop_.mu());
      const Job* const job = loop_.state().jobs().Find(id);
      if (job != nullptr) return OwnerOf(job->record(), job->spec());
    }
    ASSIGN_OR_RETURN(const JobRecord job,
                     FindJob(loop_.recent_jobs(), store_, id));
    if (!job.owner.empty()) return job.owner;
    ASSIGN_OR_RETURN(const std::shared_ptr<const JobSpec> spec,
                     loop_.DecodeSpec(job));
    return OwnerOf(job, *spec);
  };
  return CheckJobAccess(caller, verb, id, owner_of);
}

}  // namespace atelier
