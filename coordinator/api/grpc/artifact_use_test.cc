// What callers with tokens read and bring over gRPC, and what they learn by it.
#include <string>
#include <utility>

#include "common/rpc/grpc_status.h"
#include "coordinator/api/grpc/caller_fixture_testing.h"
#include "coordinator/api/views/builtin_network.h"
#include "coordinator/control/caller.h"
#include "gmock/gmock.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class ArtifactUseTest : public CallerFixture {
 protected:
  static v1::DownloadRequest Request(const std::string& digest) {
    v1::DownloadRequest request;
    request.set_digest(digest);
    return request;
  }
  // Of a worker, for its attempt.
  absl::Status UploadFor(const v1::AttemptToken& attempt,
                         const std::string& bytes) {
    grpc::ClientContext context;
    v1::UploadResponse response;
    const auto stream = files_->Upload(&context, &response);
    v1::UploadRequest message;
    message.set_digest(HexDigest(bytes));
    message.set_size_bytes(static_cast<int64_t>(bytes.size()));
    message.set_chunk(bytes);
    *message.mutable_attempt() = attempt;
    stream->Write(message);
    stream->WritesDone();
    return FromGrpc(stream->Finish());
  }
  bool IsMissing(const std::string& digest) {
    grpc::ClientContext context;
    v1::FindMissingRequest request;
    request.add_digests(digest);
    v1::FindMissingResponse response;
    EXPECT_TRUE(files_->FindMissing(&context, request, &response).ok());
    return response.missing_size() == 1;
  }
};

class PrivateArtifactUseTest : public ArtifactUseTest {
  void AdjustControl(ControlPlane::Options& options) override {
    options.private_jobs = true;
  }
};

const Caller kAnna{"anna", {Role::kSubmit}, "0a1b2c3d4e5f"};
const Caller kBert{"bert", {Role::kSubmit}, "1a1b2c3d4e5f"};
const Caller kWorker{"w", {Role::kWork}, "2a1b2c3d4e5f"};

TEST_F(ArtifactUseTest, AWorkersRoundGoesByItsAttempt) {
  PutInputs();
  Become(kAnna);
  const std::string id = MustSubmit(SmallJob()).job_id();
  Become(kWorker);
  v1::SynchronizeResponse response;
  ASSERT_TRUE(Sync(Worker("w"), &response).ok());
  const v1::Assignment& assignment = response.start(0);
  v1::DownloadRequest content = Request(HexDigest("content"));
  EXPECT_TRUE(absl::IsInvalidArgument(Download(content)));
  *content.mutable_attempt() = assignment.token();
  EXPECT_TRUE(Download(content).ok());
  EXPECT_TRUE(UploadFor(assignment.token(), "picture").ok());
  EXPECT_TRUE(
      absl::IsInvalidArgument(FromGrpc(Upload(HexDigest("new"), 3, {"new"}))));

  v1::SynchronizeRequest done = Worker("w");
  v1::AttemptReport& report = *done.add_finished();
  *report.mutable_token() = assignment.token();
  report.set_outcome(v1::OUTCOME_SUCCEEDED);
  report.mutable_result()->set_image_digest(HexDigest("picture"));
  report.mutable_result()->set_iterations(assignment.render().iterations());
  report.mutable_result()->set_width_px(32);
  report.mutable_result()->set_height_px(24);
  ASSERT_TRUE(Sync(done, &response).ok());
  EXPECT_TRUE(absl::IsNotFound(Download(content))) << "it has ended";
  EXPECT_TRUE(absl::IsFailedPrecondition(
      UploadFor(done.finished(0).token(), "another")));

  Become(kAnna);
  v1::DownloadRequest picture = Request(HexDigest("picture"));
  EXPECT_TRUE(absl::IsInvalidArgument(Download(picture)));
  picture.set_job_id(id);
  EXPECT_TRUE(absl::IsNotFound(Download(picture))) << "it is no input";
  picture.set_task_index(assignment.task_index());
  EXPECT_TRUE(Download(picture).ok());
}

TEST_F(ArtifactUseTest, AMalformedUseIsNamed) {
  Become(kAnna);
  v1::DownloadRequest request = Request(HexDigest("content"));
  request.set_job_id(std::string(65, 'a'));
  EXPECT_THAT(std::string(Download(request).message()), StartsWith("job_id: "));
  request.clear_job_id();
  request.mutable_attempt()->set_render_key("x");
  EXPECT_THAT(std::string(Download(request).message()),
              StartsWith("attempt.render_key: "));
  EXPECT_THAT(std::string(UploadFor(request.attempt(), "a").message()),
              StartsWith("attempt.render_key: "));
}

TEST_F(PrivateArtifactUseTest, WhatAnotherHasBroughtIsMissing) {
  Become(kAnna);
  PutInputs();
  EXPECT_FALSE(IsMissing(HexDigest("content")));
  Become(kBert);
  EXPECT_TRUE(IsMissing(HexDigest("content")));
  v1::Job job;
  const absl::Status refused = FromGrpc(Submit(SmallJob(), &job));
  EXPECT_TRUE(absl::IsFailedPrecondition(refused)) << refused;
  EXPECT_THAT(std::string(refused.message()), HasSubstr(HexDigest("content")));
  PutInputs();
  EXPECT_FALSE(IsMissing(HexDigest("content")));
  EXPECT_TRUE(Submit(SmallJob(), &job).ok());
}

// Nobody has brought it, and each may use it.
TEST_F(PrivateArtifactUseTest, TheBuiltInNetworkIsThereForJobsAndWorkers) {
  v1::JobSpec spec = SmallJob();
  spec.mutable_base()->set_weights_digest(BuiltinNetworkDigest());
  spec.clear_networks();
  *spec.add_networks() = BuiltinNetworkDescription();
  for (const auto& user : {kAnna, kBert}) {
    Become(user);
    Put("content");
    Put("style");
    MustSubmit(spec);
  }
  Become(kWorker);
  v1::SynchronizeResponse response;
  ASSERT_TRUE(Sync(Worker("w"), &response).ok());
  v1::DownloadRequest request = Request(BuiltinNetworkDigest());
  *request.mutable_attempt() = response.start(0).token();
  EXPECT_TRUE(Download(request).ok());
}

TEST_F(PrivateArtifactUseTest, ADigestIsNotMadeOnesOwnWithoutItsBytes) {
  Become(kAnna);
  Put("secret");
  Become(kBert);
  const std::string digest = HexDigest("secret");
  for (const auto& [size, chunk] : {std::pair<int64_t, std::string>{6, ""},
                                    {6, "guess!"},
                                    {0, ""},
                                    {7, "secret"},
                                    {5, "guess"}}) {
    SCOPED_TRACE(chunk);
    const absl::Status refused = FromGrpc(Upload(digest, size, {chunk}));
    EXPECT_TRUE(absl::IsInvalidArgument(refused)) << refused;
    EXPECT_TRUE(IsMissing(digest));
  }
  EXPECT_TRUE(Upload(digest, 6, {"sec", "ret"}).ok());
  EXPECT_FALSE(IsMissing(digest));
}

}  // namespace
}  // namespace atelier
