#include "common/sweep/kept_points.h"

#include <algorithm>
#include <set>
#include <utility>

namespace atelier {

KeptPoints::KeptPoints(std::vector<int64_t> lengths,
                       std::vector<LeaveOut> rules)
    : rules_(std::move(rules)), rest_(lengths.size() + 1, 1) {
  const auto standing = [this](size_t axis, int64_t value) {
    RuleSet stay = 0;
    for (size_t r = 0; r < rules_.size(); ++r) {
      const int64_t left_out = rules_[r][axis];
      if (left_out == kAnyValue || left_out == value) stay |= RuleSet{1} << r;
    }
    return stay;
  };
  for (size_t a = 0; a < lengths.size(); ++a) {
    Axis& axis = axes_.emplace_back();
    axis.length = lengths[a];
    axis.stay = standing(a, lengths[a]);  // As no rule names.
    std::set<int64_t> named;
    for (const LeaveOut& rule : rules_) {
      if (rule[a] != kAnyValue) named.insert(rule[a]);
    }
    for (const int64_t value : named) {
      axis.named.push_back({value, standing(a, value)});
    }
  }
  for (size_t a = lengths.size(); a-- > 0;) {
    rest_[a] = rest_[a + 1] * lengths[a];
  }
  size_ = Count(0, AllRules());
}

int64_t KeptPoints::Count(size_t axis, RuleSet rules) {
  if (rules == 0) return rest_[axis];
  if (axis == axes_.size()) return 0;
  const auto known = counts_.find(KeyOf(axis, rules));
  if (known != counts_.end()) return known->second;
  const Axis& at = axes_[axis];
  const int64_t others = at.length - static_cast<int64_t>(at.named.size());
  int64_t count = 0;
  if (others > 0) count += others * Count(axis + 1, rules & at.stay);
  for (const NamedValue& named : at.named) {
    count += Count(axis + 1, rules & named.stay);
  }
  counts_[KeyOf(axis, rules)] = count;
  return count;
}

int64_t KeptPoints::CountOf(size_t axis, RuleSet rules) const {
  if (rules == 0) return rest_[axis];
  if (axis == axes_.size()) return 0;
  return counts_.at(KeyOf(axis, rules));
}

std::vector<int64_t> KeptPoints::ValuesAt(int64_t index) const {
  std::vector<int64_t> values;
  RuleSet rules = AllRules();
  for (size_t a = 0; a < axes_.size(); ++a) {
    const Axis& axis = axes_[a];
    // Takes the value if the point is below it: `run` values, of `each` points.
    const auto take = [&](int64_t first, int64_t run, RuleSet stay) {
      if (run == 0) return false;
      const int64_t each = CountOf(a + 1, rules & stay);
      if (each == 0) return false;
      if (index >= run * each) {
        index -= run * each;
        return false;
      }
      values.push_back(first + index / each);
      index %= each;
      rules &= stay;
      return true;
    };
    int64_t next = 0;
    bool taken = false;
    for (const NamedValue& named : axis.named) {
      taken = take(next, named.value - next, axis.stay) ||
              take(named.value, 1, named.stay);
      if (taken) break;
      next = named.value + 1;
    }
    if (!taken) take(next, axis.length - next, axis.stay);
  }
  return values;
}

std::optional<std::vector<int64_t>> KeptPoints::FirstWith(size_t axis,
                                                          int64_t value) const {
  // Those of a grid that has no other value there.
  std::vector<int64_t> lengths;
  for (const Axis& each : axes_) lengths.push_back(each.length);
  lengths[axis] = 1;
  std::vector<LeaveOut> rules;
  for (LeaveOut rule : rules_) {
    if (rule[axis] != kAnyValue && rule[axis] != value) continue;
    rule[axis] = kAnyValue;
    rules.push_back(std::move(rule));
  }
  const KeptPoints beside(std::move(lengths), std::move(rules));
  if (beside.size() == 0) return std::nullopt;
  std::vector<int64_t> values = beside.ValuesAt(0);
  values[axis] = value;
  return values;
}

bool KeptPoints::Has(const std::vector<int64_t>& values) const {
  return std::none_of(rules_.begin(), rules_.end(),
                      [&values](const LeaveOut& rule) {
                        for (size_t a = 0; a < values.size(); ++a) {
                          if (rule[a] != kAnyValue && rule[a] != values[a])
                            return false;
                        }
                        return true;
                      });
}

int64_t KeptPoints::MemoryBytes() const {
  const size_t axes = axes_.size();
  size_t bytes = sizeof(*this) + axes * (sizeof(Axis) + sizeof(int64_t)) +
                 rules_.size() * (sizeof(LeaveOut) + axes * sizeof(int64_t)) +
                 counts_.capacity() * (2 * sizeof(int64_t) + 1);
  for (const Axis& axis : axes_)
    bytes += axis.named.size() * sizeof(NamedValue);
  return static_cast<int64_t>(bytes);
}

}  // namespace atelier
