// What is known of artifacts, as rows of the store.
#ifndef ATELIER_COORDINATOR_ARTIFACTS_ARTIFACT_ROWS_H_
#define ATELIER_COORDINATOR_ARTIFACTS_ARTIFACT_ROWS_H_

#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "coordinator/artifacts/owner_bytes.h"
#include "coordinator/blobs/blob_store.h"
#include "coordinator/state/audit_record.h"
#include "coordinator/state/records.h"
#include "coordinator/state/row_changes.h"
#include "coordinator/store/store.h"

namespace atelier {

/// Writes on a thread of its own: all that wait go into one transaction. What
/// may be lost in a crash, as the time of a use, is written later and found at
/// once. Thread-safe; one thread at a time writes a key (KeyLocks).
///
/// An artifact counts for the user who brought it first, or for whom it was
/// made first, for as long as it has a row: what is written later does not
/// change its owner. The sums are those of the rows in the store.
class ArtifactRows {
 public:
  static constexpr absl::Duration kWriteLaterWithin = absl::Minutes(1);
  static constexpr absl::Duration kChargeWithin = absl::Seconds(1);

  /// Lifetime: the store outlives it, and has begun an epoch before anything is
  /// written.
  explicit ArtifactRows(Store& store);
  /// Writes what waits.
  ~ArtifactRows();

  /// As last written, now or later. Waits for the store. Errors: the store's.
  absl::StatusOr<std::optional<ArtifactRecord>> Find(const BlobKey& key);
  /// As Store::ListArtifacts: what is to be written later may be missing.
  absl::StatusOr<std::vector<ArtifactRecord>> List(ArtifactKind kind,
                                                   const std::string& after,
                                                   int limit);

  /// `done` hears once it is durable, on the thread that writes; in the same
  /// transaction is its entry in the audit log, if it has one.
  /// Errors: Unavailable (repeat).
  void Write(ArtifactChange change, BlobDone done,
             std::optional<AuditRecord> audit = std::nullopt);
  /// The same; one whose bytes have no row by then is left out.
  void Write(ThumbnailRecord thumbnail, BlobDone done);
  /// Durable within a minute or so, as long as Tick is called.
  void WriteLater(const ArtifactRecord& record);
  /// From within a second on, or with what is written before, what is nobody's
  /// counts for this user. One without a row by then is left alone.
  void Charge(const BlobKey& key, const std::string& user);
  /// Waits until all is written. Errors: as Write.
  absl::Status Flush();

  void Tick(absl::Time now);

  /// By user, from the first Flush or Write on.
  OwnerBytes& owner_bytes() { return owner_bytes_; }
  /// What all previews, or logs, have; as of owner_bytes.
  int64_t StoredBytes(ArtifactKind kind) const;
  absl::StatusOr<std::vector<ArtifactRecord>> ListOldest(ArtifactKind kind,
                                                         int limit);
  absl::StatusOr<std::optional<std::string>> FindThumbnail(
      const std::string& of_digest, int size_px);

 private:
  // One without a change only wants to hear.
  struct Waiting {
    std::optional<ArtifactChange> change;
    BlobDone done;
    std::optional<AuditRecord> audit;
    std::optional<ThumbnailRecord> thumbnail = {};
  };
  using Later = std::map<BlobKey, ArtifactRecord>;
  using Charges = std::map<BlobKey, std::string>;
  struct Batch {
    std::vector<Waiting> now;
    Later later;
    Charges charges;
  };

  void Run();
  // False: there is nothing more to come.
  bool Take(Batch& batch);
  absl::Status Apply(const Batch& batch);
  absl::StatusOr<std::map<BlobKey, ArtifactRecord>> Rows(
      const RowChanges& changes, const Charges& charges);
  absl::Status LoadSums();
  void PutBack(const Charges& charges);
  void Written(const Later& later);

  Store& store_;
  mutable absl::Mutex mutex_;
  std::vector<Waiting> waiting_ ABSL_GUARDED_BY(mutex_);
  Later later_ ABSL_GUARDED_BY(mutex_);
  Charges charges_ ABSL_GUARDED_BY(mutex_);
  bool flush_ ABSL_GUARDED_BY(mutex_) = false;
  bool charge_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Time next_flush_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  absl::Time next_charge_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  std::map<ArtifactKind, int64_t> stored_bytes_ ABSL_GUARDED_BY(mutex_);
  OwnerBytes owner_bytes_;
  bool has_sums_ = false;  // Of the thread's.
  std::thread thread_;     // Last: it uses the above.
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_ARTIFACTS_ARTIFACT_ROWS_H_
