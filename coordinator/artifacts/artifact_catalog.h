// Artifacts and checkpoints: bytes in a backend, and what is known of them in
// the store. Hands out nothing but what has its digest.
//
//   catalog.FindPresent(ArtifactKind::kArtifact, digests, [](auto present) {});
//   catalog.Upload(key, size_bytes, [](auto upload) { ... });
//
// Size, last use and last check of an artifact are its row; its bytes are a
// blob. Either may be there without the other after a crash: bytes without a
// row are read and get one, a row without bytes is dropped, as soon as somebody
// asks for them or Reconcile passes by.
//
// What is damaged is out of the way from then on, so that it is missing, and
// the next upload brings it again: an artifact is set aside for people to look
// at, a checkpoint is removed.
#ifndef ATELIER_COORDINATOR_ARTIFACTS_ARTIFACT_CATALOG_H_
#define ATELIER_COORDINATOR_ARTIFACTS_ARTIFACT_CATALOG_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "coordinator/artifacts/artifact_rows.h"
#include "coordinator/artifacts/blob_reading.h"
#include "coordinator/artifacts/key_locks.h"
#include "coordinator/artifacts/owner_bytes.h"
#include "coordinator/artifacts/recent_looks.h"
#include "coordinator/blobs/blob_store.h"
#include "coordinator/state/audit_record.h"
#include "coordinator/state/records.h"
#include "coordinator/store/store.h"

namespace atelier {

struct ArtifactCatalogOptions {
  int64_t max_artifact_bytes = int64_t{4} << 30;
  /// What was not read for so long is read before it counts as present.
  absl::Duration verify_after = absl::Hours(24);
  /// Whether the backend has room for more; if not, why. Default: it has.
  std::function<absl::Status(ArtifactKind kind)> may_write;
  /// Hears that something could not be written, perhaps for want of room.
  std::function<void()> write_failed;
  /// Hears of each artifact that turns out to be damaged. Must be quick.
  std::function<void(const BlobKey& key, const absl::Status& why)> on_damage;
};

class ArtifactUpload;
class ArtifactDownload;

/// Thread-safe. Calls with a callback return at once, unless they say that they
/// wait for the store; the callback runs as a BlobCallback or, for what is
/// refused, within the call. Every digest that is malformed is InvalidArgument.
/// Errors common to all: those of backend and store, Unavailable and Internal.
class ArtifactCatalog {
 public:
  template <typename Result>
  using Callback = BlobCallback<absl::StatusOr<Result>>;

  /// Lifetime: all outlive it. The clock should not jump.
  ArtifactCatalog(BlobStore& blobs, Store& store, Clock& clock,
                  ArtifactCatalogOptions options);
  /// Returns once every call has ended.
  ~ArtifactCatalog();

  /// Makes rows for what the backend has, unless there are rows of artifacts
  /// already: of an older folder, or one whose database was lost. Waits. Call
  /// it first, once the store has begun an epoch.
  absl::Status Load();

  /// Which of these are there. Asking counts as use. Looks at each in the
  /// backend; what is not as it was at its last check, or was last checked too
  /// long ago, is read.
  void FindPresent(ArtifactKind kind, const std::set<std::string>& digests,
                   Callback<std::set<std::string>> done);
  /// How many looks one FindPresent takes at once.
  static constexpr int kLooksAtOnce = 16;
  /// Whether each was brought or found a moment ago, as the picture of a result
  /// is before it is reported. Does not look.
  bool WereSeenLately(ArtifactKind kind, const std::set<std::string>& digests);

  /// Whoever brings an artifact or asks for it uses it: used_at is then or
  /// later, give or take this. A crash may lose ArtifactRows'
  /// kWriteLaterWithin more.
  static constexpr absl::Duration kUsedWithin = absl::Minutes(5);

  /// What is known, without a look at the backend. Waits for the store.
  /// Errors: NotFound.
  absl::StatusOr<ArtifactRecord> Find(const BlobKey& key);

  /// Gives null where it is there already; with `anew` never, so that whoever
  /// brings it hears nothing of what is there.
  /// Errors: InvalidArgument (negative size; it is there and has another),
  ///         ResourceExhausted (larger than the bound, or than what is left of
  ///         the owner's quota), Unavailable (full).
  void Upload(const BlobKey& key, int64_t size_bytes,
              Callback<std::shared_ptr<ArtifactUpload>> done,
              const ArtifactOwner& owner = {}, bool anew = false);

  /// Begins at the offset, and answers for the whole artifact. No use.
  /// Errors: InvalidArgument (negative offset), NotFound, OutOfRange (gives the
  ///         offset and the size), DataLoss (it is damaged, and gone).
  void Download(const BlobKey& key, int64_t offset_bytes,
                Callback<std::shared_ptr<ArtifactDownload>> done);

  /// Reads it now, whenever that was done last; no use. False: it is missing.
  void Verify(const BlobKey& key, Callback<bool> done);

  /// Removes it, unless it was used after `unused_since` or is being
  /// downloaded. Says whether it did; no artifact is fine. Waits for the store.
  void Remove(const BlobKey& key, absl::Time unused_since, Callback<bool> done);

  /// Compares some of the backend's list with rows, both ways, and mends what
  /// differs. Gives at most `limit` digests after `after`, in order; none at
  /// the end. Waits for both.
  absl::StatusOr<std::vector<std::string>> Reconcile(ArtifactKind kind,
                                                     const std::string& after,
                                                     size_t limit);

  ArtifactRows& rows() { return rows_; }
  Clock& clock() { return clock_; }

 private:
  friend class ArtifactUpload;
  friend class ArtifactDownload;
  struct Search;
  using Hold = KeyLocks::Hold;
  using Known = std::optional<ArtifactRecord>;

  // Of what is there and whole; counts as use. One check of a key answers all
  // who ask meanwhile.
  void Check(const BlobKey& key, Callback<Known> done);
  void EndCheck(const BlobKey& key, const absl::StatusOr<Known>& found);
  static void SearchOn(const std::shared_ptr<Search>& search);

  // The rest is for those who hold the key.
  void Examine(const BlobKey& key, bool read_anyway, const Hold& hold,
               Callback<Known> done);
  void ExamineFound(const BlobKey& key, bool read_anyway, const BlobInfo& info,
                    const Hold& hold, const Callback<Known>& done);
  void OpenFound(const BlobKey& key, int64_t offset_bytes,
                 const absl::StatusOr<BlobInfo>& info, const Hold& hold,
                 const Callback<std::shared_ptr<ArtifactDownload>>& done);
  void ReconcileOne(const BlobKey& key, BlobDone done);
  // The row says that the bytes were whole just now.
  ArtifactRecord Checked(const BlobKey& key, const BlobInfo& info, Known row);
  void NoteChecked(const ArtifactRecord& checked, bool is_known,
                   const Hold& hold, const Callback<Known>& done);
  bool IsCheckedWithin(absl::Duration age, const ArtifactRecord& row,
                       const BlobInfo& info);
  // Notes the use, unless that of late will do.
  void MarkUsed(ArtifactRecord& row);
  bool IsBeingDownloaded(const BlobKey& key) ABSL_LOCKS_EXCLUDED(mutex_);
  // Drops the row of what is gone.
  void Forget(const BlobKey& key, const Hold& hold);
  // Out of the way with it; `done` hears `why`.
  void Discard(const BlobKey& key, const absl::Status& why, const Hold& hold,
               BlobDone done);
  void Discarded(const BlobKey& key, const absl::Status& why,
                 const absl::Status& moved, const Hold& hold,
                 const BlobDone& done);

  absl::Status MayUpload(const BlobKey& key, int64_t size_bytes) const;
  void Heard(const absl::Status& status);

  BlobStore& blobs_;
  Clock& clock_;
  const ArtifactCatalogOptions options_;
  ArtifactRows rows_;
  RecentLooks looks_;  // A key in it was used, too.
  absl::Mutex mutex_;
  std::map<BlobKey, std::vector<Callback<Known>>> checks_
      ABSL_GUARDED_BY(mutex_);
  std::multiset<BlobKey> downloads_ ABSL_GUARDED_BY(mutex_);
  KeyLocks locks_;  // Last: its end is that of every call.
};

/// One artifact on its way in. Destroying it without Commit leaves no trace.
/// One call at a time; it outlives its calls' ends. Lifetime: must not outlive
/// its catalog.
class ArtifactUpload {
 public:
  ArtifactUpload(ArtifactCatalog& catalog, const BlobKey& key,
                 int64_t size_bytes, std::string owner,
                 std::unique_ptr<OwnerBytes::Room> room);

  /// Errors: InvalidArgument (more bytes than announced), Unavailable (full),
  ///         Internal. After an error only destroy it.
  void Append(std::string bytes, BlobDone done);
  /// Ends once bytes, row and the entry in the audit log are durable. Call
  /// once, last. Errors: InvalidArgument (size or digest is not the one
  /// announced; gives
  ///         both), Unavailable, Internal.
  void Commit(BlobDone done, std::optional<AuditRecord> audit = std::nullopt);

 private:
  absl::Status CheckWhole();
  void RowWritten(const absl::Status& status, const KeyLocks::Hold& hold,
                  const BlobDone& done);

  ArtifactCatalog& catalog_;
  const BlobKey key_;
  const int64_t size_bytes_;
  const std::string owner_;
  std::unique_ptr<OwnerBytes::Room> room_;
  const std::unique_ptr<BlobUpload> blob_;
  Sha256 hash_;
  int64_t written_bytes_ = 0;
};

/// One artifact on its way out. One call at a time; it outlives its calls'
/// ends. Lifetime: must not outlive its catalog.
class ArtifactDownload {
 public:
  /// `notes_check`: its row will say that it was read.
  ArtifactDownload(ArtifactCatalog& catalog,
                   std::shared_ptr<BlobReading> reading, bool notes_check);
  ~ArtifactDownload();

  int64_t size_bytes() const { return reading_->info().size_bytes; }
  /// The next bytes, at most `most_bytes`; none at the end, whose bytes are
  /// given only once all have the digest.
  /// Errors: DataLoss (it is damaged, and gone).
  void Next(size_t most_bytes, ArtifactCatalog::Callback<std::string> done);
  void SkipTo(int64_t offset_bytes, BlobDone done);

 private:
  // Notes that it is whole, or that it is not.
  void Ended(const absl::Status& status, BlobDone done);

  ArtifactCatalog& catalog_;
  const std::shared_ptr<BlobReading> reading_;
  const bool notes_check_;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_ARTIFACTS_ARTIFACT_CATALOG_H_
