// Jobs in which terms are absent or pictures are not what they are said to be:
// they end, and the worker lives.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "grpcpp/client_context.h"
#include "gtest/gtest.h"
#include "tests/testing/cluster.h"
#include "tests/testing/cluster_jobs.h"
#include "tests/testing/samples.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;

std::string Ablation(const std::string& more) {
  return absl::StrCat(
      "name: ablation\nbase:\n  content: ", SamplePath("content"),
      "\n  style: ", SamplePath("style"), "\n  size: 96\n  iterations: 5\n",
      more,
      "axes:\n- name: term\n  values:\n"
      "  - {label: both, seed: 0}\n"
      "  - {label: content, style_weight: 0}\n"
      "  - {label: style, content_weight: 0}\n"
      "  - {label: smooth, style_weight: 0, content_weight: 0, tv_weight: 1}\n"
      "  - {label: no layers, style_layers: none, content_layers: none, "
      "tv_weight: 1}\n");
}

TEST(AblationTest, EveryTermAloneRendersOnEveryBackend) {
  Cluster cluster;
  for (const char* backend : {"auto", "reference"}) {
    cluster.StartWorker(backend, {"--backend", backend, "--tag", backend});
  }
  for (const char* backend : {"auto", "reference"}) {
    for (const char* more : {"", "  init: noise\n  scales: 3\n"}) {
      SCOPED_TRACE(absl::StrCat(backend, " ", more));
      const std::string job_id =
          Submit(cluster,
                 absl::StrCat(Ablation(more), "no_cache: true\nworker_tags: [",
                              backend, "]\n"));
      const v1::Job job = WatchToItsEnd(cluster, job_id);
      EXPECT_EQ(job.state(), v1::JOB_STATE_SUCCEEDED) << job.message();
      EXPECT_EQ(job.tasks().succeeded(), 5);
    }
  }
  EXPECT_EQ(cluster.Metric("atelier_workers"), 2) << "one has died";
}

// A client that says what it likes of a picture's size.
TEST(DescribedSizeTest, APictureOfAnotherSizeFailsItsTaskAndNothingElse) {
  Cluster cluster;
  const std::string honest = Submit(cluster, SweepOfSeeds(1, 64, 2));
  const auto stub = v1::Jobs::NewStub(cluster.Connect());
  v1::Job job;
  {
    grpc::ClientContext context;
    v1::GetJobRequest request;
    request.set_job_id(honest);
    ASSERT_TRUE(stub->GetJob(&context, request, &job).ok());
  }
  v1::SubmitJobRequest request;
  request.set_request_id("0123456789abcdef");
  *request.mutable_spec() = job.spec();
  request.mutable_spec()->mutable_base()->set_size_px(0);
  for (v1::ImageDescription& image :
       *request.mutable_spec()->mutable_images()) {
    image.set_width_px(64);
    image.set_height_px(48);
  }
  v1::Job lie;
  {
    grpc::ClientContext context;
    const grpc::Status status = stub->SubmitJob(&context, request, &lie);
    ASSERT_TRUE(status.ok()) << status.error_message();
  }
  cluster.StartWorker("w");
  lie = WatchToItsEnd(cluster, lie.job_id());
  EXPECT_EQ(lie.state(), v1::JOB_STATE_FAILED);
  EXPECT_THAT(lie.message(), HasSubstr("the content: picture is "));
  EXPECT_THAT(lie.message(), HasSubstr("the job describes it as 64 x 48 px"));
  EXPECT_EQ(WatchToItsEnd(cluster, honest).state(), v1::JOB_STATE_SUCCEEDED);
}

}  // namespace
}  // namespace atelier
