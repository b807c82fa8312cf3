#include "coordinator/blobs/verified_store.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/digest.h"
#include "common/status_macros.h"

namespace atelier {

class VerifiedStore::Reader : public ArtifactReader {
 public:
  Reader(VerifiedStore& store, std::unique_ptr<ArtifactReader> reader)
      : store_(store), reader_(std::move(reader)) {}

  const StoredArtifact& artifact() const override {
    return reader_->artifact();
  }

  absl::StatusOr<std::string> Read(size_t most_bytes) override {
    if (ended_) return std::string();
    RETURN_IF_ERROR(damage_);
    absl::StatusOr<std::string> bytes = reader_->Read(most_bytes);
    if (absl::IsDataLoss(bytes.status())) return Damaged(bytes.status());
    RETURN_IF_ERROR(bytes.status());
    hash_.Update(*bytes);
    read_bytes_ += static_cast<int64_t>(bytes->size());
    if (read_bytes_ < artifact().size_bytes) return bytes;
    RETURN_IF_ERROR(CompareDigest());
    ended_ = true;
    return bytes;
  }

  absl::Status SkipTo(int64_t offset_bytes) {
    constexpr int64_t kAtOnce = int64_t{1} << 20;
    while (read_bytes_ < offset_bytes) {
      RETURN_IF_ERROR(Read(static_cast<size_t>(
                               std::min(kAtOnce, offset_bytes - read_bytes_)))
                          .status());
    }
    return absl::OkStatus();
  }

  absl::Status Discard() override { return reader_->Discard(); }

 private:
  absl::Status CompareDigest() {
    const std::string digest = hash_.HexDigest();
    if (digest == artifact().digest) {
      store_.checks_.Add(artifact(), store_.clock_.Now());
      return absl::OkStatus();
    }
    return Damaged(absl::DataLossError(
        absl::StrCat("artifact ", artifact().digest, " is damaged: its ",
                     artifact().size_bytes, " bytes have digest ", digest)));
  }

  absl::Status Damaged(const absl::Status& why) {
    store_.Report(artifact().digest, why, reader_->Discard());
    damage_ = why;
    return why;
  }

  VerifiedStore& store_;
  const std::unique_ptr<ArtifactReader> reader_;
  Sha256 hash_;
  int64_t read_bytes_ = 0;
  bool ended_ = false;
  absl::Status damage_;
};

class VerifiedStore::Writer : public ArtifactWriter {
 public:
  Writer(VerifiedStore& store, std::string digest,
         std::unique_ptr<ArtifactWriter> writer)
      : store_(store), digest_(std::move(digest)), writer_(std::move(writer)) {}

  absl::Status Append(absl::string_view bytes) override {
    return writer_->Append(bytes);
  }

  absl::Status Commit() override {
    RETURN_IF_ERROR(writer_->Commit());
    const absl::StatusOr<StoredArtifact> made = store_.store().Find(digest_);
    if (made.ok()) store_.checks_.Add(*made, store_.clock_.Now());
    return absl::OkStatus();
  }

 private:
  VerifiedStore& store_;
  const std::string digest_;
  const std::unique_ptr<ArtifactWriter> writer_;
};

VerifiedStore::VerifiedStore(ArtifactStore& store, Clock& clock,
                             VerifiedStoreOptions options)
    : ForwardingStore(store), clock_(clock), options_(std::move(options)) {}

absl::StatusOr<bool> VerifiedStore::Has(absl::string_view digest) {
  const absl::StatusOr<StoredArtifact> before = Find(digest);
  if (absl::IsNotFound(before.status())) return false;
  RETURN_IF_ERROR(before.status());
  if (!WasCheckedOfLate(*before)) {
    ASSIGN_OR_RETURN(const bool whole, Check(before->digest));
    if (!whole) return false;
  }
  ASSIGN_OR_RETURN(const bool has, store().Has(digest));
  const absl::StatusOr<StoredArtifact> after = store().Find(digest);
  if (after.ok()) checks_.Touched(*before, *after);
  return has;
}

absl::StatusOr<StoredArtifact> VerifiedStore::Find(absl::string_view digest) {
  absl::StatusOr<StoredArtifact> found = store().Find(digest);
  if (!absl::IsDataLoss(found.status())) return found;
  Discard(std::string(digest), found.status());
  return absl::NotFoundError(absl::StrCat("no artifact ", digest));
}

absl::StatusOr<std::unique_ptr<ArtifactWriter>> VerifiedStore::NewWriter(
    absl::string_view digest, int64_t size_bytes) {
  ASSIGN_OR_RETURN(std::unique_ptr<ArtifactWriter> writer,
                   store().NewWriter(digest, size_bytes));
  return std::make_unique<Writer>(*this, std::string(digest),
                                  std::move(writer));
}

absl::StatusOr<std::unique_ptr<ArtifactReader>> VerifiedStore::Open(
    absl::string_view digest, int64_t offset_bytes) {
  {
    // For the errors of this offset.
    const absl::Status at_offset = store().Open(digest, offset_bytes).status();
    if (absl::IsDataLoss(at_offset)) Discard(std::string(digest), at_offset);
    RETURN_IF_ERROR(at_offset);
  }
  ASSIGN_OR_RETURN(std::unique_ptr<ArtifactReader> opened,
                   store().Open(digest, 0));
  auto reader = std::make_unique<Reader>(*this, std::move(opened));
  RETURN_IF_ERROR(reader->SkipTo(offset_bytes));
  return reader;
}

absl::StatusOr<bool> VerifiedStore::Remove(absl::string_view digest,
                                           absl::Time unused_since) {
  absl::StatusOr<bool> removed = store().Remove(digest, unused_since);
  if (removed.ok() && *removed) checks_.Forget(std::string(digest));
  return removed;
}

bool VerifiedStore::WasCheckedOfLate(const StoredArtifact& artifact) {
  const std::optional<absl::Time> checked_at = checks_.Find(artifact);
  return checked_at.has_value() &&
         clock_.Now() - *checked_at <= options_.verify_after;
}

absl::StatusOr<bool> VerifiedStore::Check(const std::string& digest) {
  const auto is_free = [&]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return being_read_.count(digest) == 0;
  };
  bool waited = false;
  {
    absl::MutexLock lock(&mutex_);
    waited = !is_free();
    mutex_.Await(absl::Condition(&is_free));
    being_read_.insert(digest);
  }
  absl::StatusOr<bool> whole = true;
  const absl::StatusOr<StoredArtifact> now = Find(digest);
  if (!waited || !now.ok() || !WasCheckedOfLate(*now)) {
    whole = ReadsToItsEnd(*this, digest);
  }
  absl::MutexLock lock(&mutex_);
  being_read_.erase(digest);
  return whole;
}

void VerifiedStore::Discard(const std::string& digest,
                            const absl::Status& why) {
  Report(digest, why, store().DiscardUnreadable(digest));
}

void VerifiedStore::Report(const std::string& digest, const absl::Status& why,
                           const absl::Status& discarded) {
  checks_.Forget(digest);
  if (!options_.on_damage) return;
  options_.on_damage(
      digest,
      discarded.ok()
          ? why
          : absl::Status(why.code(), absl::StrCat(why.message(),
                                                  "; it cannot be moved away: ",
                                                  discarded.message())));
}

}  // namespace atelier
