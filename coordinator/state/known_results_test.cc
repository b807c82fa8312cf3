#include "coordinator/state/known_results.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace atelier {
namespace {

using ::testing::Field;
using ::testing::IsNull;
using ::testing::Pointee;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

TaskResult Result(const std::string& profile, const std::string& digest) {
  TaskResult result;
  result.arithmetic.profile = profile;
  result.image_digest = digest;
  return result;
}

auto HasDigest(const std::string& digest) {
  return Field(&TaskResult::image_digest, digest);
}

const RenderKey kKey("key");

TEST(KnownResultsTest, KnowsNothingUntilTheStoreWasAsked) {
  KnownResults known;
  EXPECT_THAT(known.Find(kKey), IsNull());
  known.Add(kKey, Result("p", "mine"));
  EXPECT_THAT(known.Find(kKey), IsNull()) << "other profiles may have one";
  known.SetAsked(kKey);
  EXPECT_THAT(known.Find(kKey), Pointee(SizeIs(1)));
}

TEST(KnownResultsTest, WhatWasDecidedGoesBeforeWhatTheStoreHas) {
  KnownResults known;
  known.Add(kKey, Result("p", "new"));
  known.SetAsked(kKey);
  known.Learn(kKey, Result("p", "old"));
  known.Learn(kKey, Result("q", "other"));
  EXPECT_THAT(known.Find(kKey), Pointee(UnorderedElementsAre(
                                    HasDigest("new"), HasDigest("other"))));
  known.Add(kKey, Result("q", "newest"));
  EXPECT_THAT(known.Find(kKey), Pointee(UnorderedElementsAre(
                                    HasDigest("new"), HasDigest("newest"))));
}

TEST(KnownResultsTest, OnlyWhatIsMissingIsRemembered) {
  KnownResults known;
  known.SetAsked(kKey);
  known.SetAsked(RenderKey("other"));
  known.Learn(kKey, Result("p", "picture"));
  known.Trim();
  EXPECT_THAT(known.Find(kKey), IsNull()) << "its picture may have gone";
  EXPECT_THAT(known.Find(RenderKey("other")), Pointee(SizeIs(0)));
  known.Add(RenderKey("other"), Result("p", "new"));
  EXPECT_THAT(known.Find(RenderKey("other")), Pointee(SizeIs(1)));
}

TEST(KnownResultsTest, IsBounded) {
  KnownResults known;
  known.SetAsked(kKey);
  known.Trim();
  EXPECT_THAT(known.Find(kKey), Pointee(SizeIs(0)));
  for (int i = 0; i < 5000; ++i) known.SetAsked(RenderKey(absl::StrCat(i)));
  known.Trim();
  known.Trim();
  EXPECT_THAT(known.Find(kKey), IsNull());
}

}  // namespace
}  // namespace atelier
