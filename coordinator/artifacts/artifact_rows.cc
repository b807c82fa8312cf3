#include "coordinator/artifacts/artifact_rows.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "coordinator/blobs/blob_call.h"

namespace atelier {
namespace {

// One transaction should not keep the decisions on jobs waiting.
constexpr size_t kMostAtOnce = 1000;

bool IsSame(const ArtifactRecord& a, const ArtifactRecord& b) {
  return a.size_bytes == b.size_bytes && a.used_at == b.used_at &&
         a.checked_at == b.checked_at && a.version == b.version;
}

absl::Status NotConfirmed(const absl::Status& why) {
  if (why.ok()) return why;
  return absl::UnavailableError(absl::StrCat(
      "the store did not confirm (", why.message(), "); repeat the call"));
}

}  // namespace

ArtifactRows::ArtifactRows(Store& store)
    : store_(store), thread_([this] { Run(); }) {}

ArtifactRows::~ArtifactRows() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

absl::StatusOr<std::optional<ArtifactRecord>> ArtifactRows::Find(
    const BlobKey& key) {
  {
    absl::MutexLock lock(&mutex_);
    const auto later = later_.find(key);
    if (later != later_.end()) return later->second;
  }
  ASSIGN_OR_RETURN(const std::vector<ArtifactRecord> found,
                   store_.FindArtifacts(key.kind, {key.digest}));
  if (found.empty()) return std::nullopt;
  return found.front();
}

absl::StatusOr<std::vector<ArtifactRecord>> ArtifactRows::List(
    ArtifactKind kind, const std::string& after, int limit) {
  return store_.ListArtifacts(kind, after, limit);
}

void ArtifactRows::Write(ArtifactChange change, BlobDone done,
                         std::optional<AuditRecord> audit) {
  absl::MutexLock lock(&mutex_);
  later_.erase({change.artifact.kind, change.artifact.digest});
  waiting_.push_back({std::move(change), std::move(done), std::move(audit)});
}

void ArtifactRows::WriteLater(const ArtifactRecord& record) {
  absl::MutexLock lock(&mutex_);
  later_[{record.kind, record.digest}] = record;
}

absl::Status ArtifactRows::Flush() {
  return Wait<absl::Status>([this](BlobDone done) {
    absl::MutexLock lock(&mutex_);
    flush_ = true;
    waiting_.push_back({std::nullopt, std::move(done), std::nullopt});
  });
}

void ArtifactRows::Tick(absl::Time now) {
  absl::MutexLock lock(&mutex_);
  if (now < next_flush_) return;
  next_flush_ = now + kWriteLaterWithin;
  flush_ = !later_.empty();
}

void ArtifactRows::Run() {
  std::vector<Waiting> now;
  Later later;
  while (Take(now, later)) {
    RowChanges changes;
    for (const auto& [key, record] : later) {
      changes.artifacts.push_back({record});
    }
    for (Waiting& one : now) {
      if (one.change.has_value()) changes.artifacts.push_back(*one.change);
      if (one.audit.has_value()) changes.audit.push_back(*one.audit);
    }
    const absl::Status status =
        changes.empty() ? absl::OkStatus() : store_.Apply(changes);
    if (status.ok()) Written(later);
    for (const Waiting& one : now) one.done(NotConfirmed(status));
  }
}

bool ArtifactRows::Take(std::vector<Waiting>& now, Later& later) {
  const auto woken = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return !waiting_.empty() || flush_ || stopping_;
  };
  now.clear();  // With what they hold, before they wait.
  later.clear();
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(&woken));
  if (stopping_) {
    later = later_;
  } else if (flush_) {
    // Some at a time: others write too.
    for (const auto& one : later_) {
      if (later.size() == kMostAtOnce) break;
      later.insert(one);
    }
    flush_ = later_.size() > later.size();
  }
  // At the end there is one try.
  if (stopping_) later_.clear();
  const size_t count = std::min(waiting_.size(), kMostAtOnce);
  const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(count);
  std::move(waiting_.begin(), end, std::back_inserter(now));
  waiting_.erase(waiting_.begin(), end);
  return !now.empty() || !later.empty() || !stopping_;
}

void ArtifactRows::Written(const Later& later) {
  absl::MutexLock lock(&mutex_);
  for (const auto& [key, record] : later) {
    const auto still = later_.find(key);
    if (still != later_.end() && IsSame(still->second, record)) {
      later_.erase(still);
    }
  }
}

}  // namespace atelier
