#include "coordinator/store/postgresql/pq_pool.h"

#include <algorithm>

#include "absl/time/clock.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

constexpr absl::Duration kConnectTimeout = absl::Seconds(5);
constexpr absl::Duration kLongestWait = absl::Seconds(30);
constexpr absl::Duration kFirstBackoff = absl::Milliseconds(100);
constexpr absl::Duration kLongestBackoff = absl::Seconds(5);

}  // namespace

absl::StatusOr<PqPool::Lease> PqPool::Take() {
  {
    absl::MutexLock lock(&mu_);
    const auto is_one_free = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
      return in_use_ < most_;
    };
    if (!mu_.AwaitWithTimeout(absl::Condition(&is_one_free), kLongestWait)) {
      return absl::UnavailableError(
          "PostgreSQL: all connections are in use; repeat later");
    }
    ++in_use_;
    if (!idle_.empty()) {
      Lease lease(this, std::move(idle_.back()), /*is_used=*/true);
      idle_.pop_back();
      return lease;
    }
  }
  absl::StatusOr<std::unique_ptr<PqConnection>> made = Connect();
  if (!made.ok()) {
    Return(nullptr);
    return made.status();
  }
  return Lease(this, *std::move(made), /*is_used=*/false);
}

absl::StatusOr<std::unique_ptr<PqConnection>> PqPool::Connect() {
  {
    absl::MutexLock lock(&mu_);
    if (absl::Now() < next_try_) return failure_;
  }
  absl::StatusOr<std::unique_ptr<PqConnection>> made =
      PqConnection::Open(url_, kConnectTimeout);
  absl::MutexLock lock(&mu_);
  if (made.ok()) {
    backoff_ = absl::ZeroDuration();
    next_try_ = absl::InfinitePast();
    was_connected_ = true;
    return made;
  }
  backoff_ = std::clamp(backoff_ * 2, kFirstBackoff, kLongestBackoff);
  next_try_ = absl::Now() + backoff_;
  failure_ = made.status();
  if (was_connected_) failure_ = absl::UnavailableError(failure_.message());
  return failure_;
}

void PqPool::Return(std::unique_ptr<PqConnection> connection) {
  if (connection != nullptr) connection->RollBack();
  absl::MutexLock lock(&mu_);
  --in_use_;
  if (connection == nullptr) return;
  if (connection->lost()) {
    // The others are as old, and the server has likely ended them, too.
    idle_.clear();
    return;
  }
  idle_.push_back(std::move(connection));
}

absl::StatusOr<std::vector<PqResult>> PqPool::Read(
    const std::vector<Query>& queries) {
  while (true) {
    ASSIGN_OR_RETURN(Lease lease, Take());
    for (const Query& one : queries) lease->Queue(one.sql, one.params);
    absl::StatusOr<std::vector<PqResult>> results = lease->Sync();
    if (results.ok() || !lease->lost() || !lease.is_used()) return results;
  }
}

}  // namespace atelier
