#include "client/cli/dry_run.h"

#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "atelier/v1/workers.grpc.pb.h"
#include "client/cli/command_fixture_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace atelier {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

// As many workers as it is told.
class FakeWorkerList : public v1::Workers::Service {
 public:
  grpc::Status ListWorkers(grpc::ServerContext*, const v1::ListWorkersRequest*,
                           v1::ListWorkersResponse* response) override {
    for (int i = 0; i < count; ++i) response->add_workers();
    return grpc::Status::OK;
  }
  int count = 2;
};

v1::TaskPreview Task(std::vector<std::string> labels, bool has_result,
                     int seconds) {
  v1::TaskPreview task;
  for (std::string& label : labels) task.add_labels(std::move(label));
  task.set_has_result(has_result);
  if (seconds >= 0) task.mutable_device_time()->set_seconds(seconds);
  return task;
}

class DryRunTest : public CommandFixture {
 protected:
  DryRunTest() : with_workers_({&jobs_, &artifacts_, &workers_}) {}

  int RunDry(std::vector<std::string> arguments) {
    out_.str("");
    err_.str("");
    Environment environment = EnvironmentOver(
        with_workers_, out_, err_, interruption_, clock_, /*columns=*/0);
    return RunAtelier(arguments, environment);
  }
  std::vector<std::string> Sweep(const std::vector<std::string>& more) {
    std::vector<std::string> all = {"sweep",   "--content", picture_,
                                    "--style", picture_,    "--seed",
                                    "0-2",     "--dry-run"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  void ExpectNothingDone() {
    EXPECT_EQ(jobs_.submits(), 0);
    EXPECT_THAT(artifacts_.find_sizes(), IsEmpty()) << "nothing is uploaded";
  }

  FakeWorkerList workers_;
  InProcessServer with_workers_;
  const std::string picture_ = Picture("a.png");
};

TEST_F(DryRunTest, PrintsTasksAndASummary) {
  jobs_.SetPreview(
      {Task({"0"}, true, 0), Task({"1"}, false, 600), Task({"2"}, false, 240)},
      3);
  ASSERT_EQ(RunDry(Sweep({})), 0) << err_.str();
  EXPECT_EQ(out_.str(),
            "TASK  SEED  RESULT     TIME\n"
            "0     0     cached     -\n"
            "1     1     to render  10m\n"
            "2     2     to render  4m\n"
            "3 tasks: 1 has a result, 2 to render, about 14m of device time "
            "(2 workers connected: about 10m)\n");
  ExpectNothingDone();
}

TEST_F(DryRunTest, SaysWhatIsNotKnown) {
  jobs_.SetPreview({Task({"0"}, false, 30), Task({"1"}, false, -1)}, 2);
  workers_.count = 0;
  ASSERT_EQ(RunDry(Sweep({})), 0);
  EXPECT_THAT(out_.str(),
              HasSubstr("2 tasks: 0 have a result, 2 to render, about 30s of "
                        "device time without 1 of which nothing is known (no "
                        "worker that fits is connected)\n"));
  jobs_.SetPreview({Task({"0"}, false, -1)}, 1);
  ASSERT_EQ(RunDry(Sweep({})), 0);
  EXPECT_THAT(out_.str(), HasSubstr("device time not known, as nothing like it "
                                    "was rendered"));
}

TEST_F(DryRunTest, LongTablesEndWithHowManyMore) {
  jobs_.SetPreview({}, 60);
  ASSERT_EQ(RunDry(Sweep({})), 0);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("\n49"), Not(HasSubstr("\n50 ")),
                                HasSubstr("... and 10 more\n")));
  jobs_.SetPreview({}, 1'000'000);
  ASSERT_EQ(RunDry(Sweep({})), 0);
  EXPECT_THAT(out_.str(),
              AllOf(HasSubstr("... and 999950 more\n"),
                    HasSubstr("1000000 tasks, of which 10000, spread over all, "
                              "were looked at: ")));
}

TEST_F(DryRunTest, JsonIsOneObject) {
  jobs_.SetPreview(
      {Task({"0"}, true, 0), Task({"1"}, false, 60), Task({"2"}, false, -1)},
      3);
  ASSERT_EQ(RunDry(Sweep({"--json"})), 0) << err_.str();
  const auto json = nlohmann::json::parse(out_.str());
  EXPECT_EQ(json["dry_run"], true);
  EXPECT_EQ(json["task_count"], 3);
  EXPECT_EQ(json["looked_at"], 3);
  EXPECT_EQ(json["have_result"], 1);
  EXPECT_EQ(json["to_render"], 2);
  EXPECT_EQ(json["without_time"], 1);
  EXPECT_EQ(json["device_seconds"], 60);
  EXPECT_EQ(json["workers"], 2);
  EXPECT_EQ(json["seconds"], 60);
  EXPECT_EQ(json["axes"], nlohmann::json({"seed"}));
  ASSERT_THAT(json["tasks"], SizeIs(3));
  EXPECT_EQ(json["tasks"][1]["index"], 1);
  EXPECT_EQ(json["tasks"][1]["labels"], nlohmann::json({"1"}));
  EXPECT_EQ(json["tasks"][0]["has_result"], true);
  EXPECT_EQ(json["tasks"][1]["device_seconds"], 60);
  EXPECT_TRUE(json["tasks"][2]["device_seconds"].is_null());
}

TEST_F(DryRunTest, CountsInputsThatWouldBeUploaded) {
  jobs_.SetPreview({}, 3);
  ASSERT_EQ(RunDry(Sweep({})), 0);
  EXPECT_THAT(out_.str(), Not(HasSubstr("uploaded")));
  jobs_.SetMissing({std::string(64, '0')});
  ASSERT_EQ(RunDry(Sweep({})), 0);
  EXPECT_THAT(err_.str(),
              HasSubstr("neither the coordinator nor this machine has: 1;"));
}

TEST_F(DryRunTest, WaitAndOutputAreForTheRealRun) {
  jobs_.SetPreview({}, 3);
  const std::string folder = folder_.File("out");
  ASSERT_EQ(RunDry(Sweep({"--output", folder, "--coordinator", "h:1"})), 0)
      << err_.str();
  ASSERT_EQ(
      RunDry(Sweep({"--wait", "--output", folder, "--coordinator", "h:1"})), 0);
  EXPECT_FALSE(std::filesystem::exists(folder));
  ExpectNothingDone();
}

// The fixture has no cluster to start.
TEST_F(DryRunTest, ACommandThatWouldStartAClusterStartsNone) {
  ASSERT_EQ(RunDry(Sweep({"--wait"})), 0) << err_.str();
  EXPECT_THAT(out_.str(),
              HasSubstr("3 tasks: 0 have a result, 3 to render, device time "
                        "not known, as no coordinator is named\n"));
  EXPECT_THAT(jobs_.previews(), IsEmpty());
  ASSERT_EQ(RunDry({"study", "style-weight", "--content", picture_, "--style",
                    picture_, "--dry-run"}),
            0)
      << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("to render, device time not known"));
  ExpectNothingDone();
}

TEST_F(DryRunTest, AllStudiesAreSummedUp) {
  jobs_.SetPreview({Task({}, false, 60)}, 1);
  ASSERT_EQ(RunDry({"study", "all", "--content", picture_, "--style", picture_,
                    "--coordinator", "h:1", "--dry-run"}),
            0)
      << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("4 jobs, 4 tasks: 0 have a result, 4 to "
                                    "render, about 4m of device time\n"));
  ASSERT_EQ(RunDry({"study", "all", "--content", picture_, "--style", picture_,
                    "--coordinator", "h:1", "--dry-run", "--json"}),
            0);
  const std::string out = out_.str();
  EXPECT_EQ(std::count(out.begin(), out.end(), '\n'), 4);
  ExpectNothingDone();
}

TEST_F(DryRunTest, ExtendShowsTheEnlargedJob) {
  ASSERT_EQ(RunDry({"sweep", "--content", picture_, "--style", picture_,
                    "--seed", "0-1"}),
            0)
      << err_.str();
  const std::string id = PrintedId();
  jobs_.SetPreview({Task({"0"}, true, 0)}, 1);
  ASSERT_EQ(RunDry({"extend", id, "--seed", "2", "--dry-run"}), 0)
      << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("1 task: 1 has a result, 0 to render, no "
                                    "device time\n"));
  EXPECT_EQ(jobs_.submits(), 1);
}

TEST_F(DryRunTest, ErrorsAreThoseOfASubmit) {
  jobs_.RefusePreviews(grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(RunDry(Sweep({})), 2);
  EXPECT_THAT(out_.str(), IsEmpty());
  jobs_.RefusePreviews(grpc::StatusCode::UNIMPLEMENTED);
  EXPECT_EQ(RunDry(Sweep({})), 1);
  EXPECT_THAT(err_.str(), HasSubstr("--dry-run: the coordinator is too old"));
  EXPECT_EQ(RunDry(Sweep({"--print-spec"})), 2);
  EXPECT_THAT(err_.str(), HasSubstr("--dry-run was given, too"));
}

TEST(AboutTextTest, HasTwoUnitsAtMost) {
  EXPECT_EQ(AboutText(absl::Milliseconds(420)), "0.4s");
  EXPECT_EQ(AboutText(absl::Milliseconds(9949)), "9.9s");
  EXPECT_EQ(AboutText(absl::Milliseconds(9960)), "10s");
  EXPECT_EQ(AboutText(absl::Seconds(59)), "59s");
  EXPECT_EQ(AboutText(absl::Seconds(61)), "1m");
  EXPECT_EQ(AboutText(absl::Minutes(59) + absl::Seconds(50)), "1h");
  EXPECT_EQ(AboutText(absl::Minutes(130)), "2h10m");
  EXPECT_EQ(AboutText(absl::Hours(76)), "3d4h");
}

}  // namespace
}  // namespace atelier
