#include "coordinator/state/worker_faults.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const WorkerName kBad("bad");
const WorkerName kGood("good");

TaskId Task(int64_t index) { return {JobId("a"), index}; }

TEST(WorkerFaultsTest, WhoFailedWhatAnotherCompletesIsAtFault) {
  WorkerFaults faults;
  faults.Failed(Task(0), kBad);
  faults.Failed(Task(0), kBad);
  faults.Failed(Task(0), kGood);
  EXPECT_THAT(faults.Completed(Task(0), kGood), ElementsAre(kBad));
  EXPECT_THAT(faults.Completed(Task(0), kGood), IsEmpty());
}

TEST(WorkerFaultsTest, WhatNobodyCompletesIsNobodysFault) {
  WorkerFaults faults;
  faults.Failed(Task(0), kBad);
  faults.Failed({JobId("b"), 0}, kBad);
  faults.Forget(Task(0));
  faults.Forget(JobId("b"));
  EXPECT_THAT(faults.Completed(Task(0), kGood), IsEmpty());
  EXPECT_THAT(faults.Completed({JobId("b"), 0}, kGood), IsEmpty());
}

TEST(WorkerFaultsTest, WhatAWorkerCompletesCountsForIt) {
  WorkerFaults faults;
  EXPECT_EQ(faults.RecordWorkerFailure(kBad), 1);
  EXPECT_EQ(faults.RecordWorkerFailure(kBad), 2);
  faults.Completed(Task(1), kBad);
  EXPECT_EQ(faults.RecordWorkerFailure(kBad), 2);
  faults.Forgive(kBad);
  EXPECT_EQ(faults.RecordWorkerFailure(kBad), 1);
}

TEST(WorkerFaultsTest, NamesThatNeverComeBackTakeNoRoomForEver) {
  WorkerFaults faults;
  for (int i = 0; i < 30'000; ++i) {
    ASSERT_EQ(faults.RecordWorkerFailure(WorkerName(absl::StrCat("w", i))), 1);
  }
  EXPECT_EQ(faults.RecordWorkerFailure(WorkerName("w1")), 1) << "forgotten";
}

}  // namespace
}  // namespace atelier
