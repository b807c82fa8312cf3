#include "coordinator/artifacts/owner_bytes.h"

#include <utility>

#include "coordinator/state/user_quotas.h"

namespace atelier {
namespace {

int64_t At(const std::map<std::string, int64_t>& sums,
           const std::string& user) {
  const auto found = sums.find(user);
  return found == sums.end() ? 0 : found->second;
}

// A user without bytes takes no memory.
void Change(std::map<std::string, int64_t>& sums, const std::string& user,
            int64_t by) {
  const auto sum = sums.try_emplace(user).first;
  sum->second += by;
  if (sum->second == 0) sums.erase(sum);
}

}  // namespace

void OwnerBytes::Restore(std::map<std::string, int64_t> stored) {
  absl::MutexLock lock(&mutex_);
  stored_ = std::move(stored);
}

void OwnerBytes::Add(const std::string& user, int64_t bytes) {
  if (user.empty()) return;
  absl::MutexLock lock(&mutex_);
  Change(stored_, user, bytes);
}

absl::StatusOr<std::unique_ptr<OwnerBytes::Room>> OwnerBytes::Reserve(
    const ArtifactOwner& owner, int64_t bytes) {
  if (owner.user.empty()) return nullptr;
  absl::MutexLock lock(&mutex_);
  const int64_t has = At(stored_, owner.user) + At(reserved_, owner.user);
  if (owner.max_bytes > 0 && bytes > owner.max_bytes - has) {
    return QuotaExhausted(owner.user, kArtifactBytesQuota,
                          {has, bytes, owner.max_bytes});
  }
  Change(reserved_, owner.user, bytes);
  return std::make_unique<Room>(*this, owner.user, bytes);
}

void OwnerBytes::Release(const std::string& user, int64_t bytes) {
  absl::MutexLock lock(&mutex_);
  Change(reserved_, user, -bytes);
}

int64_t OwnerBytes::Of(const std::string& user) const {
  absl::MutexLock lock(&mutex_);
  return At(stored_, user);
}

std::map<std::string, int64_t> OwnerBytes::All() const {
  absl::MutexLock lock(&mutex_);
  return stored_;
}

OwnerBytes::Room::Room(OwnerBytes& all, std::string user, int64_t bytes)
    : all_(all), user_(std::move(user)), bytes_(bytes) {}

OwnerBytes::Room::~Room() { all_.Release(user_, bytes_); }

}  // namespace atelier
