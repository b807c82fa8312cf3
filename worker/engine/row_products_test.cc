#include "worker/engine/row_products.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

#include <cmath>

#include "worker/engine/runtime.h"
#include "worker/engine/test_networks.h"

namespace atelier::engine {
namespace {

// Lengths about those that are taken at a time.
constexpr int kHeights[] = {1, 7, 64, 131, 1400};

// Two rows of values around 0.
at::Tensor Rows(int height, uint64_t seed) {
  return at::cat(
             {NoisePicture(height, 3, seed), NoisePicture(height, 3, seed + 1)})
             .flatten(1) -
         0.5;
}

at::Tensor Rounded(const at::Tensor& rows) { return rows.to(at::kBFloat16); }

at::Tensor DotInDoubles(const at::Tensor& a, const at::Tensor& b) {
  return (a.to(at::kDouble) * b.to(at::kDouble)).sum(1, /*keepdim=*/true);
}

// Sums of so many products, each less than 1, in float32.
void ExpectNear(const at::Tensor& given, const at::Tensor& wanted) {
  ASSERT_EQ(given.sizes(), wanted.sizes());
  EXPECT_LT((given - wanted).abs().max().item<double>(), 2e-5);
}

TEST(RowProductsTest, ARoundedRowsProductIsThatOfItsValues) {
  for (const int height : kHeights) {
    SCOPED_TRACE(height);
    const at::Tensor a = Rounded(Rows(height, 1));
    const at::Tensor b = Rows(height, 3);
    const at::Tensor product = Dot(a, b);
    EXPECT_EQ(product.scalar_type(), at::kFloat);
    ExpectNear(product, DotInDoubles(a, b));
  }
}

TEST(RowProductsTest, AddsAMultipleToEachRowAndGivesTheNextProduct) {
  for (const int height : kHeights) {
    for (const bool rounded : {true, false}) {
      SCOPED_TRACE(::testing::Message() << height << " rounded " << rounded);
      const at::Tensor a = rounded ? Rounded(Rows(height, 1)) : Rows(height, 1);
      const at::Tensor next =
          rounded ? Rounded(Rows(height, 5)) : Rows(height, 5);
      const at::Tensor factors = at::tensor({0.5F, -2.0F}).view({2, 1});
      at::Tensor sum = Rows(height, 3);
      const at::Tensor wanted = sum + a.to(at::kFloat) * factors;
      const at::Tensor product = AddThenDot(a, factors, next, sum);
      EXPECT_TRUE(at::allclose(sum, wanted, 1e-6, 1e-6));
      ExpectNear(product, DotInDoubles(next, wanted));
    }
  }
}

TEST(RowProductsTest, WithNothingNextItOnlyAdds) {
  const at::Tensor a = Rounded(Rows(9, 1));
  const at::Tensor factors = at::tensor({1.0F, 3.0F}).view({2, 1});
  at::Tensor sum = Rows(9, 3);
  const at::Tensor wanted = sum + a.to(at::kFloat) * factors;
  EXPECT_FALSE(AddThenDot(a, factors, at::Tensor(), sum).defined());
  EXPECT_TRUE(at::allclose(sum, wanted, 1e-6, 1e-6));
}

TEST(RowProductsTest, DoublesAreNotRoundedFurther) {
  const at::Tensor a = Rounded(Rows(64, 1));
  const at::Tensor b = Rows(64, 3).to(at::kDouble);
  EXPECT_NEAR((Dot(a, b) - DotInDoubles(a, b)).abs().max().item<double>(), 0,
              1e-12);
}

TEST(RowProductsTest, ARowIsRoundedAlikeAloneAndOnAnyNumberOfThreads) {
  const at::Tensor a = Rounded(Rows(1400, 1));
  const at::Tensor next = Rounded(Rows(1400, 5));
  const at::Tensor factors = at::tensor({0.5F, -2.0F}).view({2, 1});
  const at::Tensor start = Rows(1400, 3);
  at::Tensor sum = start.clone();
  const int before = at::get_num_threads();
  ConfigureTorch(1);
  const at::Tensor product = AddThenDot(a, factors, next, sum);
  for (const int threads : {1, 2, before}) {
    SCOPED_TRACE(threads);
    ConfigureTorch(threads);
    at::Tensor alone = start.narrow(0, 1, 1).clone();
    const at::Tensor of_one =
        AddThenDot(a.narrow(0, 1, 1), factors.narrow(0, 1, 1),
                   next.narrow(0, 1, 1), alone);
    EXPECT_TRUE(at::equal(of_one, product.narrow(0, 1, 1)));
    EXPECT_TRUE(at::equal(alone, sum.narrow(0, 1, 1)));
    EXPECT_TRUE(at::equal(Dot(next.narrow(0, 1, 1), alone), of_one));
  }
}

TEST(RowProductsTest, AnAlignedRowIsACopyOnlyWhereItHasToBe) {
  const at::Tensor rows = Rows(3, 1).narrow(1, 0, 8).contiguous();
  const at::Tensor odd = Rows(3, 1).narrow(1, 0, 9).contiguous();
  EXPECT_EQ(Aligned(rows[1]).data_ptr(), rows[1].data_ptr());
  EXPECT_NE(Aligned(odd[1]).data_ptr(), odd[1].data_ptr());
  EXPECT_TRUE(at::equal(Aligned(odd[1]), odd[1]));
}

TEST(RowProductsTest, WhatIsNotANumberIsSeen) {
  const at::Tensor a = Rounded(at::full({1, 100}, NAN));
  EXPECT_TRUE(std::isnan(Dot(a, at::ones({1, 100})).item<float>()));
}

}  // namespace
}  // namespace atelier::engine
