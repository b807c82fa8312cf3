#include "coordinator/api/grpc/artifacts_service.h"

#include "coordinator/api/grpc/service_fixture_testing.h"
#include "gmock/gmock.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ArtifactsServiceTest : public ServiceFixture {
 protected:
  grpc::Status Download(const std::string& digest, int64_t offset,
                        std::string* bytes, int64_t* size_bytes,
                        v1::ArtifactKind kind = v1::ARTIFACT_KIND_UNSPECIFIED) {
    grpc::ClientContext context;
    v1::DownloadRequest request;
    request.set_digest(digest);
    request.set_offset_bytes(offset);
    request.set_kind(kind);
    const auto stream = files_->Download(&context, request);
    v1::DownloadResponse message;
    while (stream->Read(&message)) {
      if (message.size_bytes() != 0) *size_bytes = message.size_bytes();
      EXPECT_LE(message.chunk().size(), size_t{256} << 10);
      *bytes += message.chunk();
    }
    return stream->Finish();
  }
};

TEST_F(ArtifactsServiceTest, GivesBackWhatWasUploadedInChunks) {
  const std::string first(700'000, 'a'), second(300'000, 'b');
  const std::string digest = HexDigest(first + second);
  ASSERT_TRUE(Upload(digest, 1'000'000, {first, second}).ok());

  std::string bytes;
  int64_t size = 0;
  ASSERT_TRUE(Download(digest, 0, &bytes, &size).ok());
  EXPECT_EQ(bytes, first + second);
  EXPECT_EQ(size, 1'000'000);
}

TEST_F(ArtifactsServiceTest, KeepsKindsApart) {
  const std::string digest = Put("state", v1::ARTIFACT_KIND_CHECKPOINT);
  std::string bytes;
  int64_t size = 0;
  EXPECT_EQ(Download(digest, 0, &bytes, &size).error_code(),
            grpc::StatusCode::NOT_FOUND);
  EXPECT_TRUE(
      Download(digest, 0, &bytes, &size, v1::ARTIFACT_KIND_CHECKPOINT).ok());
  EXPECT_EQ(bytes, "state");
  EXPECT_FALSE(Has(digest));

  const auto unknown = static_cast<v1::ArtifactKind>(7);
  EXPECT_EQ(Upload(digest, 5, {"state"}, unknown).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(Download(digest, 0, &bytes, &size, unknown).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(ArtifactsServiceTest, ResumesAtAnOffsetAndEndsAtTheEnd) {
  const std::string digest = Put("0123456789");
  std::string bytes;
  int64_t size = 0;
  ASSERT_TRUE(Download(digest, 7, &bytes, &size).ok());
  EXPECT_EQ(bytes, "789");
  bytes.clear();
  ASSERT_TRUE(Download(digest, 10, &bytes, &size).ok());
  EXPECT_EQ(bytes, "");
  EXPECT_EQ(size, 10);
  EXPECT_EQ(Download(digest, 11, &bytes, &size).error_code(),
            grpc::StatusCode::OUT_OF_RANGE);
}

TEST_F(ArtifactsServiceTest, RefusesBytesThatAreNotWhatWasAnnounced) {
  const std::string digest = HexDigest("announced");
  const grpc::Status status = Upload(digest, 9, {"different"});
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr(digest));
  EXPECT_EQ(Upload(digest, 5, {"announced"}).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_FALSE(Has(digest));
}

TEST_F(ArtifactsServiceTest, TakesTheSameArtifactTwice) {
  Put("twice");
  Put("twice");
}

TEST_F(ArtifactsServiceTest, RefusesWhatIsTooLarge) {
  EXPECT_EQ(Upload(HexDigest("x"), (4 << 20) + 1, {}).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(Upload(HexDigest("x"), 1 << 20, {std::string((1 << 20) + 1, 'x')})
                .error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(ArtifactsServiceTest, RefusesAnUploadWithoutADigest) {
  EXPECT_EQ(Upload("", 1, {"x"}).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(ArtifactsServiceTest, SaysWhatIsMissingInTheOrderGiven) {
  const std::string known = Put("known");
  grpc::ClientContext context;
  v1::FindMissingRequest request;
  for (const std::string& digest : {HexDigest("b"), known, HexDigest("a")}) {
    request.add_digests(digest);
  }
  v1::FindMissingResponse response;
  ASSERT_TRUE(files_->FindMissing(&context, request, &response).ok());
  EXPECT_THAT(response.missing(), ElementsAre(HexDigest("b"), HexDigest("a")));
}

TEST_F(ArtifactsServiceTest, BoundsAndChecksTheDigestsAskedFor) {
  v1::FindMissingRequest request;
  request.add_digests("nonsense");
  v1::FindMissingResponse response;
  {
    grpc::ClientContext context;
    const grpc::Status status =
        files_->FindMissing(&context, request, &response);
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
    EXPECT_THAT(status.error_message(), HasSubstr("digests[0]: 'nonsense'"));
  }
  for (int i = 0; i < 1000; ++i) request.add_digests(HexDigest("x"));
  grpc::ClientContext context;
  EXPECT_EQ(files_->FindMissing(&context, request, &response).error_code(),
            grpc::StatusCode::INVALID_ARGUMENT);
}

TEST_F(ArtifactsServiceTest, SaysNotFoundForWhatItLacks) {
  std::string bytes;
  int64_t size = 0;
  EXPECT_EQ(Download(HexDigest("absent"), 0, &bytes, &size).error_code(),
            grpc::StatusCode::NOT_FOUND);
}

TEST_F(ArtifactsServiceTest, CountsWhatGoesInAndOut) {
  const std::string digest = Put("counted");
  std::string bytes;
  int64_t size = 0;
  ASSERT_TRUE(Download(digest, 3, &bytes, &size).ok());
  const std::string page = metrics_.Text({});
  EXPECT_THAT(page, HasSubstr("atelier_artifact_uploads_total 1"));
  EXPECT_THAT(page, HasSubstr("atelier_artifact_uploaded_bytes_total 7"));
  EXPECT_THAT(page, HasSubstr("atelier_artifact_downloaded_bytes_total 4"));
  EXPECT_THAT(page, HasSubstr("atelier_rpcs_total{code=\"OK\",method="
                              "\"/atelier.v1.Artifacts/Upload\"} 1"));
}

}  // namespace
}  // namespace atelier
