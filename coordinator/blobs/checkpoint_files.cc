#include "coordinator/blobs/checkpoint_files.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "common/status_macros.h"

namespace atelier {
namespace {

// Large files take a while to go, and Tick is called beside other work.
constexpr size_t kMostAtOnce = 8;

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
    const size_t count = std::min(kMostAtOnce, discarded_.size());
    some.assign(discarded_.end() - count, discarded_.end());
    discarded_.resize(discarded_.size() - count);
  }
  absl::Status status;
  for (const std::string& digest : some) {
    // It may have been uploaded, and told of, again.
    if (is_named_(digest)) continue;
    status.Update(store_.Remove(digest, absl::InfiniteFuture()).status());
  }
  return status;
}

absl::Status CheckpointFiles::Sweep(absl::Time now) {
  started_at_ = std::min(started_at_, now);
  next_sweep_ = now + kSweepEvery;
  Orphans found;
  const absl::Status status =
      store_.ForEach([this, now, &found](const StoredArtifact& file) {
        if (is_named_(file.digest)) return absl::OkStatus();
        ++found.files;
        found.bytes += file.size_bytes;
        const absl::Time last_seen = std::max(file.used_at, started_at_);
        if (last_seen + grace_ <= now) Discard({file.digest});
        return absl::OkStatus();
      });
  orphans_ = found;
  return status;
}

}  // namespace atelier
