// Previews, thumbnails and logs over gRPC: who brings them, who sees them.
#include <string>
#include <utility>

#include "common/rpc/denial.h"
#include "common/rpc/grpc_status.h"
#include "coordinator/api/grpc/caller_fixture_testing.h"
#include "coordinator/control/caller.h"
#include "gmock/gmock.h"

namespace atelier {
namespace {

using ::testing::StartsWith;

const Caller kAnna{"anna", {Role::kSubmit}, "0a1b2c3d4e5f"};
const Caller kWorker{"w", {Role::kWork}, "2a1b2c3d4e5f"};

class PreviewsOverGrpcTest : public CallerFixture {
 protected:
  // A job of Anna's, whose only task w has.
  void SetUp() override {
    CallerFixture::SetUp();
    PutInputs();
    Become(kAnna);
    job_ = MustSubmit(SmallJob()).job_id();
    v1::JobSpec other = SmallJob();
    other.mutable_base()->set_seed(7);
    other_job_ = MustSubmit(other).job_id();
    Become(kWorker);
    v1::SynchronizeResponse response;
    ASSERT_TRUE(Sync(Worker("w"), &response).ok());
    ASSERT_EQ(response.start_size(), 1);
    token_ = response.start(0).token();
    if (response.start(0).job_id() == other_job_) std::swap(job_, other_job_);
  }

  v1::UploadRequest First(const std::string& bytes, v1::ArtifactKind kind) {
    v1::UploadRequest first;
    first.set_digest(HexDigest(bytes));
    first.set_size_bytes(static_cast<int64_t>(bytes.size()));
    first.set_kind(kind);
    first.set_chunk(bytes);
    *first.mutable_attempt() = token_;
    return first;
  }
  absl::Status Bring(const v1::UploadRequest& first) {
    grpc::ClientContext context;
    v1::UploadResponse response;
    const auto stream = files_->Upload(&context, &response);
    stream->Write(first);
    stream->WritesDone();
    return FromGrpc(stream->Finish());
  }
  absl::Status BringThumbnail(const std::string& bytes,
                              const std::string& of_digest, int size_px = 256) {
    v1::UploadRequest first = First(bytes, v1::ARTIFACT_KIND_PREVIEW);
    first.set_thumbnail_of(of_digest);
    first.set_thumbnail_px(size_px);
    return Bring(first);
  }

  // The bytes, or the status.
  std::string Get(v1::DownloadRequest request) {
    grpc::ClientContext context;
    const auto stream = files_->Download(&context, request);
    v1::DownloadResponse message;
    std::string bytes;
    while (stream->Read(&message)) bytes += message.chunk();
    const absl::Status status = FromGrpc(stream->Finish());
    return status.ok() ? bytes : absl::StatusCodeToString(status.code());
  }
  v1::DownloadRequest OfTask(const std::string& digest, v1::ArtifactKind kind) {
    v1::DownloadRequest request;
    request.set_digest(digest);
    request.set_kind(kind);
    request.set_job_id(job_);
    request.set_task_index(0);
    return request;
  }
  // The job's input, in small.
  std::string GetThumbnail(const std::string& of_digest, int size_px = 256) {
    v1::DownloadRequest request;
    request.set_digest(of_digest);
    request.set_job_id(job_);
    request.set_thumbnail_px(size_px);
    return Get(request);
  }

  v1::SynchronizeResponse Tell(const std::string& preview,
                               const std::string& log) {
    v1::SynchronizeRequest request = Worker("w");
    v1::AttemptProgress& running = *request.add_running();
    *running.mutable_token() = token_;
    running.set_iteration(3);
    v1::PicturePreview& one = *running.add_previews();
    one.set_iteration(1);
    one.set_digest(HexDigest("earlier"));
    v1::PicturePreview& last = *running.add_previews();
    last.set_iteration(3);
    last.set_digest(HexDigest(preview));
    running.set_log_digest(HexDigest(log));
    v1::SynchronizeResponse response;
    EXPECT_TRUE(Sync(request, &response).ok());
    return response;
  }
  void End() {
    v1::SynchronizeRequest request = Worker("w");
    v1::Assignment assignment;
    *assignment.mutable_token() = token_;
    Become(AnonymousAdmin());
    *request.add_finished() = Succeeded(assignment);
    v1::TaskResult& result = *request.mutable_finished(0)->mutable_result();
    v1::PicturePreview& one = *result.add_previews();
    one.set_iteration(2);
    one.set_digest(HexDigest("kept"));
    request.mutable_finished(0)->set_log_digest(HexDigest("all of it"));
    v1::SynchronizeResponse response;
    ASSERT_TRUE(Sync(request, &response).ok());
    ASSERT_EQ(response.acknowledged(0).disposition(),
              v1::DISPOSITION_COMMITTED);
  }
  v1::Task Task() {
    grpc::ClientContext context;
    v1::ListTasksRequest request;
    request.set_job_id(job_);
    v1::ListTasksResponse response;
    EXPECT_TRUE(jobs_->ListTasks(&context, request, &response).ok());
    return response.tasks(0);
  }

  std::string job_, other_job_;
  v1::AttemptToken token_;
};

TEST_F(PreviewsOverGrpcTest, OnlyAnAttemptThatRunsBringsThem) {
  for (v1::ArtifactKind kind :
       {v1::ARTIFACT_KIND_PREVIEW, v1::ARTIFACT_KIND_LOG}) {
    SCOPED_TRACE(kind);
    v1::UploadRequest unnamed = First("a", kind);
    unnamed.clear_attempt();
    v1::UploadRequest ended = First("a", kind);
    ended.mutable_attempt()->set_number(99);
    Become(kAnna);
    EXPECT_TRUE(IsDenial(Bring(First("a", kind))));
    for (const Caller& caller : {kWorker, AnonymousAdmin()}) {
      Become(caller);
      EXPECT_TRUE(absl::IsInvalidArgument(Bring(unnamed)));
      EXPECT_TRUE(absl::IsFailedPrecondition(Bring(ended)));
      EXPECT_TRUE(Bring(First("a", kind)).ok());
    }
  }
}

TEST_F(PreviewsOverGrpcTest, EachIsSmall) {
  v1::UploadRequest first = First("a", v1::ARTIFACT_KIND_PREVIEW);
  first.set_size_bytes((1 << 20) + 1);
  EXPECT_EQ(Bring(first).message(),
            "size_bytes: 1048577 is not allowed of a preview; at most 1048576");
  first = First("a", v1::ARTIFACT_KIND_LOG);
  first.set_size_bytes((64 << 10) + 1);
  EXPECT_EQ(Bring(first).message(),
            "size_bytes: 65537 is not allowed of a log; at most 65536");
  EXPECT_TRUE(
      Bring(First(std::string(64 << 10, 'a'), v1::ARTIFACT_KIND_LOG)).ok());
}

TEST_F(PreviewsOverGrpcTest, WhatARunningTaskNamesIsSeenByWhoSeesItsJob) {
  ASSERT_TRUE(Bring(First("small", v1::ARTIFACT_KIND_PREVIEW)).ok());
  ASSERT_TRUE(Bring(First("began", v1::ARTIFACT_KIND_LOG)).ok());
  const v1::DownloadRequest preview =
      OfTask(HexDigest("small"), v1::ARTIFACT_KIND_PREVIEW);
  const v1::DownloadRequest log =
      OfTask(HexDigest("began"), v1::ARTIFACT_KIND_LOG);
  Become(kAnna);
  EXPECT_EQ(Get(preview), "NOT_FOUND") << "it is not told of yet";
  EXPECT_EQ(Get(log), "NOT_FOUND");
  Become(kWorker);
  EXPECT_EQ(Tell("small", "began").preview_every().seconds(), 5);
  Become(kAnna);
  EXPECT_EQ(Get(preview), "small");
  EXPECT_EQ(Get(log), "began");
  const v1::Task task = Task();
  ASSERT_EQ(task.previews_size(), 2);
  EXPECT_EQ(task.previews(1).iteration(), 3);
  EXPECT_EQ(task.previews(1).digest(), HexDigest("small"));
  EXPECT_EQ(task.log_digest(), HexDigest("began"));
  for (v1::DownloadRequest request : {preview, log}) {
    request.set_job_id(other_job_);
    EXPECT_EQ(Get(request), "NOT_FOUND") << "another job's";
    request.set_job_id(job_);
    request.set_task_index(1);
    EXPECT_EQ(Get(request), "NOT_FOUND") << "another task's";
    request.clear_task_index();
    EXPECT_EQ(Get(request), "INVALID_ARGUMENT");
  }
  v1::DownloadRequest as_other = log;
  as_other.set_kind(v1::ARTIFACT_KIND_PREVIEW);
  EXPECT_EQ(Get(as_other), "NOT_FOUND") << "of another kind";
}

TEST_F(PreviewsOverGrpcTest, OnceTheTaskHasEndedItsResultAndAttemptNameThem) {
  ASSERT_TRUE(Bring(First("kept", v1::ARTIFACT_KIND_PREVIEW)).ok());
  ASSERT_TRUE(Bring(First("all of it", v1::ARTIFACT_KIND_LOG)).ok());
  Tell("small", "began");
  End();
  Become(kAnna);
  const v1::Task task = Task();
  EXPECT_EQ(task.previews_size(), 0);
  EXPECT_EQ(task.log_digest(), "");
  ASSERT_EQ(task.result().previews_size(), 1);
  EXPECT_EQ(task.result().previews(0).iteration(), 2);
  grpc::ClientContext context;
  v1::ListAttemptsRequest request;
  request.set_job_id(job_);
  v1::ListAttemptsResponse attempts;
  ASSERT_TRUE(jobs_->ListAttempts(&context, request, &attempts).ok());
  ASSERT_EQ(attempts.attempts_size(), 1);
  EXPECT_EQ(attempts.attempts(0).log_digest(), HexDigest("all of it"));
  EXPECT_EQ(Get(OfTask(HexDigest("kept"), v1::ARTIFACT_KIND_PREVIEW)), "kept");
  EXPECT_EQ(Get(OfTask(HexDigest("all of it"), v1::ARTIFACT_KIND_LOG)),
            "all of it");
}

TEST_F(PreviewsOverGrpcTest, AnInputHasTheThumbnailThatItsAttemptBrings) {
  const std::string input = HexDigest("content");
  Become(kAnna);
  EXPECT_EQ(GetThumbnail(input), "content") << "there is none yet";
  Become(kWorker);
  ASSERT_TRUE(BringThumbnail("tiny", input).ok());
  Become(kAnna);
  EXPECT_EQ(GetThumbnail(input), "tiny");
  EXPECT_EQ(GetThumbnail(input, 128), "content") << "of another size";
  Become(kWorker);
  // Its bytes are there already.
  ASSERT_TRUE(BringThumbnail("tiny", input, 128).ok());
  ASSERT_TRUE(BringThumbnail("newer", input).ok());
  Become(kAnna);
  EXPECT_EQ(GetThumbnail(input, 128), "tiny");
  EXPECT_EQ(GetThumbnail(input), "newer");
  EXPECT_EQ(GetThumbnail(HexDigest("weights of another")), "NOT_FOUND");
}

TEST_F(PreviewsOverGrpcTest, AThumbnailIsOfWhatTheAttemptReadsOrHasBrought) {
  const std::string picture = HexDigest("picture");
  const absl::Status denied = BringThumbnail("tiny", picture);
  EXPECT_TRUE(absl::IsInvalidArgument(denied)) << denied;
  EXPECT_THAT(std::string(denied.message()),
              StartsWith("thumbnail_of: " + picture));
  ASSERT_TRUE(Bring(First("picture", v1::ARTIFACT_KIND_UNSPECIFIED)).ok());
  EXPECT_TRUE(BringThumbnail("tiny", picture).ok());
}

TEST_F(PreviewsOverGrpcTest, AnUploadThatIsNoPreviewIsNoThumbnail) {
  v1::UploadRequest first = First("began", v1::ARTIFACT_KIND_LOG);
  first.set_thumbnail_of(HexDigest("content"));
  first.set_thumbnail_px(128);
  EXPECT_EQ(Bring(first).message(),
            "thumbnail_of: is not allowed of a log; of a preview");
  EXPECT_EQ(BringThumbnail("tiny", HexDigest("content"), 100).message(),
            "thumbnail_px: 100 is not allowed; 128, 256 or 512");
}

TEST_F(PreviewsOverGrpcTest, AThumbnailIsDownloadedWholeAndOfAPicture) {
  Become(AnonymousAdmin());
  v1::DownloadRequest request =
      OfTask(HexDigest("content"), v1::ARTIFACT_KIND_UNSPECIFIED);
  request.set_thumbnail_px(256);
  request.set_offset_bytes(1);
  EXPECT_TRUE(absl::IsInvalidArgument(Download(request)));
  request.set_offset_bytes(0);
  request.set_thumbnail_px(255);
  EXPECT_TRUE(absl::IsInvalidArgument(Download(request)));
  request.set_thumbnail_px(256);
  request.set_kind(v1::ARTIFACT_KIND_LOG);
  EXPECT_EQ(Download(request).message(),
            "thumbnail_px: 256 is not allowed of a log; of a picture");
}

TEST_F(PreviewsOverGrpcTest, WhatIsMalformedIsLeftOutAndTheAttemptGoesOn) {
  v1::SynchronizeRequest request = Worker("w");
  v1::AttemptProgress& running = *request.add_running();
  *running.mutable_token() = token_;
  running.set_iteration(9);
  for (int iteration : {4, 4}) {
    v1::PicturePreview& one = *running.add_previews();
    one.set_iteration(iteration);
    one.set_digest(HexDigest("small"));
  }
  running.set_log_digest("../etc/passwd");
  v1::SynchronizeResponse response;
  ASSERT_TRUE(Sync(request, &response).ok());
  EXPECT_EQ(response.stop_size(), 0);
  Become(kAnna);
  EXPECT_EQ(Task().iteration(), 9);
  EXPECT_EQ(Task().previews_size(), 0) << "iterations do not rise";
  EXPECT_EQ(Task().log_digest(), "");
}

}  // namespace
}  // namespace atelier
