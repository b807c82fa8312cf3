#include "coordinator/control/garbage.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/clock.h"
#include "common/digest.h"
#include "coordinator/artifacts/catalog_testing.h"
#include "coordinator/blobs/blob_call.h"
#include "coordinator/blobs/memory/in_memory_blob_store.h"
#include "coordinator/store/memory/in_memory_store.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

// A spec is stored as the digests that it names.
absl::StatusOr<JobSpec> DecodeDigests(absl::string_view bytes) {
  const std::vector<std::string> digests = absl::StrSplit(bytes, ' ');
  if (digests.size() != 2) return absl::InvalidArgumentError("not two digests");
  JobSpec spec;
  spec.base.weights_digest = digests[0];
  AxisValue value;
  value.set.content_digest = digests[1];
  spec.axes = {{"content", {value}}};
  return spec;
}

class GarbageTest : public testing::Test {
 protected:
  GarbageTest() { EXPECT_TRUE(store_.BeginEpoch().ok()); }

  std::string Put(const std::string& bytes) {
    const absl::Status status = waiting_.Put(bytes);
    EXPECT_TRUE(status.ok()) << status;
    return HexDigest(bytes);
  }
  bool Ask(const std::string& digest) {
    return waiting_.Has({ArtifactKind::kArtifact, digest}).value();
  }
  bool IsThere(const std::string& digest) {
    return artifacts_.Find({ArtifactKind::kArtifact, digest}).ok();
  }

  // A job of one task that named an input, and made a picture.
  void AddJob(const std::string& id, const std::string& input,
              const std::string& picture) {
    RowChanges changes;
    JobRecord& job = changes.jobs.emplace_back().after;
    job.id = JobId(id);
    job.request_id = RequestId(id);
    job.sequence = ++sequence_;
    job.spec_bytes = absl::StrCat(Put("weights"), " ", input);
    job.task_count = job.counts.succeeded = 1;
    TaskRecord& task = changes.tasks.emplace_back().after;
    task.id = {job.id, 0};
    task.state = TaskState::kSucceeded;
    task.result.emplace().image_digest = picture;
    ASSERT_TRUE(store_.Apply(changes).ok());
  }
  void End(const std::string& id) {
    RowChanges changes;
    JobChange& change = changes.jobs.emplace_back();
    change.before.emplace();
    change.after = store_.GetJob(JobId(id)).value();
    change.after.state = JobState::kSucceeded;
    change.after.ended_at = clock_.Now();
    ASSERT_TRUE(store_.Apply(changes).ok());
  }

  GarbageReport Collect(const GarbageOptions& options = {}) {
    using Report = absl::StatusOr<GarbageReport>;
    return AwaitCall<Report>([&](auto done) {
             collector_.Collect(AnonymousAdmin(), options, std::move(done));
           })
        .value();
  }

  FakeClock clock_{absl::FromUnixSeconds(1'000'000)};
  InMemoryBlobStore blobs_;
  InMemoryStore store_;
  ArtifactCatalog artifacts_{blobs_, store_, clock_, {}};
  WaitingCatalog waiting_{artifacts_};
  GarbageCollector collector_{store_, artifacts_, DecodeDigests};
  int64_t sequence_ = 0;
};

TEST_F(GarbageTest, RemovesOnlyWhatNoJobNames) {
  const std::string input = Put("input");
  const std::string picture = Put("picture");
  const std::string stray = Put("stray");
  AddJob("job", input, picture);
  clock_.Advance(kGarbageAge);
  const GarbageReport report = Collect();
  EXPECT_FALSE(IsThere(stray));
  EXPECT_TRUE(IsThere(input));
  EXPECT_TRUE(IsThere(picture));
  EXPECT_TRUE(IsThere(HexDigest("weights")));
  EXPECT_EQ(report.removed_artifacts, 1);
  EXPECT_EQ(report.removed_bytes, 5);
  EXPECT_EQ(report.kept_artifacts, 3);
  EXPECT_EQ(report.kept_bytes, 5 + 7 + 7);
  End("job");
  clock_.Advance(absl::Hours(24 * 365));
  EXPECT_EQ(Collect().removed_artifacts, 0) << "an ended job names them, too";
}

TEST_F(GarbageTest, WhatWasUsedOfLateStays) {
  const std::string stray = Put("stray");
  clock_.Advance(kGarbageAge - absl::Seconds(1));
  EXPECT_EQ(Collect().removed_artifacts, 0);
  EXPECT_TRUE(Ask(stray));  // A submit asks.
  clock_.Advance(kGarbageAge - absl::Seconds(1));
  EXPECT_EQ(Collect().removed_artifacts, 0);
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(Collect().removed_artifacts, 1);
}

TEST_F(GarbageTest, AJobThatEndedLongAgoNamesNothing) {
  const std::string shared = Put("shared");
  const std::string old = Put("old");
  AddJob("old", shared, old);
  AddJob("running", shared, Put("new"));
  End("old");
  clock_.Advance(absl::Hours(48));
  GarbageOptions options;
  options.keep = absl::Hours(48);
  EXPECT_EQ(Collect(options).removed_artifacts, 0);
  clock_.Advance(absl::Microseconds(1));
  EXPECT_EQ(Collect(options).removed_artifacts, 1);
  EXPECT_FALSE(IsThere(old));
  EXPECT_TRUE(IsThere(shared)) << "the other job runs";
}

TEST_F(GarbageTest, TheLongestUnusedGoFirstUntilTheRestFits) {
  const std::string first = Put("1234567");
  clock_.Advance(absl::Minutes(10));
  const std::string second = Put("123456");
  clock_.Advance(absl::Minutes(10));
  const std::string third = Put("12345");
  EXPECT_TRUE(Ask(first));
  clock_.Advance(kGarbageAge);
  GarbageOptions options;
  options.max_bytes = 12;
  options.dry_run = true;
  EXPECT_EQ(Collect(options).removed_bytes, 6);
  EXPECT_TRUE(IsThere(second)) << "it was only asked";
  options.dry_run = false;
  EXPECT_EQ(Collect(options).kept_bytes, 12);
  EXPECT_FALSE(IsThere(second));
  EXPECT_TRUE(IsThere(first));
  EXPECT_TRUE(IsThere(third));
}

TEST_F(GarbageTest, RemovesMoreThanItDoesAtOnce) {
  for (int i = 0; i < 100; ++i) Put(absl::StrCat(i));
  clock_.Advance(kGarbageAge);
  const GarbageReport report = Collect();
  EXPECT_EQ(report.removed_artifacts, 100);
  EXPECT_EQ(report.kept_artifacts, 0);
  EXPECT_EQ(report.kept_bytes, 0);
}

TEST_F(GarbageTest, WhoMayNotIsTold) {
  Caller nobody;
  bool told = false;
  collector_.Collect(nobody, {}, [&](const auto& report) {
    told = absl::IsPermissionDenied(report.status());
  });
  EXPECT_TRUE(told);
}

}  // namespace
}  // namespace atelier
