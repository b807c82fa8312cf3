// Bytes that come over HTTP: what is stored, what is refused, and what is left
// of those that do not come to an end.
#include "coordinator/api/http/artifact_upload_route.h"

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "common/digest.h"
#include "coordinator/api/http/api_fixture_testing.h"
#include "coordinator/artifacts/catalog_testing.h"
#include "gmock/gmock.h"

namespace atelier {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr size_t kPieceBytes = size_t{256} << 10;
constexpr size_t kLarge = 3 * kPieceBytes;

std::string Path(const std::string& digest) {
  return absl::StrCat("/api/v1/artifacts/", digest);
}
std::string Head(const std::string& digest, const std::string& headers) {
  return absl::StrCat("PUT ", Path(digest), " HTTP/1.1\r\nHost: localhost\r\n",
                      headers, "\r\n");
}
std::string HeadOf(const std::string& bytes, const std::string& headers = "") {
  return Head(HexDigest(bytes),
              absl::StrCat("Content-Length: ", bytes.size(), "\r\n", headers));
}

class ArtifactUploadRouteTest : public ApiFixture {
 protected:
  using ApiFixture::ApiFixture;

  HttpAnswer Put(const std::string& digest, const std::string& bytes,
                 const std::string& headers = "") {
    const std::string length = bytes.empty() ? "Content-Length: 0\r\n" : "";
    return Ask({"PUT", Path(digest), length + headers, bytes});
  }
  HttpAnswer Put(const std::string& bytes) {
    return Put(HexDigest(bytes), bytes);
  }
  bool IsStored(const std::string& bytes) {
    const absl::StatusOr<bool> has =
        WaitingCatalog(artifacts_).Has(KeyOf(bytes));
    return has.ok() && *has;
  }
  static Caller Anna() {
    Caller anna{"anna", {Role::kSubmit}};
    anna.accessor = "a";
    return anna;
  }
  void AwaitUnderWay(int uploads) {
    while (uploads_.slots().taken() != uploads) std::this_thread::yield();
  }
};

TEST_F(ArtifactUploadRouteTest, WhatIsStoredCanBeDownloaded) {
  const std::string bytes(kLarge, 'x');
  const HttpAnswer answer = Put(bytes);
  EXPECT_EQ(answer.code, 200);
  EXPECT_EQ(answer.body,
            absl::StrCat("{\"digest\":\"", HexDigest(bytes),
                         "\",\"size_bytes\":\"", bytes.size(), "\"}\n"));
  EXPECT_EQ(Get(Path(HexDigest(bytes))).body, bytes);
  EXPECT_EQ(stored_bytes_, static_cast<int64_t>(bytes.size()));
  const auto entries = audit_.List(AnonymousAdmin(), {}, 10);
  ASSERT_TRUE(entries.ok());
  ASSERT_THAT(*entries, SizeIs(1));
  EXPECT_EQ(entries->front().target, HexDigest(bytes));
  EXPECT_EQ(entries->front().message, absl::StrCat(bytes.size(), " bytes"));
}

TEST_F(ArtifactUploadRouteTest, TheSameAgainIsAnsweredAlike) {
  for (const std::string& bytes :
       {std::string("small"), std::string(kLarge, 'x')}) {
    const HttpAnswer first = Put(bytes);
    const HttpAnswer again = Put(bytes);
    EXPECT_EQ(again.code, 200);
    EXPECT_EQ(again.body, first.body);
  }
  EXPECT_EQ(stored_bytes_, static_cast<int64_t>(5 + kLarge));
}

TEST_F(ArtifactUploadRouteTest, WhoAwaitsContinueNeedNotSendWhatIsThere) {
  const std::string bytes(kLarge, 'x');
  for (const bool is_there : {false, true}) {
    HttpClient client(server_->listening());
    ASSERT_TRUE(client.Send(HeadOf(bytes, "Expect: 100-continue\r\n")));
    if (!is_there) {
      EXPECT_EQ(client.ReadUntil("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
      ASSERT_TRUE(client.Send(bytes));
    }
    EXPECT_EQ(client.ReadAnswer().code, 200);
  }
}

TEST_F(ArtifactUploadRouteTest, AnyLengthComesWholeOnOneConnection) {
  HttpClient client(server_->listening());
  for (const size_t size :
       {size_t{0}, size_t{1}, size_t{64} << 10, (size_t{64} << 10) + 1,
        kPieceBytes - 1, kPieceBytes, kPieceBytes + 1, 2 * kPieceBytes,
        2 * kPieceBytes + 1}) {
    SCOPED_TRACE(size);
    std::string bytes(size, 'a');
    if (size > 0) bytes.back() = 'z';
    ASSERT_TRUE(client.Send(absl::StrCat(HeadOf(bytes), bytes)));
    EXPECT_EQ(client.ReadAnswer().code, 200);
    EXPECT_EQ(client.Get(Path(HexDigest(bytes))).body, bytes);
  }
}

TEST_F(ArtifactUploadRouteTest, OtherBytesThanTheDigestsAreNotKept) {
  for (const size_t size : {size_t{5}, kLarge}) {
    const std::string sent(size, 'x');
    const std::string named(size, 'y');
    const HttpAnswer answer = Put(HexDigest(named), sent);
    EXPECT_EQ(answer.code, 400);
    EXPECT_THAT(answer.body,
                HasSubstr(absl::StrCat("body: has digest ", HexDigest(sent),
                                       ", not ", HexDigest(named))));
    EXPECT_FALSE(IsStored(named));
    EXPECT_FALSE(IsStored(sent));
  }
  EXPECT_EQ(stored_bytes_, 0);
}

TEST_F(ArtifactUploadRouteTest, RefusesWithTheFieldAndWhatIsAllowed) {
  const std::string digest = HexDigest("stored");
  ASSERT_EQ(Put("stored").code, 200);
  const struct {
    HttpQuestion question;
    int code;
    std::string says;
  } cases[] = {
      {{"PUT", Path("abc"), "", "bytes"}, 400, "digest: 'abc' is not"},
      {{"PUT", Path(digest) + "?kind=1", "", "bytes"}, 400, "query: no para"},
      {{"PUT", Path(digest), "", "other"}, 400, "Content-Length: 5 given"},
      {{"PUT", Path(digest), "Transfer-Encoding: chunked\r\n", ""},
       411,
       "Content-Length: not given"},
      {{"PUT", Path(digest), "", ""}, 411, "Content-Length: not given"},
      {{"POST", Path(digest), "", "bytes"}, 405, "GET, HEAD, PUT"},
      {{"PUT", "/api/v1/jobs", "", "bytes"}, 405, "method: allowed here"},
  };
  for (const auto& [question, code, says] : cases) {
    SCOPED_TRACE(says);
    const HttpAnswer answer = Ask(question);
    EXPECT_EQ(answer.code, code);
    EXPECT_THAT(answer.body, HasSubstr(says));
  }
}

TEST_F(ArtifactUploadRouteTest, WhatIsTooLargeIsRefusedBeforeItComes) {
  for (const char* length : {"16777217", "18446744073709551615"}) {
    HttpClient client(server_->listening());
    ASSERT_TRUE(client.Send(
        Head(HexDigest(""), absl::StrCat("Content-Length: ", length, "\r\n"))));
    const HttpAnswer answer = client.ReadAnswer();
    EXPECT_EQ(answer.code, 413);
    EXPECT_THAT(answer.body, HasSubstr("body: at most 16777216 bytes"));
  }
}

TEST_F(ArtifactUploadRouteTest, WhoMayNotBringItHearsSoWithoutItsBody) {
  const std::string bytes(kLarge, 'x');
  const std::pair<Caller, std::string> cases[] = {
      {Caller{"reader", {Role::kRead}}, ""},
      {AnonymousAdmin(), "Origin: http://evil.example\r\n"},
  };
  for (const auto& [caller, headers] : cases) {
    ComeAs(caller);
    HttpClient client(server_->listening());
    ASSERT_TRUE(client.Send(HeadOf(bytes, headers)));
    EXPECT_EQ(client.ReadAnswer().code, 403);
    EXPECT_EQ(Put(HexDigest("small"), "small", headers).code, 403);
  }
  EXPECT_FALSE(IsStored("small"));
}

TEST_F(ArtifactUploadRouteTest, AWorkerBringsWhatAnAttemptHasMadeAlone) {
  ComeAs(Caller{"worker", {Role::kWork}});
  const HttpAnswer answer = Put("small");
  EXPECT_EQ(answer.code, 400);
  EXPECT_THAT(answer.body, HasSubstr("attempt: not given"));
}

TEST_F(ArtifactUploadRouteTest, CountsForTheQuotaOfItsTokensUser) {
  QuotaUpdate quota;
  quota.user = "anna";
  quota.max_artifact_bytes = 8;
  ASSERT_TRUE(control_->quotas().Set(AnonymousAdmin(), quota).ok());
  ComeAs(Anna());
  EXPECT_EQ(Put("12345").code, 200);
  const HttpAnswer answer = Put("6789");
  EXPECT_EQ(answer.code, 429);
  EXPECT_THAT(answer.body, HasSubstr("Content-Length: user anna: has 5"));
  EXPECT_FALSE(IsStored("6789"));
}

TEST_F(ArtifactUploadRouteTest, OneThatBreaksOffLeavesNothing) {
  const std::string bytes(kLarge, 'x');
  ComeAs(Anna());
  {
    HttpClient client(server_->listening());
    ASSERT_TRUE(client.Send(HeadOf(bytes) + bytes.substr(0, kPieceBytes + 9)));
    AwaitUnderWay(1);
  }
  AwaitUnderWay(0);
  EXPECT_FALSE(IsStored(bytes));
  EXPECT_EQ(stored_bytes_, 0);
  EXPECT_THAT(audit_.List(AnonymousAdmin(), {}, 10).value(), IsEmpty());
  EXPECT_EQ(Put(bytes).code, 200);
}

TEST_F(ArtifactUploadRouteTest, ATokenThatEndsEndsItsUpload) {
  const std::string bytes(kLarge, 'x');
  const auto has_ended = std::make_shared<std::atomic<bool>>(false);
  Caller caller = AnonymousAdmin();
  caller.has_ended = has_ended;
  ComeAs(caller);
  HttpClient client(server_->listening());
  ASSERT_TRUE(client.Send(HeadOf(bytes) + bytes.substr(0, kPieceBytes)));
  AwaitUnderWay(1);
  *has_ended = true;
  ASSERT_TRUE(client.Send(bytes.substr(kPieceBytes)));
  EXPECT_EQ(client.ReadAnswer().code, 401);
  EXPECT_FALSE(IsStored(bytes));
}

TEST_F(ArtifactUploadRouteTest, ABackendThatFailsIsSaid) {
  const std::string bytes(kLarge, 'x');
  HttpClient client(server_->listening());
  ASSERT_TRUE(client.Send(HeadOf(bytes)));
  AwaitUnderWay(1);
  while (blobs_.begun() == 0 || blobs_.calls() > 0) std::this_thread::yield();
  blobs_.FailNext(absl::UnavailableError("disk: is full"));
  ASSERT_TRUE(client.Send(bytes));
  const HttpAnswer answer = client.ReadAnswer();
  EXPECT_EQ(answer.code, 503);
  EXPECT_THAT(answer.body, HasSubstr("disk: is full"));
  EXPECT_THAT(answer.head, HasSubstr("Retry-After"));
  EXPECT_FALSE(IsStored(bytes));
}

TEST_F(ArtifactUploadRouteTest, SoManyAreUnderWayAtOnceOthersAreAnswered) {
  std::vector<std::unique_ptr<HttpClient>> clients;
  const auto come_as = [this](const std::string& accessor) {
    Caller caller{"ann", {Role::kSubmit}};
    caller.accessor = accessor;
    ComeAs(caller);
  };
  for (int i = 0; i < HttpUploads::kMostAtOnce; ++i) {
    const bool is_new = i % HttpUploads::kMostOfCaller == 0;
    if (is_new) AwaitUnderWay(i);
    if (is_new) come_as(absl::StrCat("token", i));
    clients.push_back(std::make_unique<HttpClient>(server_->listening()));
    ASSERT_TRUE(clients.back()->Send(
        Head(HexDigest(absl::StrCat(i)), "Content-Length: 100000\r\n") + "x"));
  }
  AwaitUnderWay(HttpUploads::kMostAtOnce);
  const HttpAnswer own = Put("one more");
  EXPECT_EQ(own.code, 429);
  EXPECT_THAT(own.body, HasSubstr("uploads: at most 16 of a caller at once"));
  EXPECT_THAT(own.head, HasSubstr("Retry-After"));
  come_as("another");
  const HttpAnswer refused = Put("one more");
  EXPECT_EQ(refused.code, 503);
  EXPECT_THAT(refused.body, HasSubstr("uploads: at most 64 at once"));
  EXPECT_THAT(refused.head, HasSubstr("Retry-After"));
  EXPECT_EQ(Get("/api/v1/jobs").code, 200);
  clients.pop_back();
  AwaitUnderWay(HttpUploads::kMostAtOnce - 1);
  EXPECT_EQ(Put("one more").code, 200);
}

class UploadDeadlinesTest : public ArtifactUploadRouteTest {
 protected:
  static constexpr absl::Duration kReadTimeout = absl::Seconds(1);

  UploadDeadlinesTest() : ArtifactUploadRouteTest(Options()) {}
  static HttpServerOptions Options() {
    HttpServerOptions options;
    options.read_timeout = kReadTimeout;
    options.request_timeout = kReadTimeout;
    return options;
  }
};

TEST_F(UploadDeadlinesTest, OneThatStallsEndsAndLeavesNothing) {
  const std::string bytes(kLarge, 'x');
  for (const size_t sent : {size_t{0}, size_t{1}, kPieceBytes}) {
    HttpClient client(server_->listening());
    ASSERT_TRUE(client.Send(HeadOf(bytes) + bytes.substr(0, sent)));
    EXPECT_EQ(client.ReadAll(), "");
    AwaitUnderWay(0);
    EXPECT_FALSE(IsStored(bytes));
  }
}

TEST_F(UploadDeadlinesTest, OneThatIsSlowAndSteadyTakesAsLongAsItNeeds) {
  const std::string piece(kPieceBytes, 'x');
  constexpr int kPieces = 6;
  std::string bytes;
  for (int i = 0; i < kPieces; ++i) bytes += piece;
  HttpClient client(server_->listening());
  ASSERT_TRUE(client.Send(HeadOf(bytes)));
  absl::Notification never;
  for (int i = 0; i < kPieces; ++i) {
    never.WaitForNotificationWithTimeout(kReadTimeout / 4);
    ASSERT_TRUE(client.Send(piece));
  }
  EXPECT_EQ(client.ReadAnswer().code, 200);
  EXPECT_TRUE(IsStored(bytes));
}

}  // namespace
}  // namespace atelier
