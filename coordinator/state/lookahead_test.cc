#include "coordinator/state/lookahead.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "coordinator/state/cluster_state.h"
#include "coordinator/state/job.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

TaskRender Named(const std::string& key) {
  TaskRender render;
  render.key = RenderKey(key);
  return render;
}

TEST(LookaheadTest, WhatIsTakenIsGone) {
  Lookahead lookahead;
  lookahead.Add({JobId("a"), 0}, Named("k"));
  EXPECT_FALSE(lookahead.Take({JobId("a"), 1}).has_value());
  EXPECT_EQ(lookahead.Take({JobId("a"), 0})->key, RenderKey("k"));
  EXPECT_FALSE(lookahead.Take({JobId("a"), 0}).has_value());
}

TEST(LookaheadTest, AJobIsForgottenAndNoOther) {
  Lookahead lookahead;
  for (const char* job : {"a", "b", "c"}) {
    for (int64_t index : {0, 7}) lookahead.Add({JobId(job), index}, Named("k"));
  }
  lookahead.Forget(JobId("b"));
  EXPECT_EQ(lookahead.size(), 4);
  EXPECT_FALSE(lookahead.Take({JobId("b"), 7}).has_value());
  EXPECT_TRUE(lookahead.Take({JobId("c"), 0}).has_value());
}

TEST(LookaheadTest, ItHasABound) {
  Lookahead lookahead;
  for (int64_t index = 0; index < 10 * static_cast<int64_t>(Lookahead::kMost);
       ++index) {
    lookahead.MakeRoom();
    lookahead.Add({JobId("a"), index}, Named("k"));
    ASSERT_LE(lookahead.size(), Lookahead::kMost);
  }
}

// A task of one job after the other.
class InTurns : public SchedulingPolicy {
 public:
  std::optional<TaskId> Next(const SchedulingView& view,
                             const WorkerDescription& /*worker*/) override {
    const std::map<int64_t, Job>& jobs = view.queue.by_sequence();
    auto next = jobs.upper_bound(last_);
    if (next == jobs.end()) next = jobs.begin();
    last_ = next->first;
    return TaskId{next->second.record().id, *next->second.NextClaimable()};
  }

 private:
  int64_t last_ = 0;
};

// No job's renders are another's.
void AddJob(ClusterState& state, int number, int tasks) {
  NetworkDescription network;
  network.weights_digest = std::string(64, 'f');
  network.blocks = {{8}};
  JobSpec spec;
  spec.networks = {network};
  spec.base.weights_digest = network.weights_digest;
  spec.base.style_digests = {std::string(64, '5')};
  spec.base.content_digest = std::string(64, 'c');
  spec.base.content_layers = {{"conv1_1", 1}};
  spec.base.style_layers = {{"conv1_1", 1}};
  spec.base.init = Initialisation::kNoise;
  spec.base.iterations = number + 1;
  Axis axis{"seed", {}};
  for (int i = 0; i < tasks; ++i) {
    AxisValue value;
    value.set.seed = i;
    axis.values.push_back(std::move(value));
  }
  spec.axes = {std::move(axis)};
  JobRecord record;
  record.id = JobId(std::to_string(number));
  record.request_id = RequestId(record.id.value());
  record.sequence = number + 1;
  record.task_count = record.counts.queued = tasks;
  state.AddJob(std::move(record),
               std::make_shared<const JobSpec>(std::move(spec)));
}

TEST(LookaheadTest, ManyJobsThatAreGivenInTurnsKeepToIt) {
  InTurns policy;
  ClusterState state(policy, /*epoch=*/1, StateOptions());
  constexpr int kJobs = 12;
  // Enough of each that it looks ahead a second time, with nobody to take up
  // what it found.
  constexpr int kTasksOfEach = Job::kWindow + 1;
  for (int i = 0; i < kJobs; ++i) AddJob(state, i, 2 * kTasksOfEach);
  SyncRequest request;
  request.worker.name = WorkerName("w");
  request.worker.instance = InstanceId("i");
  request.worker.slots = kJobs * kTasksOfEach;
  state.Synchronize(/*call=*/1, request, absl::UnixEpoch());
  const size_t most = Lookahead::kMost + static_cast<size_t>(2 * Job::kWindow);
  size_t seen = 0;
  do {
    state.TakeReads(state.WantedReads(), StoreAnswers());
    state.AssignWork(absl::UnixEpoch());
    seen = std::max(seen, state.reuse().lookahead_size());
  } while (!state.WantedReads().empty());
  EXPECT_GT(seen, Lookahead::kMost / 2) << "they do look ahead";
  EXPECT_LE(seen, most);
  const Decisions decisions = state.TakeDecisions();
  ASSERT_EQ(decisions.answers.size(), 1);
  EXPECT_EQ(decisions.answers[0].second->start.size(), request.worker.slots);
}

TEST(LookaheadTest, ManySmallJobsAskTogether) {
  InTurns policy;
  ClusterState state(policy, /*epoch=*/1, StateOptions());
  constexpr int kJobs = 10 * static_cast<int>(Lookahead::kMost);
  for (int i = 0; i < kJobs; ++i) AddJob(state, i, 1);
  int reads = 0;
  for (state.AssignWork(absl::UnixEpoch()); !state.WantedReads().empty();
       state.AssignWork(absl::UnixEpoch())) {
    EXPECT_LE(state.reuse().lookahead_size(), Lookahead::kMost);
    state.TakeReads(state.WantedReads(), StoreAnswers());
    ++reads;
  }
  EXPECT_GT(reads, 1);
  EXPECT_LE(reads, kJobs / 100);
}

}  // namespace
}  // namespace atelier
