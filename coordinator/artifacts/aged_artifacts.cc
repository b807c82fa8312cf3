#include "coordinator/artifacts/aged_artifacts.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

// More than may go at once: some of them may be on their way to a slow reader.
constexpr int kRowsOfTick = 512;
constexpr size_t kReconciledInTick = 64;
constexpr ArtifactKind kKindsByAge[] = {ArtifactKind::kPreview,
                                        ArtifactKind::kLog};

}  // namespace

int64_t AgedArtifacts::Shed(int64_t bytes) {
  const ArtifactRows& rows = catalog_.rows();
  const int64_t stored_bytes = rows.StoredBytes(ArtifactKind::kPreview) +
                               rows.StoredBytes(ArtifactKind::kLog);
  absl::MutexLock lock(&mutex_);
  shed_bytes_ = std::min(std::max(shed_bytes_, bytes), stored_bytes);
  return shed_bytes_;
}

absl::Status AgedArtifacts::Tick() {
  const ArtifactRows& rows = catalog_.rows();
  absl::Status status = ReconcileSome();
  for (ArtifactKind kind : kKindsByAge) {
    const bool is_log = kind == ArtifactKind::kLog;
    const int64_t bound = is_log ? options_.log_bytes : options_.preview_bytes;
    int64_t bytes = rows.StoredBytes(kind) - bound;
    {
      absl::MutexLock lock(&mutex_);
      // Logs only where previews are not enough.
      const int64_t others =
          is_log ? rows.StoredBytes(ArtifactKind::kPreview) : 0;
      bytes = std::max(bytes, shed_bytes_ - others);
    }
    if (bytes <= 0) continue;
    const absl::StatusOr<int64_t> gone = RemoveOldest(kind, bytes);
    status.Update(gone.status());
    absl::MutexLock lock(&mutex_);
    shed_bytes_ = std::max<int64_t>(0, shed_bytes_ - gone.value_or(0));
  }
  return status;
}

absl::Status AgedArtifacts::ReconcileSome() {
  if (reconciled_kinds_ == std::size(kKindsByAge)) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<std::string> page,
                   catalog_.Reconcile(kKindsByAge[reconciled_kinds_],
                                      reconciled_to_, kReconciledInTick));
  reconciled_to_ = page.empty() ? "" : page.back();
  if (page.empty()) ++reconciled_kinds_;
  return absl::OkStatus();
}

absl::StatusOr<int64_t> AgedArtifacts::RemoveOldest(ArtifactKind kind,
                                                    int64_t bytes) {
  ASSIGN_OR_RETURN(const std::vector<ArtifactRecord> oldest,
                   catalog_.rows().ListOldest(kind, kRowsOfTick));
  int64_t gone_bytes = 0;
  for (size_t next = 0; gone_bytes == 0 && next < oldest.size();) {
    std::vector<ArtifactRecord> some;
    int64_t some_bytes = 0;
    while (next < oldest.size() && some_bytes < bytes &&
           some.size() < static_cast<size_t>(kMostGone)) {
      some_bytes += oldest[next].size_bytes;
      some.push_back(oldest[next++]);
    }
    ASSIGN_OR_RETURN(gone_bytes, RemoveAll(some));
  }
  return gone_bytes;
}

// At once, so that few transactions do for them.
absl::StatusOr<int64_t> AgedArtifacts::RemoveAll(
    const std::vector<ArtifactRecord>& some) {
  absl::Mutex mutex;
  absl::Status status;
  int64_t gone_bytes = 0;
  size_t left = some.size();
  for (const ArtifactRecord& one : some) {
    const int64_t size_bytes = one.size_bytes;
    catalog_.Remove({one.kind, one.digest}, absl::InfiniteFuture(),
                    [&, size_bytes](const absl::StatusOr<bool>& removed) {
                      absl::MutexLock lock(&mutex);
                      status.Update(removed.status());
                      if (removed.value_or(false)) gone_bytes += size_bytes;
                      --left;
                    });
  }
  const auto none_left = [&left] { return left == 0; };
  absl::MutexLock lock(&mutex);
  mutex.Await(absl::Condition(&none_left));
  // Of one that can't be removed the next Tick hears again.
  if (gone_bytes == 0) RETURN_IF_ERROR(status);
  return gone_bytes;
}

}  // namespace atelier
