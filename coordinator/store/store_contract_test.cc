// What every store promises, run against all of them.
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "coordinator/store/store_contract_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_P(StoreContractTest, AJobComesBackWhole) {
  ASSERT_EQ(Apply({NewJob("a", 7, 3)}), kOk);
  Reopen();
  const JobRecord job = Job("a");
  EXPECT_EQ(job.sequence, 7);
  EXPECT_EQ(job.request_id, RequestId("request-a"));
  EXPECT_EQ(job.spec_bytes, std::string("spec\0of a", 9));
  EXPECT_EQ(job.task_count, 3);
  EXPECT_EQ(job.cursor, 0);
  EXPECT_EQ(job.generation, 0);
  EXPECT_EQ(job.state, JobState::kRunning);
  EXPECT_EQ(job.counts, (TaskCounts{3, 0, 0, 0, 0}));
  EXPECT_EQ(job.submitted_at, absl::FromUnixMicros(1'000'001));
  EXPECT_FALSE(job.ended_at.has_value());
  EXPECT_EQ(job.message, "");
  EXPECT_EQ(job.owner, "ann");
  EXPECT_EQ(store_->LastSequence().value(), 7);
}

TEST_P(StoreContractTest, ATokenKeepsItsSecret) {
  TaskRecord leased = Leased("a", 0, 1);
  leased.token.secret = std::string(32, 'e');
  ASSERT_EQ(Apply({NewJob("a", 1, 1), Inserted(leased)}), kOk);
  Reopen();
  EXPECT_EQ(store_->LoadOpenTasks(JobId("a"))->at(0).token, leased.token);
  TaskRecord again = leased;
  again.token = Token(2);
  ASSERT_EQ(Apply({Changed(leased, again)}), kOk);
  EXPECT_EQ(store_->LoadOpenTasks(JobId("a"))->at(0).token, again.token);
}

TEST_P(StoreContractTest,
       AChangedJobComesBackWholeAndKeepsWhatItWasSubmittedWith) {
  ASSERT_EQ(Apply({NewJob("a", 7, 15)}), kOk);
  JobRecord after = Job("a");
  after.spec_bytes = "another";
  after.sequence = 8;
  after.request_id = RequestId("another");
  after.submitted_at = absl::UnixEpoch();
  after.owner = "bob";
  after.cursor = 9;
  after.generation = 2;
  after.state = JobState::kFailed;
  after.counts = {1, 2, 3, 4, 5};
  after.paused = true;
  after.priority = -3;
  after.ended_at = absl::FromUnixMicros(3'000'003);
  after.message = "why";
  ASSERT_EQ(Apply({Changed(Job("a"), after)}), kOk);
  Reopen();
  const JobRecord job = Job("a");
  EXPECT_EQ(job.spec_bytes, std::string("spec\0of a", 9));
  EXPECT_EQ(job.cursor, 9);
  EXPECT_EQ(job.generation, 2);
  EXPECT_EQ(job.state, JobState::kFailed);
  EXPECT_EQ(job.counts, (TaskCounts{1, 2, 3, 4, 5}));
  EXPECT_TRUE(job.paused);
  EXPECT_EQ(job.priority, -3);
  EXPECT_EQ(job.ended_at, absl::FromUnixMicros(3'000'003));
  EXPECT_EQ(job.message, "why");
  EXPECT_EQ(job.sequence, 7);
  EXPECT_EQ(job.request_id, RequestId("request-a"));
  EXPECT_EQ(job.submitted_at, absl::FromUnixMicros(1'000'001));
  EXPECT_EQ(job.owner, "ann");
  after.ended_at.reset();
  ASSERT_EQ(Apply({Changed(job, after)}), kOk);
  EXPECT_FALSE(Job("a").ended_at.has_value());
}

TEST_P(StoreContractTest, AnEmptySpecIsASpec) {
  JobChange job = NewJob("a", 1, 1);
  job.after.spec_bytes.clear();
  ASSERT_EQ(Apply({job}), kOk);
  EXPECT_EQ(Job("a").spec_bytes, "");
}

TEST_P(StoreContractTest, NothingIsThereAtFirst) {
  EXPECT_EQ(store_->LastSequence().value(), 0);
  EXPECT_THAT(store_->LoadJobs(JobState::kRunning, 1000).value(), IsEmpty());
  EXPECT_EQ(store_->GetJob(JobId("a")).status().code(), kNotFound);
  EXPECT_EQ(store_->ListTasks(JobId("a"), 0, 9).status().code(), kNotFound);
  EXPECT_FALSE(store_->FindByRequestId(RequestId("a"))->has_value());
  EXPECT_THAT(store_->ListAttempts({JobId("a"), 0}).value(), IsEmpty());
}

TEST_P(StoreContractTest, IdsRequestsAndSequencesAreTakenOnce) {
  ASSERT_EQ(Apply({NewJob("a", 1, 1)}), kOk);
  JobChange same_request = NewJob("b", 2, 1);
  same_request.after.request_id = RequestId("request-a");
  for (const JobChange& job :
       {NewJob("a", 2, 1), same_request, NewJob("c", 1, 1)}) {
    EXPECT_EQ(Apply({job}), kFailedPrecondition);
  }
  EXPECT_EQ(Apply({NewJob("d", 2, 1)}), kOk);
  EXPECT_EQ(store_->FindByRequestId(RequestId("request-a")).value()->id,
            JobId("a"));
}

TEST_P(StoreContractTest, AJobIsChangedFromWhatItIsOnly) {
  ASSERT_EQ(Apply({NewJob("a", 1, 1)}), kOk);
  JobRecord another_state = Job("a");
  another_state.state = JobState::kFailed;
  JobRecord another_generation = Job("a");
  another_generation.generation = 1;
  JobRecord after = Job("a");
  after.message = "changed";
  JobRecord nobody = after;
  nobody.id = JobId("b");
  EXPECT_EQ(Apply({Changed(another_state, after)}), kFailedPrecondition);
  EXPECT_EQ(Apply({Changed(another_generation, after)}), kFailedPrecondition);
  EXPECT_EQ(Apply({Changed(nobody, nobody)}), kFailedPrecondition);
  EXPECT_EQ(Job("a").message, "");
  EXPECT_EQ(Apply({Changed(Job("a"), after)}), kOk);
  EXPECT_EQ(Job("a").message, "changed");
}

TEST_P(StoreContractTest, ATaskComesBackWhole) {
  const TaskRecord leased = Leased("a", 0, 1);
  TaskRecord ended = Ended(leased, TaskState::kFailed, Outcome::kDiverged);
  ended.generation = 5;
  ASSERT_EQ(Apply({NewJob("a", 1, 3), Inserted(leased)}), kOk);
  Reopen();
  TaskRecord row = Row("a", 0);
  EXPECT_EQ(row.state, TaskState::kLeased);
  EXPECT_EQ(row.attempts, 1);
  EXPECT_EQ(row.token, Token(1));
  EXPECT_EQ(row.worker, WorkerName("w"));
  EXPECT_EQ(row.instance, InstanceId("i"));
  EXPECT_EQ(row.began_at, absl::FromUnixMicros(2'000'002));
  EXPECT_FALSE(row.outcome.has_value());
  EXPECT_FALSE(row.result.has_value());
  ASSERT_EQ(Apply({Changed(leased, ended)}), kOk);
  row = Row("a", 0);
  EXPECT_EQ(row.state, TaskState::kFailed);
  EXPECT_EQ(row.generation, 5);
  EXPECT_EQ(row.outcome, Outcome::kDiverged);
  EXPECT_EQ(row.message, "said");
  EXPECT_EQ(row.costs.failures, 1);
  EXPECT_EQ(row.costs.interruptions, 2);
  EXPECT_EQ(row.costs.memory_floor_bytes, 3);
  EXPECT_EQ(row.costs.furthest_iteration, 4);
  EXPECT_THAT(row.costs.crashes, ElementsAre("\"a\": x", "\"b\": y, z"));
}

TEST_P(StoreContractTest, ARowForgetsWhatAChangeLeavesOut) {
  const TaskRecord full =
      Succeeded(Ended(Leased("a", 0, 1), TaskState::kQueued, Outcome::kLost));
  TaskRecord bare;
  bare.id = full.id;
  ASSERT_EQ(Apply({NewJob("a", 1, 1), Inserted(full), Changed(full, bare)}),
            kOk);
  const TaskRecord row = Row("a", 0);
  EXPECT_EQ(row.state, TaskState::kQueued);
  EXPECT_FALSE(row.began_at.has_value());
  EXPECT_FALSE(row.outcome.has_value());
  EXPECT_FALSE(row.result.has_value());
  EXPECT_THAT(row.costs.crashes, IsEmpty());
  EXPECT_EQ(row.token, AttemptToken());
}

TEST_P(StoreContractTest, AResultComesBackWhole) {
  ASSERT_EQ(Apply({NewJob("a", 1, 1), Inserted(Succeeded("a", 0, 1))}), kOk);
  Reopen();
  const TaskRecord row = Row("a", 0);
  ASSERT_TRUE(row.result.has_value());
  EXPECT_EQ(row.result->image_digest, "digest");
  EXPECT_EQ(row.result->losses,
            (Losses{{{"content", 1.5}, {"style", 0.1}}, 1e-300}));
  EXPECT_EQ(row.result->iterations, 40);
  EXPECT_EQ(row.result->elapsed, absl::Microseconds(1234567));
  EXPECT_EQ(row.result->previews, Succeeded("a", 0, 1).result->previews);
  const AttemptTimings wanted = *Succeeded("a", 0, 1).result->timings;
  ASSERT_TRUE(row.result->timings.has_value());
  for (const TimedPhase& phase : kTimedPhases) {
    EXPECT_EQ((*row.result->timings).*phase.time, wanted.*phase.time);
  }
  EXPECT_EQ(row.result->worker, WorkerName("w"));
  EXPECT_EQ(row.result->arithmetic, (Arithmetic{8, "profile"}));
  EXPECT_EQ(row.result->width_px, 64);
  EXPECT_EQ(row.result->height_px, 48);
  EXPECT_FALSE(row.outcome.has_value());
}

TEST_P(StoreContractTest, ATaskIsChangedFromWhatItIsOnly) {
  const TaskRecord leased = Leased("a", 0, 1);
  ASSERT_EQ(Apply({NewJob("a", 1, 2), Inserted(leased)}), kOk);
  const std::function<void(TaskRecord&)> differences[] = {
      [](TaskRecord& row) { row.state = TaskState::kQueued; },
      [](TaskRecord& row) { row.generation = 1; },
      [](TaskRecord& row) { row.token.number = 2; },
      [](TaskRecord& row) { row.token.epoch = 2; },
      [](TaskRecord& row) { row.token.render_key = RenderKey("other"); },
  };
  for (const auto& differ : differences) {
    TaskRecord expected = leased;
    differ(expected);
    EXPECT_EQ(Apply({Changed(expected, Succeeded(leased))}),
              kFailedPrecondition);
  }
  EXPECT_EQ(Apply({Inserted(leased)}), kFailedPrecondition) << "it has a row";
  EXPECT_EQ(Apply({Changed(Leased("a", 1, 1), Leased("a", 1, 1))}),
            kFailedPrecondition)
      << "it has none";
  EXPECT_EQ(Row("a", 0).state, TaskState::kLeased);
  EXPECT_EQ(Apply({Changed(leased, Succeeded(leased))}), kOk);
  EXPECT_EQ(Apply({Changed(leased, Succeeded(leased))}), kFailedPrecondition)
      << "twice";
}

TEST_P(StoreContractTest, ATaskOfAnUnknownJobIsRefused) {
  EXPECT_EQ(Apply({Inserted(Leased("none", 0, 1))}), kFailedPrecondition);
}

TEST_P(StoreContractTest, SeveralChangesOfATaskGoInOrder) {
  const TaskRecord first = Leased("a", 0, 1);
  const TaskRecord back = Ended(first, TaskState::kQueued, Outcome::kPreempted);
  TaskRecord second = back;
  second.state = TaskState::kLeased;
  second.token = Token(2);
  ASSERT_EQ(Apply({NewJob("a", 1, 1), Inserted(first), Changed(first, back),
                   Changed(back, second)}),
            kOk);
  EXPECT_EQ(Row("a", 0).token, Token(2));
  EXPECT_EQ(Row("a", 0).outcome, Outcome::kPreempted);
}

TEST_P(StoreContractTest, OneRefusalUndoesTheWholeTransaction) {
  const TaskRecord leased = Leased("a", 0, 1);
  const TaskRecord done = Succeeded(leased);
  ASSERT_EQ(Apply({NewJob("a", 1, 3), Inserted(leased)}), kOk);
  JobRecord after = Job("a");
  after.message = "changed";
  AttemptRecord attempt;
  attempt.task = leased.id;
  const CheckpointChange checkpoint{{ResumeKey("k"), {7, "p"}, 3, "d", 1, {}}};
  EXPECT_EQ(Apply({NewJob("b", 2, 1), Changed(Job("a"), after),
                   Changed(leased, done), Inserted(Leased("a", 1, 2)), attempt,
                   ResultOf(done), checkpoint, Inserted(Leased("a", 1, 3))}),
            kFailedPrecondition);
  EXPECT_EQ(store_->GetJob(JobId("b")).status().code(), kNotFound);
  EXPECT_EQ(Job("a").message, "");
  EXPECT_EQ(Row("a", 0).state, TaskState::kLeased);
  EXPECT_THAT(store_->ListTasks(JobId("a"), 1, 1)->rows, IsEmpty());
  EXPECT_THAT(store_->ListAttempts(leased.id).value(), IsEmpty());
  EXPECT_THAT(store_->FindResults({leased.token.render_key}).value(),
              IsEmpty());
  EXPECT_THAT(store_->LoadCheckpoints().value(), IsEmpty());
  EXPECT_EQ(Apply({Changed(leased, done)}), kOk) << "the next one succeeds";
}

TEST_P(StoreContractTest, OpenTasksAreThoseThatSayQueuedOrLeased) {
  const TaskRecord leased = Leased("a", 3, 1);
  TaskRecord older =
      Ended(Leased("a", 1, 2), TaskState::kQueued, Outcome::kPreempted);
  older.generation = -1;
  ASSERT_EQ(Apply({NewJob("a", 1, 5), NewJob("b", 2, 5), Inserted(leased),
                   Inserted(older), Inserted(Succeeded("a", 2, 3)),
                   Inserted(Ended(Leased("a", 0, 4), TaskState::kFailed,
                                  Outcome::kDiverged)),
                   Inserted(Leased("b", 0, 5))}),
            kOk);
  const std::vector<TaskRecord> open =
      store_->LoadOpenTasks(JobId("a")).value();
  ASSERT_THAT(open, SizeIs(2));
  EXPECT_EQ(open[0].id.index, 1);
  EXPECT_EQ(open[0].costs.failures, 1);
  EXPECT_EQ(open[1].id.index, 3);
}

TEST_P(StoreContractTest, StaleFailuresComeInPages) {
  std::vector<AnyChange> changes = {NewJob("a", 1, 9)};
  const auto failed = [](int64_t index, int64_t generation) {
    TaskRecord row = Ended(Leased("a", index, index + 1), TaskState::kFailed,
                           Outcome::kDiverged);
    row.generation = generation;
    return Inserted(row);
  };
  for (int64_t index : {7, 1, 3}) changes.emplace_back(failed(index, 0));
  changes.emplace_back(failed(0, 1));
  changes.emplace_back(failed(2, 2));  // Of this generation.
  changes.emplace_back(Inserted(Leased("a", 4, 9)));
  ASSERT_EQ(Apply(changes), kOk);
  const auto index = [](int64_t value) {
    return Field(&TaskRecord::id, TaskId{JobId("a"), value});
  };
  EXPECT_THAT(store_->ListStaleFailures(JobId("a"), 2, {}, 2).value(),
              ElementsAre(index(1), index(3)));
  EXPECT_THAT(store_->ListStaleFailures(JobId("a"), 2, {0, 3}, 9).value(),
              ElementsAre(index(7), index(0)));
  EXPECT_THAT(store_->ListStaleFailures(JobId("a"), 0, {}, 9).value(),
              IsEmpty());
  EXPECT_EQ(store_->ListStaleFailures(JobId("a"), 2, {}, 1)->at(0).message,
            "said");
}

TEST_P(StoreContractTest, JobsAreListedNewestFirstByKey) {
  JobChange ended = NewJob("d", 4, 1);
  ended.after.state = JobState::kSucceeded;
  ASSERT_EQ(
      Apply({NewJob("c", 1, 1), NewJob("a", 2, 1), NewJob("b", 3, 1), ended}),
      kOk);
  const auto id = [](const char* name) {
    return Field(&JobRecord::id, JobId(name));
  };
  EXPECT_THAT(store_->ListJobs(2, std::nullopt).value(),
              ElementsAre(id("d"), id("b")));
  EXPECT_THAT(store_->ListJobs(9, 2).value(), ElementsAre(id("c")));
  EXPECT_THAT(store_->LoadJobs(JobState::kRunning, 1000).value(),
              ElementsAre(id("c"), id("a"), id("b")));
}

TEST_P(StoreContractTest, TasksAreListedByRangeOfIndex) {
  ASSERT_EQ(Apply({NewJob("a", 1, 9), NewJob("b", 2, 9),
                   Inserted(Leased("a", 2, 3)), Inserted(Leased("a", 1, 2)),
                   Inserted(Leased("a", 0, 1)), Inserted(Leased("b", 1, 4))}),
            kOk);
  const auto index = [](int64_t value) {
    return Field(&TaskRecord::id, TaskId{JobId("a"), value});
  };
  EXPECT_THAT(store_->ListTasks(JobId("a"), 1, 5)->rows,
              ElementsAre(index(1), index(2)));
  EXPECT_THAT(store_->ListTasks(JobId("a"), 0, 1)->rows, ElementsAre(index(0)));
  EXPECT_THAT(store_->ListTasks(JobId("a"), INT64_MAX, 5)->rows, IsEmpty());
}

TEST_P(StoreContractTest, AttemptsComeBackWholeByNumber) {
  AttemptRecord bare = Attempt(1);
  bare.began_at.reset();
  AttemptRecord others = Attempt(3);
  others.task.index = 2;
  ASSERT_EQ(Apply({NewJob("a", 1, 3), Attempt(2), bare, others}), kOk);
  Reopen();
  const auto found = store_->ListAttempts({JobId("a"), 1}).value();
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_EQ(found[0].number, 1);
  EXPECT_FALSE(found[0].began_at.has_value());
  EXPECT_EQ(found[1].number, 2);
  EXPECT_EQ(found[1].task, (TaskId{JobId("a"), 1}));
  EXPECT_EQ(found[1].worker, WorkerName("w"));
  EXPECT_EQ(found[1].began_at, absl::FromUnixMicros(2'000'002));
  EXPECT_EQ(found[1].ended_at, absl::FromUnixMicros(3'000'003));
  EXPECT_EQ(found[1].outcome, Outcome::kStalled);
  EXPECT_EQ(found[1].message, "said");
  EXPECT_EQ(found[1].device_time, absl::Microseconds(1'000'001));
  EXPECT_EQ(found[1].log_digest, "log");
}

TEST_P(StoreContractTest, TheLastAttemptsAreKept) {
  ASSERT_EQ(Apply({NewJob("a", 1, 3)}), kOk);
  for (int number = 1; number <= kKeptAttempts + 3; ++number) {
    ASSERT_EQ(Apply({Attempt(number)}), kOk);
  }
  const auto found = store_->ListAttempts({JobId("a"), 1}).value();
  ASSERT_THAT(found, SizeIs(kKeptAttempts));
  EXPECT_EQ(found.front().number, 4);
  EXPECT_EQ(found.back().number, kKeptAttempts + 3);
}

CheckpointRecord Saved(const std::string& render, int iteration) {
  return {ResumeKey(render), {7, "p"}, iteration,
          "digest" + render, 1234,     absl::FromUnixMicros(5'000'001)};
}

CheckpointChange Dropped(const std::string& render,
                         const Arithmetic& arithmetic, int iteration) {
  CheckpointChange change{Saved(render, iteration), /*keep=*/false};
  change.checkpoint.arithmetic = arithmetic;
  return change;
}

TEST_P(StoreContractTest, CheckpointsComeBackOldestFirst) {
  ASSERT_EQ(
      Apply({CheckpointChange{Saved("b", 9)}, CheckpointChange{Saved("a", 3)},
             CheckpointChange{Saved("a", 7)}}),
      kOk);
  CheckpointRecord again = Saved("b", 9);
  again.digest = "other";
  EXPECT_EQ(Apply({CheckpointChange{again}, Dropped("a", {7, "p"}, 3),
                   Dropped("a", {7, "q"}, 7), Dropped("a", {8, "p"}, 7),
                   Dropped("a", {7, "p"}, 8)}),
            kOk);
  Reopen();
  const std::vector<CheckpointRecord> found = store_->LoadCheckpoints().value();
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_EQ(found[0].render, ResumeKey("a"));
  EXPECT_EQ(found[0].arithmetic, (Arithmetic{7, "p"}));
  EXPECT_EQ(found[0].iteration, 7);
  EXPECT_EQ(found[0].digest, "digesta");
  EXPECT_EQ(found[0].size_bytes, 1234);
  EXPECT_EQ(found[0].kept_at, absl::FromUnixMicros(5'000'001));
  EXPECT_EQ(found[1].digest, "other") << "replaced, and younger for it";
}

TEST_P(StoreContractTest, CheckpointsOfTwoEngineVersionsAreTwo) {
  CheckpointRecord newer = Saved("a", 3);
  newer.arithmetic.engine_version = 8;
  ASSERT_EQ(Apply({CheckpointChange{Saved("a", 3)}, CheckpointChange{newer}}),
            kOk);
  EXPECT_THAT(store_->LoadCheckpoints().value(), SizeIs(2));
}

ArtifactChange Stored(ArtifactKind kind, const std::string& digest,
                      int64_t size_bytes = 1234) {
  return {{kind, digest, size_bytes, absl::FromUnixMicros(5'000'001),
           absl::FromUnixMicros(6'000'001), "v1", "ann"}};
}

std::vector<std::string> DigestsOf(
    const absl::StatusOr<std::vector<ArtifactRecord>>& records) {
  std::vector<std::string> digests;
  for (const ArtifactRecord& one : *records) digests.push_back(one.digest);
  return digests;
}

TEST_P(StoreContractTest, ArtifactsComeBackWholeAndByKind) {
  const ArtifactKind kept = ArtifactKind::kArtifact;
  const ArtifactKind other = ArtifactKind::kCheckpoint;
  ASSERT_EQ(Apply({Stored(kept, "a"), Stored(other, "b"), Stored(kept, "c"),
                   Stored(kept, "a", 5)}),
            kOk);
  Reopen();
  const auto found = store_->FindArtifacts(kept, {"a", "b"}).value();
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].kind, kept);
  EXPECT_EQ(found[0].digest, "a");
  EXPECT_EQ(found[0].size_bytes, 5) << "the later takes its place";
  EXPECT_EQ(found[0].used_at, absl::FromUnixMicros(5'000'001));
  EXPECT_EQ(found[0].checked_at, absl::FromUnixMicros(6'000'001));
  EXPECT_EQ(found[0].version, "v1");
  EXPECT_THAT(DigestsOf(store_->FindArtifacts(other, {"a", "b"})),
              ElementsAre("b"));
  ArtifactChange dropped = Stored(kept, "a");
  dropped.keep = false;
  ASSERT_EQ(Apply({dropped, dropped}), kOk);
  EXPECT_THAT(DigestsOf(store_->ListArtifacts(kept, "", 10)), ElementsAre("c"));
}

TEST_P(StoreContractTest, ArtifactsAreListedInPages) {
  for (const char* digest : {"d", "a", "c", "b"}) {
    ASSERT_EQ(Apply({Stored(ArtifactKind::kArtifact, digest),
                     Stored(ArtifactKind::kCheckpoint, "b")}),
              kOk);
  }
  const auto page = [this](const char* after, int limit) {
    return DigestsOf(
        store_->ListArtifacts(ArtifactKind::kArtifact, after, limit));
  };
  EXPECT_THAT(page("", 2), ElementsAre("a", "b"));
  EXPECT_THAT(page("b", 9), ElementsAre("c", "d"));
  EXPECT_THAT(page("d", 9), IsEmpty());
}

TEST_P(StoreContractTest, TheLastEngineVersionIsKept) {
  EXPECT_EQ(store_->LastEngineVersion().value(), 0);
  for (int version : {9, 8}) {
    RowChanges changes;
    changes.engine_version = version;
    ASSERT_TRUE(store_->Apply(changes).ok());
  }
  ASSERT_EQ(Apply({NewJob("a", 1, 1)}), kOk);
  Reopen();
  EXPECT_EQ(store_->LastEngineVersion().value(), 8);
}

TEST_P(StoreContractTest, EpochsRiseAndOutliveTheirWriters) {
  Reopen();
  EXPECT_EQ(store_->BeginEpoch().value(), 3);
}

INSTANTIATE_TEST_SUITE_P(Stores, StoreContractTest, AllStores(), NameOfKind);

}  // namespace
}  // namespace atelier
