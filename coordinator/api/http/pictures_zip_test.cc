// Served over HTTP, and read by a program that knows nothing of ours.
#include "coordinator/api/http/pictures_zip.h"

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/digest.h"
#include "common/file.h"
#include "coordinator/api/http/api_fixture_testing.h"
#include "coordinator/api/views/task_pictures.h"
#include "coordinator/artifacts/catalog_testing.h"
#include "gmock/gmock.h"

namespace atelier {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class PicturesZipTest : public ApiFixture {
 protected:
  using ApiFixture::ApiFixture;
  ~PicturesZipTest() override { std::filesystem::remove_all(folder_); }

  void SubmitTasks(int count, const std::string& name = "small") {
    v1::JobSpec spec = SmallJob();
    spec.set_name(name);
    std::vector<int> iterations;
    for (int i = 0; i < count; ++i) iterations.push_back(i + 1);
    AddIterationsAxis(spec, iterations);
    id_ = Submit(spec);
  }
  // The next task has this picture, which the store may have.
  void Render(const std::string& bytes, bool is_stored = true) {
    if (is_stored) {
      EXPECT_TRUE(WaitingCatalog(artifacts_).Put(bytes).ok());
    }
    TaskResult result;
    result.image_digest = HexDigest(bytes);
    RenderOne(std::move(result));
  }
  HttpAnswer Zip(const std::string& query = "") {
    return Get(absl::StrCat("/api/v1/jobs/", id_, "/pictures.zip", query));
  }
  // What Python finds in it, whole: a line for each file.
  std::string Listed(const std::string& bytes) {
    const std::string zip = folder_ / "z.zip";
    const std::string list = folder_ / "list";
    std::ofstream(zip, std::ios::binary) << bytes;
    const std::string command = absl::StrCat(
        "python3 -c 'import hashlib, sys, zipfile; "
        "z = zipfile.ZipFile(sys.argv[1]); "
        "bad = z.testzip(); assert bad is None, bad; "
        "open(sys.argv[2], \"w\").write(\"\".join(\"%s %s\\n\" % (i.filename, "
        "hashlib.sha256(z.read(i)).hexdigest()) for i in z.infolist()))' ",
        zip, " ", list);
    EXPECT_EQ(std::system(command.c_str()), 0);
    return ReadFile(list, 200'000).value_or("");
  }
  // The line of a file of these bytes.
  static std::string Line(const std::string& name, const std::string& bytes) {
    return absl::StrCat(name, " ", HexDigest(bytes), "\n");
  }

  std::string id_;
  const std::filesystem::path folder_ = [] {
    std::string name = ::testing::TempDir() + "zipXXXXXX";
    return std::filesystem::path(mkdtemp(name.data()));
  }();
};

TEST_F(PicturesZipTest, HasThePicturesThatThereAre) {
  SubmitTasks(4, "Night & Day/2");
  Render(std::string(1'000'000, 'x'));
  Render("second");
  Render("third");
  const HttpAnswer answer = Zip();
  EXPECT_EQ(answer.code, 200);
  EXPECT_THAT(
      answer.head,
      AllOf(HasSubstr("Content-Type: application/zip\r\n"),
            HasSubstr(absl::StrCat("attachment; filename=\"Night-Day-2-", id_,
                                   ".zip\"\r\n"))));
  const std::string first =
      Line("iterations1-1.png", std::string(1'000'000, 'x'));
  const std::string third = Line("iterations1-3.png", "third");
  EXPECT_EQ(Listed(answer.body),
            first + Line("iterations1-2.png", "second") + third);
  EXPECT_EQ(sent_bytes_, static_cast<int64_t>(answer.body.size()));
  EXPECT_EQ(Listed(Zip("?tasks=2,0-0").body), first + third);
  const HttpAnswer head = Ask(
      {"HEAD", absl::StrCat("/api/v1/jobs/", id_, "/pictures.zip"), "", ""});
  EXPECT_EQ(head.code, 200);
  EXPECT_EQ(head.body, "");
}

TEST_F(PicturesZipTest, WhatTheStoreHasLostIsSaidInItsPlace) {
  SubmitTasks(2);
  Render("lost", /*is_stored=*/false);
  Render("second");
  const std::string listed = Listed(Zip().body);
  EXPECT_THAT(listed, AllOf(HasSubstr("iterations1-1.png.missing.txt "),
                            HasSubstr(Line("iterations1-2.png", "second"))));
}

TEST_F(PicturesZipTest, ManyThatAreLostTakeNoMoreStackThanOne) {
  SubmitTasks(1000);
  for (int i = 0; i < 1000; ++i) {
    Render(absl::StrCat("lost", i), /*is_stored=*/false);
  }
  EXPECT_THAT(Listed(Zip().body),
              HasSubstr("iterations1-1000.png.missing.txt "));
}

TEST_F(PicturesZipTest, ADamagedPictureBreaksItOff) {
  SubmitTasks(2);
  const std::string bytes(600'000, 'x');
  Render(bytes);
  Render("second");
  blobs_.Rot(KeyOf(bytes));
  const HttpAnswer answer = Zip();
  EXPECT_EQ(answer.code, 0) << "nobody keeps it for whole";
  EXPECT_LT(answer.body.size(), bytes.size());
  EXPECT_THAT(Listed(Zip().body),
              AllOf(HasSubstr("iterations1-1.png.missing.txt "),
                    HasSubstr(Line("iterations1-2.png", "second"))))
      << "by then the store knows it as lost";
}

class PrivatePicturesZipTest : public PicturesZipTest {
 protected:
  PrivatePicturesZipTest() : PicturesZipTest({}, /*private_jobs=*/true) {}
};

TEST_F(PrivatePicturesZipTest, IsReadByWhoSeesTheJob) {
  const Caller owner{"anna", {Role::kSubmit}};
  v1::JobSpec spec = SmallJob();
  spec.set_user(owner.name);
  id_ = Submit(spec, owner);
  Render("one");
  const std::string listed = Line("result.png", "one");
  EXPECT_EQ(Listed(Zip().body), listed) << "an admin's";
  ComeAs(owner);
  EXPECT_EQ(Listed(Zip().body), listed);
  ComeAs(Caller{"anna", {Role::kRead}});
  EXPECT_EQ(Listed(Zip().body), listed);
  ComeAs(Caller{"bert", {Role::kSubmit}});
  EXPECT_EQ(Zip().code, 404);
  EXPECT_THAT(Zip().body, Not(HasSubstr("picture")));
  EXPECT_EQ(Zip("?tasks=99").code, 404) << "not even how many tasks it has";
  ComeAs(Caller{"bert", {Role::kRead}});
  EXPECT_EQ(Zip().code, 404);
  ComeAs(Caller{"anna", {Role::kWork}});
  EXPECT_EQ(Zip().code, 403);
}

TEST_F(PicturesZipTest, ATokenThatEndsEndsItsZip) {
  SubmitTasks(1);
  Render("one");
  Caller caller = AnonymousAdmin();
  caller.has_ended = std::make_shared<std::atomic<bool>>(true);
  ComeAs(caller);
  const HttpAnswer answer = Zip();
  EXPECT_EQ(answer.code, 0);
  EXPECT_THAT(answer.body, Not(HasSubstr("one")));
}

TEST_F(PicturesZipTest, AFewRunAtOnceAndOneThatIsGoneHoldsNothing) {
  SubmitTasks(1);
  Render(std::string(32 << 20, 'x'));  // More than sockets hold.
  const std::string ask = absl::StrCat(
      "GET /api/v1/jobs/", id_, "/pictures.zip HTTP/1.1\r\nHost: a\r\n\r\n");
  {
    std::vector<std::unique_ptr<HttpClient>> readers;
    for (int i = 0; i < 4; ++i) {
      readers.push_back(std::make_unique<HttpClient>(server_->listening()));
      ASSERT_TRUE(readers.back()->Send(ask));
      EXPECT_THAT(readers.back()->ReadUntil("\r\n\r\n"), HasSubstr(" 200 "));
    }
    const HttpAnswer refused = Zip();
    EXPECT_EQ(refused.code, 429);
    EXPECT_THAT(refused.head, HasSubstr("Retry-After: 1\r\n"));
    EXPECT_THAT(refused.body, HasSubstr("zips: at most 4 of a caller at once"));
    EXPECT_EQ(Get("/api/v1/jobs/" + id_).code, 200) << "nothing else waits";
  }
  // The server hears of it when it writes next.
  HttpAnswer answer;
  do {
    answer = Zip();
  } while (answer.code == 429);
  EXPECT_EQ(answer.code, 200);
  EXPECT_GT(answer.body.size(), size_t{32} << 20);
}

TEST_F(PicturesZipTest, WhatIsWrongIsNamed) {
  SubmitTasks(2);
  EXPECT_EQ(Zip().code, 404) << "nothing is rendered yet";
  EXPECT_THAT(Zip().body, HasSubstr("none of these tasks has a picture yet"));
  for (const auto& [query, error] :
       std::vector<std::pair<std::string, std::string>>{
           {"?tasks=", "tasks: is empty; leave it out for all of them"},
           {"?tasks=0&tasks=1", "tasks: is given twice"},
           {"?task=0", "task: is not known here; tasks is"},
           {"?tasks=x", "tasks: 'x' is not allowed; an index or a range"},
           {"?tasks=2", "tasks: 2 is not allowed; from 0 to 1"}}) {
    const HttpAnswer answer = Zip(query);
    EXPECT_EQ(answer.code, 400) << query;
    EXPECT_THAT(answer.body, HasSubstr(error));
  }
  EXPECT_EQ(Get("/api/v1/jobs/none/pictures.zip").code, 404);
  Render("one");
  ComeAs(Caller{"w", {Role::kWork}});
  EXPECT_EQ(Zip().code, 403);
  serving_ = nullptr;
  EXPECT_EQ(Zip().code, 503);
}

TEST_F(PicturesZipTest, ItsTasksAreBounded) {
  v1::JobSpec spec = SmallJob();
  AddIterationsAxis(spec, std::vector<int>(101, 1));
  AddIterationsAxis(spec, std::vector<int>(100, 1));
  for (auto& axis : *spec.mutable_axes()) {
    for (int i = 0; i < axis.values_size(); ++i) {
      axis.mutable_values(i)->set_label(absl::StrCat(i));
    }
  }
  id_ = Submit(spec);
  const HttpAnswer answer = Zip();
  EXPECT_EQ(answer.code, 400);
  EXPECT_THAT(answer.body, HasSubstr("tasks: 10100 given; at most 10000"));
  EXPECT_EQ(Zip("?tasks=0-9999").code, 404) << "few enough, but none is there";
}

}  // namespace
}  // namespace atelier
