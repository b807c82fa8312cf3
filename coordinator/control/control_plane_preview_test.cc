// What a job would be: with the results, the times and the bounds of now.
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "coordinator/control/control_plane.h"
#include "coordinator/control/control_plane_fixture_testing.h"
#include "coordinator/control/device_times.h"
#include "coordinator/control/job_previews.h"
#include "coordinator/state/job_preview.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// As SpecOfTasks, of a content of 512 x 256 pixels: the i-th task has i + 1
// iterations.
JobSpec Sized(const std::string& tasks) {
  JobSpec spec = SpecOfTasks(tasks).value();
  spec.picture_sizes[std::string(64, 'c')] = {512, 256};
  return spec;
}

class ControlPlanePreviewTest : public ControlPlaneTest {
 protected:
  explicit ControlPlanePreviewTest(bool private_jobs = false)
      : ControlPlaneTest(private_jobs) {}

  void Submit(const std::string& request, const std::string& tasks,
              const std::string& user = "") {
    JobSpec spec = Sized(tasks);
    spec.user = user;
    ASSERT_TRUE(control()
                    .Submit(Admin(), RequestId(request), std::move(spec), tasks)
                    .ok());
  }
  // The next task, by a worker which holds its device for so long.
  void Render(absl::Duration held, int iterations, int engine_version = 0) {
    SyncRequest worker = From("w");
    worker.worker.arithmetic = {engine_version, "p"};
    const AttemptToken token = Sync(worker).start.at(0).token;
    cluster_.Advance(held);
    SyncRequest report = Finished(worker, token, Outcome::kSucceeded);
    report.finished[0].result.iterations = iterations;
    report.draining = true;
    Sync(report);
  }
  absl::StatusOr<JobPreview> Preview(JobSpec spec,
                                     const Caller& caller = Admin()) {
    return control().previews().Preview(caller, std::move(spec), 0, 1000);
  }
};

TEST_F(ControlPlanePreviewTest, ExpectsWhatSuchRendersTook) {
  EXPECT_EQ(Preview(Sized("c3"))->tasks.at(0).device_time, std::nullopt);
  Submit("one", "c1");
  Render(absl::Seconds(10), 1);
  const JobPreview page = Preview(Sized("c3")).value();
  EXPECT_EQ(page.task_count, 3);
  ASSERT_THAT(page.tasks, SizeIs(3));
  EXPECT_EQ(page.tasks[1].device_time, absl::Seconds(20)) << "2 iterations";
  EXPECT_EQ(page.tasks[2].device_time, absl::Seconds(30));
  JobSpec other = Sized("c1");
  other.base.style_loss = StyleLoss::kWasserstein;
  EXPECT_EQ(Preview(other)->tasks.at(0).device_time, std::nullopt);
}

TEST_F(ControlPlanePreviewTest, OffersTheResultsThatAssigningWouldTake) {
  Submit("one", "c1");
  Render(absl::Seconds(10), 1, /*engine_version=*/1);
  JobPreview page = Preview(Sized("c2")).value();
  EXPECT_THAT(page.tasks[0].pictures, ElementsAre(std::string(64, 'a')));
  EXPECT_THAT(page.tasks[1].pictures, IsEmpty());
  EXPECT_THAT(PicturesOf(*Preview(Sized("2"))), IsEmpty()) << "no_cache";
  EXPECT_THAT(PicturesOf(*Preview(Sized("cq1"))), IsEmpty()) << "its profile";

  SyncRequest newer = From("v");
  newer.worker.arithmetic = {2, "p"};
  newer.draining = true;
  Sync(newer);
  cluster_.Advance(absl::Minutes(1));  // The older is gone.
  Sync(newer);
  EXPECT_THAT(PicturesOf(*Preview(Sized("c1"))), IsEmpty())
      << "of an older engine";
}

TEST_F(ControlPlanePreviewTest, ChangesNothing) {
  const int64_t rows = control().Counts().rows;
  ASSERT_TRUE(Preview(Sized("c3")).ok());
  EXPECT_EQ(control().Counts().rows, rows);
  EXPECT_EQ(control().Counts().unfinished_jobs, 0);
  EXPECT_THAT(control().ListJobs(Admin(), 10).value(), IsEmpty());
}

TEST_F(ControlPlanePreviewTest, IsForWhoMaySubmit) {
  EXPECT_TRUE(Preview(Sized("c1"), {"alice", {Role::kSubmit}}).ok());
  const absl::Status denied =
      Preview(Sized("c1"), {"ray", {Role::kRead}}).status();
  EXPECT_TRUE(absl::IsPermissionDenied(denied)) << denied;
  EXPECT_THAT(std::string(denied.message()), HasSubstr("preview a job"));
  JobSpec raised = Sized("c1");
  raised.priority = 1;
  EXPECT_TRUE(absl::IsPermissionDenied(
      Preview(raised, {"alice", {Role::kSubmit}}).status()));
}

TEST_F(ControlPlanePreviewTest, IsWithinTheQuotaOfASubmit) {
  QuotaUpdate update;
  update.user = "ann";
  update.max_queued_tasks = 2;
  ASSERT_TRUE(control().quotas().Set(Admin(), update).ok());
  JobSpec spec = Sized("c3");
  spec.user = "ann";
  const absl::Status previewed = Preview(spec).status();
  const absl::Status submitted =
      control().Submit(Admin(), RequestId("r"), spec, "c3").status();
  EXPECT_TRUE(absl::IsResourceExhausted(previewed)) << previewed;
  EXPECT_EQ(previewed.message(), submitted.message());
}

TEST_F(ControlPlanePreviewTest, WhatWasRenderedBeforeIsReadFromTheStore) {
  Submit("one", "c1");
  SyncRequest worker = From("w");
  const AttemptToken token = Sync(worker).start.at(0).token;
  cluster_.Advance(absl::Seconds(10));
  SyncRequest report = Finished(worker, token, Outcome::kSucceeded);
  report.finished[0].result.iterations = 1;
  report.finished[0].result.elapsed = absl::Seconds(9);
  Sync(report);

  DeviceTimes times;
  int decoded = 0;
  const auto decode = [&](const JobRecord& job)
      -> absl::StatusOr<std::shared_ptr<const JobSpec>> {
    ++decoded;
    return std::make_shared<const JobSpec>(Sized(job.spec_bytes));
  };
  std::vector<TaskPreview> tasks = PreviewTasks(Sized("c2"), 0, 2, {}).tasks;
  times.Fill("", tasks);
  EXPECT_EQ(tasks[0].device_time, std::nullopt);
  ASSERT_TRUE(times.LoadHistory(cluster_.store(), decode, {}).ok());
  ASSERT_TRUE(times.LoadHistory(cluster_.store(), decode, {}).ok());
  EXPECT_EQ(decoded, 1) << "once";
  times.Fill("", tasks);
  EXPECT_EQ(tasks[1].device_time, absl::Seconds(18));
}

TEST_F(ControlPlanePreviewTest, SpecsThatCannotBeReadHaveNoTimes) {
  Submit("one", "c1");
  DeviceTimes times;
  EXPECT_TRUE(times
                  .LoadHistory(cluster_.store(),
                               [](const JobRecord&) {
                                 return absl::InternalError("can't be read");
                               },
                               {})
                  .ok());
}

class ControlPlanePrivatePreviewTest : public ControlPlanePreviewTest {
 protected:
  ControlPlanePrivatePreviewTest() : ControlPlanePreviewTest(true) {}
};

TEST_F(ControlPlanePrivatePreviewTest, NothingIsLearnedOfOthers) {
  Submit("one", "c1", "ann");
  Render(absl::Seconds(10), 1);
  JobSpec spec = Sized("c1");
  spec.user = "bob";
  JobPreview bobs = Preview(spec).value();
  EXPECT_THAT(PicturesOf(bobs), IsEmpty());
  EXPECT_EQ(bobs.tasks[0].device_time, std::nullopt);
  spec.user = "ann";
  JobPreview anns = Preview(spec).value();
  EXPECT_THAT(PicturesOf(anns), SizeIs(1));
  EXPECT_EQ(anns.tasks[0].device_time, absl::Seconds(10));
}

}  // namespace
}  // namespace atelier
