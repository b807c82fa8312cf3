#include "coordinator/artifacts/checkpoint_files.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "common/artifact_kind.h"
#include "common/status_macros.h"
#include "coordinator/blobs/blob_call.h"

namespace atelier {
namespace {

// Large files take a while to go, and Tick is called beside other work.
constexpr size_t kMostGone = 8;
constexpr int kRowsOfSweep = 256;

}  // namespace

void CheckpointFiles::Discard(std::vector<std::string> digests) {
  absl::MutexLock lock(&mutex_);
  std::move(digests.begin(), digests.end(), std::back_inserter(discarded_));
}

absl::Status CheckpointFiles::Tick(absl::Time now) {
  // The machine's clock may have been set back.
  if (now >= next_sweep_ || now + kSweepEvery < next_sweep_) {
    RETURN_IF_ERROR(Sweep(now));
  }
  std::vector<std::string> some;
  {
    absl::MutexLock lock(&mutex_);
    const size_t count = std::min(kMostGone, discarded_.size());
    some.assign(discarded_.end() - count, discarded_.end());
    discarded_.resize(discarded_.size() - count);
  }
  absl::Status status;
  for (const std::string& digest : some) {
    // It may have been uploaded, and told of, again.
    if (is_named_(digest)) continue;
    using Removed = absl::StatusOr<bool>;
    status.Update(AwaitCall<Removed>([&](BlobCallback<Removed> done) {
                    catalog_.Remove({ArtifactKind::kCheckpoint, digest},
                                    absl::InfiniteFuture(), std::move(done));
                  }).status());
  }
  return status;
}

absl::Status CheckpointFiles::Sweep(absl::Time now) {
  started_at_ = std::min(started_at_, now);
  next_sweep_ = now + kSweepEvery;
  Orphans found;
  std::string after;
  while (true) {
    ASSIGN_OR_RETURN(
        const std::vector<ArtifactRecord> page,
        catalog_.rows().List(ArtifactKind::kCheckpoint, after, kRowsOfSweep));
    for (const ArtifactRecord& one : page) {
      if (is_named_(one.digest)) continue;
      ++found.files;
      found.bytes += one.size_bytes;
      const absl::Time last_seen = std::max(one.used_at, started_at_);
      if (last_seen + grace_ <= now) Discard({one.digest});
    }
    if (page.size() < static_cast<size_t>(kRowsOfSweep)) break;
    after = page.back().digest;
  }
  orphans_ = found;
  return absl::OkStatus();
}

}  // namespace atelier
