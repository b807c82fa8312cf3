#include "coordinator/api/http/bounded_pool.h"

#include <atomic>
#include <future>
#include <memory>

#include "gtest/gtest.h"

namespace atelier {
namespace {

TEST(BoundedPoolTest, RefusesWhatWouldWaitTooLong) {
  std::promise<void> begun, release;
  std::shared_future<void> released(release.get_future());
  std::atomic<int> ran{0};
  auto pool = std::make_unique<BoundedPool>(1, 2);
  ASSERT_TRUE(pool->TrySchedule([&] {
    begun.set_value();
    released.wait();
  }));
  begun.get_future().wait();
  EXPECT_TRUE(pool->TrySchedule([&] { ++ran; }));
  std::promise<void> last;
  EXPECT_TRUE(pool->TrySchedule([&] {
    ++ran;
    last.set_value();
  }));
  EXPECT_FALSE(pool->TrySchedule([&] { ++ran; }));
  release.set_value();
  last.get_future().wait();
  pool.reset();
  EXPECT_EQ(ran, 2);
}

}  // namespace
}  // namespace atelier
