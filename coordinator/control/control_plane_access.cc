// Whether a caller may do to a job, or with an attempt, what it asks for.
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/status_macros.h"
#include "coordinator/control/access.h"
#include "coordinator/control/control_plane.h"
#include "coordinator/control/visible_jobs.h"
#include "coordinator/state/cluster_views.h"

namespace atelier {
namespace {

// After a transaction that failed they are to be loaded again.
absl::Status KnowsAttempts(const absl::Status& health) {
  if (health.ok()) return health;
  return absl::UnavailableError(absl::StrCat(
      "the store does not answer (", health.message(), "); repeat the call"));
}

}  // namespace

bool ControlPlane::SeesOnlyOwn(const Caller& caller) const {
  return options_.private_jobs && !caller.roles.Has(Role::kAdmin);
}

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
  if (SeesOnlyOwn(caller)) {
    // Another's job is none: not even that it is there is to be known.
    ASSIGN_OR_RETURN(const std::string owner, owner_of());
    if (caller.name.empty() || owner != caller.name) {
      return HiddenJob(verb, id);
    }
  }
  return CheckJobAccess(caller, verb, id, owner_of);
}

absl::StatusOr<bool> ControlPlane::IsRunning(const AttemptToken& attempt) {
  absl::MutexLock lock(&loop_.mu());
  RETURN_IF_ERROR(KnowsAttempts(loop_.health()));
  return loop_.state().attempts().Find(attempt) != nullptr;
}

absl::StatusOr<bool> ControlPlane::IsRead(const AttemptToken& attempt,
                                          ArtifactKind kind,
                                          const std::string& digest) {
  absl::MutexLock lock(&loop_.mu());
  RETURN_IF_ERROR(KnowsAttempts(loop_.health()));
  return IsReadBy(loop_.state(), options_.state.renders, attempt, kind, digest);
}

}  // namespace atelier
