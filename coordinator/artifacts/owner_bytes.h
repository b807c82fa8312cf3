// How many bytes of artifacts count for each user.
#ifndef ATELIER_COORDINATOR_ARTIFACTS_OWNER_BYTES_H_
#define ATELIER_COORDINATOR_ARTIFACTS_OWNER_BYTES_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"

namespace atelier {

/// Whose an upload is, and what that user's artifacts may have together.
struct ArtifactOwner {
  std::string user;       ///< Empty: nobody's, which has no bound.
  int64_t max_bytes = 0;  ///< 0: any amount.
};

/// The sums of the stored rows, and room that uploads have set aside.
/// Thread-safe.
class OwnerBytes {
 public:
  /// Room that is set aside; destroying it gives it back.
  /// Lifetime: the OwnerBytes outlive it.
  class Room;

  /// The sums as the store has them.
  void Restore(std::map<std::string, int64_t> stored);
  /// Rows have changed by so much.
  void Add(const std::string& user, int64_t bytes);

  /// Sets room aside, so that two uploads beside each other cannot both have
  /// what is left for one. Null for nobody.
  /// Errors: ResourceExhausted (the quota).
  absl::StatusOr<std::unique_ptr<Room>> Reserve(const ArtifactOwner& owner,
                                                int64_t bytes);

  /// Of what is stored.
  int64_t Of(const std::string& user) const;
  std::map<std::string, int64_t> All() const;

 private:
  void Release(const std::string& user, int64_t bytes);

  mutable absl::Mutex mutex_;
  std::map<std::string, int64_t> stored_ ABSL_GUARDED_BY(mutex_);
  std::map<std::string, int64_t> reserved_ ABSL_GUARDED_BY(mutex_);
};

class OwnerBytes::Room {
 public:
  Room(OwnerBytes& all, std::string user, int64_t bytes);
  ~Room();
  Room(const Room&) = delete;
  Room& operator=(const Room&) = delete;

 private:
  OwnerBytes& all_;
  const std::string user_;
  const int64_t bytes_;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_ARTIFACTS_OWNER_BYTES_H_
