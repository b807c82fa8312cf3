#include "coordinator/api/http/artifact_route.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/digest.h"
#include "coordinator/api/http/api_fixture_testing.h"
#include "coordinator/artifacts/catalog_testing.h"
#include "coordinator/artifacts/thumbnails.h"
#include "coordinator/blobs/blob_call.h"
#include "gmock/gmock.h"

namespace atelier {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr char kPng[] = "\x89PNG\r\n\x1a\n";

class ArtifactRouteTest : public ApiFixture {
 protected:
  std::string Put(const std::string& bytes,
                  ArtifactKind kind = ArtifactKind::kArtifact) {
    EXPECT_TRUE(WaitingCatalog(artifacts_).Put(bytes, kind).ok());
    return HexDigest(bytes);
  }
  void SetThumbnail(const std::string& of, int size_px,
                    const std::string& digest) {
    EXPECT_TRUE(AwaitCall<absl::Status>([&](BlobDone done) {
                  RecordThumbnail(artifacts_, {of, size_px, digest}, done);
                }).ok());
  }
  static std::string Path(const std::string& digest,
                          const std::string& query = "") {
    return absl::StrCat("/api/v1/artifacts/", digest, query);
  }
};

TEST_F(ArtifactRouteTest, StreamsAPictureThatIsKeptForEver) {
  const std::string bytes = kPng + std::string(1'000'000, 'x');
  const HttpAnswer answer = Get(Path(Put(bytes)));
  EXPECT_EQ(answer.code, 200);
  EXPECT_EQ(answer.body, bytes);
  EXPECT_THAT(
      answer.head,
      AllOf(HasSubstr("Content-Type: image/png\r\n"),
            HasSubstr("Cache-Control: private, max-age=31536000, immutable"),
            HasSubstr("X-Content-Type-Options: nosniff"),
            HasSubstr("Content-Security-Policy: default-src 'none'; sandbox"),
            Not(HasSubstr("Content-Disposition")), Not(HasSubstr("no-store"))));
  EXPECT_EQ(sent_bytes_, static_cast<int64_t>(bytes.size()));
}

TEST_F(ArtifactRouteTest, WhatIsNoPictureIsNotShown) {
  const std::string html = "<script>alert(1)</script>";
  const HttpAnswer answer = Get(Path(Put(html)));
  EXPECT_EQ(answer.body, html);
  EXPECT_THAT(answer.head,
              AllOf(HasSubstr("Content-Type: application/octet-stream"),
                    HasSubstr("Content-Disposition: attachment")));
}

TEST_F(ArtifactRouteTest, KnowsTheFilesThatBrowsersShow) {
  EXPECT_EQ(ContentTypeOf("\xff\xd8\xff\xe0"), "image/jpeg");
  EXPECT_EQ(ContentTypeOf("RIFF1234WEBPVP8 "), "image/webp");
  EXPECT_EQ(ContentTypeOf("RIFF1234WAVEfmt "), "application/octet-stream");
  EXPECT_EQ(ContentTypeOf(""), "application/octet-stream");
  EXPECT_EQ(ContentTypeOf("<svg>"), "application/octet-stream");
}

TEST_F(ArtifactRouteTest, AnEmptyFileIsOne) {
  const HttpAnswer answer = Get(Path(Put("")));
  EXPECT_EQ(answer.code, 200);
  EXPECT_EQ(answer.body, "");
}

TEST_F(ArtifactRouteTest, HeadSaysTheSameWithoutTheBytes) {
  const std::string path = Path(Put(kPng));
  HttpClient client(server_->listening());
  const HttpAnswer head = client.Ask({"HEAD", path});
  EXPECT_EQ(head.code, 200);
  EXPECT_THAT(head.head, HasSubstr("Content-Type: image/png"));
  EXPECT_EQ(client.Get(path).body, kPng) << "the connection goes on";
}

TEST_F(ArtifactRouteTest, IsReadForAJobThatNamesIt) {
  Put("content");
  const std::string id = Submit();
  ComeAs(Caller{"reader", {Role::kRead}});
  const std::string path = Path(HexDigest("content"));
  EXPECT_EQ(Get(path).code, 400) << "no job is named";
  EXPECT_EQ(Get(path + "?job_id=" + id).body, "content");
  EXPECT_EQ(Get(path + "?job_id=other").code, 404);
  EXPECT_EQ(Get(path + "?task_index=0&job_id=" + id).code, 404)
      << "it is no task's picture";
  const std::string secret = Put("another's");
  EXPECT_EQ(Get(Path(secret) + "?job_id=" + id).code, 404);
}

TEST_F(ArtifactRouteTest, RefusesWithTheFieldAndWhatIsAllowed) {
  EXPECT_EQ(Get(Path(HexDigest("absent"))).code, 404);
  EXPECT_THAT(Get(Path("abc")).body, HasSubstr("digest: 'abc' is not"));
  const std::string path = Path(HexDigest("content"));
  EXPECT_THAT(Get(path + "?task_index=-1").body, HasSubstr("task_index: -1"));
  EXPECT_THAT(Get(path + "?offset_bytes=1").body, HasSubstr("offset_bytes: "));
  EXPECT_THAT(Get(path + "?kind=1").body, HasSubstr("kind: '1' is not"));
  EXPECT_THAT(Get(path + "?kind=ARTIFACT_KIND_CHECKPOINT").body,
              HasSubstr("kind: ARTIFACT_KIND_CHECKPOINT is not allowed here"));
  EXPECT_THAT(Get(path + "?thumbnail_px=100").body,
              HasSubstr("thumbnail_px: 100 is not allowed; 128, 256 or 512"));
  EXPECT_THAT(Get(path + "?thumbnail_px=128&kind=ARTIFACT_KIND_LOG").body,
              HasSubstr("thumbnail_px: 128 is not allowed of a log"));
  EXPECT_THAT(Get(path + "?size=1").body, HasSubstr("'size': there is no"));
}

TEST_F(ArtifactRouteTest, AThumbnailComesInThePlaceOfItsPicture) {
  const std::string picture = kPng + std::string(1000, 'x');
  const std::string small = std::string("\xff\xd8\xff") + "small";
  const std::string path = Path(Put(picture)) + "?thumbnail_px=256";
  const HttpAnswer instead = Get(path);
  EXPECT_EQ(instead.body, picture) << "there is none yet";
  EXPECT_THAT(instead.head,
              AllOf(HasSubstr("Cache-Control: private, max-age=60\r\n"),
                    HasSubstr("Content-Type: image/png")));
  SetThumbnail(HexDigest(picture), 256, Put(small, ArtifactKind::kPreview));
  const HttpAnswer thumbnail = Get(path);
  EXPECT_EQ(thumbnail.body, small);
  EXPECT_THAT(
      thumbnail.head,
      AllOf(HasSubstr("Cache-Control: private, max-age=31536000, immutable"),
            HasSubstr("Content-Type: image/jpeg"),
            HasSubstr("X-Content-Type-Options: nosniff")));
  EXPECT_EQ(Get(Path(HexDigest(picture)) + "?thumbnail_px=128").body, picture);
  EXPECT_EQ(Get(Path(HexDigest(picture))).body, picture);
}

TEST_F(ArtifactRouteTest, AThumbnailIsSeenByWhoSeesItsPicture) {
  Put("content");
  const std::string small = Put("small", ArtifactKind::kPreview);
  SetThumbnail(HexDigest("content"), 128, small);
  const std::string id = Submit();
  ComeAs(Caller{"reader", {Role::kRead}});
  const std::string query = "?thumbnail_px=128";
  const std::string path = Path(HexDigest("content")) + query;
  EXPECT_EQ(Get(path).code, 400) << "no job is named";
  EXPECT_EQ(Get(path + "&job_id=" + id).body, "small");
  EXPECT_EQ(Get(path + "&job_id=other").code, 404);
  EXPECT_EQ(Get(Path(Put("another's")) + query + "&job_id=" + id).code, 404);
  EXPECT_EQ(Get(Path(small) + "?job_id=" + id).code, 404) << "by its digest";
}

TEST_F(ArtifactRouteTest, ALogIsText) {
  const std::string html = "<script>alert(1)</script>\n";
  const std::string query = "?kind=ARTIFACT_KIND_LOG";
  const HttpAnswer answer = Get(Path(Put(html, ArtifactKind::kLog)) + query);
  EXPECT_EQ(answer.code, 200);
  EXPECT_EQ(answer.body, html);
  EXPECT_THAT(
      answer.head,
      AllOf(HasSubstr("Content-Type: text/plain; charset=utf-8\r\n"),
            HasSubstr("X-Content-Type-Options: nosniff"),
            HasSubstr("default-src 'none'; sandbox"), HasSubstr("immutable"),
            Not(HasSubstr("Content-Disposition"))));
  EXPECT_EQ(Get(Path(HexDigest(html))).code, 404) << "of another kind";
}

TEST_F(ArtifactRouteTest, WhatNoTaskNamesIsNoPreview) {
  const std::string small = Put(kPng, ArtifactKind::kPreview);
  const std::string path = Path(small) + "?kind=ARTIFACT_KIND_PREVIEW";
  EXPECT_EQ(Get(path).body, kPng) << "an admin's";
  const std::string id = Submit();
  ComeAs(Caller{"reader", {Role::kRead}});
  EXPECT_EQ(Get(path).code, 400);
  EXPECT_EQ(Get(path + "&job_id=" + id).code, 400);
  EXPECT_EQ(Get(path + "&task_index=0&job_id=" + id).code, 404);
}

TEST_F(ArtifactRouteTest, WhatIsDamagedIsBrokenOff) {
  const std::string bytes = kPng + std::string(1'000'000, 'x');
  const std::string digest = Put(bytes);
  blobs_.Rot(KeyOf(bytes));
  const HttpAnswer answer = Get(Path(digest));
  EXPECT_EQ(answer.code, 0) << "nobody keeps it for whole";
  EXPECT_LT(answer.body.size(), bytes.size());
  EXPECT_EQ(Get(Path(digest)).code, 404);
}

TEST_F(ArtifactRouteTest, ATokenThatEndsEndsItsDownload) {
  const auto has_ended = std::make_shared<std::atomic<bool>>(true);
  Caller caller = AnonymousAdmin();
  caller.has_ended = has_ended;
  ComeAs(caller);
  EXPECT_EQ(Get(Path(Put(kPng))).code, 401);
}

TEST_F(ArtifactRouteTest, ACallerThatIsGoneHoldsNothing) {
  const std::string digest = Put(std::string(8 << 20, 'x'));
  {
    HttpClient client(server_->listening());
    ASSERT_TRUE(client.Send(
        absl::StrCat("GET ", Path(digest), " HTTP/1.1\r\nHost: a\r\n\r\n")));
    client.ReadUntil("\r\n\r\n");
  }
  EXPECT_EQ(Get(Path(digest)).body.size(), size_t{8} << 20);
}

}  // namespace
}  // namespace atelier
