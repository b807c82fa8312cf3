#include "worker/agent/picture_cache.h"

#include "absl/status/status.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

// A square picture that says who made it, and counts how often it was made.
class Maker {
 public:
  explicit Maker(float value) : value_(value) {}
  Image operator()() {
    ++made_;
    return {2, 2, std::vector<float>(12, value_)};
  }
  int made() const { return made_; }

 private:
  const float value_;
  int made_ = 0;
};

constexpr int64_t kPictureBytes = 12 * sizeof(float);

float Get(PictureCache& cache, const char* key, Maker& maker) {
  const auto picture =
      cache.GetOrMake(key, [&]() -> absl::StatusOr<Image> { return maker(); });
  EXPECT_TRUE(picture.ok()) << picture.status();
  return (*picture)->rgb[0];
}

TEST(PictureCacheTest, MakesEachPictureOnce) {
  PictureCache cache(10 * kPictureBytes);
  Maker a(1), b(2);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Get(cache, "a", a), 1);
    EXPECT_EQ(Get(cache, "b", b), 2);
  }
  EXPECT_EQ(a.made(), 1);
  EXPECT_EQ(b.made(), 1);
  EXPECT_EQ(cache.size_bytes(), 2 * kPictureBytes);
}

TEST(PictureCacheTest, DropsTheLeastRecentlyUsedFirst) {
  PictureCache cache(2 * kPictureBytes);
  Maker a(1), b(2), c(3);
  Get(cache, "a", a);
  Get(cache, "b", b);
  Get(cache, "a", a);
  Get(cache, "c", c);
  EXPECT_EQ(cache.size_bytes(), 2 * kPictureBytes);
  Get(cache, "a", a);
  Get(cache, "b", b);
  EXPECT_EQ(a.made(), 1);
  EXPECT_EQ(b.made(), 2);
}

TEST(PictureCacheTest, WhatIsInUseOutlivesItsPlace) {
  PictureCache cache(kPictureBytes);
  Maker a(1), b(2);
  const auto kept =
      cache.GetOrMake("a", [&]() -> absl::StatusOr<Image> { return a(); });
  Get(cache, "b", b);
  EXPECT_EQ((*kept)->rgb[11], 1);
}

TEST(PictureCacheTest, LetsGoOfAllAndBeginsAgain) {
  PictureCache cache(2 * kPictureBytes);
  Maker a(1);
  Get(cache, "a", a);
  cache.Clear();
  EXPECT_EQ(cache.size_bytes(), 0);
  Get(cache, "a", a);
  Get(cache, "a", a);
  EXPECT_EQ(a.made(), 2);
}

TEST(PictureCacheTest, KeepsNothingLargerThanItself) {
  PictureCache none(0);
  Maker a(1);
  Get(none, "a", a);
  EXPECT_EQ(Get(none, "a", a), 1);
  EXPECT_EQ(a.made(), 2);
  EXPECT_EQ(none.size_bytes(), 0);
}

TEST(PictureCacheTest, KeepsNothingOfAFailure) {
  PictureCache cache(kPictureBytes);
  const auto failed = cache.GetOrMake("a", [&]() -> absl::StatusOr<Image> {
    return absl::InternalError("away");
  });
  EXPECT_EQ(failed.status(), absl::InternalError("away"));
  Maker a(1);
  EXPECT_EQ(Get(cache, "a", a), 1);
}

}  // namespace
}  // namespace atelier
