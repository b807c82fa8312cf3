#include "coordinator/scheduler/wait_reason.h"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "coordinator/scheduler/fair_share.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;

constexpr int64_t kGB = int64_t{1} << 30;

JobSpec Asking(std::vector<std::string> tags, int64_t memory_bytes = 0,
               const std::string& profile = "") {
  JobSpec spec;
  spec.user = "ann";
  spec.needs = {std::move(tags), memory_bytes, profile};
  return spec;
}

class WaitReasonTest : public testing::Test {
 protected:
  Worker& AddWorker(std::vector<std::string> tags = {},
                    int64_t memory_bytes = 8 * kGB,
                    const std::string& profile = "p") {
    const WorkerName name(absl::StrCat("w", workers_.size()));
    Worker& worker = workers_[name];
    worker.description.name = name;
    worker.description.tags = std::move(tags);
    worker.description.memory_bytes = memory_bytes;
    worker.description.arithmetic.profile = profile;
    return worker;
  }
  static void MakeBusy(Worker& worker) {
    worker.held.insert({RenderKey("other"), 1, 1});
  }
  JobId AddJob(JobSpec spec, int64_t tasks = 2) {
    JobRecord record;
    record.sequence = ++jobs_;
    record.id = JobId(absl::StrCat("job", jobs_));
    record.request_id = RequestId(absl::StrCat("request", jobs_));
    record.task_count = tasks;
    record.counts.queued = tasks;
    const JobId id = record.id;
    queue_.Add(Job(std::move(record),
                   std::make_shared<const JobSpec>(std::move(spec))));
    return id;
  }
  // Leases the job's next task and hands it back, having cost what it did.
  void HandBackAfter(const JobId& id, AttemptCosts costs) {
    queue_.Update(id, [&](Job& job) {
      const int64_t index = LeaseNext(job);
      job.End(index, TaskEvent::kHandBack, Outcome::kPreempted, costs, "");
    });
  }
  void LeaseOne(const JobId& id) { queue_.Update(id, LeaseNext); }
  static int64_t LeaseNext(Job& job) {
    const int64_t index = job.NextClaimable().value();
    job.Lease(index, {RenderKey("k"), 1, 1}, WorkerName("w"), InstanceId("i"),
              absl::UnixEpoch());
    return index;
  }
  Wait WaitOf(const JobId& id) {
    return WaitExplainer(workers_, limits_)
        .Explain(QuestionOf(*queue_.Find(id), queue_, quotas_));
  }

  std::map<WorkerName, Worker> workers_;
  JobTable queue_;
  UserQuotas quotas_;
  WaitLimits limits_;
  int64_t jobs_ = 0;
};

TEST_F(WaitReasonTest, AJobThatAWorkerHoldsWaitsForNothing) {
  const JobId id = AddJob({});
  LeaseOne(id);
  EXPECT_EQ(WaitOf(id), (Wait{WaitReason::kNone, ""}));
}

TEST_F(WaitReasonTest, TheFirstReasonThatAppliesIsGiven) {
  const JobId id = AddJob(Asking({"gpu", "large"}, 12 * kGB, "q"));
  quotas_.Set({"ann", {}, 1, {}});
  LeaseOne(AddJob(Asking({})));
  limits_.storage_full = true;
  queue_.Update(id, [](Job& job) { job.Steer(/*paused=*/true, 0); });
  EXPECT_EQ(WaitOf(id), (Wait{WaitReason::kPaused, "paused"}));

  queue_.Update(id, [](Job& job) { job.Steer(/*paused=*/false, 0); });
  EXPECT_EQ(WaitOf(id).reason, WaitReason::kStorage);
  EXPECT_THAT(WaitOf(id).message, HasSubstr("disk is full"));

  limits_.storage_full = false;
  EXPECT_EQ(WaitOf(id),
            (Wait{WaitReason::kNoWorker, "no worker is connected"}));

  AddWorker({"gpu"}, 16 * kGB, "q");
  EXPECT_EQ(WaitOf(id),
            (Wait{WaitReason::kTags,
                  "no live worker has all of the tags gpu, large"}));

  AddWorker({"gpu", "large", "new"}, 8 * kGB, "q");
  AddWorker({"gpu", "large"}, 4 * kGB, "q");
  EXPECT_EQ(WaitOf(id),
            (Wait{WaitReason::kMemory,
                  "needs 12.0 GB; the largest of 2 workers with the tags gpu, "
                  "large has 8.0 GB"}));

  Worker& only = AddWorker({"gpu", "large"}, 12 * kGB, "p");
  EXPECT_EQ(
      WaitOf(id),
      (Wait{WaitReason::kProfile,
            "the one worker with these tags and this memory lacks profile "
            "q"}));

  only.description.arithmetic.profile = "q";
  only.told_to_drain = true;
  EXPECT_EQ(WaitOf(id),
            (Wait{WaitReason::kWorkersUnavailable,
                  "the one fitting worker is draining or quarantined"}));

  only.told_to_drain = false;
  EXPECT_EQ(WaitOf(id),
            (Wait{WaitReason::kUserLimit,
                  "user ann runs 1 task, as many as the quota of running "
                  "tasks allows"}));

  quotas_.Set({"ann", {}, 2, {}});
  MakeBusy(only);
  EXPECT_EQ(WaitOf(id),
            (Wait{WaitReason::kWorkersBusy, "the one fitting worker is busy"}));
}

TEST_F(WaitReasonTest, SaysInFiguresWhatIsMissing) {
  for (int i = 0; i < 3; ++i) AddWorker();
  EXPECT_EQ(WaitOf(AddJob(Asking({"gpu"}))).message,
            "no live worker has the tag gpu");
  EXPECT_EQ(WaitOf(AddJob(Asking({}, 12 * kGB))).message,
            "needs 12.0 GB; the largest of 3 workers has 8.0 GB");
  EXPECT_EQ(WaitOf(AddJob(Asking({}, 8 * kGB + kGB / 100))).message,
            "needs 8.01 GB; the largest of 3 workers has 8.00 GB");
  EXPECT_EQ(WaitOf(AddJob(Asking({}, 0, "q"))).message,
            "no live worker has profile q");
  for (auto& [name, worker] : workers_) MakeBusy(worker);
  EXPECT_EQ(WaitOf(AddJob({})).message, "all 3 fitting workers are busy");
  for (auto& [name, worker] : workers_) worker.quarantined = true;
  EXPECT_EQ(WaitOf(AddJob({})).message,
            "3 fitting workers are draining or quarantined");
}

TEST_F(WaitReasonTest, CountsTheSlotsThatAreFree) {
  AddWorker().description.slots = 2;
  MakeBusy(AddWorker());
  MakeBusy(workers_.begin()->second);
  EXPECT_EQ(WaitOf(AddJob({})),
            (Wait{WaitReason::kWorkersBusy,
                  "1 of 2 fitting workers is free, and takes a task at the "
                  "next call"}));
  AddWorker();
  EXPECT_EQ(WaitOf(AddJob({})).message,
            "2 of 3 fitting workers are free, and take tasks at the next call");
}

TEST_F(WaitReasonTest, KnowsWhatTasksWereSeenToNeed) {
  AddWorker({"small"});
  AddWorker({"large"}, 16 * kGB);
  const JobId id = AddJob(Asking({"small"}), /*tasks=*/1);
  AttemptCosts costs;
  costs.memory_floor_bytes = 8 * kGB;
  HandBackAfter(id, costs);
  EXPECT_EQ(WaitOf(id),
            (Wait{WaitReason::kMemory,
                  "ran out of memory, needs more than 8.0 GB; the one worker "
                  "with the tag small has 8.0 GB"}));
  // Another task of the job may yet do with less.
  const JobId other = AddJob(Asking({"small"}), /*tasks=*/2);
  HandBackAfter(other, costs);
  EXPECT_EQ(WaitOf(other).reason, WaitReason::kWorkersBusy);
}

TEST_F(WaitReasonTest, AJobThatMayStartIsOneThatThePolicyGives) {
  // Whatever is asked and whatever workers there are: "busy" with a free worker
  // says that some worker is given the job, and every other reason that none
  // is.
  AddWorker({}, 0, "");
  AddWorker({"gpu"}, 8 * kGB, "p");
  AddWorker({"gpu", "large"}, 16 * kGB, "q");
  AddWorker({"gpu", "large"}, 16 * kGB, "p").told_to_drain = true;
  MakeBusy(AddWorker({"new"}, 32 * kGB, "p"));
  FairSharePolicy policy;
  const UserShares shares{ShareOptions{}};
  const std::vector<std::vector<std::string>> kTags = {
      {}, {"gpu"}, {"gpu", "large"}, {"new"}, {"absent"}};
  for (const auto& tags : kTags) {
    for (int64_t memory : {0, 8, 16, 32, 64}) {
      for (const char* profile : {"", "p", "q", "r"}) {
        for (int64_t floor : {0, 8, 16, 32}) {
          queue_.Clear();
          const JobId id =
              AddJob(Asking(tags, memory * kGB, profile), /*tasks=*/1);
          AttemptCosts costs;
          costs.memory_floor_bytes = floor * kGB;
          HandBackAfter(id, costs);
          bool is_given = false;
          for (const auto& [name, worker] : workers_) {
            is_given |= worker.TakesWork() && worker.FreeSlots() > 0 &&
                        policy
                            .Next({queue_, shares, quotas_, 32 * kGB},
                                  worker.description)
                            .has_value();
          }
          const Wait wait = WaitOf(id);
          SCOPED_TRACE(absl::StrCat(tags.size(), " ", memory, " ", profile, " ",
                                    floor, ": ", wait.message));
          EXPECT_EQ(wait.reason == WaitReason::kWorkersBusy &&
                        wait.message.find("free") != std::string::npos,
                    is_given);
        }
      }
    }
  }
}

TEST_F(WaitReasonTest, ALongListOfTagsMakesAShortMessage) {
  AddWorker();
  std::vector<std::string> tags;
  for (int i = 10; i < 26; ++i) {
    tags.push_back(absl::StrCat(std::string(60, 'a'), i));
  }
  EXPECT_LT(WaitOf(AddJob(Asking(tags))).message.size(), 250u);
}

TEST_F(WaitReasonTest, EveryReasonHasAName) {
  for (int i = 0; i <= kWaitReasonCount; ++i) {
    EXPECT_NE(Name(static_cast<WaitReason>(i)), "");
  }
  EXPECT_EQ(Name(WaitReason::kWorkersBusy), "workers-busy");
}

}  // namespace
}  // namespace atelier
