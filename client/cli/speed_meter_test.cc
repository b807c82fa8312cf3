#include "client/cli/speed_meter.h"

#include <utility>
#include <vector>

#include "atelier/v1/jobs.pb.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

// Tasks that run, as index and iteration of 100, each on a worker of its own.
v1::JobSnapshot Running(const std::vector<std::pair<int, int>>& tasks,
                        int succeeded) {
  v1::JobSnapshot snapshot;
  snapshot.mutable_job()->mutable_tasks()->set_succeeded(succeeded);
  for (const auto& [index, iteration] : tasks) {
    v1::Task& task = *snapshot.add_running();
    task.set_index(index);
    task.set_iteration(iteration);
    task.set_attempts(1);
    task.set_worker(std::string(1, static_cast<char>('a' + index % 2)));
    task.mutable_render()->set_iterations(100);
  }
  return snapshot;
}

absl::Time At(int seconds) { return absl::FromUnixSeconds(seconds); }

TEST(SpeedMeterTest, CountsWhatRunningTasksDid) {
  SpeedMeter meter;
  EXPECT_EQ(meter.Text(At(0)), "");
  // What was done before it looked does not count.
  meter.Apply(Running({{0, 50}}, 7), At(0));
  EXPECT_EQ(meter.Text(At(0)), "1 worker");
  meter.Apply(Running({{0, 90}, {1, 10}}, 7), At(5));
  EXPECT_EQ(meter.Text(At(5)), "10.0 iterations/s, 0.0 tasks/min, 2 workers");
  // Task 0 ends with its last ten, task 2 begins.
  meter.Apply(Running({{1, 20}, {2, 30}}, 8), At(10));
  EXPECT_EQ(meter.Text(At(10)), "10.0 iterations/s, 6.0 tasks/min, 2 workers");
}

TEST(SpeedMeterTest, IsOfTheLastMinute) {
  SpeedMeter meter;
  meter.Apply(Running({{0, 0}}, 0), At(0));
  meter.Apply(Running({{0, 100}}, 0), At(1));
  for (int second = 2; second <= 100; ++second) {
    meter.Apply(Running({{0, 100}}, 0), At(second));
  }
  EXPECT_EQ(meter.Text(At(100)), "0.0 iterations/s, 0.0 tasks/min, 1 worker");
}

TEST(SpeedMeterTest, WhatBeginsAnewOrGoesOnIsNoWork) {
  SpeedMeter meter;
  meter.Apply(Running({{0, 80}}, 0), At(0));
  meter.Apply(Running({{0, 10}}, 0), At(5));  // Anew.
  v1::JobSnapshot resumed = Running({{0, 10}, {1, 90}}, 0);
  resumed.mutable_running(1)->set_attempts(2);
  meter.Apply(resumed, At(10));
  EXPECT_EQ(meter.Text(At(10)), "0.0 iterations/s, 0.0 tasks/min, 2 workers");
}

}  // namespace
}  // namespace atelier
