#include "worker/engine/target_cache.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "worker/engine/render.h"
#include "worker/engine/render_fixture.h"

namespace atelier::engine {
namespace {

using Tensors = std::vector<at::Tensor>;

// 40 bytes, made or found.
bool IsMade(TargetCache& cache, const std::string& key) {
  bool made = false;
  const auto tensors =
      cache.GetOrMake(key, [&made]() -> absl::StatusOr<Tensors> {
        made = true;
        return Tensors{at::ones({8}), at::ones({2})};
      });
  EXPECT_TRUE(tensors.ok() && tensors->size() == 2);
  return made;
}

TEST(TargetCacheTest, TheLeastRecentlyUsedLeavesAtTheBound) {
  TargetCache cache(80);
  EXPECT_TRUE(IsMade(cache, "a"));
  EXPECT_TRUE(IsMade(cache, "b"));
  EXPECT_FALSE(IsMade(cache, "a"));
  EXPECT_EQ(cache.size_bytes(), 80);
  EXPECT_TRUE(IsMade(cache, "c"));
  EXPECT_EQ(cache.size_bytes(), 80);
  EXPECT_FALSE(IsMade(cache, "a"));
  EXPECT_TRUE(IsMade(cache, "b"));
}

TEST(TargetCacheTest, WhatIsOverTheBoundIsMadeEachTime) {
  TargetCache cache(39);
  EXPECT_TRUE(IsMade(cache, "a"));
  EXPECT_TRUE(IsMade(cache, "a"));
  EXPECT_EQ(cache.size_bytes(), 0);
}

TEST(TargetCacheTest, AnErrorIsHandedOnAndNotKept) {
  TargetCache cache(1000);
  const auto failed = cache.GetOrMake("a", []() -> absl::StatusOr<Tensors> {
    return absl::ResourceExhaustedError("full");
  });
  EXPECT_EQ(failed.status(), absl::ResourceExhaustedError("full"));
  EXPECT_TRUE(IsMade(cache, "a"));
}

class KeptTargetsTest : public RenderFixture {
 protected:
  KeptTargetsTest() {
    AddStyle();
    params_.scales = 2;
    params_.iterations = 6;
  }

  RenderResult Rendered() {
    RenderHooks hooks;
    hooks.targets = {&cache_, "network", "content", {"style"}};
    auto result = Run(hooks);
    EXPECT_TRUE(result.ok()) << result.status();
    return *std::move(result);
  }

  TargetCache cache_{1 << 20};
};

TEST_F(KeptTargetsTest, ASecondRenderTakesThemAtEachScaleToTheSameBits) {
  const auto bare = Run();
  ASSERT_TRUE(bare.ok()) << bare.status();
  const RenderResult first = Rendered();
  EXPECT_EQ(cache_.hits(), 0);
  const RenderResult second = Rendered();
  EXPECT_EQ(cache_.hits(), 4) << "content and style at both scales";
  EXPECT_TRUE(at::equal(bare->image, first.image));
  EXPECT_TRUE(at::equal(bare->image, second.image));
}

TEST_F(KeptTargetsTest, AreMadeAgainOnceTheyAreDropped) {
  const RenderResult first = Rendered();
  EXPECT_GT(cache_.size_bytes(), 0);
  cache_.Clear();
  EXPECT_EQ(cache_.size_bytes(), 0);
  EXPECT_TRUE(at::equal(first.image, Rendered().image));
  EXPECT_EQ(cache_.hits(), 0);
}

TEST_F(KeptTargetsTest, GramsAreOfTheirConvention) {
  Rendered();
  params_.convention = Convention::kGordicaleksa;
  const auto bare = Run();
  ASSERT_TRUE(bare.ok()) << bare.status();
  EXPECT_TRUE(at::equal(bare->image, Rendered().image));
  EXPECT_EQ(cache_.hits(), 0);
}

}  // namespace
}  // namespace atelier::engine
