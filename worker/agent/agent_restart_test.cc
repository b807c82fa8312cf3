// What an agent does with what an earlier process left, and with reports that
// are refused.
#include <string>
#include <utility>
#include <vector>

#include "common/file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "worker/agent/agent_fixture_testing.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class AgentRestartTest : public AgentTest {
 protected:
  v1::AttemptReport Report(int number) const {
    v1::AttemptReport report;
    *report.mutable_token() = Work(number).token();
    report.set_outcome(v1::OUTCOME_DIVERGED);
    return report;
  }
  void Leave(std::vector<int> numbers) {
    for (int number : numbers) {
      ASSERT_TRUE(outbox_.Put(Report(number)).ok());
    }
  }
  // Of those whom the fake has answered.
  std::vector<int64_t> Numbers(const v1::SynchronizeRequest& request) const {
    std::vector<int64_t> numbers;
    for (const v1::AttemptReport& report : request.finished()) {
      numbers.push_back(report.token().number());
    }
    return numbers;
  }
  static bool IsOf(const v1::SynchronizeRequest& request,
                   const std::string& instance) {
    return request.worker().instance_id() == instance;
  }
};

TEST_F(AgentRestartTest, ABadReportIsDroppedAndTheOthersArrive) {
  Leave({1, 2, 3, 4});
  coordinator_.RefuseReports(
      [](const auto& report) { return report.token().number() == 3; });
  Start();
  for (int64_t number : {1, 2, 4}) {
    coordinator_.Await([&](const auto& request) {
      return Numbers(request) == std::vector<int64_t>{number};
    });
  }
  coordinator_.Await(IsFree);
  // It goes on as ever.
  renderer_.EndWith(RenderEnd::kCompleted);
  coordinator_.Assign(Work(5));
  coordinator_.AwaitReport(v1::OUTCOME_SUCCEEDED);
  EXPECT_TRUE(Stop().ok());
  EXPECT_THAT(*outbox_.Load(), IsEmpty());
}

TEST_F(AgentRestartTest, WhileItFindsOutItKeepsTheLeasesOfGoodReports) {
  Leave({1, 2});
  coordinator_.RefuseReports(
      [](const auto& report) { return report.token().number() == 1; });
  Start();
  const v1::SynchronizeRequest alone = coordinator_.Await(
      [](const auto& request) { return request.finished().empty(); });
  EXPECT_TRUE(alone.draining()) << "it would be held open";
  EXPECT_THAT(alone.running(), SizeIs(2));
  coordinator_.Await([&](const auto& request) {
    return Numbers(request) == std::vector<int64_t>{2};
  });
  EXPECT_TRUE(Stop().ok());
}

TEST_F(AgentRestartTest, AllReportsMayBeBad) {
  Leave({1, 2, 3});
  coordinator_.RefuseReports([](const auto&) { return true; });
  Start();
  coordinator_.Await(IsFree);
  EXPECT_TRUE(Stop().ok());
  EXPECT_THAT(*outbox_.Load(), IsEmpty());
}

TEST_F(AgentRestartTest, ACallHasABoundOnItsReports) {
  std::vector<int> many(300);
  for (int i = 0; i < 300; ++i) many[i] = i + 1;
  Leave(many);
  Start();
  coordinator_.Await(IsFree);
  for (const v1::SynchronizeRequest& request : coordinator_.requests()) {
    EXPECT_LE(request.finished_size(), 128);
    EXPECT_LE(request.running_size(), 256);
  }
  EXPECT_TRUE(Stop().ok());
  EXPECT_THAT(*outbox_.Load(), IsEmpty());
}

TEST_F(AgentRestartTest, EndsThePredecessorsAttemptsInItsNameFirst) {
  options_.predecessors = {"instance-before-1", "instance-before-2"};
  int joined = 0;
  options_.joined = [&joined] { ++joined; };
  Leave({7});
  coordinator_.Assign(Work(8));  // Comes again, as its answer was lost.
  Start();
  const v1::SynchronizeRequest first = coordinator_.Await(
      [](const auto& request) { return IsOf(request, "instance-before-1"); });
  EXPECT_TRUE(first.draining());
  EXPECT_THAT(first.running(), IsEmpty());
  EXPECT_THAT(Numbers(first), ElementsAre(7));
  const v1::SynchronizeRequest own = coordinator_.Await(
      [](const auto& request) { return IsOf(request, "0123456789abcdef"); });
  EXPECT_FALSE(own.draining());
  // What was handed back did not start here; what comes now does.
  renderer_.EndWith(RenderEnd::kCompleted);
  coordinator_.Assign(Work(9));
  coordinator_.AwaitReport(v1::OUTCOME_SUCCEEDED);
  EXPECT_TRUE(Stop().ok());
  EXPECT_EQ(joined, 1);
  EXPECT_EQ(renderer_.renders(), 1);

  std::vector<std::string> instances;
  for (const v1::SynchronizeRequest& request : coordinator_.requests()) {
    instances.push_back(request.worker().instance_id());
  }
  instances.resize(4);
  EXPECT_THAT(instances, ElementsAre("instance-before-1", "instance-before-1",
                                     "instance-before-2", "0123456789abcdef"));
  EXPECT_THAT(Numbers(coordinator_.requests()[1]), ElementsAre(8));
  EXPECT_EQ(coordinator_.requests()[1].finished(0).outcome(),
            v1::OUTCOME_PREEMPTED);
}

TEST_F(AgentRestartTest, DeliversAllReportsInThePredecessorsName) {
  options_.predecessors = {"instance-before-1"};
  std::vector<int> many(200);
  for (int i = 0; i < 200; ++i) many[i] = i + 1;
  Leave(many);
  coordinator_.RefuseReports(
      [](const auto& report) { return report.token().number() == 2; });
  Start();
  const v1::SynchronizeRequest own = coordinator_.Await(
      [](const auto& request) { return IsOf(request, "0123456789abcdef"); });
  EXPECT_THAT(own.finished(), IsEmpty());
  EXPECT_THAT(own.running(), IsEmpty());
  EXPECT_TRUE(Stop().ok());
  EXPECT_THAT(*outbox_.Load(), IsEmpty());
}

TEST_F(AgentRestartTest, WaitsForACoordinatorThatIsAwayWithItsFarewell) {
  options_.predecessors = {"instance-before-1"};
  std::atomic<int> reconnects{0};
  options_.reconnect = [&reconnects] { ++reconnects; };
  coordinator_.FailWith(grpc::StatusCode::UNAVAILABLE);
  Start();
  coordinator_.Await([times = 0](const auto&) mutable { return ++times > 3; });
  coordinator_.FailWith(grpc::StatusCode::OK);
  coordinator_.Await(
      [](const auto& request) { return IsOf(request, "0123456789abcdef"); });
  EXPECT_GE(reconnects, 3);
  EXPECT_TRUE(Stop().ok());
}

TEST_F(AgentRestartTest, APredecessorThatNobodyKnowsHoldsNothingUp) {
  options_.predecessors = {"instance-before-1", "instance-before-2"};
  coordinator_.FailWith(grpc::StatusCode::ALREADY_EXISTS);
  Start();
  coordinator_.Await(
      [](const auto& request) { return IsOf(request, "0123456789abcdef"); });
  coordinator_.FailWith(grpc::StatusCode::OK);
  renderer_.EndWith(RenderEnd::kCompleted);
  coordinator_.Assign(Work());
  coordinator_.AwaitReport(v1::OUTCOME_SUCCEEDED);
  EXPECT_TRUE(Stop().ok());
}

TEST_F(AgentRestartTest, WhatAProxySaysInPlaceOfTheCoordinatorEndsNothing) {
  Start();
  coordinator_.Assign(Work());
  coordinator_.Await(IsRunning);
  coordinator_.FailWith(grpc::StatusCode::UNIMPLEMENTED);
  renderer_.AwaitIteration(50);
  renderer_.EndWith(RenderEnd::kCompleted);
  coordinator_.AwaitReport(v1::OUTCOME_SUCCEEDED);
  coordinator_.FailWith(grpc::StatusCode::OK);
  coordinator_.Await([reported = false](const auto& request) mutable {
    reported = reported || request.finished_size() > 0;
    return reported && IsFree(request);
  });
  EXPECT_TRUE(Stop().ok());
}

TEST_F(AgentRestartTest, AnAssignmentWithoutATokenIsNotStarted) {
  v1::Assignment garbage = Work();
  garbage.mutable_token()->set_render_key("../../../../tmp/escaped");
  Start();
  coordinator_.Assign(garbage);
  renderer_.EndWith(RenderEnd::kCompleted);
  coordinator_.Assign(Work(2));
  EXPECT_EQ(coordinator_.AwaitReport(v1::OUTCOME_SUCCEEDED).token().number(),
            2);
  EXPECT_TRUE(Stop().ok());
  EXPECT_EQ(renderer_.renders(), 1);
}

TEST_F(AgentRestartTest, AMessageThatIsNoTextIsReportedAllTheSame) {
  renderer_.FailWith(absl::InternalError(std::string(3, '\xff') +
                                         std::string(5000, 'x') + "\u00e9"));
  Start();
  coordinator_.Assign(Work());
  const v1::AttemptReport report =
      coordinator_.AwaitReport(v1::OUTCOME_INTERNAL);
  EXPECT_LE(report.message().size(), 4096);
  EXPECT_EQ(report.message().substr(0, 12), "\\xff\\xff\\xff");
  EXPECT_TRUE(Stop().ok());
}

}  // namespace
}  // namespace atelier
