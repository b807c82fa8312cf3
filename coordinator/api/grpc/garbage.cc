#include "coordinator/api/grpc/garbage.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <queue>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "coordinator/api/views/job_conversion.h"
#include "coordinator/state/job_spec.h"

namespace atelier {
namespace {

constexpr int kJobsAtOnce = 100;
constexpr size_t kArtifactsAtOnce = 65536;

absl::Status AddInputs(const JobRecord& job, NamedDigests& named) {
  const absl::StatusOr<JobSpec> spec = DecodeSpec(job.spec_bytes);
  if (!spec.ok()) {
    return absl::InternalError(
        absl::StrCat("the stored spec of job ", job.id.value(),
                     " can't be read: ", spec.status().message()));
  }
  for (const std::string* digest : NamedInputs(spec->base)) {
    RETURN_IF_ERROR(named.Add(*digest));
  }
  for (const Axis& axis : spec->axes) {
    for (const AxisValue& value : axis.values) {
      for (const std::string* digest : NamedInputs(value.set)) {
        RETURN_IF_ERROR(named.Add(*digest));
      }
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<NamedDigests>> NamedSince(
    Store& store, absl::Time ended_since) {
  ASSIGN_OR_RETURN(std::unique_ptr<NamedDigests> named,
                   store.ListNamed(ended_since));
  std::optional<int64_t> before;
  while (true) {
    ASSIGN_OR_RETURN(const std::vector<JobRecord> jobs,
                     store.ListJobs(kJobsAtOnce, before));
    if (jobs.empty()) return named;
    for (const JobRecord& job : jobs) {
      if (job.ended_at.has_value() && *job.ended_at < ended_since) continue;
      RETURN_IF_ERROR(AddInputs(job, *named));
    }
    before = jobs.back().sequence;
  }
}

// Longest unused first.
using Age = std::pair<absl::Time, std::string>;

Age AgeOf(const StoredArtifact& artifact) {
  return {artifact.used_at, artifact.digest};
}

struct UsedLater {
  bool operator()(const StoredArtifact& a, const StoredArtifact& b) const {
    return AgeOf(a) < AgeOf(b);
  }
};

// What one walk over the artifacts finds.
struct Walk {
  int64_t artifacts = 0;
  int64_t bytes = 0;
  // Nobody names them: the oldest, at most kArtifactsAtOnce.
  std::vector<StoredArtifact> unnamed;
};

absl::StatusOr<Walk> WalkOver(ArtifactStore& artifacts, NamedDigests& named,
                              const Age& after, absl::Time unused_since) {
  Walk walk;
  // The latest used on top: it goes when there are too many.
  std::priority_queue<StoredArtifact, std::vector<StoredArtifact>, UsedLater>
      oldest;
  RETURN_IF_ERROR(artifacts.ForEach([&](const StoredArtifact& one) {
    ++walk.artifacts;
    walk.bytes += one.size_bytes;
    if (one.used_at > unused_since || AgeOf(one) <= after) {
      return absl::OkStatus();
    }
    const absl::StatusOr<bool> is_named = named.Has(one.digest);
    if (!is_named.ok() || *is_named) return is_named.status();
    oldest.push(one);
    if (oldest.size() > kArtifactsAtOnce) oldest.pop();
    return absl::OkStatus();
  }));
  for (; !oldest.empty(); oldest.pop()) walk.unnamed.push_back(oldest.top());
  std::reverse(walk.unnamed.begin(), walk.unnamed.end());
  return walk;
}

}  // namespace

absl::StatusOr<GarbageReport> CollectGarbage(Store& store,
                                             ArtifactStore& artifacts,
                                             absl::Time now,
                                             const GarbageOptions& options) {
  ASSIGN_OR_RETURN(const std::unique_ptr<NamedDigests> named,
                   NamedSince(store, now - options.keep));
  const absl::Time unused_since = now - kGarbageAge;
  GarbageReport report;
  Age after{absl::InfinitePast(), ""};
  while (true) {
    ASSIGN_OR_RETURN(const Walk walk,
                     WalkOver(artifacts, *named, after, unused_since));
    if (after.first == absl::InfinitePast()) {
      report.kept_artifacts = walk.artifacts;
      report.kept_bytes = walk.bytes;
    }
    if (walk.unnamed.empty()) return report;
    for (const StoredArtifact& one : walk.unnamed) {
      if (report.kept_bytes <= options.max_bytes.value_or(-1)) return report;
      if (!options.dry_run) {
        ASSIGN_OR_RETURN(const bool removed,
                         artifacts.Remove(one.digest, unused_since));
        if (!removed) continue;  // Somebody asked for it meanwhile.
      }
      ++report.removed_artifacts;
      report.removed_bytes += one.size_bytes;
      --report.kept_artifacts;
      report.kept_bytes -= one.size_bytes;
    }
    after = AgeOf(walk.unnamed.back());
  }
}

}  // namespace atelier
