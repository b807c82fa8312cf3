// The points of a grid that no rule leaves out, found by counting.
#ifndef ATELIER_COMMON_SWEEP_KEPT_POINTS_H_
#define ATELIER_COMMON_SWEEP_KEPT_POINTS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/container/flat_hash_map.h"

namespace atelier {

/// For each axis the value that a point must have for the rule to leave it out,
/// or kAnyValue.
using LeaveOut = std::vector<int64_t>;
inline constexpr int64_t kAnyValue = -1;
inline constexpr int kMostLeaveOuts = 16;

/// Kept points are numbered in the grid's order: the last axis changes fastest.
/// Made once for a sweep; after that a point takes a step for each axis and
/// rule, however many there are. Thread-compatible.
class KeptPoints {
 public:
  /// REQUIRES: lengths of at least 1, whose product is at most 2^62; at most
  /// kMostLeaveOuts rules, each with an entry for each axis.
  KeptPoints(std::vector<int64_t> lengths, std::vector<LeaveOut> rules);

  int64_t size() const { return size_; }
  const std::vector<LeaveOut>& rules() const { return rules_; }

  /// The value that each axis takes. REQUIRES: 0 <= index < size().
  std::vector<int64_t> ValuesAt(int64_t index) const;
  /// The first point that has this value; nullopt where rules leave out all.
  std::optional<std::vector<int64_t>> FirstWith(size_t axis,
                                                int64_t value) const;
  /// REQUIRES: a value of each axis.
  bool Has(const std::vector<int64_t>& values) const;

  /// What it takes in memory, near enough for a bound.
  int64_t MemoryBytes() const;

 private:
  // Rules that may still leave a point out, given its values so far: a bit for
  // each.
  using RuleSet = uint32_t;
  struct NamedValue {
    int64_t value = 0;
    RuleSet stay = 0;  // Rules that it leaves standing.
  };
  struct Axis {
    int64_t length = 0;
    std::vector<NamedValue> named;  // By rules, in order.
    RuleSet stay = 0;               // As NamedValue's, for all others.
  };

  static uint64_t KeyOf(size_t axis, RuleSet rules) {
    return (uint64_t{axis} << kMostLeaveOuts) | rules;
  }
  RuleSet AllRules() const { return (RuleSet{1} << rules_.size()) - 1; }
  // Points that are kept of those that axes from `axis` on make.
  int64_t Count(size_t axis, RuleSet rules);
  int64_t CountOf(size_t axis, RuleSet rules) const;

  std::vector<LeaveOut> rules_;
  std::vector<Axis> axes_;
  std::vector<int64_t> rest_;  // Points of the axes from each on; last is 1.
  absl::flat_hash_map<uint64_t, int64_t> counts_;
  int64_t size_ = 0;
};

}  // namespace atelier

#endif  // ATELIER_COMMON_SWEEP_KEPT_POINTS_H_
