#include "coordinator/control/recent_jobs.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

JobRecord OneJob(int64_t sequence, size_t spec_bytes = 1) {
  JobRecord job;
  job.id = JobId(absl::StrCat("job", sequence));
  job.sequence = sequence;
  job.spec_bytes = std::string(spec_bytes, 's');
  return job;
}

std::vector<JobRecord> NewestFirst(int64_t last, int64_t first = 1) {
  std::vector<JobRecord> jobs;
  for (int64_t sequence = last; sequence >= first; --sequence) {
    jobs.push_back(OneJob(sequence));
  }
  return jobs;
}

RowChanges Submitted(int64_t sequence) {
  RowChanges changes;
  changes.jobs.push_back({std::nullopt, OneJob(sequence)});
  return changes;
}

RowChanges Ended(int64_t sequence, JobState state = JobState::kSucceeded) {
  JobRecord after = OneJob(sequence, 0);
  after.state = state;
  RowChanges changes;
  changes.jobs.push_back({JobVersion(), after});
  return changes;
}

// "unknown" where the store has to be asked.
std::string Listed(const RecentJobs& jobs, int limit,
                   std::optional<int64_t> before = {}) {
  const auto found = jobs.List(limit, before);
  if (!found.has_value()) return "unknown";
  std::string sequences;
  for (const JobRecord& job : *found) absl::StrAppend(&sequences, job.sequence);
  return sequences;
}

TEST(RecentJobsTest, KnowsNothingUntilItIsLoaded) {
  RecentJobs jobs;
  EXPECT_EQ(Listed(jobs, 1), "unknown");
  jobs.Apply(Submitted(1));
  EXPECT_EQ(Listed(jobs, 1), "unknown");
  EXPECT_FALSE(jobs.Find(JobId("job1")).has_value());
  jobs.LoadOlder({}, /*are_last=*/true);
  EXPECT_EQ(Listed(jobs, 1), "");
  jobs.Clear();
  EXPECT_EQ(Listed(jobs, 1), "unknown");
}

TEST(RecentJobsTest, ListsWhatTheStoreWouldInPages) {
  RecentJobs jobs;
  jobs.LoadOlder(NewestFirst(3), /*are_last=*/true);
  EXPECT_EQ(Listed(jobs, 9), "321");
  EXPECT_EQ(Listed(jobs, 2), "32");
  EXPECT_EQ(Listed(jobs, 2, 2), "1");
  EXPECT_EQ(Listed(jobs, 2, 1), "");
}

TEST(RecentJobsTest, WhatIsBelowItsBoundIsTheStoresToSay) {
  RecentJobs jobs({/*jobs=*/3, /*bytes=*/1 << 20});
  EXPECT_TRUE(jobs.LoadOlder(NewestFirst(9, 8), /*are_last=*/false));
  EXPECT_FALSE(jobs.LoadOlder(NewestFirst(7, 6), /*are_last=*/false));
  EXPECT_EQ(Listed(jobs, 3), "987");
  EXPECT_EQ(Listed(jobs, 4), "unknown");
  EXPECT_EQ(Listed(jobs, 1, 7), "unknown");
  EXPECT_FALSE(jobs.Find(JobId("job6")).has_value());
  jobs.Apply(Ended(6));
  EXPECT_EQ(Listed(jobs, 3), "987") << "an old one stays out";
}

TEST(RecentJobsTest, ANewJobPushesTheOldestOut) {
  RecentJobs jobs({/*jobs=*/2, /*bytes=*/1 << 20});
  jobs.LoadOlder(NewestFirst(1), /*are_last=*/true);
  jobs.Apply(Submitted(2));
  EXPECT_EQ(Listed(jobs, 9), "21");
  jobs.Apply(Submitted(3));
  EXPECT_EQ(Listed(jobs, 2), "32");
  EXPECT_EQ(Listed(jobs, 3), "unknown");
}

TEST(RecentJobsTest, LargeSpecsCountByTheirBytes) {
  RecentJobs jobs({/*jobs=*/10, /*bytes=*/5000});
  EXPECT_FALSE(
      jobs.LoadOlder({OneJob(3, 1000), OneJob(2, 1000), OneJob(1, 9000)},
                     /*are_last=*/true));
  EXPECT_EQ(Listed(jobs, 2), "32");
  EXPECT_EQ(Listed(jobs, 3), "unknown");
}

TEST(RecentJobsTest, AChangeKeepsTheSpecOfTheFirst) {
  RecentJobs jobs;
  jobs.LoadOlder({}, /*are_last=*/true);
  jobs.Apply(Submitted(1));
  jobs.Apply(Ended(1));
  const JobRecord job = jobs.Find(JobId("job1")).value();
  EXPECT_EQ(job.state, JobState::kSucceeded);
  EXPECT_EQ(job.spec_bytes, "s");
}

TEST(RecentJobsTest, TimesAreThoseThatTheStoreKeeps) {
  RecentJobs jobs;
  jobs.LoadOlder({}, /*are_last=*/true);
  RowChanges changes = Submitted(1);
  changes.jobs[0].after.submitted_at = absl::FromUnixNanos(1'234'567);
  jobs.Apply(changes);
  EXPECT_EQ(jobs.Find(JobId("job1"))->submitted_at, absl::FromUnixMicros(1234));
}

TEST(RecentJobsTest, DeletedJobsAreNotListedAndRemovedOnesAreGone) {
  RecentJobs jobs;
  jobs.LoadOlder(NewestFirst(3), /*are_last=*/true);
  jobs.Apply(Ended(2, JobState::kDeleted));
  EXPECT_EQ(Listed(jobs, 9), "31");
  EXPECT_EQ(Listed(jobs, 2), "31");
  EXPECT_EQ(jobs.Find(JobId("job2"))->state, JobState::kDeleted);
  RowChanges removed;
  removed.removed_jobs.push_back({JobId("job2"), JobVersion()});
  jobs.Apply(removed);
  EXPECT_FALSE(jobs.Find(JobId("job2")).has_value());
  EXPECT_EQ(Listed(jobs, 9), "31");
}

}  // namespace
}  // namespace atelier
