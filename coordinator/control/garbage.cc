#include "coordinator/control/garbage.h"

#include <algorithm>
#include <queue>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/artifact_kind.h"
#include "common/status_macros.h"
#include "coordinator/control/access.h"
#include "coordinator/state/job_spec.h"

namespace atelier {
namespace {

constexpr int kJobsAtOnce = 100;
constexpr int kRowsAtOnce = 1000;
constexpr size_t kUnnamedAtOnce = 65536;
constexpr size_t kRemovalsAtOnce = 32;

// Longest unused first.
using Age = std::pair<absl::Time, std::string>;

Age AgeOf(const ArtifactRecord& artifact) {
  return {artifact.used_at, artifact.digest};
}

struct UsedLater {
  bool operator()(const ArtifactRecord& a, const ArtifactRecord& b) const {
    return AgeOf(a) < AgeOf(b);
  }
};

}  // namespace

// What one walk over the artifacts finds.
struct GarbageCollector::Walk {
  int64_t artifacts = 0;
  int64_t bytes = 0;
  // Nobody names them: the oldest, at most kUnnamedAtOnce.
  std::vector<ArtifactRecord> unnamed;
};

GarbageCollector::GarbageCollector(Store& store, ArtifactCatalog& artifacts,
                                   ControlPlaneOptions::SpecDecoder decode_spec)
    : store_(store),
      artifacts_(artifacts),
      decode_spec_(std::move(decode_spec)) {}

void GarbageCollector::Collect(
    const Caller& caller, const GarbageOptions& options,
    std::function<void(absl::StatusOr<GarbageReport>)> done) {
  if (const absl::Status may = CheckAccess(caller, Verb::kCollectGarbage);
      !may.ok()) {
    done(may);
    return;
  }
  thread_.Schedule(
      [this, options, done = std::move(done)] { done(CollectNow(options)); });
}

absl::StatusOr<GarbageReport> GarbageCollector::CollectNow(
    const GarbageOptions& options) {
  const absl::Time now = artifacts_.clock().Now();
  ASSIGN_OR_RETURN(const std::unique_ptr<NamedDigests> named,
                   NamedSince(now - options.keep));
  const absl::Time unused_since = now - kGarbageAge;
  GarbageReport report;
  Age after{absl::InfinitePast(), ""};
  while (true) {
    ASSIGN_OR_RETURN(const Walk walk, WalkOver(*named, after, unused_since));
    if (after.first == absl::InfinitePast()) {
      report.kept_artifacts = walk.artifacts;
      report.kept_bytes = walk.bytes;
    }
    if (walk.unnamed.empty()) return report;
    RETURN_IF_ERROR(RemoveOf(walk.unnamed, options, unused_since, report));
    if (report.kept_bytes <= options.max_bytes.value_or(-1)) return report;
    after = AgeOf(walk.unnamed.back());
  }
}

absl::Status GarbageCollector::RemoveOf(
    const std::vector<ArtifactRecord>& unnamed, const GarbageOptions& options,
    absl::Time unused_since, GarbageReport& report) {
  for (auto next = unnamed.begin(); next != unnamed.end();) {
    // No more than what must go, should all of these do.
    std::vector<ArtifactRecord> some;
    for (int64_t left = report.kept_bytes;
         next != unnamed.end() && some.size() < kRemovalsAtOnce &&
         left > options.max_bytes.value_or(-1);
         ++next) {
      left -= next->size_bytes;
      some.push_back(*next);
    }
    if (some.empty()) break;
    std::vector<bool> removed(some.size(), true);
    if (!options.dry_run) {
      ASSIGN_OR_RETURN(removed, Remove(some, unused_since));
    }
    for (size_t i = 0; i < some.size(); ++i) {
      if (!removed[i]) continue;  // Somebody asked for it meanwhile.
      ++report.removed_artifacts;
      report.removed_bytes += some[i].size_bytes;
      --report.kept_artifacts;
      report.kept_bytes -= some[i].size_bytes;
    }
  }
  return absl::OkStatus();
}

absl::Status GarbageCollector::AddInputs(const JobRecord& job,
                                         NamedDigests& named) const {
  const absl::StatusOr<JobSpec> spec = decode_spec_(job.spec_bytes);
  if (!spec.ok()) {
    return absl::InternalError(
        absl::StrCat("the stored spec of job ", job.id.value(),
                     " can't be read: ", spec.status().message()));
  }
  for (const std::string* digest : NamedInputs(*spec)) {
    RETURN_IF_ERROR(named.Add(*digest));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<NamedDigests>> GarbageCollector::NamedSince(
    absl::Time ended_since) {
  ASSIGN_OR_RETURN(std::unique_ptr<NamedDigests> named,
                   store_.ListNamed(ended_since));
  std::optional<int64_t> before;
  while (true) {
    ASSIGN_OR_RETURN(const std::vector<JobRecord> jobs,
                     store_.ListJobs(kJobsAtOnce, before));
    if (jobs.empty()) return named;
    for (const JobRecord& job : jobs) {
      if (job.ended_at.has_value() && *job.ended_at < ended_since) continue;
      RETURN_IF_ERROR(AddInputs(job, *named));
    }
    before = jobs.back().sequence;
  }
}

absl::StatusOr<GarbageCollector::Walk> GarbageCollector::WalkOver(
    NamedDigests& named, const std::pair<absl::Time, std::string>& after,
    absl::Time unused_since) {
  // Uses of late are rows as well. Should that fail, Remove still knows them.
  artifacts_.rows().Flush().IgnoreError();
  Walk walk;
  // The latest used on top: it goes when there are too many.
  std::priority_queue<ArtifactRecord, std::vector<ArtifactRecord>, UsedLater>
      oldest;
  std::string last;
  while (true) {
    ASSIGN_OR_RETURN(
        const std::vector<ArtifactRecord> page,
        artifacts_.rows().List(ArtifactKind::kArtifact, last, kRowsAtOnce));
    if (page.empty()) break;
    last = page.back().digest;
    for (const ArtifactRecord& one : page) {
      ++walk.artifacts;
      walk.bytes += one.size_bytes;
      if (one.used_at > unused_since || AgeOf(one) <= after) continue;
      ASSIGN_OR_RETURN(const bool is_named, named.Has(one.digest));
      if (is_named) continue;
      oldest.push(one);
      if (oldest.size() > kUnnamedAtOnce) oldest.pop();
    }
  }
  for (; !oldest.empty(); oldest.pop()) walk.unnamed.push_back(oldest.top());
  std::reverse(walk.unnamed.begin(), walk.unnamed.end());
  return walk;
}

absl::StatusOr<std::vector<bool>> GarbageCollector::Remove(
    const std::vector<ArtifactRecord>& some, absl::Time unused_since) {
  std::vector<absl::StatusOr<bool>> ends(some.size());
  absl::Mutex mutex;
  size_t left = some.size();  // Guarded by mutex, as are the ends.
  for (size_t i = 0; i < some.size(); ++i) {
    artifacts_.Remove({some[i].kind, some[i].digest}, unused_since,
                      [&ends, &mutex, &left, i](absl::StatusOr<bool> end) {
                        absl::MutexLock lock(&mutex);
                        ends[i] = std::move(end);
                        --left;
                      });
  }
  const auto all_have_ended = [&left] { return left == 0; };
  absl::MutexLock lock(&mutex);
  mutex.Await(absl::Condition(&all_have_ended));
  std::vector<bool> removed;
  for (const absl::StatusOr<bool>& end : ends) {
    RETURN_IF_ERROR(end.status());
    removed.push_back(*end);
  }
  return removed;
}

}  // namespace atelier
