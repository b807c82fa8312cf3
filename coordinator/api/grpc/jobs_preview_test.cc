// Jobs.PreviewJob, as its callers see it.
#include <algorithm>
#include <chrono>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "coordinator/api/grpc/caller_fixture_testing.h"
#include "gmock/gmock.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class JobsPreviewTest : public CallerFixture {
 protected:
  void Adjust(ServerOptions& options) override {
    CallerFixture::Adjust(options);
    options.jobs.max_tasks = 2'000'000;
    options.jobs.max_axis_values = 10'000;
  }
  grpc::Status Preview(const v1::PreviewJobRequest& request,
                       v1::PreviewJobResponse* response) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() +
                         std::chrono::seconds(30));
    return jobs_->PreviewJob(&context, request, response);
  }
  v1::PreviewJobResponse MustPreview(const v1::JobSpec& spec, int64_t first = 0,
                                     int size = 0) {
    v1::PreviewJobRequest request;
    *request.mutable_spec() = spec;
    request.set_first_index(first);
    request.set_page_size(size);
    v1::PreviewJobResponse response;
    const grpc::Status status = Preview(request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }
  // Renders the job's tasks; returns the pictures' digests.
  std::vector<std::string> Render(const v1::JobSpec& spec) {
    MustSubmit(spec);
    std::vector<std::string> pictures;
    v1::SynchronizeRequest worker = Worker("anna");
    v1::SynchronizeResponse work;
    EXPECT_TRUE(Sync(worker, &work).ok());
    while (work.start_size() > 0) {
      v1::SynchronizeRequest done = worker;
      *done.add_finished() = Succeeded(work.start(0));
      pictures.push_back(done.finished(0).result().image_digest());
      work.Clear();
      EXPECT_TRUE(Sync(done, &work).ok());
    }
    return pictures;
  }
  static std::string Cached(const v1::PreviewJobResponse& page) {
    std::string cached;
    for (const auto& task : page.tasks())
      cached += task.has_result() ? "x" : "-";
    return cached;
  }
};

v1::JobSpec Iterations(std::vector<int> values) {
  v1::JobSpec spec = SmallJob();
  AddIterationsAxis(spec, std::move(values));
  return spec;
}

TEST_F(JobsPreviewTest, ShowsTheTasksOfAJobWhoseInputsAreNotThere) {
  const v1::PreviewJobResponse page = MustPreview(Iterations({1, 2, 3}));
  EXPECT_EQ(page.task_count(), 3);
  ASSERT_EQ(page.tasks_size(), 3);
  EXPECT_EQ(page.tasks(2).index(), 2);
  EXPECT_THAT(page.tasks(2).labels(), ElementsAre("3"));
  EXPECT_FALSE(page.tasks(2).has_device_time());
  EXPECT_THAT(page.missing_digests(), SizeIs(3));
  PutInputs();
  EXPECT_THAT(MustPreview(Iterations({1})).missing_digests(), IsEmpty());
  grpc::ClientContext context;
  v1::ListJobsResponse jobs;
  EXPECT_TRUE(jobs_->ListJobs(&context, {}, &jobs).ok());
  EXPECT_THAT(jobs.jobs(), IsEmpty());
}

TEST_F(JobsPreviewTest, ResultsCountWhosePictureIsThere) {
  PutInputs();
  const std::vector<std::string> pictures = Render(Iterations({1, 2}));
  ASSERT_THAT(pictures, SizeIs(2));
  const v1::PreviewJobResponse page = MustPreview(Iterations({1, 2, 3}));
  EXPECT_EQ(Cached(page), "xx-");
  EXPECT_TRUE(page.tasks(0).has_device_time());
  EXPECT_EQ(page.tasks(0).device_time().seconds(), 0);
  EXPECT_EQ(page.tasks(0).device_time().nanos(), 0);
  EXPECT_TRUE(page.tasks(2).has_device_time()) << "such were rendered";
  EXPECT_GT(page.tasks(2).device_time().nanos(), 0);

  v1::JobSpec anew = Iterations({1, 2});
  anew.set_no_cache(true);
  EXPECT_EQ(Cached(MustPreview(anew)), "--");

  const BlobKey key{ArtifactKind::kArtifact, pictures[0]};
  ASSERT_TRUE(
      WaitingCatalog(*artifacts_).Remove(key, absl::InfiniteFuture()).ok());
  EXPECT_EQ(Cached(MustPreview(Iterations({1, 2}))), "-x");
}

TEST_F(JobsPreviewTest, APageIsAsLongAsAsked) {
  const v1::JobSpec spec = Iterations({1, 2, 3, 4, 5});
  EXPECT_EQ(MustPreview(spec, 3, 1).tasks(0).index(), 3);
  EXPECT_EQ(MustPreview(spec, 3, 1).tasks_size(), 1);
  EXPECT_EQ(MustPreview(spec, 3, 1000).tasks_size(), 2);
  EXPECT_EQ(MustPreview(spec, 5).tasks_size(), 0);
  EXPECT_EQ(MustPreview(spec, std::numeric_limits<int64_t>::max()).tasks_size(),
            0);
}

TEST_F(JobsPreviewTest, APageOfAMillionTasksIsAPage) {
  v1::JobSpec spec = SmallJob();
  std::vector<int> values(1000);
  for (int i = 0; i < 1000; ++i) values[i] = i + 1;
  AddIterationsAxis(spec, values);
  v1::Axis& seeds = *spec.add_axes();
  seeds.set_name("seed");
  for (int i = 0; i < 1000; ++i) {
    v1::AxisValue& value = *seeds.add_values();
    value.set_label(absl::StrCat(i));
    value.mutable_set()->set_seed(i);
    value.mutable_set()->set_init(v1::INITIALISATION_NOISE);
  }
  const auto begin = std::chrono::steady_clock::now();
  const v1::PreviewJobResponse page = MustPreview(spec, 999'500, 1000);
  EXPECT_EQ(page.task_count(), 1'000'000);
  EXPECT_EQ(page.tasks_size(), 500);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

TEST_F(JobsPreviewTest, WhatASubmitRefusesIsRefusedAlike) {
  PutInputs();
  v1::JobSpec bad = SmallJob();
  bad.mutable_base()->set_iterations(-3);
  v1::JobSpec anothers = SmallJob();
  anothers.set_user("bob");
  v1::JobSpec raised = SmallJob();
  raised.set_priority(5);
  Caller alice{"alice", {Role::kSubmit}};
  alice.accessor = "a11ce";
  Become(alice);
  for (const v1::JobSpec& spec : {bad, anothers, raised}) {
    v1::PreviewJobRequest request;
    *request.mutable_spec() = spec;
    v1::PreviewJobResponse response;
    const grpc::Status previewed = Preview(request, &response);
    v1::Job job;
    const grpc::Status submitted = Submit(spec, &job);
    EXPECT_FALSE(previewed.ok());
    EXPECT_EQ(previewed.error_code(), submitted.error_code());
    EXPECT_EQ(previewed.error_message(), submitted.error_message());
  }
  Become(Caller{"ray", {Role::kRead}});
  v1::PreviewJobRequest request;
  *request.mutable_spec() = SmallJob();
  v1::PreviewJobResponse response;
  const grpc::Status denied = Preview(request, &response);
  EXPECT_EQ(denied.error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_THAT(denied.error_message(), HasSubstr("ray may not preview a job"));
}

}  // namespace
}  // namespace atelier
