// How artifacts come into a catalog, and out of it.
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/digest.h"
#include "common/status_macros.h"
#include "coordinator/artifacts/artifact_catalog.h"

namespace atelier {
namespace {

absl::Status CheckRequest(const BlobKey& key, const char* name, int64_t value) {
  if (!IsHexDigest(key.digest)) {
    return InvalidArgument("digest \"", key.digest.substr(0, 80),
                           "\" is not 64 lower-case hex digits");
  }
  if (value >= 0) return absl::OkStatus();
  return InvalidArgument(name, " is ", value, ", which is not at least 0");
}

}  // namespace

void ArtifactCatalog::Upload(const BlobKey& key, int64_t size_bytes,
                             Callback<std::shared_ptr<ArtifactUpload>> done,
                             const ArtifactOwner& owner, bool anew) {
  if (const absl::Status status = CheckRequest(key, "size_bytes", size_bytes);
      !status.ok()) {
    done(status);
    return;
  }
  Check(key, [this, key, size_bytes, owner, anew,
              done = std::move(done)](const absl::StatusOr<Known>& found) {
    absl::Status status = found.status();
    const bool is_there = status.ok() && found->has_value() && !anew;
    if (is_there && (*found)->size_bytes != size_bytes) {
      status = InvalidArgument(size_bytes, " given; artifact ", key.digest,
                               " has ", (*found)->size_bytes);
    }
    if (status.ok() && !is_there) status = MayUpload(key, size_bytes);
    if (!status.ok()) {
      done(status);
      return;
    }
    if (is_there) {
      done(nullptr);
      return;
    }
    auto room = rows_.owner_bytes().Reserve(owner, size_bytes);
    if (!room.ok()) {
      done(room.status());
      return;
    }
    done(std::make_shared<ArtifactUpload>(*this, key, size_bytes, owner.user,
                                          *std::move(room)));
  });
}

void ArtifactCatalog::Download(
    const BlobKey& key, int64_t offset_bytes,
    Callback<std::shared_ptr<ArtifactDownload>> done) {
  if (const absl::Status status =
          CheckRequest(key, "offset_bytes", offset_bytes);
      !status.ok()) {
    done(status);
    return;
  }
  locks_.Acquire(
      key, [this, key, offset_bytes, done = std::move(done)](const Hold& hold) {
        blobs_.Look(key, [this, key, offset_bytes, hold,
                          done](const absl::StatusOr<BlobInfo>& info) {
          OpenFound(key, offset_bytes, info, hold, done);
        });
      });
}

void ArtifactCatalog::OpenFound(
    const BlobKey& key, int64_t offset_bytes,
    const absl::StatusOr<BlobInfo>& info, const Hold& hold,
    const Callback<std::shared_ptr<ArtifactDownload>>& done) {
  if (absl::IsNotFound(info.status())) Forget(key, hold);
  if (absl::IsDataLoss(info.status())) {
    Discard(key, info.status(), hold,
            [done](const absl::Status& why) { done(why); });
    return;
  }
  absl::Status status = info.status();
  if (status.ok() && offset_bytes > info->size_bytes) {
    status = absl::OutOfRangeError(
        absl::StrCat("offset_bytes is ", offset_bytes, ", artifact ",
                     key.digest, " has ", info->size_bytes, " bytes"));
  }
  if (!status.ok()) {
    done(status);
    return;
  }
  const absl::StatusOr<Known> row = rows_.Find(key);
  // A check of late need not be noted again.
  const bool notes_check =
      !row.ok() || !row->has_value() ||
      !IsCheckedWithin(options_.verify_after / 2, **row, *info);
  const auto download = std::make_shared<ArtifactDownload>(
      *this, std::make_shared<BlobReading>(blobs_, key, *info), notes_check);
  // The catalog's end waits for the hold: it goes after the download.
  download->SkipTo(offset_bytes,
                   [hold, download, done](const absl::Status& skipped) {
                     if (skipped.ok()) {
                       done(download);
                     } else {
                       done(skipped);
                     }
                   });
}

ArtifactUpload::ArtifactUpload(ArtifactCatalog& catalog, const BlobKey& key,
                               int64_t size_bytes, std::string owner,
                               std::unique_ptr<OwnerBytes::Room> room)
    : catalog_(catalog),
      key_(key),
      size_bytes_(size_bytes),
      owner_(std::move(owner)),
      room_(std::move(room)),
      blob_(catalog.blobs_.NewUpload(key)) {}

void ArtifactUpload::Append(std::string bytes, BlobDone done) {
  written_bytes_ += static_cast<int64_t>(bytes.size());
  if (written_bytes_ > size_bytes_) {
    done(InvalidArgument("artifact ", key_.digest, " was announced with ",
                         size_bytes_, " bytes, at least ", written_bytes_,
                         " were sent"));
    return;
  }
  hash_.Update(bytes);
  blob_->Append(std::move(bytes),
                [this, done = std::move(done)](const absl::Status& status) {
                  catalog_.Heard(status);
                  done(status);
                });
}

absl::Status ArtifactUpload::CheckWhole() {
  if (written_bytes_ != size_bytes_) {
    return InvalidArgument("artifact ", key_.digest, " was announced with ",
                           size_bytes_, " bytes, ", written_bytes_,
                           " were sent");
  }
  if (const std::string digest = hash_.HexDigest(); digest != key_.digest) {
    return InvalidArgument("has digest ", digest, ", not ", key_.digest);
  }
  return absl::OkStatus();
}

void ArtifactUpload::Commit(BlobDone done, std::optional<AuditRecord> audit) {
  if (const absl::Status status = CheckWhole(); !status.ok()) {
    done(status);
    return;
  }
  const auto commit = [this, done = std::move(done), audit = std::move(audit)](
                          const ArtifactCatalog::Hold& hold) {
    blob_->Commit(
        [this, hold, done, audit](const absl::StatusOr<BlobInfo>& info) {
          catalog_.Heard(info.status());
          if (!info.ok()) {
            done(info.status());
            return;
          }
          ArtifactRecord row = catalog_.Checked(key_, *info, std::nullopt);
          row.owner = owner_;
          catalog_.rows_.Write(
              {std::move(row)},
              [this, hold, done](const absl::Status& status) {
                RowWritten(status, hold, done);
              },
              audit);
        });
  };
  catalog_.locks_.Acquire(key_, commit);
}

// What nobody will tell of, or find to remove it, takes no room.
void ArtifactUpload::RowWritten(const absl::Status& status,
                                const ArtifactCatalog::Hold& hold,
                                const BlobDone& done) {
  room_ = nullptr;  // What is stored counts by itself.
  if (status.ok()) catalog_.looks_.Add(key_, catalog_.clock_.Now());
  if (status.ok() || key_.kind == ArtifactKind::kArtifact) {
    done(status);
    return;
  }
  catalog_.blobs_.Delete(
      key_, [hold, done, status](const absl::Status&) { done(status); });
}

ArtifactDownload::ArtifactDownload(ArtifactCatalog& catalog,
                                   std::shared_ptr<BlobReading> reading,
                                   bool notes_check)
    : catalog_(catalog),
      reading_(std::move(reading)),
      notes_check_(notes_check) {
  absl::MutexLock lock(&catalog_.mutex_);
  catalog_.downloads_.insert(reading_->key());
}

ArtifactDownload::~ArtifactDownload() {
  absl::MutexLock lock(&catalog_.mutex_);
  catalog_.downloads_.extract(reading_->key());
}

void ArtifactDownload::Next(size_t most_bytes,
                            ArtifactCatalog::Callback<std::string> done) {
  const bool had_ended = reading_->has_ended();
  reading_->Next(most_bytes, [this, had_ended, done = std::move(done)](
                                 absl::StatusOr<std::string> bytes) {
    const bool ends_now = reading_->has_ended() && !had_ended;
    if (bytes.ok() && !ends_now) {
      done(std::move(bytes));
      return;
    }
    Ended(bytes.status(), [bytes, done](const absl::Status&) mutable {
      done(std::move(bytes));
    });
  });
}

void ArtifactDownload::SkipTo(int64_t offset_bytes, BlobDone done) {
  if (offset_bytes == 0) {
    done(absl::OkStatus());
    return;
  }
  atelier::SkipTo(
      reading_, offset_bytes,
      [this, done = std::move(done)](const absl::Status& status) {
        if (status.ok() && !reading_->has_ended()) {
          done(status);
        } else {
          Ended(status, [status, done](const absl::Status&) { done(status); });
        }
      });
}

// Others may have brought or removed it meanwhile: only what still is what was
// read counts as checked, or goes.
void ArtifactDownload::Ended(const absl::Status& status, BlobDone done) {
  if (status.ok() ? !notes_check_ : !absl::IsDataLoss(status)) {
    done(status);
    return;
  }
  ArtifactCatalog& catalog = catalog_;
  const BlobKey key = reading_->key();
  const BlobInfo read = reading_->info();
  catalog.locks_.Acquire(key, [&catalog, key, read, status,
                               done](const ArtifactCatalog::Hold& hold) {
    catalog.blobs_.Look(key, [&catalog, key, read, status, done,
                              hold](const absl::StatusOr<BlobInfo>& now) {
      const bool is_same = now.ok() && now->version == read.version;
      if (!status.ok() && (is_same || absl::IsDataLoss(now.status()))) {
        catalog.Discard(key, status, hold, done);
        return;
      }
      if (status.ok() && is_same) {
        const absl::StatusOr<ArtifactCatalog::Known> row =
            catalog.rows_.Find(key);
        if (row.ok()) {
          catalog.rows_.WriteLater(catalog.Checked(key, read, *row));
        }
      }
      done(status);
    });
  });
}

}  // namespace atelier
