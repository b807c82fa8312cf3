// Removing artifacts that nobody names.
#ifndef ATELIER_COORDINATOR_CONTROL_GARBAGE_H_
#define ATELIER_COORDINATOR_CONTROL_GARBAGE_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/work_pool.h"
#include "coordinator/artifacts/artifact_catalog.h"
#include "coordinator/control/caller.h"
#include "coordinator/control/control_plane_options.h"
#include "coordinator/state/records.h"
#include "coordinator/store/named_digests.h"
#include "coordinator/store/store.h"

namespace atelier {

struct GarbageOptions {
  /// A job that ended longer ago names nothing any more.
  absl::Duration keep = absl::InfiniteDuration();
  /// Stop once all artifacts together have at most so many bytes; absent:
  /// remove all that nobody names.
  std::optional<int64_t> max_bytes;
  bool dry_run = false;  ///< Only count.
};

struct GarbageReport {
  int64_t removed_artifacts = 0;
  int64_t removed_bytes = 0;
  int64_t kept_artifacts = 0;
  int64_t kept_bytes = 0;
};

/// What is brought or asked for is left alone for so long: a job that names it
/// may be on its way.
inline constexpr absl::Duration kGarbageAge = absl::Hours(1);

/// Removes artifacts that no job names, those first that were used longest ago.
/// Jobs and workers may go on meanwhile. Thread-safe.
class GarbageCollector {
 public:
  /// Lifetime: store and artifacts outlive it.
  GarbageCollector(Store& store, ArtifactCatalog& artifacts,
                   ControlPlaneOptions::SpecDecoder decode_spec);

  /// One collection after another, on a thread of its own, which `done` runs
  /// on. Memory is bounded. Errors: PermissionDenied (access.h), the store's
  /// and the catalog's;
  ///         Internal when a stored spec can't be read.
  void Collect(const Caller& caller, const GarbageOptions& options,
               std::function<void(absl::StatusOr<GarbageReport>)> done);

 private:
  struct Walk;

  absl::StatusOr<GarbageReport> CollectNow(const GarbageOptions& options);
  absl::Status AddInputs(const JobRecord& job, NamedDigests& named) const;
  absl::StatusOr<std::unique_ptr<NamedDigests>> NamedSince(
      absl::Time ended_since);
  // Of those that come after an age: time of use and digest.
  absl::StatusOr<Walk> WalkOver(NamedDigests& named,
                                const std::pair<absl::Time, std::string>& after,
                                absl::Time unused_since);
  absl::Status RemoveOf(const std::vector<ArtifactRecord>& unnamed,
                        const GarbageOptions& options, absl::Time unused_since,
                        GarbageReport& report);
  // Those that were removed, by the same place.
  absl::StatusOr<std::vector<bool>> Remove(
      const std::vector<ArtifactRecord>& some, absl::Time unused_since);

  Store& store_;
  ArtifactCatalog& artifacts_;
  const ControlPlaneOptions::SpecDecoder decode_spec_;
  WorkPool thread_{1};  // Last: it uses the above.
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_CONTROL_GARBAGE_H_
