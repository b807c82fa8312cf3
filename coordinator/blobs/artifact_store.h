// Bytes named by their SHA-256 digest, kept for as long as someone wants them.
//
//   ASSIGN_OR_RETURN(auto writer, store.NewWriter(digest, size_bytes));
//   RETURN_IF_ERROR(writer->Append(chunk));
//   RETURN_IF_ERROR(writer->Commit());  // durable from here on
#ifndef ATELIER_COORDINATOR_BLOBS_ARTIFACT_STORE_H_
#define ATELIER_COORDINATOR_BLOBS_ARTIFACT_STORE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace atelier {

/// One artifact on its way in. Destroying it without Commit leaves no trace.
/// Thread-compatible. Lifetime: must not outlive its store.
class ArtifactWriter {
 public:
  virtual ~ArtifactWriter() = default;
  /// Errors: InvalidArgument (more bytes than announced), Unavailable (the
  ///         disk is full), Internal. After an error only destroy it.
  virtual absl::Status Append(absl::string_view bytes) = 0;
  /// Returns once the artifact is durable. Call once, last.
  /// Errors: InvalidArgument (size or digest is not the one announced; gives
  ///         both), Unavailable, Internal.
  virtual absl::Status Commit() = 0;
};

/// An artifact that is there.
struct StoredArtifact {
  std::string digest;
  int64_t size_bytes = 0;
  absl::Time used_at;  ///< When it was brought or asked for, of late.
};

/// One artifact on its way out, from the offset it was opened at.
/// Thread-compatible. Lifetime: must not outlive its store.
class ArtifactReader {
 public:
  virtual ~ArtifactReader() = default;
  /// The whole artifact, as it was when it was opened.
  virtual const StoredArtifact& artifact() const = 0;
  /// The next bytes, at most `most_bytes`; none at the end.
  /// Errors: DataLoss (they can't be read, or are not the artifact's),
  ///         Internal.
  virtual absl::StatusOr<std::string> Read(size_t most_bytes) = 0;
  /// The bytes are not the artifact's: from now on it is missing, unless it was
  /// brought again since this was opened. A store may keep them aside, for
  /// people to look at. Errors: PermissionDenied, Internal.
  virtual absl::Status Discard() = 0;
};

/// Thread-safe. Every method is InvalidArgument for a malformed digest. What
/// stands in an artifact's place and can't be read is DataLoss.
class ArtifactStore {
 public:
  virtual ~ArtifactStore() = default;

  /// Whoever asks means to use it: used_at is now, give or take kUsedWithin.
  /// Errors: DataLoss, Internal.
  virtual absl::StatusOr<bool> Has(absl::string_view digest) = 0;
  static constexpr absl::Duration kUsedWithin = absl::Minutes(5);

  /// Looks without using. Errors: NotFound, DataLoss, Internal.
  virtual absl::StatusOr<StoredArtifact> Find(absl::string_view digest) = 0;

  /// Any number of writers may bring the same digest at once.
  /// Errors: InvalidArgument (negative size), ResourceExhausted (larger than
  ///         the store's bound), Unavailable (the disk is full), Internal.
  virtual absl::StatusOr<std::unique_ptr<ArtifactWriter>> NewWriter(
      absl::string_view digest, int64_t size_bytes) = 0;

  /// Errors: InvalidArgument (negative offset), NotFound, OutOfRange (gives the
  ///         offset and the size), DataLoss, Internal.
  virtual absl::StatusOr<std::unique_ptr<ArtifactReader>> Open(
      absl::string_view digest, int64_t offset_bytes) = 0;

  /// Each artifact, in no order, until `visit` fails. One that comes or goes
  /// meanwhile may be left out, and so are those that can't be read.
  /// Errors: Internal; what `visit` returns.
  virtual absl::Status ForEach(
      const std::function<absl::Status(const StoredArtifact&)>& visit) = 0;

  /// Removes it, unless it was used after `unused_since`. Returns whether it
  /// did; no artifact is fine. Errors: Internal.
  virtual absl::StatusOr<bool> Remove(absl::string_view digest,
                                      absl::Time unused_since) = 0;

  /// At most `limit` digests after `after`, in order; those that can't be read
  /// are among them. One that comes or goes meanwhile may be left out.
  /// Errors: Internal.
  virtual absl::StatusOr<std::vector<std::string>> List(
      const std::string& after, size_t limit) = 0;

  /// As ArtifactReader::Discard, of what can't be opened; no effect on what
  /// can. Errors: PermissionDenied, Internal.
  virtual absl::Status DiscardUnreadable(absl::string_view digest) = 0;
};

/// Reads all of an artifact. False when it is missing, or can't be read.
/// Errors: the store's.
absl::StatusOr<bool> ReadsToItsEnd(ArtifactStore& store,
                                   absl::string_view digest);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_BLOBS_ARTIFACT_STORE_H_
