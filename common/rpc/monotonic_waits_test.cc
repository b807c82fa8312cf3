// Timed waits while the machine's clock is set. Starts itself once more with
// the clock that can be set (tests/testing/shifted_clock.cc).
#include <dirent.h>
#include <sched.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <future>
#include <string>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "common/clock.h"
#include "common/rpc/deadline.h"
#include "common/rpc/stop_signal.h"
#include "grpcpp/alarm.h"
#include "grpcpp/completion_queue.h"
#include "gtest/gtest.h"
#include "tests/testing/temp_folder.h"

namespace atelier {
namespace {

constexpr absl::Duration kWait = absl::Milliseconds(700);
// A wait that is stretched would last for more than this.
constexpr std::chrono::seconds kPatience(60);

bool Sleeps(const std::string& thread) {
  std::ifstream file(absl::StrCat("/proc/self/task/", thread, "/stat"));
  std::string stat;
  std::getline(file, stat);
  return stat.empty() || absl::StrContains(stat, ") S ");
}

bool AllOthersSleep() {
  const std::string self = absl::StrCat(gettid());
  DIR* const threads = opendir("/proc/self/task");
  bool all = true;
  while (const dirent* entry = readdir(threads)) {
    const std::string name = entry->d_name;
    if (name[0] != '.' && name != self) all = all && Sleeps(name);
  }
  closedir(threads);
  return all;
}

class MonotonicWaitsTest : public ::testing::TestWithParam<int> {
 protected:
  MonotonicWaitsTest() {
    SetClockBy(0);
    setenv("SHIFTED_CLOCK_FILE", file_.c_str(), /*overwrite=*/1);
  }

  void SetClockBy(int seconds) const {
    std::ofstream(file_ + ".new") << seconds;
    std::rename((file_ + ".new").c_str(), file_.c_str());
  }

  // Sets the clock while `wait` waits for kWait.
  void ExpectItsLength(const std::function<void()>& wait) const {
    const absl::Time start = Clock::Steady().Now();
    absl::Notification begun;
    std::future<void> done = std::async(std::launch::async, [&] {
      begun.Notify();
      wait();
    });
    begun.WaitForNotification();
    while (!AllOthersSleep()) sched_yield();
    SetClockBy(GetParam());
    EXPECT_EQ(done.wait_for(kPatience), std::future_status::ready)
        << "it waits by the machine's clock";
    EXPECT_GE(Clock::Steady().Now() - start, kWait);
    SetClockBy(0);  // Else it would not end.
  }

 private:
  TempFolder folder_;
  const std::string file_ = folder_.path() + "/offset";
};

TEST_P(MonotonicWaitsTest, TheClockIsSet) {
  const absl::Time before = absl::FromTimeT(time(nullptr));
  SetClockBy(GetParam());
  EXPECT_NEAR(absl::ToDoubleSeconds(absl::FromTimeT(time(nullptr)) - before),
              GetParam(), 60);
}

TEST_P(MonotonicWaitsTest, AStopSignal) {
  StopSignal stop;
  ExpectItsLength([&] { EXPECT_FALSE(stop.WaitFor(kWait)); });
}

TEST_P(MonotonicWaitsTest, AMutex) {
  absl::Mutex mutex;
  bool never = false;
  ExpectItsLength([&] {
    absl::MutexLock lock(&mutex);
    EXPECT_FALSE(mutex.AwaitWithTimeout(absl::Condition(&never), kWait));
  });
}

TEST_P(MonotonicWaitsTest, AConditionVariable) {
  absl::Mutex mutex;
  absl::CondVar condition;
  ExpectItsLength([&] {
    absl::MutexLock lock(&mutex);
    EXPECT_TRUE(condition.WaitWithTimeout(&mutex, kWait));
  });
}

TEST_P(MonotonicWaitsTest, ATimerOfGrpc) {
  grpc::CompletionQueue queue;
  grpc::Alarm alarm;
  ExpectItsLength([&] {
    alarm.Set(&queue, After(kWait), this);
    void* tag = nullptr;
    bool in_time = false;
    EXPECT_TRUE(queue.Next(&tag, &in_time));
    EXPECT_TRUE(in_time);
  });
}

INSTANTIATE_TEST_SUITE_P(Seconds, MonotonicWaitsTest,
                         ::testing::Values(-600, 600), [](const auto& test) {
                           return test.param < 0 ? "Back" : "Forward";
                         });

}  // namespace
}  // namespace atelier

int main(int argc, char** argv) {
  const char* const preloaded = std::getenv("LD_PRELOAD");
  if (preloaded == nullptr || !absl::StrContains(preloaded, SHIFTED_CLOCK)) {
    setenv("LD_PRELOAD", SHIFTED_CLOCK, /*overwrite=*/1);
    execv("/proc/self/exe", argv);
    std::perror("exec");
    return 1;
  }
  ::testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
