#include "coordinator/state/sweep.h"

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

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

}  // namespace

absl::StatusOr<int64_t> SweepSize(const SweepShape& shape) {
  for (size_t i = 0; i < shape.axis_lengths.size(); ++i) {
    if (shape.axis_lengths[i] < 1) {
      return absl::InvalidArgumentError(
          absl::StrCat("axes[", i, "]: no values; at least one"));
    }
  }
  if (shape.mode != SweepMode::kRandom && shape.sample_count != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("sample_count: ", shape.sample_count,
                     " was given, but only mode random samples"));
  }
  if (shape.mode == SweepMode::kZip) return ZipSize(shape.axis_lengths);
  absl::StatusOr<int64_t> grid = GridSize(shape.axis_lengths);
  if (!grid.ok() || shape.mode == SweepMode::kGrid) return grid;
  if (shape.sample_count < 1 || shape.sample_count > *grid) {
    return absl::InvalidArgumentError(
        absl::StrCat("sample_count: ", shape.sample_count,
                     " is not allowed; from 1 to the grid's ", *grid));
  }
  return shape.sample_count;
}

std::vector<int64_t> ValuesAt(const SweepShape& shape, int64_t index) {
  const std::vector<int64_t>& lengths = shape.axis_lengths;
  switch (shape.mode) {
    case SweepMode::kZip:
      return std::vector<int64_t>(lengths.size(), index);
    case SweepMode::kRandom:
      index = Permute(index, Product(lengths), shape.sample_seed);
      break;
    case SweepMode::kGrid:
      break;
  }
  return GridValues(lengths, index);
}

}  // namespace atelier
