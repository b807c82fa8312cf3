#include "coordinator/state/worker_registry.h"

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

TEST(WorkerRegistryTest, HasRoomForSoManyWorkersAndNoMore) {
  WorkerRegistry registry(/*max_workers=*/2);
  ASSERT_TRUE(registry.Admit(Described("a"), kNow).ok());
  ASSERT_TRUE(registry.Admit(Described("b"), kNow).ok());
  const absl::Status refused = registry.Admit(Described("c"), kNow).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(refused.message()),
              HasSubstr("worker.name: 2 workers are live; at most 2 "
                        "(--max-workers)"));
  EXPECT_EQ(registry.workers().size(), 2u);
  EXPECT_TRUE(registry.Admit(Described("a"), kNow).ok()) << "it is known";
  EXPECT_TRUE(registry.Admit(Described("b", 2), kNow).ok())
      << "another takes its place";

  registry.RemoveGone(kNow);
  EXPECT_TRUE(registry.Admit(Described("c"), kNow).ok());
}

WorkerDescription OfVersion(const std::string& name, int version,
                            int64_t memory_bytes) {
  WorkerDescription description = Described(name);
  description.arithmetic.engine_version = version;
  description.memory_bytes = memory_bytes;
  return description;
}

TEST(WorkerRegistryTest, TheNewestEngineVersionIsThatOfWorkersThatFit) {
  WorkerRegistry registry(/*max_workers=*/4);
  WorkerNeeds large;
  large.memory_bytes = 100;
  EXPECT_THAT(registry.EngineVersions(), IsEmpty());
  EXPECT_EQ(registry.NewestEngineVersion(large), std::nullopt);
  ASSERT_TRUE(registry.Admit(Described("unheard-of"), kNow).ok());
  ASSERT_TRUE(registry.Admit(OfVersion("old", 7, 200), kNow).ok());
  ASSERT_TRUE(registry.Admit(OfVersion("new", 8, 50), kNow).ok());
  EXPECT_THAT(registry.EngineVersions(), ElementsAre(7, 8));
  EXPECT_EQ(registry.NewestEngineVersion(WorkerNeeds()), 8);
  EXPECT_EQ(registry.NewestEngineVersion(large), 7);
  registry.Find(WorkerName("new"))->quarantined = true;
  EXPECT_THAT(registry.EngineVersions(), ElementsAre(7));
  EXPECT_EQ(registry.NewestEngineVersion(WorkerNeeds()), 7);
  registry.Find(WorkerName("old"))->told_to_drain = true;
  EXPECT_THAT(registry.EngineVersions(), ElementsAre(7, 8)) << "nobody works";
  large.memory_bytes = 1000;
  EXPECT_EQ(registry.NewestEngineVersion(large), std::nullopt);
}

}  // namespace
}  // namespace atelier
