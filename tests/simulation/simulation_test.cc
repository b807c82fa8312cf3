// Thousands of storms on a virtual clock. ATELIER_STORM_SEED=17 replays one,
// ATELIER_STORMS=1000000 and ATELIER_LARGE_STORMS=50 make for a longer run.
#include <stdlib.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "coordinator/store/memory/in_memory_store.h"
#include "coordinator/store/sqlite/sqlite_store.h"
#include "gtest/gtest.h"
#include "tests/simulation/storm.h"

namespace atelier {
namespace {

// What a disk keeps: the tables outlive every store that is opened on them.
std::function<std::unique_ptr<Store>()> InMemory() {
  return [tables = std::make_shared<InMemoryTables>()] {
    return std::make_unique<InMemoryStore>(tables);
  };
}

// A folder in memory where there is one: the storms are about what is written,
// not about how long a disk takes.
class Folder {
 public:
  Folder()
      : path_(std::filesystem::exists("/dev/shm") ? "/dev/shm/storm-XXXXXX"
                                                  : "/tmp/storm-XXXXXX") {
    EXPECT_NE(mkdtemp(path_.data()), nullptr);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

int64_t FromEnvironment(const char* name, int64_t otherwise) {
  const char* const text = getenv(name);
  int64_t value = 0;
  if (text == nullptr) return otherwise;
  EXPECT_TRUE(absl::SimpleAtoi(text, &value)) << name << ": " << text;
  return value;
}

// Runs storms `first` to `last`, or the one that the environment asks for.
template <typename RunOne>
void RunStorms(int64_t count, RunOne run_one) {
  const int64_t only = FromEnvironment("ATELIER_STORM_SEED", -1);
  const int64_t first = only >= 0 ? only : 0;
  const int64_t last = only >= 0 ? only : count - 1;
  for (int64_t seed = first; seed <= last; ++seed) {
    const std::vector<std::string> faults = run_one(seed);
    const auto* const test =
        testing::UnitTest::GetInstance()->current_test_info();
    ASSERT_TRUE(faults.empty())
        << absl::StrJoin(faults, "\n")
        << "\nreplay with ATELIER_STORM_SEED=" << seed
        << " simulation_test --gtest_filter=" << test->test_suite_name() << "."
        << test->name();
  }
}

TEST(SimulationTest, NothingIsLostInTenThousandSmallStorms) {
  RunStorms(FromEnvironment("ATELIER_STORMS", 10'000), [](int64_t seed) {
    StormOptions options;
    options.seed = seed;
    return Storm(options, InMemory()).Run();
  });
}

TEST(SimulationTest, NothingIsLostInLargeStormsOnSqlite) {
  RunStorms(FromEnvironment("ATELIER_LARGE_STORMS", 50), [](int64_t seed) {
    const Folder folder;
    StormOptions options;
    options.seed = seed;
    options.workers = 2'000;
    options.jobs = 8;
    options.max_tasks_per_job = 600;
    options.bad_weather = absl::Minutes(3);
    return Storm(options,
                 [&folder] { return SqliteStore::Open(folder.path()).value(); })
        .Run();
  });
}

TEST(SimulationTest, TheSameSeedIsTheSameStorm) {
  int64_t reused = 0;
  int64_t batched = 0;
  int64_t poisoned = 0;
  int64_t late_crashes = 0;
  int64_t repaired = 0;
  int64_t removed = 0;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    StormOptions options;
    options.seed = seed;
    Storm one(options, InMemory());
    Storm two(options, InMemory());
    EXPECT_EQ(one.Run(), two.Run());
    EXPECT_EQ(one.rows_written(), two.rows_written());
    EXPECT_EQ(one.lasted(), two.lasted());
    EXPECT_GT(one.rows_written(), 0);
    reused += one.reused();
    batched += one.batched();
    poisoned += one.poisoned();
    late_crashes += one.late_crashes();
    repaired += one.repaired();
    removed += one.removed();
  }
  EXPECT_GT(poisoned, 20) << "tasks are to kill their workers";
  EXPECT_GT(late_crashes, 20) << "after the lease, too";
  EXPECT_GT(reused, 100) << "jobs are to share renders";
  EXPECT_GT(repaired, 10) << "pictures are to be missed";
  EXPECT_GT(removed, 5) << "jobs are to be deleted";
  EXPECT_GT(batched, 30) << "workers are to have batches";
}

// What a transaction does to one task of a job, leased as attempt `number`.
class LedgerTest : public testing::Test {
 protected:
  LedgerTest() {
    row_.id = {JobId("a"), 0};
    row_.token.render_key = RenderKey("k");
    row_.token.epoch = 1;
  }
  void Lease(Ledger& ledger, int64_t number = 1) {
    row_.token.number = number;
    row_.state = TaskState::kLeased;
    ++row_.attempts;
    Write(ledger);
  }
  void Write(Ledger& ledger) {
    RowChanges changes;
    TaskChange& change = changes.tasks.emplace_back();
    if (wrote_) change.before.emplace();
    change.after = row_;
    AttemptRecord& attempt = changes.attempts.emplace_back();
    attempt.task = row_.id;
    attempt.number = row_.attempts;
    ledger.Record(changes);
    wrote_ = true;
  }

  TaskRecord row_;
  bool wrote_ = false;
};

TEST_F(LedgerTest, SeesACommitWithoutItsLease) {
  Ledger ledger;
  Lease(ledger);
  row_.token.number = 2;
  row_.state = TaskState::kSucceeded;
  Write(ledger);
  EXPECT_EQ(ledger.faults().size(), 1);
}

TEST_F(LedgerTest, SeesASuccessThatNobodyMade) {
  Ledger ledger;
  row_.state = TaskState::kSucceeded;
  Write(ledger);
  EXPECT_EQ(ledger.faults().size(), 1);
}

TEST_F(LedgerTest, SeesAnAttemptThatEndedWithoutARow) {
  Ledger ledger;
  Lease(ledger);
  RowChanges changes;
  row_.state = TaskState::kQueued;
  changes.tasks.push_back({TaskVersion(), row_});
  ledger.Record(changes);
  EXPECT_EQ(ledger.faults().size(), 1);
}

TEST_F(LedgerTest, SeesAHealthyTaskThatFailsForOthers) {
  const auto is_poison = [](const TaskId& task) { return task.index == 1; };
  for (int64_t index : {0, 1}) {
    for (Outcome outcome : {Outcome::kLost, Outcome::kInternal}) {
      SCOPED_TRACE(absl::StrCat(index, " ", Name(outcome)));
      Ledger ledger(is_poison);
      row_.id.index = index;
      wrote_ = false;
      row_.attempts = 0;
      Lease(ledger);
      row_.state = TaskState::kFailed;
      row_.outcome = outcome;
      Write(ledger);
      const bool healthy = index == 0;
      EXPECT_EQ(ledger.faults().size(),
                healthy && outcome == Outcome::kLost ? 1 : 0);
    }
  }
}

TEST_F(LedgerTest, SeesTheFourthCrash) {
  Ledger ledger([](const TaskId& /*task*/) { return true; });
  row_.outcome = Outcome::kCrashed;
  row_.token = AttemptToken();
  for (int i = 1; i <= 4; ++i) {
    row_.state = i == 3 ? TaskState::kFailed : TaskState::kQueued;
    row_.costs.crashes.emplace_back("a line");
    Write(ledger);
    EXPECT_EQ(ledger.faults().size(), i == 4 ? 1 : 0);
  }
}

TEST_F(LedgerTest, SeesARenderThatIsDoneTwice) {
  Ledger ledger;
  for (int64_t index : {0, 1, 2}) {
    row_.id.index = index;
    row_.attempts = 0;
    wrote_ = false;
    Lease(ledger, /*number=*/index == 2 ? 2 : 1);
    EXPECT_EQ(ledger.faults().size(), index == 2 ? 1 : 0);
  }
}

TEST_F(LedgerTest, SeesWhatAWorkerIsToldTooEarly) {
  Ledger ledger;
  SyncResponse response;
  Assignment start;
  start.token = {RenderKey("k"), 1, 1};
  response.start.push_back(start);
  ledger.ExpectDurable(response);
  EXPECT_EQ(ledger.faults().size(), 1);
  Lease(ledger);
  ledger.ExpectDurable(response);
  EXPECT_EQ(ledger.faults().size(), 1) << "now it is stored";
  response.acknowledged.push_back({start.token, Disposition::kCommitted});
  ledger.ExpectDurable(response);
  EXPECT_EQ(ledger.faults().size(), 2) << "its end is not";
}

}  // namespace
}  // namespace atelier
