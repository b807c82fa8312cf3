#include "coordinator/core/roster.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;

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

}  // namespace
}  // namespace atelier
