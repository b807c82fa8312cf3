#include "coordinator/system_upkeep.h"

#include <utility>

#include "absl/time/time.h"
#include "common/artifact_kind.h"
#include "coordinator/artifacts/artifact_rows.h"

namespace atelier {
namespace {

constexpr absl::Duration kLookEvery = absl::Seconds(1);

// By the flags' names; 0 is what it is with these.
std::vector<NamedNumber> BoundsOf(const CoordinatorFlags& flags) {
  return {
      {"max-artifact-bytes", flags.storage.max_artifact_bytes},
      {"checkpoint-bytes", flags.state.checkpoint_bytes},
      {"preview-bytes", flags.storage.aged.preview_bytes},
      {"log-bytes", flags.storage.aged.log_bytes},
      {"max-tasks-per-job", flags.jobs.max_tasks},
      {"max-spec-bytes", flags.jobs.max_spec_bytes},
      {"max-workers", flags.state.max_workers},
      {"max-watches", flags.max_watches},
      {"max-http-connections", flags.http_bounds.max_connections},
      {"max-queued-per-user", flags.state.default_quota.max_queued_tasks},
      {"max-running-per-user", flags.state.default_quota.max_running_tasks},
      {"max-artifact-bytes-per-user",
       flags.state.default_quota.max_artifact_bytes},
      {"max-audit-entries", flags.audit.max_rows},
  };
}

}  // namespace

SystemUpkeep::SystemUpkeep(const CoordinatorFlags& flags, ControlPlane& control,
                           Storage& storage, Clock& clock,
                           const RefusedCalls& refused)
    : control_(control),
      storage_(storage),
      clock_(clock),
      refused_(refused),
      certificate_(flags.certificate),
      started_at_(clock.Now()),
      bounds_(BoundsOf(flags)),
      upkeep_(kLookEvery, [this] { Look(); }) {}

void SystemUpkeep::Look() {
  SystemSample sample;
  sample.counts = control_.Counts();
  sample.storage = storage_.MayWrite();
  sample.checkpoints = storage_.guard().MayKeepSpare();
  sample.database = control_.Health();
  sample.database.Update(storage_.database());
  sample.clock_was_set = clock_watch_.Check();
  sample.damaged_artifacts = storage_.damaged_artifacts();
  sample.failed_authentications = refused_.unauthenticated;
  sample.refused_calls = refused_.at_bounds;
  if (certificate_ != nullptr) {
    sample.certificate_expires_at = certificate_->Current()->expires_at;
  }
  watch_.Look(sample, clock_.Now());
}

SystemStatus SystemUpkeep::Status() const {
  SystemStatus status;
  status.version = ATELIER_VERSION;
  status.epoch = control_.epoch();
  status.started_at = started_at_;
  status.now = clock_.Now();
  status.report = watch_.Report();
  int64_t of_users = 0;
  ArtifactRows& rows = storage_.artifacts().rows();
  const auto owners = rows.owner_bytes().All();
  for (const auto& [user, bytes] : owners) of_users += bytes;
  status.stored_bytes = {{"artifacts_of_users", of_users},
                         {"checkpoints", status.report.counts.checkpoint_bytes},
                         {"previews", rows.StoredBytes(ArtifactKind::kPreview)},
                         {"logs", rows.StoredBytes(ArtifactKind::kLog)}};
  status.disk_free_bytes = storage_.guard().free_bytes();
  status.disk_total_bytes = storage_.guard().total_bytes();
  status.bounds = bounds_;
  return status;
}

}  // namespace atelier
