#include "coordinator/core/roster.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const absl::Time kNow = absl::FromUnixSeconds(1'000'000);

WorkerDescription Described(const std::string& name, int instance = 1) {
  WorkerDescription description;
  description.name = WorkerName(name);
  description.instance = InstanceId(absl::StrCat(name, "-", instance));
  return description;
}

TEST(RosterTest, HasRoomForSoManyWorkersAndNoMore) {
  Roster roster(/*max_workers=*/2);
  ASSERT_TRUE(roster.Admit(Described("a"), kNow).ok());
  ASSERT_TRUE(roster.Admit(Described("b"), kNow).ok());
  const absl::Status refused = roster.Admit(Described("c"), kNow).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(refused.message()),
              HasSubstr("worker.name: 2 workers are live; at most 2 "
                        "(--max-workers)"));
  EXPECT_EQ(roster.workers().size(), 2u);
  EXPECT_TRUE(roster.Admit(Described("a"), kNow).ok()) << "it is known";
  EXPECT_TRUE(roster.Admit(Described("b", 2), kNow).ok())
      << "another takes its place";

  roster.RemoveGone(kNow);
  EXPECT_TRUE(roster.Admit(Described("c"), kNow).ok());
}

WorkerDescription OfVersion(const std::string& name, int version,
                            int64_t memory_bytes) {
  WorkerDescription description = Described(name);
  description.arithmetic.engine_version = version;
  description.memory_bytes = memory_bytes;
  return description;
}

TEST(RosterTest, TheNewestEngineVersionIsThatOfWorkersThatFit) {
  Roster roster(/*max_workers=*/4);
  WorkerNeeds large;
  large.memory_bytes = 100;
  EXPECT_THAT(roster.EngineVersions(), IsEmpty());
  EXPECT_EQ(roster.NewestEngineVersion(large), std::nullopt);
  ASSERT_TRUE(roster.Admit(Described("unheard-of"), kNow).ok());
  ASSERT_TRUE(roster.Admit(OfVersion("old", 7, 200), kNow).ok());
  ASSERT_TRUE(roster.Admit(OfVersion("new", 8, 50), kNow).ok());
  EXPECT_THAT(roster.EngineVersions(), ElementsAre(7, 8));
  EXPECT_EQ(roster.NewestEngineVersion(WorkerNeeds()), 8);
  EXPECT_EQ(roster.NewestEngineVersion(large), 7);
  large.memory_bytes = 1000;
  EXPECT_EQ(roster.NewestEngineVersion(large), std::nullopt);
}

}  // namespace
}  // namespace atelier
