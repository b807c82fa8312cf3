// Jobs that are made over HTTP: the answers, and what is refused.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "atelier/v1/jobs.pb.h"
#include "common/digest.h"
#include "common/weights/builtin.h"
#include "coordinator/api/http/api_fixture_testing.h"
#include "coordinator/api/views/builtin_network.h"
#include "coordinator/artifacts/catalog_testing.h"
#include "gmock/gmock.h"

namespace atelier {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kJobs[] = "/api/v1/jobs";
constexpr char kPreview[] = "/api/v1/jobs/preview";
constexpr char kRequest[] = "0123456789abcdef";

class SubmitRoutesTest : public ApiFixture {
 protected:
  // Stores what SmallJob is made from.
  void Bring() {
    for (const char* text : {"content", "style", "weights"}) {
      EXPECT_TRUE(
          WaitingCatalog(artifacts_).Put(text, ArtifactKind::kArtifact).ok());
    }
  }
  template <typename Message>
  static std::string AsJson(const Message& message) {
    std::string json;
    EXPECT_TRUE(
        google::protobuf::util::MessageToJsonString(message, &json).ok());
    return json;
  }
  static std::string Submission(const v1::JobSpec& spec = SmallJob(),
                                const std::string& id = kRequest) {
    v1::SubmitJobRequest request;
    request.set_request_id(id);
    *request.mutable_spec() = spec;
    return AsJson(request);
  }
  int Jobs() { return MustGet<v1::ListJobsResponse>(kJobs).jobs_size(); }
};

TEST_F(SubmitRoutesTest, MakesAJobOnceForEachRequestId) {
  Bring();
  const auto job = Parsed<v1::Job>(Post(kJobs, Submission()));
  EXPECT_EQ(job.spec().name(), SmallJob().name());
  EXPECT_EQ(MustGet<v1::Job>(absl::StrCat(kJobs, "/", job.job_id())).job_id(),
            job.job_id());
  EXPECT_EQ(Parsed<v1::Job>(Post(kJobs, Submission())).job_id(), job.job_id());
  v1::JobSpec other = SmallJob();
  other.set_name("other");
  EXPECT_EQ(Post(kJobs, Submission(other)).code, 409);
  EXPECT_EQ(Jobs(), 1);
}

TEST_F(SubmitRoutesTest, WantsItsInputs) {
  const HttpAnswer answer = Post(kJobs, Submission());
  EXPECT_EQ(answer.code, 409);
  EXPECT_THAT(answer.body, HasSubstr("inputs are not in the artifact store"));
  EXPECT_EQ(Jobs(), 0);
}

TEST_F(SubmitRoutesTest, PreviewsWithoutMakingAnything) {
  v1::PreviewJobRequest request;
  *request.mutable_spec() = SmallJob();
  AddIterationsAxis(*request.mutable_spec(), {1, 2, 3});
  request.set_page_size(2);
  auto preview =
      Parsed<v1::PreviewJobResponse>(Post(kPreview, AsJson(request)));
  EXPECT_EQ(preview.task_count(), 3);
  EXPECT_THAT(preview.tasks(), SizeIs(2));
  EXPECT_THAT(preview.missing_digests(), SizeIs(3));
  Bring();
  preview = Parsed<v1::PreviewJobResponse>(Post(kPreview, AsJson(request)));
  EXPECT_THAT(preview.missing_digests(), IsEmpty());
  EXPECT_EQ(Jobs(), 0);
}

// From the network that nobody has brought.
v1::JobSpec JobOfTheBuiltInNetwork() {
  v1::JobSpec spec = SmallJob();
  spec.mutable_base()->set_weights_digest(BuiltinNetworkDigest());
  spec.clear_networks();
  *spec.add_networks() = BuiltinNetworkDescription();
  return spec;
}

TEST_F(SubmitRoutesTest, TheBuiltInNetworkNeedNotBeBrought) {
  const v1::JobSpec spec = JobOfTheBuiltInNetwork();
  const HttpAnswer refused = Post(kJobs, Submission(spec));
  EXPECT_EQ(refused.code, 409);
  EXPECT_THAT(refused.body, AllOf(HasSubstr("spec: 2 of the job's inputs"),
                                  HasSubstr(HexDigest("content")),
                                  Not(HasSubstr(BuiltinNetworkDigest()))));
  v1::PreviewJobRequest preview;
  *preview.mutable_spec() = spec;
  EXPECT_THAT(Parsed<v1::PreviewJobResponse>(Post(kPreview, AsJson(preview)))
                  .missing_digests(),
              SizeIs(2));
  Bring();
  const BlobKey key{ArtifactKind::kArtifact, BuiltinNetworkDigest()};
  EXPECT_FALSE(WaitingCatalog(artifacts_).Has(key).value());
  for (const char* id : {kRequest, "after-its-removal"}) {
    SCOPED_TRACE(id);
    const auto job = Parsed<v1::Job>(Post(kJobs, Submission(spec, id)));
    ComeAs(Caller{"reader", {Role::kRead}});
    EXPECT_EQ(Get(absl::StrCat("/api/v1/artifacts/", key.digest,
                               "?job_id=", job.job_id()))
                  .body,
              std::string(BuiltinNetworkBytes()));
    ComeAs(AnonymousAdmin());
    // Once the download has ended on the other side, too.
    while (!WaitingCatalog(artifacts_)
                .Remove(key, absl::InfiniteFuture())
                .value()) {
    }
  }
}

TEST_F(SubmitRoutesTest, WhoMayNotSubmitIsRefusedBeforeAnythingIsLookedAt) {
  ComeAs(Caller{"reader", {Role::kRead}});
  EXPECT_EQ(Post(kJobs, Submission()).code, 403);
  EXPECT_EQ(Jobs(), 0);
}

TEST_F(SubmitRoutesTest, AJobIsItsTokensUsers) {
  Bring();
  Caller anna{"anna", {Role::kSubmit}};
  anna.accessor = "a";
  ComeAs(anna);
  v1::JobSpec spec = SmallJob();
  EXPECT_EQ(Parsed<v1::Job>(Post(kJobs, Submission(spec))).spec().user(),
            "anna");
  spec.set_user("ben");
  const HttpAnswer answer = Post(kJobs, Submission(spec, "another-0123456789"));
  EXPECT_EQ(answer.code, 403);
  EXPECT_THAT(answer.body, HasSubstr("spec.user: 'ben' given"));
}

TEST_F(SubmitRoutesTest, TakesNothingWhereThereIsNoRoom) {
  Bring();
  is_full_ = true;
  const HttpAnswer answer = Post(kJobs, Submission());
  EXPECT_EQ(answer.code, 503);
  EXPECT_THAT(answer.body, HasSubstr("disk: is full"));
  EXPECT_EQ(Jobs(), 0);
}

TEST_F(SubmitRoutesTest, TakesASpecOfMoreThan64KiB) {
  Bring();
  v1::JobSpec spec = SmallJob();
  std::vector<int> iterations;
  for (int i = 1; i <= 2'000; ++i) iterations.push_back(i);
  AddIterationsAxis(spec, iterations);
  const std::string json = Submission(spec);
  ASSERT_GT(json.size(), size_t{64} << 10);
  EXPECT_EQ(Parsed<v1::Job>(Post(kJobs, json)).task_count(), 2'000);
}

TEST_F(SubmitRoutesTest, RefusesWithTheFieldAndWhatIsAllowed) {
  Bring();
  v1::JobSpec unnamed = SmallJob();
  unnamed.set_name("");
  const struct {
    int code;
    std::string body;
    std::string says;
  } cases[] = {
      {400, "", "request_id: "},
      {400, "{}", "request_id: "},
      {400, "[]", "body: is no SubmitJobRequest as JSON"},
      {400, "{\"spek\": {}}", "spek"},
      {400, Submission(SmallJob(), "short"), "request_id: 'short'"},
      {400, Submission(unnamed), "spec.name: "},
      {400, std::string(900'000, '['), "body: is no"},
      {413, std::string((1 << 20) + 1, ' '), "body: at most 1048576 bytes"},
  };
  for (const auto& [code, body, says] : cases) {
    SCOPED_TRACE(body.substr(0, 80));
    const HttpAnswer answer = Post(kJobs, body);
    EXPECT_EQ(answer.code, code);
    EXPECT_THAT(answer.body, HasSubstr(says));
  }
  EXPECT_EQ(Jobs(), 0);
}

TEST_F(SubmitRoutesTest, AnotherSitesFormMakesNothing) {
  Bring();
  EXPECT_EQ(
      Ask({"POST", kJobs, "Content-Type: text/plain\r\n", Submission()}).code,
      400);
  EXPECT_EQ(Ask({"POST", kJobs,
                 "Content-Type: application/json\r\n"
                 "Origin: http://evil.example\r\n",
                 Submission()})
                .code,
            403);
  EXPECT_EQ(Jobs(), 0);
}

}  // namespace
}  // namespace atelier
