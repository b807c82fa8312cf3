#include "coordinator/control/system_watch.h"

#include <set>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class SystemWatchTest : public ::testing::Test {
 protected:
  SystemWatchTest() { Look(); }

  void Look() { watch_.Look(sample_, now_); }
  void Pass(absl::Duration time) {
    const absl::Time end = now_ + time;
    while (now_ < end) {
      now_ = std::min(now_ + absl::Seconds(5), end);
      Look();
    }
  }
  // Names of what is wrong, in their order.
  std::vector<std::string> Wrong() const {
    std::vector<std::string> names;
    for (const Condition& one : watch_.Report().conditions) {
      if (one.state != ConditionState::kOk) names.push_back(one.name);
    }
    return names;
  }
  Condition Get(const std::string& name) const {
    for (const Condition& one : watch_.Report().conditions) {
      if (one.name == name) return one;
    }
    ADD_FAILURE() << name;
    return {};
  }
  int64_t& Outcomes(Outcome outcome) {
    return sample_.counts.decisions.outcomes[static_cast<int>(outcome)];
  }

  absl::Time now_ = absl::FromUnixSeconds(1'000'000);
  SystemSample sample_;
  SystemWatch watch_;
};

TEST_F(SystemWatchTest, AllIsInOrderAtFirst) {
  EXPECT_THAT(Wrong(), IsEmpty());
  std::set<std::string> names;
  for (const Condition& one : watch_.Report().conditions) {
    EXPECT_TRUE(names.insert(one.name).second) << one.name;
    EXPECT_EQ(one.message + one.advice, "");
    EXPECT_EQ(one.since, std::nullopt);
  }
}

TEST_F(SystemWatchTest, AConditionSaysSinceWhenAndWhatToDoUntilItIsOver) {
  sample_.storage = absl::UnavailableError("/data: the disk is full");
  Look();
  const absl::Time since = now_;
  Pass(absl::Minutes(1));
  const Condition disk = Get("disk");
  EXPECT_EQ(disk.state, ConditionState::kCritical);
  EXPECT_EQ(disk.message, "/data: the disk is full");
  EXPECT_THAT(disk.advice, HasSubstr("atelier gc"));
  EXPECT_EQ(disk.since, since);
  sample_.storage = absl::OkStatus();
  Look();
  EXPECT_THAT(Wrong(), IsEmpty());
  sample_.storage = absl::UnavailableError("again");
  Look();
  EXPECT_EQ(Get("disk").since, now_) << "it is another time";
}

TEST_F(SystemWatchTest, TheWorstIsSaidFirst) {
  sample_.counts.quarantined_workers = 1;
  sample_.database = absl::UnavailableError("busy");
  Look();
  EXPECT_THAT(Wrong(), ElementsAre("database", "quarantine"));
}

TEST_F(SystemWatchTest, ChecksWhatOperatorsHearOf) {
  sample_.checkpoints = absl::UnavailableError("little room");
  sample_.clock_was_set = "the clock was set forward by 1h";
  sample_.damaged_artifacts = 2;
  sample_.counts.tasks_queued = 7;
  sample_.counts.jobs_by_wait[static_cast<int>(WaitReason::kTags)] = 1;
  sample_.certificate_expires_at = now_ + absl::Hours(24);
  sample_.failed_authentications = 101;
  sample_.refused_calls = 1;
  Look();
  EXPECT_THAT(Wrong(), ElementsAre("checkpoints", "clock", "artifacts",
                                   "workers", "fitting-workers", "certificate",
                                   "authentication", "callers"));
  EXPECT_EQ(Get("workers").message, "7 tasks wait and no worker is connected");
  EXPECT_EQ(Get("fitting-workers").message,
            "1 job waits for a worker that is not there");
  sample_.clock_was_set.clear();
  sample_.checkpoints = absl::OkStatus();
  sample_.counts = {};
  sample_.certificate_expires_at = now_ + absl::Hours(24 * 365);
  Pass(absl::Minutes(20));
  EXPECT_THAT(Wrong(), ElementsAre("clock", "artifacts"))
      << "the clock is off until the next start";
  Pass(absl::Hours(1));
  EXPECT_THAT(Wrong(), ElementsAre("clock"));
}

TEST_F(SystemWatchTest, ASlotHangsOnceItDoesNotStopForLong) {
  sample_.counts.stopping_attempts = 1;
  Pass(absl::Minutes(14));
  EXPECT_THAT(Wrong(), IsEmpty());
  sample_.counts.stopping_attempts = 0;
  Look();
  sample_.counts.stopping_attempts = 1;
  Pass(absl::Minutes(14));
  EXPECT_THAT(Wrong(), IsEmpty());
  Pass(absl::Minutes(2));
  EXPECT_THAT(Wrong(), ElementsAre("slots"));
}

TEST_F(SystemWatchTest, FailuresCountWithinFifteenMinutes) {
  Outcomes(Outcome::kSucceeded) = 1000;
  Pass(absl::Hours(1));
  Outcomes(Outcome::kSucceeded) += 3;
  Outcomes(Outcome::kDiverged) += 1;
  sample_.counts.decisions.leases_granted += 9;
  sample_.counts.decisions.leases_expired += 4;
  Look();
  EXPECT_THAT(Wrong(), ElementsAre("leases", "attempts"));
  EXPECT_EQ(Get("attempts").message,
            "1 of 4 attempts failed within 15 minutes");
  Pass(absl::Minutes(16));
  EXPECT_THAT(Wrong(), IsEmpty());
}

TEST_F(SystemWatchTest, ThroughputIsOfTheLastHour) {
  Outcomes(Outcome::kSucceeded) = 10;
  Pass(absl::Minutes(10));
  EXPECT_EQ(watch_.Report().of_late.within, absl::Minutes(10));
  Pass(absl::Hours(2));
  Outcomes(Outcome::kSucceeded) += 5;
  sample_.counts.decisions.device_time[static_cast<int>(Outcome::kSucceeded)] +=
      absl::Minutes(50);
  sample_.counts.decisions.tasks_reused += 3;
  Pass(absl::Minutes(1));
  const Throughput of_late = watch_.Report().of_late;
  const auto succeeded = static_cast<size_t>(Outcome::kSucceeded);
  EXPECT_EQ(of_late.attempts[succeeded], 5);
  EXPECT_EQ(of_late.device_time[succeeded], absl::Minutes(50));
  EXPECT_EQ(of_late.results_reused, 3);
  EXPECT_GE(of_late.within, absl::Hours(1));
  EXPECT_LE(of_late.within, absl::Minutes(61));
}

}  // namespace
}  // namespace atelier
