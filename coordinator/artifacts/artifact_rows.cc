#include "coordinator/artifacts/artifact_rows.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "coordinator/blobs/blob_call.h"

namespace atelier {
namespace {

// Those whose bytes are added up.
constexpr ArtifactKind kSummedKinds[] = {ArtifactKind::kPreview,
                                         ArtifactKind::kLog};

// One transaction should not keep the decisions on jobs waiting.
constexpr size_t kMostAtOnce = 1000;

bool IsSame(const ArtifactRecord& a, const ArtifactRecord& b) {
  return a.size_bytes == b.size_bytes && a.used_at == b.used_at &&
         a.checked_at == b.checked_at && a.version == b.version;
}

BlobKey KeyOfRow(const ArtifactRecord& row) { return {row.kind, row.digest}; }

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

void ArtifactRows::Write(ThumbnailRecord thumbnail, BlobDone done) {
  absl::MutexLock lock(&mutex_);
  waiting_.push_back(
      {std::nullopt, std::move(done), std::nullopt, std::move(thumbnail)});
}

int64_t ArtifactRows::StoredBytes(ArtifactKind kind) const {
  absl::MutexLock lock(&mutex_);
  const auto found = stored_bytes_.find(kind);
  return found == stored_bytes_.end() ? 0 : found->second;
}

absl::StatusOr<std::vector<ArtifactRecord>> ArtifactRows::ListOldest(
    ArtifactKind kind, int limit) {
  return store_.ListOldestArtifacts(kind, limit);
}

absl::StatusOr<std::optional<std::string>> ArtifactRows::FindThumbnail(
    const std::string& of_digest, int size_px) {
  return store_.FindThumbnail(of_digest, size_px);
}

void ArtifactRows::WriteLater(const ArtifactRecord& record) {
  absl::MutexLock lock(&mutex_);
  later_[{record.kind, record.digest}] = record;
}

absl::Status ArtifactRows::Flush() {
  return AwaitCall<absl::Status>([this](BlobDone done) {
    absl::MutexLock lock(&mutex_);
    flush_ = true;
    waiting_.push_back({std::nullopt, std::move(done), std::nullopt});
  });
}

void ArtifactRows::Charge(const BlobKey& key, const std::string& user) {
  if (user.empty()) return;
  absl::MutexLock lock(&mutex_);
  charges_.emplace(key, user);
}

void ArtifactRows::Tick(absl::Time now) {
  absl::MutexLock lock(&mutex_);
  if (now >= next_charge_) {
    next_charge_ = now + kChargeWithin;
    charge_ = !charges_.empty();
  }
  if (now < next_flush_) return;
  next_flush_ = now + kWriteLaterWithin;
  flush_ = !later_.empty();
}

void ArtifactRows::Run() {
  Batch batch;
  while (Take(batch)) {
    const absl::Status status = Apply(batch);
    if (status.ok()) {
      Written(batch.later);
    } else {
      PutBack(batch.charges);
    }
    for (const Waiting& one : batch.now) one.done(NotConfirmed(status));
  }
}

absl::Status ArtifactRows::LoadSums() {
  if (has_sums_) return absl::OkStatus();
  ASSIGN_OR_RETURN(auto sums, store_.SumArtifacts());
  std::map<ArtifactKind, int64_t> stored;
  for (ArtifactKind kind : kSummedKinds) {
    ASSIGN_OR_RETURN(stored[kind], store_.SumArtifactsOf(kind));
  }
  owner_bytes_.Restore(std::move(sums));
  absl::MutexLock lock(&mutex_);
  stored_bytes_ = std::move(stored);
  has_sums_ = true;
  return absl::OkStatus();
}

absl::Status ArtifactRows::Apply(const Batch& batch) {
  RETURN_IF_ERROR(LoadSums());
  RowChanges changes;
  for (const auto& [key, record] : batch.later) {
    changes.artifacts.push_back({record});
  }
  for (const Waiting& one : batch.now) {
    if (one.change.has_value()) changes.artifacts.push_back(*one.change);
    if (one.audit.has_value()) changes.audit.push_back(*one.audit);
    if (one.thumbnail.has_value()) changes.thumbnails.push_back(*one.thumbnail);
  }
  ASSIGN_OR_RETURN(auto rows, Rows(changes, batch.charges));
  std::map<std::string, int64_t> sums;
  std::map<ArtifactKind, int64_t> stored;
  for (ArtifactChange& change : changes.artifacts) {
    ArtifactRecord& after = change.artifact;
    const auto row = rows.find(KeyOfRow(after));
    if (row != rows.end()) {
      sums[row->second.owner] -= row->second.size_bytes;
      stored[after.kind] -= row->second.size_bytes;
      if (!row->second.owner.empty()) after.owner = row->second.owner;
      rows.erase(row);
    }
    if (!change.keep) continue;
    sums[after.owner] += after.size_bytes;
    stored[after.kind] += after.size_bytes;
    rows.emplace(KeyOfRow(after), after);
  }
  for (const auto& [key, user] : batch.charges) {
    const auto row = rows.find(key);
    if (row == rows.end() || !row->second.owner.empty()) continue;
    row->second.owner = user;
    sums[user] += row->second.size_bytes;
    changes.artifacts.push_back({row->second});
  }
  std::vector<ThumbnailRecord>& thumbnails = changes.thumbnails;
  thumbnails.erase(
      std::remove_if(
          thumbnails.begin(), thumbnails.end(),
          [&rows](const ThumbnailRecord& one) {
            return rows.count({ArtifactKind::kPreview, one.digest}) == 0;
          }),
      thumbnails.end());
  if (changes.empty()) return absl::OkStatus();
  RETURN_IF_ERROR(store_.Apply(changes));
  for (const auto& [user, bytes] : sums) owner_bytes_.Add(user, bytes);
  absl::MutexLock lock(&mutex_);
  for (const auto& [kind, bytes] : stored) stored_bytes_[kind] += bytes;
  return absl::OkStatus();
}

// As the store has them.
absl::StatusOr<std::map<BlobKey, ArtifactRecord>> ArtifactRows::Rows(
    const RowChanges& changes, const Charges& charges) {
  std::map<ArtifactKind, std::set<std::string>> digests;
  for (const ArtifactChange& change : changes.artifacts) {
    digests[change.artifact.kind].insert(change.artifact.digest);
  }
  for (const ThumbnailRecord& one : changes.thumbnails) {
    digests[ArtifactKind::kPreview].insert(one.digest);
  }
  for (const auto& [key, user] : charges) digests[key.kind].insert(key.digest);
  std::map<BlobKey, ArtifactRecord> rows;
  for (const auto& [kind, some] : digests) {
    ASSIGN_OR_RETURN(const std::vector<ArtifactRecord> found,
                     store_.FindArtifacts(kind, some));
    for (const ArtifactRecord& row : found) rows.emplace(KeyOfRow(row), row);
  }
  return rows;
}

bool ArtifactRows::Take(Batch& batch) {
  const auto woken = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return !waiting_.empty() || flush_ || charge_ || stopping_;
  };
  batch = Batch();  // With what they hold, before they wait.
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(&woken));
  if (stopping_) {
    batch.later = later_;
  } else if (flush_) {
    // Some at a time: others write too.
    for (const auto& one : later_) {
      if (batch.later.size() == kMostAtOnce) break;
      batch.later.insert(one);
    }
    flush_ = later_.size() > batch.later.size();
  }
  // At the end there is one try.
  if (stopping_) later_.clear();
  const size_t count = std::min(waiting_.size(), kMostAtOnce);
  const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(count);
  std::move(waiting_.begin(), end, std::back_inserter(batch.now));
  waiting_.erase(waiting_.begin(), end);
  while (!charges_.empty() && batch.charges.size() < kMostAtOnce) {
    batch.charges.insert(charges_.extract(charges_.begin()));
  }
  charge_ = false;
  return !batch.now.empty() || !batch.later.empty() || !batch.charges.empty() ||
         !stopping_;
}

void ArtifactRows::PutBack(const Charges& charges) {
  absl::MutexLock lock(&mutex_);
  if (!stopping_) charges_.insert(charges.begin(), charges.end());
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
