#include "coordinator/access/login_codes.h"

#include <algorithm>
#include <utility>

#include "common/random_id.h"

namespace atelier {

std::string LoginCodes::Create(absl::string_view token) {
  const absl::Time now = clock_.Now();
  std::string code = RandomId();
  absl::MutexLock lock(&mutex_);
  entries_.push_back({code, std::string(token), now + kLifetime});
  const auto is_of_token = [token](const Entry& one) {
    return one.token == token;
  };
  const auto of_token =
      std::count_if(entries_.begin(), entries_.end(), is_of_token);
  if (static_cast<size_t>(of_token) > kMostOfToken) {
    entries_.erase(std::find_if(entries_.begin(), entries_.end(), is_of_token));
  }
  if (entries_.size() > kMost) entries_.pop_front();
  return code;
}

std::optional<std::string> LoginCodes::Take(absl::string_view code) {
  const absl::Time now = clock_.Now();
  absl::MutexLock lock(&mutex_);
  entries_.remove_if(
      [now](const Entry& entry) { return entry.ends_at <= now; });
  const auto found =
      std::find_if(entries_.begin(), entries_.end(),
                   [code](const Entry& entry) { return entry.code == code; });
  if (found == entries_.end()) return std::nullopt;
  std::string token = std::move(found->token);
  entries_.erase(found);
  return token;
}

}  // namespace atelier
