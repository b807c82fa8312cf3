#include "coordinator/artifacts/artifact_catalog.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/digest.h"
#include "common/status_macros.h"
#include "coordinator/blobs/blob_call.h"

namespace atelier {
namespace {

constexpr size_t kRowsAtOnce = 256;
// Few transactions, and little memory.
constexpr size_t kLoadedAtOnce = 4096;
// Comes after every digest.
constexpr char kEnd[] = "g";

absl::Status ValidateDigest(absl::string_view digest) {
  if (IsHexDigest(digest)) return absl::OkStatus();
  return InvalidArgument("digest \"", digest.substr(0, 80),
                         "\" is not 64 lower-case hex digits");
}

absl::Status NotFound(const BlobKey& key) {
  return absl::NotFoundError(
      absl::StrCat("no ", Name(key.kind), " ", key.digest));
}

absl::Time ToMicros(absl::Time time) {
  return absl::FromUnixMicros(absl::ToUnixMicros(time));
}

ArtifactChange Dropped(const BlobKey& key) {
  ArtifactChange change;
  change.artifact.kind = key.kind;
  change.artifact.digest = key.digest;
  change.keep = false;
  return change;
}

}  // namespace

/// One FindPresent.
struct ArtifactCatalog::Search {
  ArtifactCatalog& catalog;
  const ArtifactKind kind;
  const Callback<std::set<std::string>> done;
  absl::Mutex mutex;
  std::set<std::string> left ABSL_GUARDED_BY(mutex);
  std::set<std::string> present ABSL_GUARDED_BY(mutex) = {};
  absl::Status status ABSL_GUARDED_BY(mutex) = absl::OkStatus();
  int looks ABSL_GUARDED_BY(mutex) = 0;
  bool has_ended ABSL_GUARDED_BY(mutex) = false;
};

ArtifactCatalog::ArtifactCatalog(BlobStore& blobs, Store& store, Clock& clock,
                                 ArtifactCatalogOptions options)
    : blobs_(blobs),
      clock_(clock),
      options_(std::move(options)),
      rows_(store) {}

ArtifactCatalog::~ArtifactCatalog() = default;

absl::Status ArtifactCatalog::Load() {
  RETURN_IF_ERROR(rows_.Flush());  // Has the sums by owner.
  for (ArtifactKind kind :
       {ArtifactKind::kCheckpoint, ArtifactKind::kArtifact}) {
    // Checkpoints are few, and what a crash left of them should go soon.
    if (kind == ArtifactKind::kArtifact) {
      ASSIGN_OR_RETURN(const std::vector<ArtifactRecord> some,
                       rows_.List(kind, "", 1));
      if (!some.empty()) continue;
    }
    std::vector<std::string> page(1);
    while (!page.empty()) {
      ASSIGN_OR_RETURN(page, Reconcile(kind, page.back(), kLoadedAtOnce));
    }
  }
  return absl::OkStatus();
}

void ArtifactCatalog::FindPresent(ArtifactKind kind,
                                  const std::set<std::string>& digests,
                                  Callback<std::set<std::string>> done) {
  for (const std::string& digest : digests) {
    if (const absl::Status status = ValidateDigest(digest); !status.ok()) {
      done(status);
      return;
    }
  }
  SearchOn(std::shared_ptr<Search>(
      new Search{*this, kind, std::move(done), {}, digests}));
}

void ArtifactCatalog::SearchOn(const std::shared_ptr<Search>& search) {
  while (true) {
    std::string digest;
    {
      absl::MutexLock lock(&search->mutex);
      if (search->has_ended) return;
      const bool has_more = !search->left.empty() && search->status.ok();
      if (has_more && search->looks == kLooksAtOnce) return;
      if (has_more) {
        digest = *search->left.begin();
        search->left.erase(search->left.begin());
        ++search->looks;
      } else if (search->looks > 0) {
        return;
      } else {
        search->has_ended = true;
      }
    }
    if (digest.empty()) break;
    search->catalog.Check({search->kind, digest},
                          [search, digest](const absl::StatusOr<Known>& found) {
                            {
                              absl::MutexLock lock(&search->mutex);
                              --search->looks;
                              search->status.Update(found.status());
                              if (found.ok() && found->has_value()) {
                                search->present.insert(digest);
                              }
                            }
                            SearchOn(search);
                          });
  }
  absl::StatusOr<std::set<std::string>> result;
  {
    absl::MutexLock lock(&search->mutex);
    result = std::move(search->present);
    if (!search->status.ok()) result = search->status;
  }
  search->done(std::move(result));
}

bool ArtifactCatalog::WereSeenLately(ArtifactKind kind,
                                     const std::set<std::string>& digests) {
  const absl::Time now = clock_.Now();
  return std::all_of(digests.begin(), digests.end(),
                     [&](const std::string& digest) {
                       return looks_.Has({kind, digest}, now);
                     });
}

absl::StatusOr<ArtifactRecord> ArtifactCatalog::Find(const BlobKey& key) {
  RETURN_IF_ERROR(ValidateDigest(key.digest));
  ASSIGN_OR_RETURN(Known row, rows_.Find(key));
  if (!row.has_value()) return NotFound(key);
  return *std::move(row);
}

void ArtifactCatalog::Verify(const BlobKey& key, Callback<bool> done) {
  if (const absl::Status status = ValidateDigest(key.digest); !status.ok()) {
    done(status);
    return;
  }
  locks_.Acquire(key, [this, key, done = std::move(done)](const Hold& hold) {
    Examine(key, /*read_anyway=*/true, hold,
            [done](const absl::StatusOr<Known>& found) {
              done(found.ok() ? absl::StatusOr<bool>(found->has_value())
                              : found.status());
            });
  });
}

void ArtifactCatalog::Remove(const BlobKey& key, absl::Time unused_since,
                             Callback<bool> done) {
  if (const absl::Status status = ValidateDigest(key.digest); !status.ok()) {
    done(status);
    return;
  }
  locks_.Acquire(key, [this, key, unused_since,
                       done = std::move(done)](const Hold& hold) {
    const absl::StatusOr<Known> row = rows_.Find(key);
    if (!row.ok() || !row->has_value() || (*row)->used_at > unused_since ||
        IsBeingDownloaded(key)) {
      done(row.ok() ? absl::StatusOr<bool>(false) : row.status());
      return;
    }
    looks_.Drop(key);
    // The bytes first: a row alone is dropped by whoever looks.
    blobs_.Delete(key, [this, key, hold, done](const absl::Status& deleted) {
      if (!deleted.ok()) {
        done(deleted);
        return;
      }
      rows_.Write(Dropped(key), [hold, done](const absl::Status& written) {
        done(written.ok() ? absl::StatusOr<bool>(true) : written);
      });
    });
  });
}

bool ArtifactCatalog::IsBeingDownloaded(const BlobKey& key) {
  absl::MutexLock lock(&mutex_);
  return downloads_.count(key) > 0;
}

absl::StatusOr<std::vector<std::string>> ArtifactCatalog::Reconcile(
    ArtifactKind kind, const std::string& after, size_t limit) {
  using Page = absl::StatusOr<std::vector<BlobInfo>>;
  ASSIGN_OR_RETURN(const std::vector<BlobInfo> page,
                   AwaitCall<Page>([&](BlobCallback<Page> done) {
                     blobs_.List(kind, after, limit, std::move(done));
                   }));
  std::vector<std::string> stored;
  for (const BlobInfo& one : page) stored.push_back(one.digest);
  const std::string last = page.size() < limit ? kEnd : stored.back();
  std::vector<std::string> known;
  for (std::string from = after; from < last;) {
    ASSIGN_OR_RETURN(const std::vector<ArtifactRecord> rows,
                     rows_.List(kind, from, static_cast<int>(kRowsAtOnce)));
    from = rows.size() < kRowsAtOnce ? kEnd : rows.back().digest;
    for (const ArtifactRecord& one : rows) {
      if (one.digest <= last) known.push_back(one.digest);
    }
  }
  std::vector<std::string> differing;
  std::set_symmetric_difference(stored.begin(), stored.end(), known.begin(),
                                known.end(), std::back_inserter(differing));
  absl::Mutex mutex;
  absl::Status status;
  size_t left = differing.size();
  for (const std::string& digest : differing) {
    ReconcileOne({kind, digest}, [&](const absl::Status& mended) {
      absl::MutexLock lock(&mutex);
      status.Update(mended);
      --left;
    });
  }
  const auto none_left = [&left] { return left == 0; };
  absl::MutexLock lock(&mutex);
  mutex.Await(absl::Condition(&none_left));
  RETURN_IF_ERROR(status);
  return stored;
}

void ArtifactCatalog::ReconcileOne(const BlobKey& key, BlobDone done) {
  locks_.Acquire(key, [this, key, done = std::move(done)](const Hold& hold) {
    blobs_.Look(key, [this, key, hold,
                      done](const absl::StatusOr<BlobInfo>& info) {
      if (absl::IsDataLoss(info.status())) {
        Discard(key, info.status(), hold,
                [done](const absl::Status&) { done(absl::OkStatus()); });
        return;
      }
      const bool is_gone = absl::IsNotFound(info.status());
      const absl::StatusOr<Known> row = rows_.Find(key);
      absl::Status status = is_gone ? absl::OkStatus() : info.status();
      status.Update(row.status());
      const bool has_row = row.ok() && row->has_value();
      if (!status.ok() || has_row != is_gone) {
        done(status);
        return;
      }
      ArtifactChange change = Dropped(key);
      change.keep = !is_gone;
      if (change.keep) {
        change.artifact.size_bytes = info->size_bytes;
        change.artifact.used_at =
            ToMicros(std::min(info->modified_at, clock_.Now()));
      }
      rows_.Write(std::move(change),
                  [hold, done](const absl::Status& written) { done(written); });
    });
  });
}

void ArtifactCatalog::Check(const BlobKey& key, Callback<Known> done) {
  {
    absl::MutexLock lock(&mutex_);
    std::vector<Callback<Known>>& asking = checks_[key];
    asking.push_back(std::move(done));
    if (asking.size() > 1) return;
  }
  locks_.Acquire(key, [this, key](const Hold& hold) {
    Examine(key, /*read_anyway=*/false, hold,
            [this, key](absl::StatusOr<Known> found) {
              if (found.ok() && found->has_value()) {
                MarkUsed(**found);
                looks_.Add(key, clock_.Now());
              }
              EndCheck(key, found);
            });
  });
}

void ArtifactCatalog::EndCheck(const BlobKey& key,
                               const absl::StatusOr<Known>& found) {
  std::vector<Callback<Known>> asking;
  {
    absl::MutexLock lock(&mutex_);
    asking = std::move(checks_.extract(key).mapped());
  }
  for (const Callback<Known>& one : asking) one(found);
}

void ArtifactCatalog::Examine(const BlobKey& key, bool read_anyway,
                              const Hold& hold, Callback<Known> done) {
  blobs_.Look(key, [this, key, read_anyway, hold, done = std::move(done)](
                       const absl::StatusOr<BlobInfo>& info) {
    if (info.ok()) {
      ExamineFound(key, read_anyway, *info, hold, done);
    } else if (absl::IsNotFound(info.status())) {
      Forget(key, hold);
      done(Known());
    } else if (absl::IsDataLoss(info.status())) {
      Discard(key, info.status(), hold,
              [done](const absl::Status&) { done(Known()); });
    } else {
      done(info.status());
    }
  });
}

void ArtifactCatalog::ExamineFound(const BlobKey& key, bool read_anyway,
                                   const BlobInfo& info, const Hold& hold,
                                   const Callback<Known>& done) {
  const absl::StatusOr<Known> row = rows_.Find(key);
  if (!row.ok()) {
    done(row.status());
    return;
  }
  if (!read_anyway && row->has_value() &&
      IsCheckedWithin(options_.verify_after, **row, info)) {
    done(*row);
    return;
  }
  const auto reading = std::make_shared<BlobReading>(blobs_, key, info);
  SkipTo(reading, info.size_bytes,
         [this, key, info, hold, row = *row, done](const absl::Status& read) {
           if (read.ok()) {
             NoteChecked(Checked(key, info, row), row.has_value(), hold, done);
           } else if (absl::IsDataLoss(read)) {
             Discard(key, read, hold,
                     [done](const absl::Status&) { done(Known()); });
           } else if (absl::IsNotFound(read)) {
             Forget(key, hold);
             done(Known());
           } else {
             done(read);
           }
         });
}

void ArtifactCatalog::NoteChecked(const ArtifactRecord& checked, bool is_known,
                                  const Hold& hold,
                                  const Callback<Known>& done) {
  if (is_known) {
    rows_.WriteLater(checked);
    done(Known(checked));
    return;
  }
  // Whoever is told that it is there may take it for uploaded.
  rows_.Write({checked}, [checked, hold, done](const absl::Status& written) {
    done(written.ok() ? absl::StatusOr<Known>(Known(checked)) : written);
  });
}

ArtifactRecord ArtifactCatalog::Checked(const BlobKey& key,
                                        const BlobInfo& info, Known row) {
  const absl::Time now = ToMicros(clock_.Now());
  if (!row.has_value()) {
    row.emplace();
    row->kind = key.kind;
    row->digest = key.digest;
    row->used_at = now;
  }
  row->size_bytes = info.size_bytes;
  row->version = info.version;
  row->checked_at = now;
  return *std::move(row);
}

bool ArtifactCatalog::IsCheckedWithin(absl::Duration age,
                                      const ArtifactRecord& row,
                                      const BlobInfo& info) {
  return row.size_bytes == info.size_bytes && row.version == info.version &&
         clock_.Now() - row.checked_at <= age;
}

void ArtifactCatalog::MarkUsed(ArtifactRecord& row) {
  const absl::Time now = ToMicros(clock_.Now());
  if (now - row.used_at <= kUsedWithin) return;
  row.used_at = now;
  rows_.WriteLater(row);
}

void ArtifactCatalog::Forget(const BlobKey& key, const Hold& hold) {
  looks_.Drop(key);
  const absl::StatusOr<Known> row = rows_.Find(key);
  if (!row.ok() || !row->has_value()) return;
  // Should that fail, whoever looks next drops it.
  rows_.Write(Dropped(key), [hold](const absl::Status&) {});
}

void ArtifactCatalog::Discard(const BlobKey& key, const absl::Status& why,
                              const Hold& hold, BlobDone done) {
  looks_.Drop(key);
  const BlobDone moved = [this, key, why, hold,
                          done = std::move(done)](const absl::Status& status) {
    Discarded(key, why, status, hold, done);
  };
  if (key.kind == ArtifactKind::kArtifact) {
    blobs_.SetAside(key, moved);
    return;
  }
  blobs_.Delete(key, [this, key, moved](const absl::Status& deleted) {
    if (deleted.ok()) {
      moved(deleted);
    } else {  // What is no file, say.
      blobs_.SetAside(key, moved);
    }
  });
}

void ArtifactCatalog::Discarded(const BlobKey& key, const absl::Status& why,
                                const absl::Status& moved, const Hold& hold,
                                const BlobDone& done) {
  if (options_.on_damage) {
    options_.on_damage(
        key, moved.ok()
                 ? why
                 : absl::Status(why.code(), absl::StrCat(why.message(),
                                                         "; it cannot be moved "
                                                         "away: ",
                                                         moved.message())));
  }
  // Should that fail, whoever looks next drops it.
  rows_.Write(Dropped(key),
              [hold, why, done](const absl::Status&) { done(why); });
}

absl::Status ArtifactCatalog::MayUpload(const BlobKey& key,
                                        int64_t size_bytes) const {
  if (size_bytes > options_.max_artifact_bytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat("artifact ", key.digest, " has ", size_bytes,
                     " bytes, the coordinator takes at most ",
                     options_.max_artifact_bytes, " (--max-artifact-bytes)"));
  }
  return options_.may_write ? options_.may_write(key.kind) : absl::OkStatus();
}

// A full disk and a used-up quota are Unavailable.
void ArtifactCatalog::Heard(const absl::Status& status) {
  if (absl::IsUnavailable(status) && options_.write_failed) {
    options_.write_failed();
  }
}

}  // namespace atelier
