#include "tests/fuzz/mutation.h"

#include <algorithm>
#include <array>
#include <random>

namespace atelier {
namespace {

class Mutator {
 public:
  Mutator(const std::vector<std::string>& seeds, size_t which, uint32_t number)
      : random_(static_cast<uint32_t>(which) * 0x9e3779b9u ^ number),
        seeds_(seeds),
        bytes_(seeds[which]) {}

  std::string Run() {
    for (uint32_t steps = 1 + Below(4); steps > 0; --steps) Step();
    return std::move(bytes_);
  }

 private:
  uint32_t Below(size_t bound) {
    return bound == 0 ? 0 : static_cast<uint32_t>(random_() % bound);
  }

  void Step() {
    if (bytes_.empty()) return;
    switch (Below(8)) {
      case 0:
      case 1:
        return FlipBits();
      case 2:
      case 3:
        return ReplaceNumber();
      case 4:
        bytes_.resize(Below(bytes_.size()));
        return;
      case 5:
        bytes_.insert(Below(bytes_.size()), Piece(bytes_));
        return;
      case 6:
        bytes_.erase(Below(bytes_.size()), 1 + Below(64));
        return;
      default:
        const std::string piece = Piece(seeds_[Below(seeds_.size())]);
        bytes_.replace(Below(bytes_.size()), piece.size(), piece);
    }
  }

  void FlipBits() {
    for (uint32_t flips = 1 + Below(8); flips > 0; --flips) {
      bytes_[Below(bytes_.size())] ^= static_cast<char>(1 << Below(8));
    }
  }

  // Lengths and offsets live in these widths, and break at these values.
  void ReplaceNumber() {
    constexpr std::array<uint64_t, 14> kEdges = {
        0,          1,          0x7f,       0x80,       0xff,
        0x7fff,     0xffff,     0x7fffffff, 0x80000000, 0xffffffff,
        1ull << 40, 1ull << 63, ~0ull,      ~0ull >> 1};
    const uint64_t edge = kEdges[Below(kEdges.size())] - Below(2);
    const size_t width = size_t{1} << Below(4);
    const size_t at = Below(bytes_.size());
    for (size_t i = 0; i < width && at + i < bytes_.size(); ++i) {
      bytes_[at + i] = static_cast<char>(edge >> (8 * i));
    }
  }

  std::string Piece(const std::string& from) {
    if (from.empty()) return {};
    return from.substr(Below(from.size()), 1 + Below(128));
  }

  std::mt19937 random_;
  const std::vector<std::string>& seeds_;
  std::string bytes_;
};

}  // namespace

std::string Mutant(const std::vector<std::string>& seeds, size_t which,
                   uint32_t number) {
  return Mutator(seeds, which, number).Run();
}

}  // namespace atelier
