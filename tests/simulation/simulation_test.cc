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
#include "coordinator/store/in_memory_store.h"
#include "coordinator/store/sqlite_store.h"
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
  for (uint64_t seed = 0; seed < 20; ++seed) {
    StormOptions options;
    options.seed = seed;
    Storm one(options, InMemory());
    Storm two(options, InMemory());
    EXPECT_EQ(one.Run(), two.Run());
    EXPECT_EQ(one.commits(), two.commits());
    EXPECT_EQ(one.lasted(), two.lasted());
    EXPECT_GT(one.commits(), 0);
    reused += one.reused();
    batched += one.batched();
    poisoned += one.poisoned();
    late_crashes += one.late_crashes();
  }
  EXPECT_GT(poisoned, 20) << "tasks are to kill their workers";
  EXPECT_GT(late_crashes, 20) << "after the lease, too";
  EXPECT_GT(reused, 100) << "jobs are to share renders";
  EXPECT_GT(batched, 30) << "workers are to have batches";
}

TEST(SimulationTest, ALedgerSeesACommitWithoutItsLease) {
  Ledger ledger;
  EndAttempt end;
  end.task = {JobId("a"), 0};
  end.to = TaskState::kSucceeded;
  const std::vector<Mutation> mutations = {end};
  ledger.Record(mutations, {absl::OkStatus()});
  EXPECT_EQ(ledger.faults().size(), 1);
}

TEST(SimulationTest, ALedgerSeesAHealthyTaskThatFailsForOthers) {
  const auto is_poison = [](const TaskId& task) { return task.index == 1; };
  for (int64_t index : {0, 1}) {
    for (Outcome outcome : {Outcome::kLost, Outcome::kInternal}) {
      SCOPED_TRACE(absl::StrCat(index, " ", Name(outcome)));
      Ledger ledger(is_poison);
      LeaseTask lease;
      lease.task = {JobId("a"), index};
      lease.token = {RenderKey("k"), 1, 1};
      EndAttempt end;
      end.task = lease.task;
      end.token = lease.token;
      end.to = TaskState::kFailed;
      end.outcome = outcome;
      ledger.Record(std::vector<Mutation>{lease, end},
                    std::vector<absl::Status>(2));
      const bool healthy = index == 0;
      EXPECT_EQ(ledger.faults().size(),
                healthy && outcome == Outcome::kLost ? 1 : 0);
    }
  }
}

TEST(SimulationTest, ALedgerSeesTheFourthCrash) {
  Ledger ledger([](const TaskId& /*task*/) { return true; });
  LeaseTask lease;
  lease.task = {JobId("a"), 0};
  lease.token = {RenderKey("k"), 1, 1};
  CountCrash crash;
  crash.task = lease.task;
  const std::vector<absl::Status> ok(1);
  for (int i = 1; i <= 4; ++i) {
    crash.to = i == 3 ? TaskState::kFailed : TaskState::kQueued;
    crash.costs.crashes.push_back("a line");
    ledger.Record(std::vector<Mutation>{crash}, ok);
    EXPECT_EQ(ledger.faults().size(), i == 4 ? 1 : 0);
  }
}

TEST(SimulationTest, ALedgerSeesARenderThatIsDoneTwice) {
  Ledger ledger;
  LeaseTask lease;
  lease.task = {JobId("a"), 0};
  lease.token = {RenderKey("k"), 1, 1};
  LeaseTask joined = lease;
  joined.task.index = 1;
  LeaseTask again = lease;
  again.task.index = 2;
  again.token.number = 2;
  const std::vector<absl::Status> ok(2);
  ledger.Record(std::vector<Mutation>{lease, joined}, ok);
  EXPECT_EQ(ledger.faults().size(), 0);
  ledger.Record(std::vector<Mutation>{again}, {absl::OkStatus()});
  EXPECT_EQ(ledger.faults().size(), 1);

  ReuseResult reuse;
  reuse.task = {JobId("a"), 3};
  reuse.key = RenderKey("k");
  ledger.Record(std::vector<Mutation>{reuse}, {absl::OkStatus()});
  EXPECT_EQ(ledger.faults().size(), 2) << "nobody has made that result";
}

}  // namespace
}  // namespace atelier
