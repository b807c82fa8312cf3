#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "client/cli/command_fixture_testing.h"
#include "client/lib/prepare.h"
#include "client/lib/results_document.h"
#include "common/digest.h"
#include "common/render/description.h"
#include "common/render/resolve.h"
#include "common/rpc/render_conversion.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace atelier {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// A result in the folder, as a picture and as a results.json, whose job the
// coordinator has rendered again.
class RerunTest : public CommandFixture {
 protected:
  RerunTest()
      : content_(Picture("content.png")),
        style_(Picture("style.png", 0.25F)),
        out_png_(folder_.File("out.png")),
        json_(folder_.File("results.json")) {}

  void SetUp() override {
    JobDraft draft;
    draft.name = "harbour";
    draft.base.patch.content_digest = content_;
    draft.base.patch.style_digests = {style_};
    draft.base.patch.size_px = 64;
    prepared_ = Prepare(draft).value();
    PictureSizes sizes;
    for (const v1::ImageDescription& image : prepared_.spec.images()) {
      sizes[image.digest()] = {image.width_px(), image.height_px()};
    }
    const Render render =
        Resolve(FromProto(prepared_.spec.base()).value(),
                FromProto(prepared_.spec.networks(0)).value(), {}, sizes)
            .value();
    picture_ = Encode({8, 6, std::vector<float>(3 * 8 * 6, 0.75F)}, "png",
                      DescribeRender(render))
                   .value();
    Write(out_png_, picture_);
    *task_.mutable_render() = ToProto(render);
    task_.set_state(v1::TASK_STATE_SUCCEEDED);
    SetResult(picture_, 2.0, "p1");
    WriteDocument({task_});
    jobs_.SetTasks({task_});
  }

  void SetResult(const std::string& png, double loss,
                 const std::string& profile) {
    v1::TaskResult& result = *task_.mutable_result();
    result.set_image_digest(artifacts_.Add(png));
    result.set_profile(profile);
    *result.mutable_losses() = ToProto(Losses{{{"content", loss}}, loss});
  }

  void WriteDocument(const std::vector<v1::Task>& tasks) {
    v1::Job job;
    job.set_job_id("old");
    job.set_task_count(static_cast<int64_t>(tasks.size()));
    *job.mutable_spec() = prepared_.spec;
    ResultsDocument document(job, json_);
    for (const v1::Task& task : tasks) {
      ASSERT_TRUE(document.Add(task, "out.png", "").ok());
    }
    ASSERT_TRUE(document.Finish().ok());
  }

  static void Write(const std::string& path, const std::string& bytes) {
    ASSERT_TRUE(WriteFile(path, bytes, Durability::kAtomic).ok());
  }

  std::string Bytes(const std::string& path) {
    return ReadFile(path, 1 << 24).value_or("");
  }

  int Rerun(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "rerun");
    arguments.insert(arguments.end(), {"--coordinator", "127.0.0.1:1"});
    return Run(arguments);
  }

  v1::JobSpec LastSpec() {
    v1::ListJobsResponse all;
    v1::ListJobsRequest request;
    EXPECT_TRUE(jobs_.ListJobs(nullptr, &request, &all).ok());
    EXPECT_EQ(all.jobs_size(), 1);
    return all.jobs(0).spec();
  }

  const std::string content_;
  const std::string style_;
  const std::string out_png_;
  const std::string json_;
  PreparedJob prepared_;
  std::string picture_;
  v1::Task task_;
};

TEST_F(RerunTest, APictureIsRenderedAgainToTheSameBytes) {
  EXPECT_EQ(Rerun({out_png_}), 0) << err_.str();
  EXPECT_THAT(err_.str(), HasSubstr(absl::StrCat("same bytes as ", out_png_)));
  EXPECT_EQ(Bytes(folder_.File("out-rerun.png")), picture_);
  const v1::JobSpec spec = LastSpec();
  EXPECT_TRUE(spec.no_cache());
  EXPECT_EQ(spec.base().content_digest(), HexDigest(Bytes(content_)));
  EXPECT_EQ(spec.networks(0).weights_digest(), spec.base().weights_digest());
  EXPECT_EQ(spec.images_size(), 2);
  EXPECT_TRUE(artifacts_.Find(spec.base().content_digest()).has_value());
}

TEST_F(RerunTest, ATaskOfADocumentIsRenderedAgain) {
  EXPECT_EQ(Rerun({json_, "--json"}), 0) << err_.str();
  const auto printed = nlohmann::json::parse(out_.str());
  EXPECT_EQ(printed["same_bytes"], true);
  EXPECT_EQ(printed["losses_differ"], 0.0);
  EXPECT_EQ(printed["output"], folder_.File("out-rerun.png"));
  EXPECT_EQ(Bytes(folder_.File("out-rerun.png")), picture_);
}

TEST_F(RerunTest, OtherBytesAreFineWhereLossesAreAlike) {
  SetResult(Bytes(content_), 2.001, "p2");
  jobs_.SetTasks({task_});
  EXPECT_EQ(Rerun({out_png_}), 0) << err_.str();
  EXPECT_THAT(err_.str(),
              AllOf(HasSubstr("other bytes than"), HasSubstr("profile differs"),
                    HasSubstr("(allowed 0.001)")));
  SetResult(Bytes(content_), 2.1, "p1");
  jobs_.SetTasks({task_});
  EXPECT_EQ(Rerun({out_png_, "--force"}), 1);
  EXPECT_THAT(err_.str(), HasSubstr("losses differ by 0.047"));
  std::filesystem::remove(json_);
  EXPECT_EQ(Rerun({out_png_, "--force"}), 1);
  EXPECT_THAT(err_.str(), HasSubstr("its losses are not recorded"));
}

TEST_F(RerunTest, AnOutputThatIsThereStays) {
  Write(folder_.File("out-rerun.png"), "mine");
  EXPECT_EQ(Rerun({out_png_}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("--force"));
  EXPECT_EQ(Bytes(folder_.File("out-rerun.png")), "mine");
  EXPECT_EQ(Rerun({out_png_, "--force"}), 0) << err_.str();
}

TEST_F(RerunTest, AnInputThatIsNotAtHandIsNamed) {
  const std::string digest = HexDigest(Bytes(style_));
  const std::string moved = folder_.File("moved");
  std::filesystem::create_directory(moved);
  std::filesystem::rename(style_, moved + "/renamed.png");
  EXPECT_EQ(Rerun({out_png_}), 2);
  EXPECT_THAT(err_.str(),
              AllOf(HasSubstr("style"), HasSubstr("style.png"),
                    HasSubstr(digest), HasSubstr("give it with --style")));
  EXPECT_EQ(jobs_.submits(), 0);
  EXPECT_EQ(Rerun({out_png_, "--style", moved + "/renamed.png"}), 0)
      << err_.str();
}

TEST_F(RerunTest, InputsAreFoundByTheirDigests) {
  std::filesystem::create_directory(folder_.File("moved"));
  std::filesystem::rename(style_, folder_.File("moved/renamed.png"));
  std::filesystem::rename(content_, folder_.File("other name.png"));
  EXPECT_EQ(Rerun({out_png_, "--style", folder_.File("moved/renamed.png")}), 0)
      << err_.str();
  EXPECT_EQ(LastSpec().images_size(), 2);
}

TEST_F(RerunTest, WhatTheCoordinatorHasIsNotNeededHere) {
  artifacts_.Add(Bytes(style_));
  artifacts_.Add(Bytes(content_));
  std::filesystem::remove(style_);
  std::filesystem::remove(content_);
  EXPECT_EQ(Rerun({json_}), 0) << err_.str();
  EXPECT_EQ(LastSpec().images_size(), 2);
  // A picture alone does not say how large its inputs are; another job may.
  std::filesystem::remove(json_);
  EXPECT_EQ(Rerun({out_png_, "--force"}), 0) << err_.str();
}

TEST_F(RerunTest, AFileThatIsNoInputIsRefused) {
  const std::string other = Picture("other.png", 0.9F);
  EXPECT_EQ(Rerun({out_png_, "--content", other}), 2);
  EXPECT_THAT(err_.str(), AllOf(HasSubstr("content: "), HasSubstr(other),
                                HasSubstr(HexDigest(Bytes(content_)))));
  EXPECT_EQ(Rerun({out_png_, "--content", folder_.File("none.png")}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("none.png"));
}

TEST_F(RerunTest, ATaskIsChosenByIndexOrLabels) {
  v1::Task other = task_;
  other.set_index(1);
  other.add_labels("1500");
  other.add_labels("noise");
  WriteDocument({task_, other});
  EXPECT_EQ(Rerun({json_}), 2);
  EXPECT_THAT(err_.str(), AllOf(HasSubstr("task: is needed"),
                                HasSubstr("an index from 0 to 1")));
  EXPECT_EQ(Rerun({json_, "--task", "2"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("an index from 0 to 1"));
  EXPECT_EQ(Rerun({json_, "--task", "1", "--force"}), 0) << err_.str();
  EXPECT_EQ(Rerun({json_, "--task", "1500,noise", "--force"}), 0) << err_.str();
  EXPECT_EQ(Rerun({out_png_, "--task", "1"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("leave --task out"));
}

TEST_F(RerunTest, WhatIsNoResultIsRefused) {
  EXPECT_EQ(Rerun({content_}), 2);
  EXPECT_THAT(err_.str(),
              AllOf(HasSubstr(content_), HasSubstr("was not made by Atelier")));
  EXPECT_EQ(Rerun({folder_.File("none.png")}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("none.png"));
  const std::string document = Bytes(json_);
  const auto edited = [&](const std::string& from, const std::string& to) {
    const std::string text = absl::StrReplaceAll(document, {{from, to}});
    EXPECT_NE(text, document) << from;
    Write(json_, text);
    EXPECT_EQ(Rerun({json_}), 2) << from;
    EXPECT_THAT(err_.str(), HasSubstr(json_));
    return err_.str();
  };
  EXPECT_THAT(edited("\"tasks\"", "\"tasks"), HasSubstr("damaged JSON"));
  EXPECT_THAT(edited("atelier-results", "other"), HasSubstr("format: "));
  EXPECT_THAT(edited("\"version\": 1", "\"version\": 9"),
              HasSubstr("version: 9"));
  EXPECT_THAT(edited("\"size_px\":64", "\"size_px\":-4"),
              HasSubstr("task 0: render: size: -4 is not allowed"));
  EXPECT_THAT(edited("\"optimizer\":\"OPTIMIZER_LBFGS\"",
                     "\"optimizer\":\"OPTIMIZER_MAGIC\""),
              HasSubstr("render: "));
  EXPECT_THAT(edited("\"learning_rate\":1", "\"learning_rate\":\"quick\""),
              HasSubstr("render: "));
}

TEST_F(RerunTest, ADocumentIsSubmittedAsItsSpec) {
  EXPECT_EQ(Run({"submit", json_, "--coordinator", "127.0.0.1:1"}), 0)
      << err_.str();
  const v1::JobSpec spec = Submitted();
  EXPECT_EQ(spec.name(), "harbour");
  EXPECT_EQ(spec.base().content_digest(), HexDigest(Bytes(content_)));
}

}  // namespace
}  // namespace atelier
