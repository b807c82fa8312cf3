#include "coordinator/blobs/check_log.h"

namespace atelier {

void CheckLog::Add(const StoredArtifact& artifact, absl::Time checked_at) {
  absl::MutexLock lock(&mutex_);
  const auto known = by_digest_.find(artifact.digest);
  if (known != by_digest_.end()) {
    checks_.erase(known->second);
    by_digest_.erase(known);
  }
  const auto added = checks_.insert(
      checks_.end(),
      {artifact.digest, artifact.size_bytes, artifact.used_at, checked_at});
  by_digest_.emplace(artifact.digest, added);
  if (checks_.size() <= most_) return;
  by_digest_.erase(checks_.front().digest);
  checks_.pop_front();
}

std::optional<absl::Time> CheckLog::Find(const StoredArtifact& artifact) {
  absl::MutexLock lock(&mutex_);
  const Check* check = Get(artifact);
  if (check == nullptr) return std::nullopt;
  return check->checked_at;
}

void CheckLog::Touched(const StoredArtifact& before,
                       const StoredArtifact& after) {
  absl::MutexLock lock(&mutex_);
  Check* check = Get(before);
  if (check != nullptr) check->used_at = after.used_at;
}

void CheckLog::Forget(const std::string& digest) {
  absl::MutexLock lock(&mutex_);
  const auto known = by_digest_.find(digest);
  if (known == by_digest_.end()) return;
  checks_.erase(known->second);
  by_digest_.erase(known);
}

CheckLog::Check* CheckLog::Get(const StoredArtifact& artifact) {
  const auto known = by_digest_.find(artifact.digest);
  if (known == by_digest_.end()) return nullptr;
  Check& check = *known->second;
  if (check.size_bytes != artifact.size_bytes ||
      check.used_at != artifact.used_at) {
    return nullptr;
  }
  checks_.splice(checks_.end(), checks_, known->second);
  return &check;
}

}  // namespace atelier
