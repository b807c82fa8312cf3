#include "coordinator/artifacts/checkpoint_files.h"

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
  if (now >= next_sweep_) RETURN_IF_ERROR(Sweep(now));
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
  next_sweep_ = now + kSweepEvery;
  return store_.ForEach([this, now](const StoredArtifact& file) {
    if (file.used_at + kGrace <= now && !is_named_(file.digest)) {
      Discard({file.digest});
    }
    return absl::OkStatus();
  });
}

}  // namespace atelier
