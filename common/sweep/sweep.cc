#include "common/sweep/sweep.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

constexpr int64_t kMaxPoints = int64_t{1} << 62;

uint64_t Mix(uint64_t z) {  // splitmix64's finaliser.
  z += 0x9E3779B97F4A7C15;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return z ^ (z >> 31);
}

// The place of `index` in a seeded permutation of [0, size): a Feistel network
// on the next even number of bits, walked until it lands inside. The bits hold
// fewer than 4 * size numbers, so that the walk is short.
int64_t Permute(int64_t index, int64_t size, uint64_t seed) {
  constexpr int kRounds = 6;
  int half_bits = 1;
  while ((int64_t{1} << (2 * half_bits)) < size) ++half_bits;
  const uint64_t mask = (uint64_t{1} << half_bits) - 1;
  auto place = static_cast<uint64_t>(index);
  do {
    uint64_t left = place >> half_bits;
    uint64_t right = place & mask;
    for (int round = 0; round < kRounds; ++round) {
      const uint64_t next = left ^ (Mix(seed ^ Mix(right ^ Mix(round))) & mask);
      left = right;
      right = next;
    }
    place = (left << half_bits) | right;
  } while (place >= static_cast<uint64_t>(size));
  return static_cast<int64_t>(place);
}

absl::StatusOr<int64_t> GridSize(const std::vector<int64_t>& lengths) {
  int64_t size = 1;
  for (int64_t length : lengths) {
    if (length > kMaxPoints / size) {
      return absl::InvalidArgumentError(
          "axes: more than 2^62 combinations; use fewer values");
    }
    size *= length;
  }
  return size;
}

absl::StatusOr<int64_t> ZipSize(const std::vector<int64_t>& lengths) {
  for (size_t i = 1; i < lengths.size(); ++i) {
    if (lengths[i] != lengths[0]) {
      return absl::InvalidArgumentError(absl::StrCat(
          "axes[", i, "]: ", lengths[i], " values, but axes[0] has ",
          lengths[0], "; zip needs the same number in all axes"));
    }
  }
  return lengths.empty() ? 1 : lengths[0];
}

std::vector<int64_t> GridValues(const std::vector<int64_t>& lengths,
                                int64_t index) {
  std::vector<int64_t> values(lengths.size());
  for (size_t i = lengths.size(); i-- > 0;) {
    values[i] = index % lengths[i];
    index /= lengths[i];
  }
  return values;
}

int64_t Product(const std::vector<int64_t>& lengths) {
  int64_t size = 1;
  for (int64_t length : lengths) size *= length;
  return size;
}

absl::StatusOr<int64_t> SizeOfAll(const SweepShape& shape) {
  for (size_t i = 0; i < shape.axis_lengths.size(); ++i) {
    if (shape.axis_lengths[i] < 1) {
      return absl::InvalidArgumentError(
          absl::StrCat("axes[", i, "]: no values; at least one"));
    }
  }
  return shape.mode == SweepMode::kZip ? ZipSize(shape.axis_lengths)
                                       : GridSize(shape.axis_lengths);
}

int64_t SizeOfKept(const SweepShape& shape) {
  if (shape.kept != nullptr) return shape.kept->size();
  if (shape.mode != SweepMode::kZip) return Product(shape.axis_lengths);
  return shape.axis_lengths.empty() ? 1 : shape.axis_lengths[0];
}

// The place in zipped axes that a rule leaves out; kAnyValue where its values
// are never together.
int64_t ZippedPlace(const LeaveOut& rule) {
  int64_t place = kAnyValue;
  for (const int64_t value : rule) {
    if (value == kAnyValue) continue;
    if (place != kAnyValue && place != value) return kAnyValue;
    place = value;
  }
  return place;
}

}  // namespace

absl::Status LeavePointsOut(const std::vector<LeaveOut>& rules,
                            SweepShape& shape) {
  RETURN_IF_ERROR(SizeOfAll(shape).status());
  if (rules.size() > kMostLeaveOuts) {
    return absl::InvalidArgumentError(absl::StrCat(
        "exclude: ", rules.size(), " rules given; at most ", kMostLeaveOuts));
  }
  const bool zipped = shape.mode == SweepMode::kZip;
  std::vector<LeaveOut> of_kept = rules;
  for (size_t r = 0; r < rules.size(); ++r) {
    if (std::all_of(rules[r].begin(), rules[r].end(),
                    [](int64_t value) { return value == kAnyValue; })) {
      return absl::InvalidArgumentError(absl::StrCat(
          "exclude[", r, "]: names no axis; at least one, and its value"));
    }
    if (!zipped) continue;
    of_kept[r] = {ZippedPlace(rules[r])};
    if (of_kept[r][0] == kAnyValue) {
      return absl::InvalidArgumentError(
          absl::StrCat("exclude[", r,
                       "]: leaves nothing out; zipped axes never have these "
                       "values together"));
    }
  }
  shape.kept = nullptr;
  if (rules.empty()) return absl::OkStatus();
  auto kept = std::make_shared<const KeptPoints>(
      zipped ? std::vector<int64_t>{shape.axis_lengths[0]} : shape.axis_lengths,
      std::move(of_kept));
  if (kept->size() == 0) {
    return absl::InvalidArgumentError("exclude: leaves no point of the sweep");
  }
  shape.kept = std::move(kept);
  return absl::OkStatus();
}

absl::StatusOr<int64_t> SweepSize(const SweepShape& shape) {
  RETURN_IF_ERROR(SizeOfAll(shape).status());
  if (shape.mode != SweepMode::kRandom && shape.sample_count != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("sample_count: ", shape.sample_count,
                     " was given, but only mode random samples"));
  }
  const int64_t size = SizeOfKept(shape);
  if (shape.mode != SweepMode::kRandom) return size;
  if (shape.sample_count < 1 || shape.sample_count > size) {
    return absl::InvalidArgumentError(absl::StrCat(
        "sample_count: ", shape.sample_count, " is not allowed; from 1 to the ",
        shape.kept == nullptr ? "grid's " : "grid's, less what is left out, ",
        size));
  }
  return shape.sample_count;
}

std::vector<int64_t> ValuesAt(const SweepShape& shape, int64_t index) {
  const std::vector<int64_t>& lengths = shape.axis_lengths;
  if (shape.mode == SweepMode::kZip) {
    if (shape.kept != nullptr) index = shape.kept->ValuesAt(index)[0];
    return std::vector<int64_t>(lengths.size(), index);
  }
  if (shape.mode == SweepMode::kRandom) {
    index = Permute(index, SizeOfKept(shape), shape.sample_seed);
  }
  return shape.kept == nullptr ? GridValues(lengths, index)
                               : shape.kept->ValuesAt(index);
}

absl::Status VisitEachValue(
    const SweepShape& shape,
    absl::FunctionRef<absl::Status(const std::vector<int64_t>&)> visit) {
  const std::vector<int64_t>& lengths = shape.axis_lengths;
  const std::vector<int64_t> first =
      shape.kept == nullptr ? GridValues(lengths, 0) : shape.kept->ValuesAt(0);
  for (size_t a = 0; a < lengths.size(); ++a) {
    std::vector<int64_t> values = first;
    for (values[a] = 0; values[a] < lengths[a]; ++values[a]) {
      if (shape.kept == nullptr || shape.kept->Has(values)) {
        RETURN_IF_ERROR(visit(values));
      } else if (const auto other = shape.kept->FirstWith(a, values[a])) {
        RETURN_IF_ERROR(visit(*other));
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace atelier
