// Whether a caller may do to a job what it asks for.
#include <string>

#include "absl/synchronization/mutex.h"
#include "common/status_macros.h"
#include "coordinator/control/access.h"
#include "coordinator/control/control_plane.h"

namespace atelier {
namespace {

// Until callers have names: the user whose share the job uses.
std::string OwnerOf(const JobRecord& /*job*/, const JobSpec& spec) {
  return spec.user;
}

}  // namespace

absl::Status ControlPlane::CheckMay(const Caller& caller, Verb verb,
                                    const JobId& id) {
  const auto owner_of = [&]() -> absl::StatusOr<std::string> {
    {
      absl::MutexLock lock(&state_mu_);
      const Job* const job = state_.jobs().Find(id);
      if (job != nullptr) return OwnerOf(job->record(), job->spec());
    }
    ASSIGN_OR_RETURN(const JobRecord job, store_.GetJob(id));
    ASSIGN_OR_RETURN(const std::shared_ptr<const JobSpec> spec,
                     DecodeSpec(job));
    return OwnerOf(job, *spec);
  };
  return CheckJobAccess(caller, verb, id, owner_of);
}

}  // namespace atelier
