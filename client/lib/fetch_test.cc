#include "client/lib/fetch.h"

#include <filesystem>

#include "atelier/v1/jobs.pb.h"
#include "client/lib/client.h"
#include "client/lib/fake_jobs.h"
#include "client/lib/job_sheet.h"
#include "common/digest.h"
#include "common/file.h"
#include "common/image/image.h"
#include "common/rpc/render_conversion.h"
#include "common/weights/weight_file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_artifacts.h"
#include "tests/testing/in_process_server.h"
#include "tests/testing/temp_folder.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::string Png(float grey) {
  const Image image{4, 3, std::vector<float>(3 * 4 * 3, grey)};
  return Encode(image, "png").value();
}

// A job over one axis, "seed", whose tasks have all succeeded.
class FetchTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    ASSERT_TRUE(InitialiseImages("fetch_test").ok());
  }

  FetchTest() : server_({&jobs_, &artifacts_}) {
    ClientOptions options;
    options.retry.give_up_after = absl::ZeroDuration();
    client_ = std::make_unique<Client>(server_.Channel(), stop_, options);
    options_.folder = folder_.File("out");
    job_.set_job_id("job-1");
    job_.mutable_spec()->set_name("job");
    job_.mutable_spec()->add_axes()->set_name("seed");
  }

  // A task more, whose result is called `digest`.
  void AddTask(const std::string& digest) {
    const std::string label = absl::StrCat(tasks_.size());
    job_.mutable_spec()->mutable_axes(0)->add_values()->set_label(label);
    v1::Task& task = tasks_.emplace_back();
    task.add_labels(label);
    task.set_state(v1::TASK_STATE_SUCCEEDED);
    *task.mutable_render() = ToProto(ARender());
    task.mutable_result()->set_image_digest(digest);
  }
  void AddTask(float grey) { AddTask(artifacts_.Add(Png(grey))); }

  static Render ARender() {
    Render render;
    render.params.content_weight = 1;
    render.params.content_layers = {{"conv_1", 1}};
    render.inputs.content = std::string(64, 'a');
    render.inputs.weights = std::string(64, 'b');
    return render;
  }

  absl::StatusOr<FetchReport> Fetch() {
    jobs_.SetTasks(tasks_);
    job_.set_task_count(static_cast<int64_t>(tasks_.size()));
    return FetchJob(*client_, job_, options_);
  }

  std::string InFolder(const std::string& name) const {
    return ReadFile(options_.folder + "/" + name, 1 << 20).value_or("");
  }

  const TempFolder folder_;
  FakeJobs jobs_;
  FakeArtifacts artifacts_;
  InProcessServer server_;
  StopSignal stop_;
  std::unique_ptr<Client> client_;
  FetchOptions options_;
  v1::Job job_;
  std::vector<v1::Task> tasks_;
};

TEST_F(FetchTest, BringsPicturesATableAndASheet) {
  AddTask(0.2f);
  AddTask(0.7f);
  const FetchReport report = Fetch().value();
  EXPECT_THAT(report.pictures, ElementsAre("seed-0.png", "seed-1.png"));
  EXPECT_THAT(report.problems, IsEmpty());
  EXPECT_EQ(report.downloaded, 2);
  EXPECT_TRUE(report.has_sheet);
  EXPECT_EQ(InFolder("seed-0.png"), Png(0.2f));
  EXPECT_THAT(InFolder("results.csv"), HasSubstr("\r\n1,1,seed-1.png,"));

  EXPECT_EQ(Fetch()->downloaded, 0) << "all of it is there";
}

TEST_F(FetchTest, BringsTheRestWhateverIsWrongWithSome) {
  const std::string damaged = std::string(64, 'd');
  artifacts_.AddAs(damaged, Png(0.9f));
  AddTask(std::string(64, 'e'));                     // Missing.
  AddTask(damaged);                                  // Other bytes.
  AddTask(artifacts_.Add("not a picture"));          // Undecodable.
  AddTask(artifacts_.Add(""));                       // Empty.
  AddTask(artifacts_.Add(Png(0.4f).substr(0, 40)));  // Cut short.
  AddTask("no digest");                              // Nobody's name.
  AddTask(0.3f);
  const FetchReport report = Fetch().value();
  EXPECT_THAT(report.pictures, ElementsAre("seed-6.png"));
  EXPECT_EQ(InFolder("seed-6.png"), Png(0.3f));
  ASSERT_THAT(report.problems, SizeIs(6));
  const absl::StatusCode kCodes[] = {absl::StatusCode::kNotFound,
                                     absl::StatusCode::kDataLoss};
  for (int i = 0; i < 6; ++i) {
    SCOPED_TRACE(i);
    const FetchProblem& problem = report.problems[i];
    EXPECT_EQ(problem.task_index, i);
    EXPECT_EQ(problem.file, absl::StrCat("seed-", i, ".png"));
    EXPECT_EQ(problem.digest, tasks_[i].result().image_digest());
    EXPECT_EQ(problem.why.code(),
              i < 2 ? kCodes[i] : absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(InFolder("results.csv"),
                HasSubstr(absl::StrCat("\r\n", i, ",", i, ",,")));
    EXPECT_THAT(InFolder(problem.file), IsEmpty());
  }
  EXPECT_THAT(InFolder("results.csv"),
              HasSubstr("succeeded,\"no picture: asked for artifact dddd"));
  EXPECT_TRUE(report.has_sheet);
}

TEST_F(FetchTest, LooksAtPicturesOfJobsWithoutASheetToo) {
  options_.max_sheet_tasks = 1;
  AddTask(artifacts_.Add("not a picture"));
  AddTask(0.5f);
  const FetchReport report = Fetch().value();
  EXPECT_THAT(report.pictures, ElementsAre("seed-1.png"));
  EXPECT_THAT(report.problems, SizeIs(1));
  EXPECT_FALSE(report.has_sheet);
}

TEST_F(FetchTest, ReplacesAPictureThatIsDamagedInTheFolder) {
  AddTask(0.5f);
  ASSERT_TRUE(Fetch().ok());
  ASSERT_TRUE(
      WriteFile(options_.folder + "/seed-0.png", "rotten", Durability::kAtomic)
          .ok());
  EXPECT_EQ(Fetch()->downloaded, 1);
  EXPECT_EQ(InFolder("seed-0.png"), Png(0.5f));
}

TEST_F(FetchTest, AFolderInAPicturesPlaceIsThatPicturesProblem) {
  AddTask(0.5f);
  AddTask(0.6f);
  ASSERT_TRUE(MakeFolders(options_.folder + "/seed-0.png").ok());
  const FetchReport report = Fetch().value();
  EXPECT_THAT(report.pictures, ElementsAre("seed-1.png"));
  ASSERT_THAT(report.problems, SizeIs(1));
  EXPECT_THAT(std::string(report.problems[0].why.message()),
              HasSubstr("seed-0.png"));
}

TEST_F(FetchTest, LeavesTheResultsOfAnotherJobAlone) {
  AddTask(0.5f);
  ASSERT_TRUE(Fetch().ok());
  job_.set_job_id("job-2");
  const absl::Status refused = Fetch().status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_THAT(std::string(refused.message()),
              HasSubstr("out has the results of job 'job-1'"));

  options_.force = true;
  EXPECT_EQ(Fetch()->other_results, "the results of job 'job-1'");
  options_.force = false;
  EXPECT_TRUE(Fetch().ok()) << "it is the folder's job now";
}

TEST_F(FetchTest, ATableThatNobodyKnowsIsNotReplaced) {
  AddTask(0.5f);
  ASSERT_TRUE(MakeFolders(options_.folder).ok());
  ASSERT_TRUE(WriteOutput(options_.folder + "/notes.txt", "mine").ok());
  ASSERT_TRUE(Fetch().ok()) << "files that are no results are no hindrance";
  std::filesystem::remove(options_.folder + "/.atelier-job");
  EXPECT_EQ(Fetch().status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(InFolder("notes.txt"), "mine");
}

TEST_F(FetchTest, AnUnfinishedFetchIsGoneOnWith) {
  AddTask(0.5f);
  artifacts_.FailNext(1000, grpc::StatusCode::UNAVAILABLE);
  EXPECT_FALSE(Fetch().ok());
  artifacts_.FailNext(0, grpc::StatusCode::OK);
  EXPECT_TRUE(Fetch().ok());
}

TEST_F(FetchTest, LinksAreWrittenThrough) {
  AddTask(0.5f);
  ASSERT_TRUE(MakeFolders(folder_.File("real")).ok());
  std::filesystem::create_directory_symlink("real", options_.folder);
  std::filesystem::create_symlink("elsewhere.png",
                                  folder_.File("real/seed-0.png"));
  ASSERT_TRUE(Fetch().ok());
  EXPECT_TRUE(std::filesystem::is_symlink(options_.folder));
  EXPECT_TRUE(std::filesystem::is_symlink(folder_.File("real/seed-0.png")));
  EXPECT_EQ(ReadFile(folder_.File("real/elsewhere.png"), 1 << 20).value(),
            Png(0.5f));
}

TEST_F(FetchTest, ARenderOfANewerBuildKeepsItsPicture) {
  AddTask(0.5f);
  tasks_[0].clear_render();
  const FetchReport report = Fetch().value();
  EXPECT_THAT(report.pictures, ElementsAre("seed-0.png"));
  EXPECT_THAT(report.problems, SizeIs(1));
}

TEST_F(FetchTest, MarksTheBestPictureOfTheSheet) {
  AddTask(0.2f);
  AddTask(0.7f);
  ASSERT_TRUE(Fetch().ok());
  const std::string plain = InFolder("sheet.png");

  options_.sheet.mark = "ssim";
  EXPECT_EQ(Fetch()->sheet_note,
            "no picture of job job-1 has the measure 'ssim'; the sheet marks "
            "none");
  EXPECT_EQ(InFolder("sheet.png"), plain);

  v1::Measures& measures = *tasks_[1].mutable_result()->mutable_measures();
  measures.mutable_by()->set_size_px(256);
  measures.mutable_by()->set_weights_digest(
      LoadWeights(std::string(kBuiltinNetwork))->digest);
  (*measures.mutable_values())["ssim"] = 0.5;
  EXPECT_EQ(Fetch()->sheet_note, "");
  EXPECT_NE(InFolder("sheet.png"), plain);
}

TEST_F(FetchTest, RefusesWhatASheetCannotShow) {
  AddTask(0.2f);
  options_.sheet.rows = "size";
  const absl::Status refused = Fetch().status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("its axes: seed"));
  EXPECT_FALSE(std::filesystem::exists(options_.folder));
}

TEST_F(FetchTest, ShowsInputsWhetherOrNotTheyCanBeHad) {
  const auto with_content = [this](const std::string& digest) {
    Render render = ARender();
    render.inputs.content = digest;
    tasks_.clear();
    AddTask(0.2f);
    *tasks_[0].mutable_render() = ToProto(render);
    const absl::StatusOr<FetchReport> report = Fetch();
    EXPECT_TRUE(report.ok() && report->has_sheet) << report.status();
    return InFolder("sheet.png");
  };
  const std::string missing = with_content(std::string(64, 'a'));
  const std::string there = with_content(artifacts_.Add(Png(0.9f)));
  const std::string unreadable = with_content(artifacts_.Add("no picture"));
  EXPECT_NE(missing, there);
  EXPECT_NE(missing, unreadable);
  EXPECT_EQ(with_content(artifacts_.Add(Png(0.9f))), there);
}

TEST_F(FetchTest, SaysWhyAJobHasNoSheet) {
  options_.max_sheet_tasks = 1;
  AddTask(0.4f);
  AddTask(0.5f);
  const FetchReport report = Fetch().value();
  EXPECT_FALSE(report.has_sheet);
  EXPECT_EQ(report.sheet_note,
            "no sheet.png: the job has 2 tasks, and sheets at most 1");
}

TEST(ThumbnailPxTest, ManyTakeNoMoreMemoryThanSome) {
  EXPECT_EQ(ThumbnailPx(1), 256);
  EXPECT_EQ(ThumbnailPx(400), 256);
  EXPECT_EQ(ThumbnailPx(1600), 128);
  EXPECT_EQ(ThumbnailPx(1'000'000'000), 16);
}

TEST_F(FetchTest, EndsWhereNothingCanBeFetched) {
  AddTask(0.5f);
  artifacts_.FailNext(1000, grpc::StatusCode::UNAVAILABLE);
  EXPECT_TRUE(absl::IsUnavailable(Fetch().status()));
  artifacts_.FailNext(0, grpc::StatusCode::OK);
  stop_.Stop();
  EXPECT_TRUE(absl::IsCancelled(Fetch().status()));
}

}  // namespace
}  // namespace atelier
