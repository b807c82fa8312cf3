#include "coordinator/api/views/task_pictures.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/digest.h"
#include "coordinator/api/views/control_fixture_testing.h"
#include "gmock/gmock.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

class TaskPicturesTest : public ControlFixture {
 protected:
  using ControlFixture::ControlFixture;

  // Of one axis, with these labels; its name is "night".
  void SubmitLabels(const std::vector<std::string>& labels) {
    v1::JobSpec spec = SmallJob();
    spec.set_name("night");
    AddIterationsAxis(spec, std::vector<int>(labels.size(), 1));
    for (size_t i = 0; i < labels.size(); ++i) {
      v1::AxisValue& value =
          *spec.mutable_axes(0)->mutable_values(static_cast<int>(i));
      value.set_label(labels[i]);
      value.mutable_set()->set_iterations(static_cast<int>(i) + 1);
    }
    id_ = Submit(spec);
  }
  void RenderPicture(const std::string& bytes) {
    TaskResult result;
    result.image_digest = HexDigest(bytes);
    RenderOne(std::move(result));
  }
  absl::StatusOr<PictureFiles> Read(const std::string& tasks = "",
                                    const Caller& caller = AnonymousAdmin()) {
    return ReadPictureFiles(*control_, caller, id_, tasks);
  }
  // Each file's name and the digest of its picture.
  std::vector<std::pair<std::string, std::string>> Files(
      const std::string& tasks = "") {
    std::vector<std::pair<std::string, std::string>> files;
    const auto pictures = Read(tasks);
    EXPECT_TRUE(pictures.ok()) << pictures.status();
    if (!pictures.ok()) return files;
    for (const PictureFiles::File& file : pictures->files) {
      files.emplace_back(file.name, file.digest);
    }
    return files;
  }

  std::string id_;
};

TEST_F(TaskPicturesTest, AreThoseThatThereAreByTheNamesOfFetch) {
  SubmitLabels({"day", "Day", "a/b", "later"});
  for (const char* const bytes : {"one", "two", "three"}) RenderPicture(bytes);
  const auto first = Pair("iterations1-day~0.png", HexDigest("one"));
  const auto second = Pair("iterations1-Day~1.png", HexDigest("two"));
  const auto third = Pair(HasSubstr("iterations1-a"), HexDigest("three"));
  EXPECT_THAT(Files(), ElementsAre(first, second, third));
  EXPECT_THAT(Files("1-3"), ElementsAre(second, third));
  EXPECT_THAT(Files("2,0"), ElementsAre(first, third)) << "by index";
  const auto pictures = Read();
  ASSERT_TRUE(pictures.ok()) << pictures.status();
  EXPECT_EQ(pictures->job_name, "night");
  EXPECT_EQ(pictures->time,
            control_->GetJob(AnonymousAdmin(), JobId(id_))->submitted_at);
}

TEST_F(TaskPicturesTest, WhatIsWrongIsNamed) {
  SubmitLabels({"a", "b"});
  RenderPicture("one");
  EXPECT_EQ(Read("1").status(),
            absl::NotFoundError(absl::StrCat(
                "job ", id_, ": none of these tasks has a picture yet")));
  EXPECT_EQ(Read("2").status(),
            absl::InvalidArgumentError("tasks: 2 is not allowed; from 0 to 1"));
  id_ = "none";
  EXPECT_TRUE(absl::IsNotFound(Read().status()));
  id_ = std::string(10'000, 'x');
  EXPECT_TRUE(absl::IsInvalidArgument(Read().status()));
}

TEST_F(TaskPicturesTest, SoManyAreLookedAt) {
  v1::JobSpec spec = SmallJob();
  for (const int count : {101, 100}) {
    AddIterationsAxis(spec, std::vector<int>(count, 1));
    auto& values = *spec.mutable_axes(spec.axes_size() - 1)->mutable_values();
    for (int i = 0; i < count; ++i) values[i].set_label(absl::StrCat(i));
  }
  id_ = Submit(spec);
  EXPECT_EQ(Read().status().message(),
            "tasks: 10100 given; at most 10000 at once, as 0-9999; or use "
            "atelier fetch");
  EXPECT_TRUE(absl::IsNotFound(Read("0-4999,5100-10099").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(Read("0-4999,5099-10099").status()));
}

class PrivateTaskPicturesTest : public TaskPicturesTest {
 protected:
  PrivateTaskPicturesTest() : TaskPicturesTest(/*private_jobs=*/true) {}
};

TEST_F(PrivateTaskPicturesTest, AreSeenByWhoSeesTheJob) {
  const Caller owner{"anna", {Role::kSubmit}};
  v1::JobSpec spec = SmallJob();
  spec.set_user(owner.name);
  id_ = Submit(spec, owner);
  RenderPicture("one");
  EXPECT_EQ(Read("", owner)->files.front().name, "result.png");
  EXPECT_TRUE(Read("", {"anna", {Role::kRead}}).ok());
  EXPECT_TRUE(absl::IsNotFound(Read("", {"b", {Role::kSubmit}}).status()));
  EXPECT_TRUE(absl::IsNotFound(Read("", {"b", {Role::kRead}}).status()));
  EXPECT_TRUE(
      absl::IsPermissionDenied(Read("", {"anna", {Role::kWork}}).status()));
}

}  // namespace
}  // namespace atelier
