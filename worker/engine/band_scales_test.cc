#include "worker/engine/band_scales.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <vector>

#include "worker/engine/test_networks.h"

namespace atelier::engine {
namespace {

constexpr int kHistory = 3;

const Spectrum& SmallSpectrum() {
  static const Spectrum spectrum(6, 8, at::TensorOptions(at::kDouble));
  return spectrum;
}

CurvaturePair PairAt(int index) {
  const auto coordinates = [](uint64_t seed) {
    return SmallSpectrum().Of(NoisePicture(6, 8, seed).to(at::kDouble));
  };
  CurvaturePair pair;
  pair.step = coordinates(2 * index);
  pair.change = pair.step * 2 + coordinates(2 * index + 1);
  pair.inverse = (pair.step * pair.change).sum(1, true).reciprocal();
  return pair;
}

BandScales Learned(const std::vector<int>& pairs) {
  BandScales bands(SmallSpectrum(), kHistory);
  for (const int index : pairs) bands.Add(PairAt(index));
  bands.Learn();
  return bands;
}

const at::Tensor kOtherwise = at::full({1, 1}, 7, at::kDouble);

TEST(BandScalesTest, BeforeTheFirstPairNothingIsScaled) {
  const BandScales bands = Learned({});
  const at::Tensor rows = PairAt(9).step;
  EXPECT_TRUE(at::equal(bands.Scaled(rows), rows));
  EXPECT_TRUE(at::equal(bands.ScaleOfAll(kOtherwise), kOtherwise));
}

TEST(BandScalesTest, PairsOlderThanTheHistoryCountForNothing) {
  const BandScales all = Learned({1, 2, 3, 4, 5});
  const BandScales youngest = Learned({3, 4, 5});
  const at::Tensor rows = PairAt(9).step;
  EXPECT_TRUE(at::equal(all.Scaled(rows), youngest.Scaled(rows)));
  EXPECT_TRUE(
      at::equal(all.ScaleOfAll(kOtherwise), youngest.ScaleOfAll(kOtherwise)));
  // Nor is it only the youngest, or the order, that counts.
  EXPECT_FALSE(at::equal(all.Scaled(rows), Learned({4, 5}).Scaled(rows)));
  EXPECT_FALSE(at::equal(all.Scaled(rows), Learned({4, 3, 5}).Scaled(rows)));
}

TEST(BandScalesTest, OfAnImageThatIsClearedNothingIsKnown) {
  BandScales bands = Learned({1, 2});
  bands.Clear(at::ones({1, 1}, at::kBool));
  bands.Learn();
  const at::Tensor rows = PairAt(9).step;
  EXPECT_TRUE(at::equal(bands.Scaled(rows), rows));
  EXPECT_TRUE(at::equal(bands.ScaleOfAll(kOtherwise), kOtherwise));
}

}  // namespace
}  // namespace atelier::engine
