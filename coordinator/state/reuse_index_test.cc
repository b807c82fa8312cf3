#include "coordinator/state/reuse_index.h"

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::IsNull;
using ::testing::Pointee;
using ::testing::SizeIs;

TaskResult Result(const std::string& digest) {
  TaskResult result;
  result.image_digest = digest;
  return result;
}

// A job of twice as many tasks as are looked at in advance, no two alike.
Job ManyTasks() {
  NetworkDescription network;
  network.weights_digest = std::string(64, 'f');
  network.blocks = {{8}};
  JobSpec spec;
  spec.networks = {network};
  spec.base.weights_digest = network.weights_digest;
  spec.base.style_digests = {std::string(64, '5')};
  spec.base.content_digest = std::string(64, 'c');
  spec.base.content_layers = {{"conv1_1", 1}};
  spec.base.style_layers = {{"conv1_1", 1}};
  spec.base.init = Initialisation::kNoise;
  Axis axis{"seed", {}};
  for (int i = 0; i < 2 * Job::kWindow; ++i) {
    AxisValue value;
    value.set.seed = i;
    axis.values.push_back(std::move(value));
  }
  spec.axes = {std::move(axis)};
  JobRecord record;
  record.id = JobId("job");
  record.task_count = record.counts.queued = 2 * Job::kWindow;
  return Job(std::move(record), std::make_shared<const JobSpec>(spec));
}

class ReuseIndexTest : public testing::Test {
 protected:
  RenderKey KeyOf(int64_t index) {
    return index_.Materialize(job_.spec(), {JobId("job"), index})->key;
  }

  void Answer(std::vector<StoredResult> results) {
    const std::set<RenderKey> asked = index_.asked();
    index_.TakeAnswers(asked, std::move(results));
  }

  const Job job_ = ManyTasks();
  ReuseIndex index_{RenderLimits()};
};

TEST_F(ReuseIndexTest, OneQuestionIsForAllOfTheNextTasks) {
  const RenderKey first = KeyOf(0);
  EXPECT_THAT(index_.Find(first), IsNull());
  index_.Ask(first, job_);
  EXPECT_THAT(index_.asked(), SizeIs(job_.Upcoming().size()));
  EXPECT_GT(index_.lookahead_size(), 0);
  Answer({{KeyOf(1), Result("a")}});
  EXPECT_THAT(index_.asked(), IsEmpty());
  EXPECT_THAT(index_.Find(first), Pointee(IsEmpty()));
  EXPECT_THAT(index_.Find(KeyOf(1)), Pointee(SizeIs(1)));
}

TEST_F(ReuseIndexTest, WhatIsAskedAheadKeepsNobodyWaiting) {
  int64_t index = 0;
  while (index_.asked().empty()) index_.NoteGranted(job_, index++);
  EXPECT_LE(index, Job::kWindow / 2);
  const std::set<RenderKey> asked = index_.asked();
  EXPECT_THAT(asked, SizeIs(job_.Upcoming().size()));
  EXPECT_FALSE(index_.is_awaited());
  index_.Ask(RenderKey("another"), job_);
  EXPECT_TRUE(index_.is_awaited());
  index_.TakeAnswers(asked, {});
  EXPECT_THAT(index_.Find(KeyOf(0)), Pointee(IsEmpty()));
  EXPECT_FALSE(index_.is_awaited()) << "it must look again";
  EXPECT_THAT(index_.Find(RenderKey("another")), IsNull());
  EXPECT_THAT(index_.asked(), ElementsAre(RenderKey("another")))
      << "it was asked for later";
}

TEST_F(ReuseIndexTest, WhatIsKnownIsNotAskedForAgain) {
  index_.Ask(KeyOf(0), job_);
  Answer({});
  index_.Ask(RenderKey("another"), job_);
  EXPECT_THAT(index_.asked(), SizeIs(1));
}

TEST_F(ReuseIndexTest, WhatIsDecidedWhileItIsReadGoesBeforeTheAnswer) {
  index_.Ask(KeyOf(0), job_);
  index_.Add(KeyOf(0), Result("new"));
  index_.Trim();  // As after each transaction.
  Answer({{KeyOf(0), Result("old")}});
  ASSERT_THAT(index_.Find(KeyOf(0)), Pointee(SizeIs(1)));
  EXPECT_EQ(index_.Find(KeyOf(0))->front().image_digest, "new");
  // Even where the store was read before it was there.
  index_.Ask(KeyOf(1), job_);
  index_.Add(KeyOf(1), Result("new"));
  index_.Trim();
  Answer({});
  EXPECT_THAT(index_.Find(KeyOf(1)), Pointee(SizeIs(1)));
}

TEST_F(ReuseIndexTest, AnswersFromBeforeAPictureWasMissedAreVoid) {
  index_.Ask(KeyOf(0), job_);
  index_.ForgetResults();
  Answer({{KeyOf(0), Result("gone")}});
  EXPECT_THAT(index_.asked(), IsEmpty());
  EXPECT_THAT(index_.Find(KeyOf(0)), IsNull()) << "it must be asked for again";
  index_.Ask(KeyOf(0), job_);
  Answer({});
  EXPECT_THAT(index_.Find(KeyOf(0)), Pointee(IsEmpty()));
}

TEST_F(ReuseIndexTest, ResultsAreForgottenAndTheirAbsenceIsKept) {
  index_.Ask(KeyOf(0), job_);
  Answer({{KeyOf(0), Result("a")}});
  index_.Trim();
  EXPECT_THAT(index_.Find(KeyOf(0)), IsNull()) << "its picture may go";
  EXPECT_THAT(index_.Find(KeyOf(1)), Pointee(IsEmpty()));
}

TEST_F(ReuseIndexTest, WhatIsKeptWhileSomeAreAskedForHasABound) {
  index_.Ask(KeyOf(0), job_);
  index_.Add(KeyOf(1), Result("new"));
  for (size_t i = 0; i < 2 * ReuseIndex::kMost; ++i) {
    index_.Add(RenderKey("another" + std::to_string(i)), Result("a"));
    index_.Trim();
  }
  Answer({});
  EXPECT_THAT(index_.Find(KeyOf(1)), Pointee(SizeIs(1)))
      << "it was decided on while it was read";
  index_.Ask(RenderKey("another0"), job_);
  EXPECT_THAT(index_.asked(), SizeIs(1)) << "that was forgotten";
}

TEST_F(ReuseIndexTest, FreshJobsAreThoseThatWereAddedAndNotRemoved) {
  EXPECT_EQ(index_.NextFresh(), std::nullopt);
  index_.AddFresh(JobId("a"));
  index_.AddFresh(JobId("b"));
  EXPECT_EQ(index_.NextFresh(), JobId("a"));
  EXPECT_EQ(index_.NextFresh(JobId("a")), JobId("b"));
  EXPECT_EQ(index_.NextFresh(JobId("b")), std::nullopt);
  index_.RemoveFresh(JobId("a"));
  EXPECT_EQ(index_.NextFresh(), JobId("b"));
  index_.RemoveFresh(JobId("b"));
  EXPECT_EQ(index_.NextFresh(), std::nullopt);
}

}  // namespace
}  // namespace atelier
