#include "coordinator/state/user_shares.h"

#include <algorithm>
#include <cmath>
#include <iterator>

namespace atelier {
namespace {

// New use is at most 2^64 times as large as the oldest: far from overflow.
constexpr double kMaxHalfLives = 64;

}  // namespace

void UserShares::AccountUsage(const std::string& user, absl::Duration use,
                              absl::Time now) {
  if (base_ == absl::InfinitePast()) base_ = now;
  double half_lives = absl::FDivDuration(now - base_, options_.half_life);
  if (half_lives > kMaxHalfLives) {
    Rebase(now);
    half_lives = 0;
  }
  const auto weight = options_.weights.find(user);
  const double divisor = weight == options_.weights.end() ? 1 : weight->second;
  double& used = used_[user];
  used += absl::ToDoubleSeconds(use) / divisor * std::exp2(half_lives);
  used = std::max(used, 0.0);
}

double UserShares::Used(const std::string& user) const {
  const auto found = used_.find(user);
  return found == used_.end() ? 0 : found->second;
}

void UserShares::Rebase(absl::Time now) {
  const double factor =
      std::exp2(-absl::FDivDuration(now - base_, options_.half_life));
  constexpr double kForgotten = 1e-9;  // Seconds.
  for (auto it = used_.begin(); it != used_.end();) {
    it->second *= factor;
    it = it->second < kForgotten ? used_.erase(it) : std::next(it);
  }
  base_ = now;
}

}  // namespace atelier
