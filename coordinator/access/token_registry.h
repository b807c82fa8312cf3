// Who holds which token, and what it is good for.
//
//   TokenRegistry tokens(store, clock);
//   RETURN_IF_ERROR(tokens.Load());
//   ASSIGN_OR_RETURN(NewToken made, tokens.Create({Role::kSubmit, "anna"}));
//   ASSIGN_OR_RETURN(Caller caller, tokens.Authenticate(text,
//   "ipv4:10.0.0.7"));
#ifndef ATELIER_COORDINATOR_ACCESS_TOKEN_REGISTRY_H_
#define ATELIER_COORDINATOR_ACCESS_TOKEN_REGISTRY_H_

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "coordinator/control/access.h"
#include "coordinator/control/caller.h"
#include "coordinator/state/records.h"
#include "coordinator/state/row_changes.h"
#include "coordinator/store/store.h"

namespace atelier {

struct TokenRequest {
  Role role = Role::kRead;
  std::string user = {};            ///< Not empty for kSubmit.
  std::string worker_pattern = {};  ///< See MatchesPattern; empty: any name.
  absl::Duration expires_in = absl::InfiniteDuration();
  int64_t max_slots = 0;  ///< That a worker may offer; 0: any number.
};

struct NewToken {
  TokenRecord record;
  std::string text;  ///< Kept nowhere.
};

/// Keeps all tokens in memory, and their hashes in the store. Thread-safe.
class TokenRegistry {
 public:
  static constexpr size_t kMost = 10'000;
  /// How long a token stays in the list once it has ended; an admin's stays for
  /// good, lest the file that it is in makes it anew (Adopt).
  static constexpr absl::Duration kKeptAfterEnd = absl::Hours(24 * 30);
  /// How late its last use may be written, or not at all after a crash.
  static constexpr absl::Duration kUseWrittenWithin = absl::Minutes(1);

  /// Lifetime: both outlive it.
  TokenRegistry(Store& store, Clock& clock);

  /// Call first. Errors: the store's.
  absl::Status Load() ABSL_LOCKS_EXCLUDED(writing_);

  // These wait for the store, and are durable once they return. Errors common
  // to all: the store's.

  /// Errors: InvalidArgument, ResourceExhausted (kMost).
  absl::StatusOr<NewToken> Create(const Caller& caller,
                                  const TokenRequest& request)
      ABSL_LOCKS_EXCLUDED(writing_);
  /// Makes this an admin's token, unless it is known; says what is known of it.
  /// Errors: InvalidArgument (it is no token, or of another role by its form).
  absl::StatusOr<TokenRecord> Adopt(absl::string_view text,
                                    const std::string& user)
      ABSL_LOCKS_EXCLUDED(writing_);
  /// One that has ended is left as it is. Errors: NotFound.
  absl::StatusOr<TokenRecord> Revoke(const Caller& caller,
                                     const std::string& accessor)
      ABSL_LOCKS_EXCLUDED(writing_);
  /// Ends those that expire, writes when they were used last, and removes those
  /// that ended long ago. Call it a few times in ten seconds.
  void Tick() ABSL_LOCKS_EXCLUDED(writing_);

  // These wait for nothing.

  /// Oldest first.
  std::vector<TokenRecord> List() const;
  /// Whose token it is.
  /// Errors: Unauthenticated, which does not say in what the token is wrong.
  absl::StatusOr<Caller> Authenticate(absl::string_view token);

 private:
  struct Entry {
    TokenRecord record;
    std::shared_ptr<std::atomic<bool>> has_ended;
    bool use_is_written = true;
  };
  using Entries = std::map<std::string, Entry>;  // By hash.

  // Makes it durable with its entry in the audit log, then known.
  absl::Status Put(const Caller& caller, Verb verb, const TokenRecord& record)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(writing_);
  void Know(TokenRecord record) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::optional<TokenRecord> FindByAccessor(const std::string& accessor) const;

  Store& store_;
  Clock& clock_;
  absl::Mutex writing_;  // Held while the store works, by one at a time.
  mutable absl::Mutex mutex_;
  Entries entries_ ABSL_GUARDED_BY(mutex_);
  absl::Time next_write_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

/// Whether it was revoked, or has expired.
bool IsOver(const TokenRecord& record, absl::Time now);

/// Whether the name is one of the pattern's: * stands for any characters, also
/// none; an empty pattern has all names.
bool MatchesPattern(absl::string_view pattern, absl::string_view name);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_ACCESS_TOKEN_REGISTRY_H_
