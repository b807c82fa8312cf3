// The block form of the inverse Hessian, against the two loops.
#include "worker/engine/experimental/block_pairs.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "worker/engine/band_scales.h"
#include "worker/engine/curvature_pairs.h"
#include "worker/engine/experimental/product_spectrum.h"
#include "worker/engine/test_networks.h"
#include "worker/engine/two_loop_pairs.h"

namespace atelier::engine::experimental {
namespace {

constexpr int kHeight = 5;
constexpr int kWidth = 5;

// Two images' rows of values around 0, of so many coordinates as a spectrum of
// that size has.
at::Tensor Rows(uint64_t seed) {
  const auto noise = [](uint64_t from) {
    return NoisePicture(kHeight, 2 * (kWidth / 2 + 1), from).flatten(1);
  };
  return (at::cat({noise(2 * seed), noise(2 * seed + 1)}) - 0.5)
      .to(at::kDouble);
}

// A step of a quadratic function and the change of its gradient; that of the
// first image is refused at every `refused`th, in turn for bending the wrong
// way and for being no number.
struct Move {
  at::Tensor step;
  at::Tensor change;
};
Move MoveAt(int index, int refused) {
  Move move;
  move.step = Rows(index);
  move.change = move.step * (Rows(1000) * 2 + 2) + move.step.sum(1, true) * 0.1;
  if (refused > 0 && index % refused == 0) {
    move.change[0].mul_(index % 2 == 0 ? -1 : NAN);
  }
  return move;
}

LearnedPair AddTo(CurvaturePairs& pairs, const Move& move) {
  return pairs.Add(move.step, [&move](at::Tensor& step, at::Tensor& change) {
    step.copy_(move.step);
    change.copy_(move.change);
  });
}

at::Tensor Bent(const CurvaturePairs& pairs) {
  const at::Tensor initial = Rows(2000) + 1;
  return pairs.TimesInverse(
      Rows(3000), [&initial](at::Tensor rows) { return rows.mul_(initial); });
}

std::vector<NamedTensor> Copied(std::vector<NamedTensor> state) {
  for (NamedTensor& part : state) part.tensor = part.tensor.clone();
  return state;
}

absl::Status Restore(BlockPairs& pairs, std::vector<NamedTensor> state) {
  StateReader reader(state);
  return pairs.TakeState(reader, Rows(0));
}

struct Case {
  const char* name;
  int history;
  int pairs;
  int refused = 0;      // Every so manieth, of the first image.
  int cleared_at = -1;  // After so many, the first image.
};

void PrintTo(const Case& tested, std::ostream* out) { *out << tested.name; }

class BothFormsTest : public ::testing::TestWithParam<Case> {
 protected:
  static LearnedPair Add(int i, CurvaturePairs& pairs) {
    return AddTo(pairs, MoveAt(i, GetParam().refused));
  }
  static void ClearAfter(int i, CurvaturePairs& pairs) {
    if (i != GetParam().cleared_at) return;
    pairs.Clear(at::tensor({1, 0}).to(at::kBool).view({2, 1}));
  }
};

TEST_P(BothFormsTest, GiveTheSameDirection) {
  const Case& tested = GetParam();
  TwoLoopPairs loops(tested.history, /*rounded=*/false);
  BlockPairs block(tested.history);
  for (int i = 1; i <= tested.pairs; ++i) {
    SCOPED_TRACE(i);
    const LearnedPair wanted = Add(i, loops);
    const LearnedPair given = Add(i, block);
    EXPECT_TRUE(at::equal(given.accepted, wanted.accepted));
    EXPECT_TRUE(at::allclose(given.pair.inverse, wanted.pair.inverse, 1e-12));
    EXPECT_TRUE(at::equal(given.pair.step, wanted.pair.step));
    EXPECT_TRUE(at::equal(given.pair.change, wanted.pair.change));
    ClearAfter(i, loops);
    ClearAfter(i, block);
    EXPECT_TRUE(at::allclose(Bent(block), Bent(loops), 1e-10, 1e-12));
  }
}

std::vector<CurvaturePair> PairsOf(const CurvaturePairs& pairs) {
  std::vector<CurvaturePair> all;
  pairs.ForEach(Rows(0),
                [&all](const CurvaturePair& pair) { all.push_back(pair); });
  return all;
}

TEST_P(BothFormsTest, HaveTheSamePairs) {
  const Case& tested = GetParam();
  TwoLoopPairs loops(tested.history, /*rounded=*/false);
  BlockPairs block(tested.history);
  for (int i = 1; i <= tested.pairs; ++i) {
    Add(i, loops);
    Add(i, block);
    ClearAfter(i, loops);
    ClearAfter(i, block);
  }
  const std::vector<CurvaturePair> wanted = PairsOf(loops);
  const std::vector<CurvaturePair> given = PairsOf(block);
  ASSERT_EQ(given.size(), wanted.size());
  for (size_t i = 0; i < given.size(); ++i) {
    SCOPED_TRACE(i);
    EXPECT_TRUE(at::equal(given[i].step, wanted[i].step));
    EXPECT_TRUE(at::equal(given[i].change, wanted[i].change));
    EXPECT_TRUE(at::allclose(given[i].inverse, wanted[i].inverse, 1e-12));
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, BothFormsTest,
    ::testing::Values(Case{"NotFull", 8, 5}, Case{"Full", 5, 5},
                      Case{"WrappedAround", 5, 13}, Case{"OfOnePair", 1, 4},
                      Case{"Refused", 5, 13, 3}, Case{"AllRefused", 3, 5, 1},
                      Case{"Cleared", 5, 9, 0, 4},
                      Case{"ClearedWrappedAround", 5, 13, 4, 11}),
    [](const auto& tested) { return tested.param.name; });

TEST(BlockPairsTest, AreNothingBeforeTheFirst) {
  const BlockPairs none(4);
  EXPECT_TRUE(at::equal(Bent(none), Rows(3000) * (Rows(2000) + 1)));
  EXPECT_TRUE(none.State().empty());
}

TEST(BlockPairsTest, BendWhatBandsScaleAsTheTwoLoopsDo) {
  TwoLoopPairs loops(3, /*rounded=*/false);
  BlockPairs block(3);
  const at::TensorOptions options(at::kDouble);
  const Spectrum by_slices(kHeight, kWidth, options);
  const ProductSpectrum by_products(kHeight, kWidth, options);
  BandScales of_loops(by_slices, 3);
  BandScales of_block(by_products, 3);
  const auto bent = [](const CurvaturePairs& pairs, const BandScales& bands) {
    return pairs.TimesInverse(Rows(3000), [&bands](at::Tensor rows) {
      return bands.Scaled(rows).mul_(
          bands.ScaleOfAll(at::ones({2, 1}, at::kDouble)));
    });
  };
  for (int i = 1; i <= 7; ++i) {
    SCOPED_TRACE(i);
    of_loops.Add(AddTo(loops, MoveAt(i, 3)).pair);
    of_block.Add(AddTo(block, MoveAt(i, 3)).pair);
    of_loops.Learn();
    of_block.Learn();
    EXPECT_TRUE(
        at::allclose(bent(block, of_block), bent(loops, of_loops), 1e-9));
  }
}

TEST(BlockPairsTest, OfABatchDoNotSeeEachOther) {
  BlockPairs both(3);
  BlockPairs alone(3);
  const at::Tensor initial = Rows(2000) + 1;
  for (int i = 1; i <= 7; ++i) {
    const Move move = MoveAt(i, 3);
    AddTo(both, move);
    AddTo(alone, {move.step.narrow(0, 1, 1), move.change.narrow(0, 1, 1)});
  }
  const at::Tensor of_one = alone.TimesInverse(
      Rows(3000).narrow(0, 1, 1), [&initial](at::Tensor rows) {
        return rows.mul_(initial.narrow(0, 1, 1));
      });
  EXPECT_TRUE(at::equal(Bent(both)[1], of_one[0]));
  EXPECT_TRUE(Bent(both).is_contiguous());
}

TEST(BlockPairsTest, GoOnFromTheirStateToTheBitWhereverTheRingBegins) {
  for (const int cut : {2, 5, 6, 9}) {
    SCOPED_TRACE(cut);
    BlockPairs whole(5);
    for (int i = 1; i <= cut; ++i) AddTo(whole, MoveAt(i, 4));
    BlockPairs resumed(5);
    const absl::Status restored = Restore(resumed, Copied(whole.State()));
    ASSERT_TRUE(restored.ok()) << restored;
    EXPECT_TRUE(at::equal(Bent(resumed), Bent(whole)));
    for (int i = cut + 1; i <= cut + 7; ++i) {
      AddTo(whole, MoveAt(i, 4));
      AddTo(resumed, MoveAt(i, 4));
      EXPECT_TRUE(at::equal(Bent(resumed), Bent(whole)));
    }
  }
}

TEST(BlockPairsTest, ALongerHistoryGoesOnFromAShorterOneThatIsNotFull) {
  BlockPairs shorter(5);
  BlockPairs longer(9);
  for (int i = 1; i <= 4; ++i) AddTo(shorter, MoveAt(i, 0));
  ASSERT_TRUE(Restore(longer, Copied(shorter.State())).ok());
  EXPECT_TRUE(at::equal(Bent(longer), Bent(shorter)));
}

TEST(BlockPairsTest, WhatCannotBeTheirStateIsRefused) {
  BlockPairs wrapped(5);
  for (int i = 1; i <= 7; ++i) AddTo(wrapped, MoveAt(i, 0));
  const std::vector<NamedTensor> state = wrapped.State();
  const struct {
    int history;
    std::vector<int64_t> ring;
    const char* said;
  } cases[] = {
      {4, {5, 2, 5, 2}, "are [5, 2], which a history of 4 pairs cannot be"},
      {6, {5, 2, 5, 2}, "are [5, 2], which a history of 6 pairs cannot be"},
      {5, {5, 5, 5, 5}, "are [5, 5], which a history of 5 pairs cannot be"},
      {5, {5, -1, 5, -1}, "are [5, -1], which a history of 5 pairs cannot be"},
      {5, {0, 0, 0, 0}, "are [0, 0], which a history of 5 pairs cannot be"},
      {5, {5, 2, 5, 1}, "are [5, 2], which a history of 5 pairs cannot be"},
      {5,
       {4, 0, 4, 0},
       "steps of Double [2, 5, 90] where there should be "
       "steps of Double [2, 4, 90]"}};
  for (const auto& tested : cases) {
    SCOPED_TRACE(tested.said);
    std::vector<NamedTensor> odd = Copied(state);
    odd[0].tensor = at::tensor(tested.ring, at::kLong).view({2, 2});
    BlockPairs pairs(tested.history);
    const absl::Status status = Restore(pairs, odd);
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(std::string(status.message()),
                ::testing::HasSubstr(tested.said));
  }
}

}  // namespace
}  // namespace atelier::engine::experimental
