#include "common/rpc/stop_signal.h"

#include <thread>

#include "gtest/gtest.h"

namespace atelier {
namespace {

TEST(StopSignalTest, WakesAWaiter) {
  StopSignal stop;
  std::thread stopper([&] { stop.Stop(); });
  EXPECT_TRUE(stop.WaitFor(absl::InfiniteDuration()));
  stopper.join();
  EXPECT_TRUE(stop.stopped());
}

TEST(StopSignalTest, WaitsNoLongerThanAsked) {
  const StopSignal stop;
  EXPECT_FALSE(stop.WaitFor(absl::ZeroDuration()));
}

TEST(StopSignalTest, CallsBackOnceHoweverOftenItStops) {
  StopSignal stop;
  int calls = 0;
  StopCallback callback(stop, [&] { ++calls; });
  EXPECT_EQ(calls, 0);
  stop.Stop();
  stop.Stop();
  EXPECT_EQ(calls, 1);
}

TEST(StopSignalTest, CallsBackAtOnceWhenAlreadyStopped) {
  StopSignal stop;
  stop.Stop();
  int calls = 0;
  StopCallback callback(stop, [&] { ++calls; });
  EXPECT_EQ(calls, 1);
}

TEST(StopSignalTest, ForgetsACallbackThatIsGone) {
  StopSignal stop;
  int calls = 0;
  {
    StopCallback callback(stop, [&] { ++calls; });
  }
  stop.Stop();
  EXPECT_EQ(calls, 0);
}

}  // namespace
}  // namespace atelier
