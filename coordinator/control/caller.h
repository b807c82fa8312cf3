// Who asks something of the coordinator, and in which roles.
#ifndef ATELIER_COORDINATOR_CONTROL_CALLER_H_
#define ATELIER_COORDINATOR_CONTROL_CALLER_H_

#include <atomic>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace atelier {

/// What each may do stands in access.cc.
enum class Role {
  kRead,    ///< Looks at jobs, pictures and workers.
  kSubmit,  ///< Submits jobs, and steers its own.
  kWork,    ///< Is a worker.
  kAdmin,   ///< Whatever the others may, to anybody's jobs.
};

/// "read": as flags and messages spell it.
absl::string_view Name(Role role);
std::optional<Role> ParseRole(absl::string_view name);

/// A set of roles.
class Roles {
 public:
  constexpr Roles() = default;
  constexpr Roles(std::initializer_list<Role> roles) {
    for (const Role role : roles) bits_ |= BitOf(role);
  }

  constexpr bool Has(Role role) const { return (bits_ & BitOf(role)) != 0; }
  constexpr bool Overlaps(Roles other) const {
    return (bits_ & other.bits_) != 0;
  }
  constexpr bool empty() const { return bits_ == 0; }

 private:
  static constexpr uint32_t BitOf(Role role) {
    return uint32_t{1} << static_cast<int>(role);
  }

  uint32_t bits_ = 0;
};

struct Caller {
  std::string name;  ///< Empty for nobody in particular, who owns no job.
  Roles roles;
  /// Of the token that it called with, for lists and logs; empty: without one.
  std::string accessor = {};
  /// The names that a worker may have; empty: any.
  std::string worker_pattern = {};
  /// The slots that a worker may offer; 0: any number.
  int64_t max_slots = 0;
  /// Becomes true when the token ends; null: never.
  std::shared_ptr<const std::atomic<bool>> has_ended = nullptr;
  /// Where it called from, without the port; "unix": a Unix socket. Empty: from
  /// within.
  std::string address = {};
};

/// Of a call that goes on for long. Errors: Unauthenticated.
inline absl::Status CheckStillValid(const Caller& caller) {
  if (caller.has_ended == nullptr || !*caller.has_ended) {
    return absl::OkStatus();
  }
  return absl::UnauthenticatedError(
      "the token of this call was revoked, or has expired");
}

/// Whoever calls, as long as nobody is asked for a name.
inline Caller AnonymousAdmin() { return {"anonymous", {Role::kAdmin}}; }

/// The coordinator itself, in what it does for several callers at once.
inline Caller CoordinatorItself() { return {"coordinator", {Role::kAdmin}}; }

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_CONTROL_CALLER_H_
