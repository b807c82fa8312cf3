#include "coordinator/state/engine_versions.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'000'000);
const WorkerNeeds kAnything;

class EngineVersionsTest : public testing::Test {
 protected:
  void Announce(const std::string& worker, int version,
                int64_t memory_bytes = 0) {
    WorkerDescription description;
    description.name = WorkerName(worker);
    description.instance = InstanceId(worker);
    description.arithmetic.engine_version = version;
    description.memory_bytes = memory_bytes;
    ASSERT_TRUE(workers_.Admit(description, kNow).ok());
  }

  WorkerRegistry workers_{/*max_workers=*/9};
  EngineVersions versions_;
};

TEST_F(EngineVersionsTest, WithoutWorkersTheLastOneSeenCounts) {
  versions_.Restore(7);
  EXPECT_EQ(versions_.Update(workers_, kNow), std::nullopt);
  EXPECT_EQ(versions_.Reusable(workers_, kAnything), 7);
}

TEST_F(EngineVersionsTest, ANewVersionIsReportedOnce) {
  Announce("a", 7);
  EXPECT_EQ(versions_.Update(workers_, kNow), 7);
  EXPECT_EQ(versions_.Update(workers_, kNow), std::nullopt);
  Announce("b", 8);
  EXPECT_EQ(versions_.Update(workers_, kNow), 8);
}

TEST_F(EngineVersionsTest, AmongSeveralItIsTheNewestThatFits) {
  WorkerNeeds large;
  large.memory_bytes = 100;
  Announce("old", 7, /*memory_bytes=*/200);
  Announce("new", 8, /*memory_bytes=*/50);
  versions_.Update(workers_, kNow);
  EXPECT_EQ(versions_.Reusable(workers_, kAnything), 8);
  EXPECT_EQ(versions_.Reusable(workers_, large), 7);
}

TEST_F(EngineVersionsTest, AfterARestartAnOlderWorkerLowersNothingAtFirst) {
  versions_.Restore(8);
  versions_.AwaitWorkers(kNow + absl::Seconds(30));
  Announce("old", 7);
  EXPECT_EQ(versions_.Update(workers_, kNow), std::nullopt);
  EXPECT_EQ(versions_.Reusable(workers_, kAnything), 8);
  EXPECT_EQ(versions_.Update(workers_, kNow + absl::Seconds(30)), 7);
  EXPECT_EQ(versions_.Reusable(workers_, kAnything), 7);
}

}  // namespace
}  // namespace atelier
