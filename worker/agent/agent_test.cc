#include "worker/agent/agent.h"

#include <atomic>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/image/image.h"
#include "common/render/description.h"
#include "common/retry_after.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/timings_conversion.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "worker/agent/agent_fixture_testing.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_F(AgentTest, RendersAndReports) {
  renderer_.EndWith(RenderEnd::kCompleted);
  Start();
  coordinator_.Assign(Work());
  const v1::AttemptReport report =
      coordinator_.AwaitReport(v1::OUTCOME_SUCCEEDED);
  EXPECT_EQ(report.token().number(), 1);
  EXPECT_EQ(report.result().width_px(), 32);
  EXPECT_EQ(report.result().height_px(), 24);
  EXPECT_EQ(report.result().iterations(), 1);
  EXPECT_EQ(report.result().losses().total(), 3.0);
  EXPECT_EQ(report.result().worker(), "w1");
  EXPECT_EQ(report.result().profile(), "profile");
  EXPECT_EQ(report.result().engine_version(), 8);
  const AttemptTimings timings = FromProto(report.result().timings());
  EXPECT_EQ(timings.iterations, FakeRenderer::kIterationTime);
  EXPECT_GT(timings.inputs, absl::ZeroDuration());
  EXPECT_GT(timings.encoding, absl::ZeroDuration());

  const auto png = store_.Find(report.result().image_digest());
  ASSERT_TRUE(png.has_value());
  EXPECT_EQ(*png, *Encode(renderer_.last_job().content, "png",
                          DescribeRender(render_)));
  EXPECT_TRUE(Stop().ok());
}

TEST_F(AgentTest, TheResultHasTheBitsAndColoursAskedFor) {
  render_.params.bits = 16;
  render_.params.colors = Colors::kOriginal;
  Image flat{64, 48, {}};
  for (float value : {0.6F, 0.4F, 0.2F}) {
    flat.rgb.insert(flat.rgb.end(), 64 * 48, value);
  }
  render_.inputs.content = store_.Add(*Encode(flat, "png"));
  // What the optimizer made of it: grey, and of another luminance.
  renderer_.DrawInstead({32, 24, std::vector<float>(32 * 24 * 3, 0.5F)});
  renderer_.EndWith(RenderEnd::kCompleted);
  Start();
  coordinator_.Assign(Work());
  const v1::AttemptReport report =
      coordinator_.AwaitReport(v1::OUTCOME_SUCCEEDED);
  const Image image = *Decode(*store_.Find(report.result().image_digest()));
  const float rise = 0.5F - (0.299F * 0.6F + 0.587F * 0.4F + 0.114F * 0.2F);
  EXPECT_NEAR(image.rgb[0], 0.6F + rise, 1.0F / 65535);
  EXPECT_NEAR(image.rgb[2 * 32 * 24], 0.2F + rise, 1.0F / 65535);
  EXPECT_TRUE(Stop().ok());
}

TEST_F(AgentTest, TellsHowFarItIsWhatItMeasuresAndWhatItHolds) {
  options_.self.add_tags("gpu");
  options_.held_inputs = [] { return std::vector<std::string>{"digest"}; };
  Start();
  coordinator_.Assign(Work());
  const v1::SynchronizeRequest request = coordinator_.Await(IsRunning);
  EXPECT_GT(request.running(0).losses().total(), 0);
  EXPECT_EQ(request.worker().slots(), 1);
  EXPECT_FALSE(request.worker().batches());
  EXPECT_THAT(request.metrics(), SizeIs(7));
  EXPECT_THAT(request.worker().held_inputs(), ElementsAre("digest"));
  EXPECT_THAT(request.worker().tags(), ElementsAre("gpu"));
  EXPECT_TRUE(Stop().ok());
}

TEST_F(AgentTest, StartsARepeatedAssignmentOnce) {
  Start();
  coordinator_.Assign(Work(), /*times=*/3);
  coordinator_.Await(IsRunning);
  coordinator_.Assign(Work());
  // The answer to the next call brings it again, and the call after has seen
  // it.
  const auto so_far = coordinator_.requests().size();
  coordinator_.Await([so_far, seen = size_t{0}](const auto&) mutable {
    return ++seen > so_far + 1;
  });
  renderer_.EndWith(RenderEnd::kCompleted);
  coordinator_.AwaitReport(v1::OUTCOME_SUCCEEDED);
  EXPECT_TRUE(Stop().ok());
  EXPECT_EQ(renderer_.renders(), 1);
}

TEST_F(AgentTest, StopsARenderThatNobodyWantsAndReportsNothing) {
  Start();
  coordinator_.Assign(Work(1));
  coordinator_.Await(IsRunning);
  coordinator_.StopAttempt(Work(1).token());
  // The slot is free again: the next one is taken.
  renderer_.AwaitIteration(1);
  coordinator_.Await([was_running = false](const auto& request) mutable {
    was_running = was_running || IsRunning(request);
    return was_running && IsFree(request);
  });
  renderer_.EndWith(RenderEnd::kCompleted);
  coordinator_.Assign(Work(2));
  EXPECT_EQ(coordinator_.AwaitReport(v1::OUTCOME_SUCCEEDED).token().number(),
            2);
  EXPECT_TRUE(Stop().ok());
  for (const v1::SynchronizeRequest& request : coordinator_.requests()) {
    for (const v1::AttemptReport& report : request.finished()) {
      EXPECT_EQ(report.token().number(), 2);
    }
  }
}

TEST_F(AgentTest, KeepsRenderingWhileTheCoordinatorIsAwayAndThenReports) {
  Start();
  coordinator_.Assign(Work());
  coordinator_.Await(IsRunning);
  coordinator_.FailWith(grpc::StatusCode::UNAVAILABLE);
  const int seen = renderer_.renders();
  renderer_.AwaitIteration(100);
  renderer_.EndWith(RenderEnd::kCompleted);
  // The report is tried, and fails, before the coordinator is back.
  coordinator_.AwaitReport(v1::OUTCOME_SUCCEEDED);
  EXPECT_THAT(*outbox_.Load(), SizeIs(1));
  coordinator_.FailWith(grpc::StatusCode::OK);
  coordinator_.Await([reported = false](const auto& request) mutable {
    reported = reported || request.finished_size() > 0;
    return reported && IsFree(request);
  });
  EXPECT_EQ(renderer_.renders(), seen);
  EXPECT_TRUE(Stop().ok());
  EXPECT_THAT(*outbox_.Load(), IsEmpty());
}

// What a coordinator says to whoever asks for more than it may.
grpc::Status AtItsBound() {
  return ToGrpc(WithRetryAfter(absl::ResourceExhaustedError("requests: ..."),
                               absl::Milliseconds(2)));
}

TEST_F(AgentTest, ComesThroughRefusedCallsAndUploadsWithoutLosingItsWork) {
  coordinator_.RefuseNext(3, AtItsBound());
  Start();
  coordinator_.Assign(Work());
  coordinator_.Await(IsRunning);
  coordinator_.RefuseNext(3, AtItsBound());
  store_.FailNext(2, AtItsBound());
  renderer_.EndWith(RenderEnd::kCompleted);
  const v1::AttemptReport report =
      coordinator_.AwaitReport(v1::OUTCOME_SUCCEEDED);
  EXPECT_TRUE(store_.Find(report.result().image_digest()).has_value());
  EXPECT_EQ(renderer_.renders(), 1);
  EXPECT_TRUE(Stop().ok());
  EXPECT_THAT(*outbox_.Load(), IsEmpty());
}

TEST_F(AgentTest, RepeatsALastWordThatIsRefused) {
  Start();
  coordinator_.Assign(Work());
  coordinator_.Await(IsRunning);
  coordinator_.RefuseNext(1'000'000, AtItsBound());
  agent_->Stop();
  coordinator_.AwaitReport(v1::OUTCOME_PREEMPTED);
  coordinator_.RefuseNext(0, grpc::Status::OK);
  EXPECT_TRUE(Join().ok());
  EXPECT_THAT(*outbox_.Load(), IsEmpty());
}

TEST_F(AgentTest, RepeatsAReportUntilItIsAnswered) {
  coordinator_.AnswerReports(false);
  renderer_.EndWith(RenderEnd::kCompleted);
  Start();
  coordinator_.Assign(Work());
  coordinator_.Await([times = 0](const auto& request) mutable {
    times += request.finished_size();
    return times >= 3;
  });
  EXPECT_THAT(*outbox_.Load(), SizeIs(1));
  coordinator_.AnswerReports(true);
  coordinator_.Await([reported = false](const auto& request) mutable {
    reported = reported || request.finished_size() > 0;
    return reported && IsFree(request);
  });
  EXPECT_TRUE(Stop().ok());
  EXPECT_THAT(*outbox_.Load(), IsEmpty());
}

TEST_F(AgentTest, SendsWhatItsEarlierLifeCouldNot) {
  v1::AttemptReport report;
  *report.mutable_token() = Work(7).token();
  report.set_outcome(v1::OUTCOME_DIVERGED);
  ASSERT_TRUE(outbox_.Put(report).ok());
  Start();
  EXPECT_EQ(coordinator_.AwaitReport(v1::OUTCOME_DIVERGED).token().number(), 7);
  EXPECT_TRUE(Stop().ok());
  EXPECT_THAT(*outbox_.Load(), IsEmpty());
}

TEST_F(AgentTest, HandsBackWhatItRunsWhenStopped) {
  Start();
  coordinator_.Assign(Work());
  coordinator_.Await(IsRunning);
  EXPECT_TRUE(Stop().ok());
  const v1::SynchronizeRequest last = coordinator_.requests().back();
  EXPECT_TRUE(last.draining());
  ASSERT_THAT(last.finished(), SizeIs(1));
  EXPECT_EQ(last.finished(0).outcome(), v1::OUTCOME_PREEMPTED);
  EXPECT_THAT(last.running(), IsEmpty());
  EXPECT_THAT(*outbox_.Load(), IsEmpty());
}

TEST_F(AgentTest, HandsBackARenderThatDoesNotComeToItsNextIteration) {
  options_.stop_within = absl::ZeroDuration();
  renderer_.TurnDeaf();
  Start();
  coordinator_.Assign(Work());
  coordinator_.Await(IsRunning);
  agent_->Stop();
  thread_.join();  // Though the render goes on.
  EXPECT_EQ(coordinator_.AwaitReport(v1::OUTCOME_PREEMPTED).token().number(),
            1);
  renderer_.EndWith(RenderEnd::kCompleted);
  agent_.reset();
}

TEST_F(AgentTest, StopsAtOnceWhileItsCallIsHeld) {
  Start();
  coordinator_.Await(IsFree);
  EXPECT_TRUE(Stop().ok());
  EXPECT_TRUE(coordinator_.requests().back().draining());
}

TEST_F(AgentTest, StopsThoughTheCoordinatorIsAway) {
  coordinator_.FailWith(grpc::StatusCode::UNAVAILABLE);
  Start();
  coordinator_.Await(IsFree);
  EXPECT_TRUE(Stop().ok());
}

TEST_F(AgentTest, FinishesWhatItRunsWhenDrainedAndStaysConnected) {
  Start();
  coordinator_.Assign(Work(1));
  coordinator_.Await(IsRunning);
  coordinator_.Drain();
  coordinator_.Await([](const auto& request) { return request.draining(); });
  renderer_.EndWith(RenderEnd::kCompleted);
  coordinator_.AwaitReport(v1::OUTCOME_SUCCEEDED);
  coordinator_.Assign(Work(2));
  EXPECT_EQ(coordinator_.AwaitReport(v1::OUTCOME_PREEMPTED).token().number(),
            2);
  EXPECT_EQ(renderer_.renders(), 1);
  EXPECT_TRUE(Stop().ok());
}

TEST_F(AgentTest, SaysWhichInputCannotBeRendered) {
  render_.inputs.content = store_.Add("this is no picture");
  Start();
  coordinator_.Assign(Work());
  EXPECT_THAT(coordinator_.AwaitReport(v1::OUTCOME_INVALID_INPUT).message(),
              HasSubstr("the content"));
  EXPECT_TRUE(Stop().ok());
  EXPECT_EQ(renderer_.renders(), 0);
}

TEST_F(AgentTest, RefusesAPictureOfAnotherSizeThanItsJobSays) {
  v1::Assignment work = Work();
  v1::ImageDescription& content = *work.add_images();
  content.set_digest(render_.inputs.content);
  content.set_width_px(640);
  content.set_height_px(48);
  Start();
  coordinator_.Assign(work);
  EXPECT_THAT(coordinator_.AwaitReport(v1::OUTCOME_INVALID_INPUT).message(),
              HasSubstr("64 x 48 px; the job describes it as 640 x 48 px"));
  EXPECT_TRUE(Stop().ok());
}

TEST_F(AgentTest, RefusesAPictureTooSmallForTheLayers) {
  render_.params.content_layers = {{"conv5_1", 1.0}};
  render_.inputs.content = store_.Add(Png(64, 8));
  Start();
  coordinator_.Assign(Work());
  EXPECT_THAT(coordinator_.AwaitReport(v1::OUTCOME_INVALID_INPUT).message(),
              HasSubstr("32 x 4 px once resized; these layers need at least 16"
                        " px"));
  EXPECT_TRUE(Stop().ok());
}

TEST_F(AgentTest, AnInputTheStoreLacksIsNotTheRendersFault) {
  render_.inputs.content = HexDigest("gone");
  Start();
  coordinator_.Assign(Work());
  EXPECT_THAT(coordinator_.AwaitReport(v1::OUTCOME_INTERNAL).message(),
              AllOf(HasSubstr("cannot fetch the content"),
                    HasSubstr("submit the same file again")));
  EXPECT_TRUE(Stop().ok());
}

TEST_F(AgentTest, NamesTheOutcomeByTheRenderersError) {
  const struct {
    absl::Status failure;
    v1::Outcome outcome;
  } kCases[] = {
      {absl::InvalidArgumentError("bad"), v1::OUTCOME_INVALID_INPUT},
      {absl::ResourceExhaustedError("17 bytes"), v1::OUTCOME_OUT_OF_MEMORY},
      {absl::InternalError("broken"), v1::OUTCOME_INTERNAL},
  };
  Start();
  int number = 0;
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.failure);
    renderer_.FailWith(c.failure);
    coordinator_.Assign(Work(++number));
    EXPECT_EQ(coordinator_.AwaitReport(c.outcome).message(),
              std::string(c.failure.message()));
  }
  EXPECT_TRUE(Stop().ok());
}

TEST_F(AgentTest, DivergedIsNoSuccess) {
  renderer_.EndWith(RenderEnd::kDiverged);
  Start();
  coordinator_.Assign(Work());
  const auto report = coordinator_.AwaitReport(v1::OUTCOME_DIVERGED);
  EXPECT_EQ(report.message(), "loss is NaN");
  EXPECT_FALSE(report.has_result());
  EXPECT_TRUE(Stop().ok());
}

TEST_F(AgentTest, FetchesAnInputOnce) {
  renderer_.EndWith(RenderEnd::kCompleted);
  Start();
  for (int number : {1, 2, 3}) {
    coordinator_.Assign(Work(number));
    coordinator_.Await([number](const auto& request) {
      return request.finished_size() > 0 &&
             request.finished(0).token().number() == number;
    });
  }
  EXPECT_TRUE(Stop().ok());
  EXPECT_EQ(store_.downloads(), 1);
}

TEST_F(AgentTest, StopEndsAFetchThatHangs) {
  store_.HangDownloads();
  Start();
  coordinator_.Assign(Work());
  store_.AwaitDownload();
  EXPECT_TRUE(Stop().ok());
  EXPECT_EQ(coordinator_.requests().back().finished(0).outcome(),
            v1::OUTCOME_PREEMPTED);
}

TEST_F(AgentTest, EndsWhenTheCoordinatorRefusesIt) {
  coordinator_.FailWith(grpc::StatusCode::INVALID_ARGUMENT);
  Start();
  EXPECT_EQ(Join().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(AgentTest, EndsWhereTheWayToTheCoordinatorIsWrong) {
  coordinator_.FailWith(grpc::StatusCode::UNAVAILABLE);
  int asked = 0;
  options_.explain_absence = [&asked] {  // At first nobody is there.
    return ++asked < 3 ? absl::OkStatus()
                       : absl::UnauthenticatedError("it expired");
  };
  Start();
  const absl::Status ended = Join();
  EXPECT_TRUE(absl::IsUnauthenticated(ended)) << ended;
  EXPECT_EQ(ended.message(), "it expired");
}

TEST_F(AgentTest, WorksOnceItsTokenIsKnown) {
  std::atomic<int> asked{0};
  options_.explain_token = [&asked] {
    ++asked;
    return std::string("no token");
  };
  coordinator_.FailWith(grpc::StatusCode::UNAUTHENTICATED);
  renderer_.EndWith(RenderEnd::kCompleted);
  Start();
  coordinator_.Await([tries = 0](const auto&) mutable { return ++tries > 5; });
  coordinator_.Assign(Work());
  coordinator_.FailWith(grpc::StatusCode::OK);
  coordinator_.AwaitReport(v1::OUTCOME_SUCCEEDED);
  EXPECT_TRUE(Stop().ok());
  EXPECT_EQ(asked, 1) << "once a minute";
}

TEST_F(AgentTest, OnceAnsweredItGoesOnWhateverIsWrongWithTheWay) {
  std::atomic<int> asked{0};
  options_.explain_absence = [&asked] {
    ++asked;
    return absl::UnauthenticatedError("it expired");
  };
  Start();
  coordinator_.Assign(Work());
  coordinator_.Await(IsRunning);
  coordinator_.FailWith(grpc::StatusCode::UNAVAILABLE);
  renderer_.AwaitIteration(50);
  renderer_.EndWith(RenderEnd::kCompleted);
  coordinator_.AwaitReport(v1::OUTCOME_SUCCEEDED);
  coordinator_.FailWith(grpc::StatusCode::OK);
  coordinator_.Await([reported = false](const auto& request) mutable {
    reported = reported || request.finished_size() > 0;
    return reported && IsFree(request);
  });
  EXPECT_EQ(asked, 1);
  EXPECT_TRUE(Stop().ok());
}

TEST_F(AgentTest, WaitsForItsNameAWhile) {
  coordinator_.FailWith(grpc::StatusCode::ALREADY_EXISTS);
  Start();
  coordinator_.Await([times = 0](const auto&) mutable { return ++times > 3; });
  coordinator_.FailWith(grpc::StatusCode::OK);
  renderer_.EndWith(RenderEnd::kCompleted);
  coordinator_.Assign(Work());
  coordinator_.AwaitReport(v1::OUTCOME_SUCCEEDED);
  EXPECT_TRUE(Stop().ok());
}

}  // namespace
}  // namespace atelier
