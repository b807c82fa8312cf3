#include "worker/engine/sorted_rows.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <tuple>

#include "worker/engine/test_networks.h"

namespace atelier::engine {
namespace {

// Rows of values around 0, a fifth of them 0, as projections of features are.
at::Tensor Rows(int64_t count, int64_t width, uint64_t seed) {
  const at::Tensor values =
      NoisePicture(static_cast<int>(width), static_cast<int>(count), seed)
          .flatten()
          .narrow(0, 0, count * width)
          .view({count, width}) -
      0.5;
  return values.masked_fill(values.abs() < 0.1, 0).contiguous();
}

struct Subtracted {
  at::Tensor differences;
  at::Tensor sums;
};
Subtracted Subtract(const at::Tensor& from, const at::Tensor& target) {
  Subtracted result{from.clone(), {}};
  result.sums = SubtractInOrder(result.differences, target);
  return result;
}

// In doubles, by Torch's sort; equal values have the mean of their differences.
Subtracted Wanted(const at::Tensor& rows, const at::Tensor& target) {
  const auto [sorted, places] = at::sort(rows.to(at::kDouble), 1);
  const at::Tensor apart =
      sorted - target.repeat({rows.size(0) / target.size(0), 1});
  const at::Tensor at_place = at::zeros_like(sorted).scatter(1, places, apart);
  at::Tensor differences = at_place.clone();
  for (int64_t i = 0; i < rows.size(0); ++i) {
    const auto [values, group, count] = at::_unique2(rows[i], true, true, true);
    const at::Tensor sums = at::zeros({values.size(0)}, at::kDouble)
                                .index_add(0, group, at_place[i]);
    differences[i].copy_((sums / count).index_select(0, group));
  }
  return {differences, apart.square().sum(1)};
}

TEST(SortedRowsTest, SortsEachRow) {
  for (const int64_t width : {1, 2, 31, 1000, 70'000}) {
    SCOPED_TRACE(width);
    const at::Tensor rows = Rows(5, width, 1);
    EXPECT_TRUE(at::equal(SortedRows(rows), std::get<0>(at::sort(rows, 1))));
    EXPECT_TRUE(at::equal(SortedRows(rows.to(at::kDouble)),
                          SortedRows(rows).to(at::kDouble)));
  }
}

TEST(SortedRowsTest, SortsWhatIsLargeSmallOrNegativeZero) {
  const at::Tensor few = at::tensor(
      {3e38F, -3e38F, INFINITY, -INFINITY, 1e-45F, -1e-45F, -0.0F, 0.0F, 1.0F});
  const at::Tensor rows = few.repeat({1, kShortRow});
  EXPECT_TRUE(at::equal(SortedRows(rows)[0],
                        at::tensor({-INFINITY, -3e38F, -1e-45F, 0.0F, 0.0F,
                                    1e-45F, 1.0F, 3e38F, INFINITY})
                            .repeat_interleave(kShortRow)));
}

TEST(SortedRowsTest, SubtractsByRankAndPutsItWhereTheValueStood) {
  for (const int64_t width : {kShortRow + 1, int64_t{70'000}}) {
    SCOPED_TRACE(width);
    const at::Tensor rows = Rows(6, width, 2);
    const at::Tensor target = SortedRows(Rows(3, width, 3));
    const Subtracted given = Subtract(rows, target);
    const Subtracted wanted = Wanted(rows, target);
    EXPECT_TRUE(at::allclose(given.differences.to(at::kDouble),
                             wanted.differences, 1e-6, 1e-7));
    EXPECT_TRUE(at::allclose(given.sums, wanted.sums, 1e-9));
  }
}

// Of a short row, and in doubles, equal values stand in Torch's order.
TEST(SortedRowsTest, ShortRowsAndDoublesAreTorchs) {
  for (const int64_t width :
       {int64_t{1}, int64_t{2}, kShortRow, int64_t{2000}}) {
    SCOPED_TRACE(width);
    const auto type = width > kShortRow ? at::kDouble : at::kFloat;
    const at::Tensor rows = Rows(6, width, 2).to(type);
    const at::Tensor target = SortedRows(Rows(3, width, 3)).to(type);
    const Subtracted given = Subtract(rows, target);
    const auto [sorted, places] = at::sort(rows, 1);
    const at::Tensor apart = sorted - target.repeat({2, 1});
    EXPECT_TRUE(at::equal(given.differences,
                          at::zeros_like(rows).scatter(1, places, apart)));
    EXPECT_TRUE(
        at::allclose(given.sums, apart.to(at::kDouble).square().sum(1), 1e-6));
  }
}

TEST(SortedRowsTest, EveryNumberOfThreadsGivesTheSame) {
  const at::Tensor rows = Rows(7, 5000, 4);
  const at::Tensor target = SortedRows(Rows(7, 5000, 5));
  const int threads = at::get_num_threads();
  at::set_num_threads(1);
  const Subtracted alone = Subtract(rows, target);
  at::set_num_threads(3);
  const Subtracted together = Subtract(rows, target);
  at::set_num_threads(threads);
  EXPECT_TRUE(at::equal(together.differences, alone.differences));
  EXPECT_TRUE(at::equal(together.sums, alone.sums));
}

}  // namespace
}  // namespace atelier::engine
