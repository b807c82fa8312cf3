// Who has used how much of the cluster lately.
#ifndef ATELIER_COORDINATOR_STATE_USER_SHARES_H_
#define ATELIER_COORDINATOR_STATE_USER_SHARES_H_

#include <map>
#include <string>
#include <utility>

#include "absl/time/time.h"

namespace atelier {

struct ShareOptions {
  /// Use this long ago counts half.
  absl::Duration half_life = absl::Hours(1);
  /// Users who may use more or less than others; everybody else has 1.
  std::map<std::string, double> weights;
};

/// Device-seconds by user, divided by the user's weight, fading
/// exponentially. Use in the past is not made smaller as time goes: new use is
/// made larger (forward decay), so that the order of users changes only when
/// somebody is accounted. Every operation is O(log users), but for a rebase
/// every 64 half-lives. Thread-compatible.
class UserShares {
 public:
  explicit UserShares(ShareOptions options) : options_(std::move(options)) {}

  /// Adds use at `now`; a negative one is a refund. Use never falls below zero.
  void AccountUsage(const std::string& user, absl::Duration use,
                    absl::Time now);

  /// Comparable between users, at any one moment.
  double Used(const std::string& user) const;

 private:
  void Rebase(absl::Time now);

  const ShareOptions options_;
  absl::Time base_ = absl::InfinitePast();
  std::map<std::string, double> used_;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STATE_USER_SHARES_H_
