// What callers see of artifacts that went bad, and how they heal.
#include <algorithm>
#include <string>

#include "coordinator/api/grpc/service_fixture_testing.h"
#include "coordinator/blobs/directory/damaged_files_testing.h"
#include "gmock/gmock.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ArtifactDamageTest : public ServiceFixture {
 protected:
  std::string Path(const std::string& digest) {
    return ArtifactPath(folder_ + "/artifacts", digest);
  }
  grpc::Status Download(const std::string& digest, std::string& bytes) {
    grpc::ClientContext context;
    v1::DownloadRequest request;
    request.set_digest(digest);
    const auto stream = files_->Download(&context, request);
    v1::DownloadResponse message;
    bytes.clear();
    while (stream->Read(&message)) bytes += message.chunk();
    return stream->Finish();
  }
  bool IsMissing(const std::string& digest) {
    grpc::ClientContext context;
    v1::FindMissingRequest request;
    request.add_digests(digest);
    v1::FindMissingResponse response;
    EXPECT_TRUE(files_->FindMissing(&context, request, &response).ok());
    return response.missing_size() == 1;
  }
  // A job of two tasks, rendered.
  v1::Job Rendered() {
    PutInputs();
    v1::JobSpec spec = SmallJob();
    AddIterationsAxis(spec, {1, 2});
    const v1::Job job = MustSubmit(spec);
    RenderAll();
    return job;
  }
  void RenderAll() {
    v1::SynchronizeRequest request = Worker("w");
    while (true) {
      v1::SynchronizeResponse response;
      ASSERT_TRUE(Sync(request, &response).ok());
      request.clear_finished();
      if (response.start().empty()) return;
      for (const v1::Assignment& one : response.start()) {
        *request.add_finished() = Succeeded(one);
      }
    }
  }
  grpc::Status Repair(const std::string& job_id, std::vector<int64_t> indices,
                      v1::RepairJobResponse* response) {
    grpc::ClientContext context;
    v1::RepairJobRequest request;
    request.set_job_id(job_id);
    request.mutable_task_indices()->Assign(indices.begin(), indices.end());
    return jobs_->RepairJob(&context, request, response);
  }
  static std::string Picture(int task) {
    return HexDigest(absl::StrCat("picture of task ", task));
  }
};

TEST_F(ArtifactDamageTest, ATrueUploadOverADamagedFileReplacesIt) {
  const std::string bytes(600'000, 'a');
  for (const Damage& damage : VisibleDamages()) {
    SCOPED_TRACE(damage.name);
    const std::string digest = Put(bytes);
    damage.apply(Path(digest));
    Put(bytes);
    std::string got;
    EXPECT_TRUE(Download(digest, got).ok());
    EXPECT_EQ(got, bytes);
  }
}

TEST_F(ArtifactDamageTest, WhatIsDamagedIsMissing) {
  for (const Damage& damage : VisibleDamages()) {
    SCOPED_TRACE(damage.name);
    const std::string digest = Put("some bytes");
    EXPECT_FALSE(IsMissing(digest));
    damage.apply(Path(digest));
    EXPECT_TRUE(IsMissing(digest));
  }
}

TEST_F(ArtifactDamageTest, ADownloadNeverEndsWellWithOtherBytes) {
  const std::string bytes(600'000, 'a');
  for (const Damage& damage : AllDamages()) {
    SCOPED_TRACE(damage.name);
    const std::string digest = Put(bytes);
    damage.apply(Path(digest));
    std::string got;
    EXPECT_FALSE(Download(digest, got).ok());
    EXPECT_LT(got.size(), bytes.size());
    EXPECT_EQ(Download(digest, got).error_code(), grpc::StatusCode::NOT_FOUND);
  }
  const std::string digest = Put(bytes);
  FlipABit(Path(digest));
  std::string got;
  const grpc::Status status = Download(digest, got);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::DATA_LOSS);
  EXPECT_THAT(status.error_message(), HasSubstr(digest));
}

TEST_F(ArtifactDamageTest, AJobOverADamagedInputIsRefusedUntilItIsBrought) {
  PutInputs();
  std::filesystem::resize_file(Path(HexDigest("style")), 0);
  v1::Job job;
  const grpc::Status status = Submit(SmallJob(), &job);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_THAT(status.error_message(), HasSubstr(HexDigest("style")));
  Put("style");
  EXPECT_TRUE(Submit(SmallJob(), &job).ok());
}

TEST_F(ArtifactDamageTest, ARepairRendersTheLostPicturesAndNoOthers) {
  const v1::Job job = Rendered();
  v1::RepairJobResponse response;
  ASSERT_TRUE(Repair(job.job_id(), {0, 1}, &response).ok());
  EXPECT_THAT(response.queued_indices(), IsEmpty());
  EXPECT_EQ(response.job().state(), v1::JOB_STATE_SUCCEEDED);

  FlipABit(Path(Picture(1)));
  ASSERT_TRUE(Repair(job.job_id(), {0, 1}, &response).ok());
  EXPECT_THAT(response.queued_indices(), ElementsAre(1));
  EXPECT_EQ(response.job().tasks().succeeded(), 1);
  EXPECT_EQ(response.job().tasks().queued(), 1);
  RenderAll();
  v1::Job ended;
  ASSERT_TRUE(Get(job.job_id(), &ended).ok());
  EXPECT_EQ(ended.state(), v1::JOB_STATE_SUCCEEDED);
  std::string got;
  EXPECT_TRUE(Download(Picture(1), got).ok());
  EXPECT_EQ(got, "picture of task 1");
}

TEST_F(ArtifactDamageTest, BoundsARepair) {
  const v1::Job job = Rendered();
  const std::vector<std::pair<std::vector<int64_t>, const char*>> cases = {
      {{}, "task_indices: 0 given; from 1 to 1000"},
      {std::vector<int64_t>(1001, 0), "task_indices: 1001 given"},
      {{0, 2}, "task_indices: from 0 to 2 given"},
      {{-1}, "task_indices: from -1 to -1 given"},
  };
  v1::RepairJobResponse response;
  for (const auto& [indices, message] : cases) {
    const grpc::Status status = Repair(job.job_id(), indices, &response);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_THAT(status.error_message(), HasSubstr(message));
  }
  EXPECT_EQ(Repair("no-such-job", {0}, &response).error_code(),
            grpc::StatusCode::NOT_FOUND);
}

TEST_F(ArtifactDamageTest, ADamagedResultIsNotReused) {
  Rendered();
  std::filesystem::resize_file(Path(Picture(0)), 3);
  v1::JobSpec spec = SmallJob();
  AddIterationsAxis(spec, {1, 2});
  const v1::Job again = MustSubmit(spec);
  RenderAll();
  v1::Job ended;
  ASSERT_TRUE(Get(again.job_id(), &ended).ok());
  EXPECT_EQ(ended.state(), v1::JOB_STATE_SUCCEEDED);
  EXPECT_EQ(control_->Counts().decisions.tasks_reused, 1);
  std::string got;
  EXPECT_TRUE(Download(Picture(0), got).ok()) << "the next render brought it";
}

}  // namespace
}  // namespace atelier
