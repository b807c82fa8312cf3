#include "coordinator/api/grpc/access_requests.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/field_error.h"
#include "common/quoted_text.h"
#include "common/status_macros.h"
#include "coordinator/api/views/text_rules.h"
#include "coordinator/api/views/time_conversion.h"
#include "coordinator/control/caller.h"

namespace atelier {
namespace {

constexpr absl::Duration kLongestLife = absl::Hours(24 * 36500);
constexpr size_t kAccessorDigits = 12;
constexpr size_t kMaxPatternBytes = 64;
constexpr int kMaxTokenSlots = 1024;
// Scripts read it from JSON.
constexpr int64_t kMostOfAQuota = int64_t{1} << 53;

absl::StatusOr<Role> RoleOf(v1::TokenRole role) {
  switch (role) {
    case v1::TOKEN_ROLE_READ:
      return Role::kRead;
    case v1::TOKEN_ROLE_SUBMIT:
      return Role::kSubmit;
    case v1::TOKEN_ROLE_WORK:
      return Role::kWork;
    case v1::TOKEN_ROLE_ADMIN:
      return Role::kAdmin;
    default:
      return InvalidArgument("role: value ", static_cast<int>(role),
                             " is not allowed; from 1 to 4");
  }
}

// A worker's name with * in it.
absl::Status CheckPattern(const std::string& pattern) {
  const bool is_one =
      pattern.size() <= kMaxPatternBytes &&
      std::all_of(pattern.begin(), pattern.end(), [](char c) {
        return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
               absl::StrContains("._-*", c);
      });
  if (is_one) return absl::OkStatus();
  return InvalidArgument("worker_pattern: ", Quoted(pattern),
                         " is not allowed; up to ", kMaxPatternBytes,
                         " of [A-Za-z0-9._-], and * for any of them");
}

absl::Status CheckAccessor(const std::string& accessor) {
  bool is_one = accessor.size() == kAccessorDigits;
  for (const char c : accessor) {
    is_one = is_one && (absl::ascii_isdigit(static_cast<unsigned char>(c)) ||
                        (c >= 'a' && c <= 'f'));
  }
  if (is_one) return absl::OkStatus();
  return InvalidArgument("accessor: ", Quoted(accessor),
                         " is not 12 lower-case hex digits");
}

absl::StatusOr<std::optional<int64_t>> BoundOf(absl::string_view field,
                                               bool is_given, int64_t bound) {
  if (!is_given) return std::nullopt;
  if (bound >= QuotaUpdate::kByDefault && bound <= kMostOfAQuota) return bound;
  return InvalidArgument(field, ": ", bound, " is not allowed; from 1 to ",
                         kMostOfAQuota,
                         ", 0 for any amount, -1 for the coordinator's flag");
}

}  // namespace

absl::StatusOr<TokenRequest> CheckedRequest(
    const v1::CreateTokenRequest& from) {
  TokenRequest request;
  ASSIGN_OR_RETURN(request.role, RoleOf(from.role()));
  RETURN_IF_ERROR(CheckSlug("user", from.user(), 0));
  request.user = from.user();
  RETURN_IF_ERROR(CheckPattern(from.worker_pattern()));
  request.worker_pattern = from.worker_pattern();
  if (from.max_slots() < 0 || from.max_slots() > kMaxTokenSlots) {
    return InvalidArgument("max_slots: ", from.max_slots(),
                           " is not allowed; from 0 to ", kMaxTokenSlots);
  }
  request.max_slots = from.max_slots();
  if (!from.has_expires_in()) return request;
  ASSIGN_OR_RETURN(request.expires_in,
                   CheckedDuration("expires_in", from.expires_in()));
  if (request.expires_in < absl::Seconds(1) ||
      request.expires_in > kLongestLife) {
    return InvalidArgument(
        "expires_in: ", absl::FormatDuration(request.expires_in),
        " is not allowed; from 1s to 876000h");
  }
  return request;
}

absl::Status CheckRequest(const v1::RevokeTokenRequest& request) {
  return CheckAccessor(request.accessor());
}

absl::StatusOr<QuotaUpdate> CheckedRequest(const v1::SetQuotaRequest& from) {
  QuotaUpdate update;
  RETURN_IF_ERROR(CheckSlug("user", from.user(), 1));
  update.user = from.user();
  ASSIGN_OR_RETURN(update.max_queued_tasks,
                   BoundOf("max_queued_tasks", from.has_max_queued_tasks(),
                           from.max_queued_tasks()));
  ASSIGN_OR_RETURN(update.max_running_tasks,
                   BoundOf("max_running_tasks", from.has_max_running_tasks(),
                           from.max_running_tasks()));
  ASSIGN_OR_RETURN(update.max_artifact_bytes,
                   BoundOf("max_artifact_bytes", from.has_max_artifact_bytes(),
                           from.max_artifact_bytes()));
  return update;
}

}  // namespace atelier
