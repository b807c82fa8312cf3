// One task, as `atelier show JOB TASK` prints it.
#include <sstream>
#include <string>
#include <vector>

#include "client/cli/app.h"
#include "client/cli/environment_testing.h"
#include "client/lib/fake_jobs.h"
#include "common/rpc/render_conversion.h"
#include "common/weights/weight_file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/testing/in_process_server.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class ShowTaskTest : public testing::Test {
 protected:
  ShowTaskTest() : server_({&jobs_}) {
    v1::SubmitJobRequest request;
    request.set_request_id("job-1");
    request.mutable_spec()->set_name("sweep");
    v1::Axis& seeds = *request.mutable_spec()->add_axes();
    seeds.set_name("seed");
    v1::Axis& looks = *request.mutable_spec()->add_axes();
    looks.set_name("look");
    v1::AxisValue& coarse = *looks.add_values();
    coarse.set_label("coarse");
    coarse.mutable_set()->set_size_px(256);
    coarse.mutable_set()->set_preset(v1::PRESET_FINE);
    for (const int seed : {7, 8}) {
      v1::AxisValue& value = *seeds.add_values();
      value.set_label(std::to_string(seed));
      value.mutable_set()->set_seed(seed);
    }
    v1::Job job;
    EXPECT_TRUE(jobs_.SubmitJob(nullptr, &request, &job).ok());
  }

  static v1::Task Task(uint64_t seed) {
    v1::Task task;
    task.add_labels(std::to_string(seed));
    task.add_labels("coarse");
    task.set_state(v1::TASK_STATE_QUEUED);
    Render render;
    render.params.seed = seed;
    render.params.size_px = 256;
    render.params.iterations = 500;
    render.params.content_weight = 1;
    render.params.content_layers = {{"conv_1", 1}};
    render.inputs.content = std::string(64, 'a');
    render.inputs.weights = std::string(64, 'b');
    *task.mutable_render() = ToProto(render);
    return task;
  }
  // Failed on "anna", then done by "bert".
  static v1::Task Done() {
    v1::Task task = Task(8);
    task.set_state(v1::TASK_STATE_SUCCEEDED);
    task.set_attempts(2);
    v1::TaskResult& result = *task.mutable_result();
    result.set_image_digest(std::string(64, 'e'));
    result.set_iterations(480);
    result.mutable_elapsed()->set_seconds(80);
    result.set_worker("bert");
    result.set_width_px(256);
    result.set_height_px(192);
    (*result.mutable_losses()->mutable_terms())["content"] = 0.25;
    result.mutable_losses()->set_total(0.5);
    task.set_outcome(v1::OUTCOME_OUT_OF_MEMORY);
    task.set_message("out of memory");
    return task;
  }
  static std::vector<v1::Attempt> TwoAttempts() {
    std::vector<v1::Attempt> attempts(2);
    attempts[0].set_number(1);
    attempts[0].set_worker("anna");
    attempts[0].mutable_ended_at()->set_seconds(1'000'000);
    attempts[0].set_outcome(v1::OUTCOME_OUT_OF_MEMORY);
    attempts[0].set_message("out of \x1b[2Jmemory\nline");
    attempts[1].set_number(2);
    attempts[1].set_worker("bert");
    attempts[1].mutable_began_at()->set_seconds(1'000'001);
    attempts[1].mutable_ended_at()->set_seconds(1'000'081);
    attempts[1].mutable_ended_at()->set_nanos(500'000'000);
    attempts[1].set_outcome(v1::OUTCOME_SUCCEEDED);
    attempts[1].mutable_device_time()->set_seconds(80);
    attempts[1].mutable_device_time()->set_nanos(500'000'000);
    return attempts;
  }

  int Show(std::vector<std::string> arguments) {
    out_.str("");
    err_.str("");
    arguments.insert(arguments.begin(), "show");
    Environment environment =
        EnvironmentOver(server_, out_, err_, interruption_, clock_,
                        /*columns=*/0);
    return RunAtelier(arguments, environment);
  }

  FakeJobs jobs_;
  InProcessServer server_;
  std::ostringstream out_;
  std::ostringstream err_;
  Interruption interruption_;
  FakeClock clock_{absl::UnixEpoch()};
};

TEST_F(ShowTaskTest, ATaskThatIsDoneHasItsResultAndItsAttempts) {
  jobs_.SetTasks({Task(7), Done()});
  jobs_.SetAttempts(TwoAttempts());
  EXPECT_EQ(Show({"job-1", "1"}), 0) << err_.str();
  EXPECT_EQ(out_.str(),
            "job           sweep\n"
            "task          1 of 0 to 1\n"
            "seed          8\n"
            "look          coarse (preset=fine, size=256)\n"
            "state         succeeded\n"
            "attempts      2\n"
            "worker        bert\n"
            "iterations    480/500\n"
            "took          1m20s\n"
            "total_loss    0.5\n"
            "content_loss  0.25\n"
            "image         " +
                std::string(64, 'e') +
                "\n"
                "size          256x192\n"
                "outcome       out_of_memory\n"
                "message       out of memory\n"
                "\n"
                "ATTEMPT  WORKER  BEGAN                 TOOK     "
                "OUTCOME        MESSAGE\n"
                "1        anna    -                     -        "
                "out_of_memory  out of \\x1b[2Jmemory\\nline\n"
                "2        bert    1970-01-12T13:46:41Z  1m20.5s  "
                "succeeded\n");
}

// Measured as the jobs of this test ask: by the built-in network at 256 px.
v1::Task Measured(v1::Task task) {
  v1::Measures& measures = *task.mutable_result()->mutable_measures();
  measures.set_version(1);
  measures.mutable_by()->set_weights_digest(
      LoadWeights(std::string(kBuiltinNetwork)).value().digest);
  measures.mutable_by()->set_size_px(256);
  (*measures.mutable_values())["sparkle"] = 3;
  (*measures.mutable_values())["mean_wavelength"] = 38.87;
  (*measures.mutable_values())["psnr"] = 21.337;
  measures.mutable_iteration_time()->set_nanos(125'000'000);
  measures.set_peak_memory_bytes(256 << 20);
  return task;
}

TEST_F(ShowTaskTest, AResultHasItsMeasures) {
  jobs_.SetTasks({Measured(Done())});
  EXPECT_EQ(Show({"job-1", "0"}), 0) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("size                   256x192\n"
                                    "psnr                   21.3 dB\n"
                                    "mean_wavelength        38.9 px\n"
                                    "seconds_per_iteration  0.125 s\n"
                                    "peak_memory_bytes      256 MiB\n"
                                    "sparkle                3\n"
                                    "outcome"));
  EXPECT_EQ(Show({"job-1", "0", "--json"}), 0) << err_.str();
  EXPECT_EQ(nlohmann::json::parse(out_.str())["measures"],
            nlohmann::json({{"psnr", 21.337},
                            {"mean_wavelength", 38.87},
                            {"seconds_per_iteration", 0.125},
                            {"peak_memory_bytes", 256.0 * (1 << 20)},
                            {"sparkle", 3.0}}));
}

TEST_F(ShowTaskTest, WhatWasMeasuredOtherwiseThanTheJobAsksIsAbsent) {
  v1::Task other = Measured(Done());
  other.mutable_result()->mutable_measures()->mutable_by()->set_size_px(128);
  for (const v1::Task& task : {other, Done()}) {
    jobs_.SetTasks({task});
    EXPECT_EQ(Show({"job-1", "0"}), 0) << err_.str();
    EXPECT_THAT(out_.str(), Not(HasSubstr("psnr")));
    EXPECT_EQ(Show({"job-1", "0", "--json"}), 0) << err_.str();
    const auto json = nlohmann::json::parse(out_.str());
    EXPECT_TRUE(json.contains("measures"));
    EXPECT_EQ(json["measures"], nullptr);
  }
}

TEST_F(ShowTaskTest, ATaskThatRunsHasItsWorkerAndItsProgress) {
  v1::Task task = Task(7);
  task.set_state(v1::TASK_STATE_LEASED);
  task.set_attempts(1);
  task.set_worker("anna");
  task.set_iteration(120);
  task.mutable_losses()->set_total(0.125);
  jobs_.SetTasks({task});
  EXPECT_EQ(Show({"job-1", "0"}), 0) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("state      leased\n"
                                    "attempts   1\n"
                                    "worker     anna\n"
                                    "iteration  120/500\n"
                                    "loss       0.125\n"));
  EXPECT_THAT(out_.str(), Not(HasSubstr("ATTEMPT"))) << "none has ended";
}

TEST_F(ShowTaskTest, AResultThatWasThereSaysSo) {
  v1::Task task = Done();
  task.set_attempts(0);
  jobs_.SetTasks({task});
  EXPECT_EQ(Show({"job-1", "0"}), 0) << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("succeeded, with a result that was there"));
}

TEST_F(ShowTaskTest, JsonHasTheSame) {
  jobs_.SetTasks({Task(7), Done()});
  jobs_.SetAttempts(TwoAttempts());
  EXPECT_EQ(Show({"job-1", "1", "--json"}), 0) << err_.str();
  EXPECT_THAT(out_.str(), Not(HasSubstr("\x1b")));
  const auto json = nlohmann::json::parse(out_.str());
  EXPECT_EQ(json["job_id"], "job-1");
  EXPECT_EQ(json["index"], 1);
  EXPECT_EQ(json["state"], "succeeded");
  EXPECT_EQ(json["attempts"], 2);
  EXPECT_EQ(json["parameters"]["seed"], "8");
  EXPECT_EQ(json["content_loss"], 0.25);
  EXPECT_EQ(json["outcome"], "out_of_memory");
  const auto& attempts = json["attempt_list"];
  ASSERT_EQ(attempts.size(), 2);
  EXPECT_EQ(attempts[0]["number"], 1);
  EXPECT_EQ(attempts[0]["began_at"], nullptr);
  EXPECT_EQ(attempts[0]["message"], TwoAttempts()[0].message());
  EXPECT_EQ(attempts[1]["worker"], "bert");
  EXPECT_EQ(attempts[1]["began_at"], "1970-01-12T13:46:41Z");
  EXPECT_EQ(attempts[1]["ended_at"], "1970-01-12T13:48:01Z");
  EXPECT_EQ(attempts[1]["outcome"], "succeeded");
  EXPECT_EQ(attempts[1]["device_seconds"], 80.5);

  EXPECT_EQ(Show({"job-1", "0", "--json"}), 0) << err_.str();
  EXPECT_EQ(nlohmann::json::parse(out_.str())["outcome"], nullptr);
}

TEST_F(ShowTaskTest, WhatIsNoTaskOfTheJobIsOneLine) {
  jobs_.SetTasks({Task(7), Task(8)});
  const struct {
    std::vector<std::string> arguments;
    int code;
    const char* message;
  } kCases[] = {
      {{"job-1", "one"}, 2, "task: 'one' is not allowed; from 0"},
      {{"job-1", "-1"}, 2, "task: '-1' is not allowed; from 0"},
      {{"job-1", "1.5"}, 2, "task: '1.5' is not allowed"},
      {{"job-1", "99999999999999999999"}, 2, "task: '99999999999999999999'"},
      {{"job-1", "2"},
       2,
       "task: 2 is not allowed; job job-1 has the tasks 0 to 1\n"},
      {{"job-1", "0", "--state", "failed"}, 2, "--state and --limit choose"},
      {{"job-1", "0", "--limit", "3"}, 2, "--state and --limit choose"},
      {{"job-2", "0"}, 1, "no job 'job-2'\n"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.message);
    EXPECT_EQ(Show(c.arguments), c.code);
    EXPECT_THAT(out_.str(), IsEmpty());
    EXPECT_THAT(err_.str(), HasSubstr(c.message));
    EXPECT_EQ(err_.str().find('\n'), err_.str().size() - 1);
  }
}

}  // namespace
}  // namespace atelier
