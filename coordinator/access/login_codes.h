// Codes that log a browser in once: what a link may carry in a token's place.
//
//   const std::string code = codes.Create(token);
//   std::optional<std::string> token = codes.Take(code);
#ifndef ATELIER_COORDINATOR_ACCESS_LOGIN_CODES_H_
#define ATELIER_COORDINATOR_ACCESS_LOGIN_CODES_H_

#include <cstddef>
#include <list>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/clock.h"

namespace atelier {

/// In memory alone: none outlives the process. Thread-safe.
class LoginCodes {
 public:
  static constexpr absl::Duration kLifetime = absl::Minutes(10);
  /// One more has the oldest forgotten: of all, and of one token's.
  static constexpr size_t kMost = 1'000;
  static constexpr size_t kMostOfToken = 20;

  /// Lifetime: the clock outlives it.
  explicit LoginCodes(Clock& clock) : clock_(clock) {}

  /// A new code for this token: 32 hex digits from the system's random source.
  std::string Create(absl::string_view token);

  /// The token, once; nothing where the code is unknown, was taken or is over.
  std::optional<std::string> Take(absl::string_view code);

 private:
  struct Entry {
    std::string code;
    std::string token;
    absl::Time ends_at;
  };

  Clock& clock_;
  absl::Mutex mutex_;
  std::list<Entry> entries_ ABSL_GUARDED_BY(mutex_);  // Oldest first.
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_ACCESS_LOGIN_CODES_H_
