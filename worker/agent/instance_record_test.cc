#include "worker/agent/instance_record.h"

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/temp_folder.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class InstanceRecordTest : public ::testing::Test {
 protected:
  static std::string Id(int number) {
    return absl::StrCat("instance-number-", number);
  }
  absl::StatusOr<std::unique_ptr<InstanceRecord>> Claim(
      int number, const std::string& name = "anna") const {
    return InstanceRecord::Claim(folder_.path(), name, Id(number));
  }

  TempFolder folder_;
};

TEST_F(InstanceRecordTest, TheFirstOfANameFollowsNobody) {
  EXPECT_THAT((*Claim(1))->predecessors(), IsEmpty());
}

TEST_F(InstanceRecordTest, NamesAllThatEndedUntilTheyAreForgotten) {
  Claim(1)->reset();
  Claim(2)->reset();
  {
    const auto third = *Claim(3);
    EXPECT_THAT(third->predecessors(), ElementsAre(Id(1), Id(2)));
    EXPECT_TRUE(third->ForgetPredecessors().ok());
    EXPECT_THAT(third->predecessors(), IsEmpty());
  }
  EXPECT_THAT((*Claim(4))->predecessors(), ElementsAre(Id(3)));
}

TEST_F(InstanceRecordTest, OneThatLivesIsNeverFollowed) {
  const auto living = *Claim(1);
  EXPECT_TRUE(absl::IsAlreadyExists(Claim(2).status()));
  EXPECT_THAT((*Claim(3, "bert"))->predecessors(), IsEmpty());
}

TEST_F(InstanceRecordTest, OneThatHandedAllBackIsNobodysPredecessor) {
  EXPECT_TRUE((*Claim(1))->Remove().ok());
  EXPECT_EQ(folder_.FileCount(), 0);
  EXPECT_THAT((*Claim(2))->predecessors(), IsEmpty());
}

TEST_F(InstanceRecordTest, ReadsPastWhatIsDamaged) {
  ASSERT_TRUE(WriteFile(folder_.File("anna.instances"),
                        absl::StrCat(Id(1), "\n\xff\xfe garbage\nshort\n",
                                     Id(2), "\ninstance-number-that-was-cut"),
                        Durability::kAtomic)
                  .ok());
  EXPECT_THAT((*Claim(3))->predecessors(),
              ElementsAre(Id(1), Id(2), "instance-number-that-was-cut"));
}

TEST_F(InstanceRecordTest, KeepsTheLatestOfMany) {
  for (int i = 0; i < 40; ++i) Claim(i)->reset();
  const auto last = *Claim(40);
  EXPECT_THAT(last->predecessors(), SizeIs(InstanceRecord::kMostKept));
  EXPECT_EQ(last->predecessors().back(), Id(39));
}

TEST_F(InstanceRecordTest, SaysWhyItCannotBeKept) {
  EXPECT_FALSE(InstanceRecord::Claim(folder_.File("nowhere"), "anna", Id(1))
                   .status()
                   .message()
                   .empty());
}

}  // namespace
}  // namespace atelier
