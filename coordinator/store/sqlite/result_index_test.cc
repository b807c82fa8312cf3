#include "coordinator/store/sqlite/result_index.h"

#include <stdlib.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "coordinator/store/sqlite/sqlite_connection.h"
#include "coordinator/store/sqlite/sqlite_schema.h"
#include "coordinator/store/sqlite/sqlite_writer.h"
#include "coordinator/store/store_contract_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::Contains;
using ::testing::IsEmpty;

constexpr SqlInt kRun = 16;
constexpr int kTasks = 4000;
constexpr int kRenders = 600;

class ResultIndexTest : public testing::Test {
 protected:
  ResultIndexTest() : directory_(testing::TempDir() + "results-XXXXXX") {
    EXPECT_NE(mkdtemp(directory_.data()), nullptr);
    Open();
    Commit({NewJob("a", 1, kTasks)});
  }
  ~ResultIndexTest() override {
    Close();
    std::filesystem::remove_all(directory_);
  }

  void Open() {
    sql_ = std::make_unique<soci::session>();
    Connect(*sql_, directory_ + "/test.db");
    std::vector<std::string> lost;
    ASSERT_TRUE(MigrateSchema(*sql_, lost).ok());
    index_ = std::make_unique<ResultIndex>(*sql_, kRun);
    writer_ = std::make_unique<SqliteWriter>(*sql_, *index_);
  }
  void Close() {
    writer_.reset();
    index_.reset();
    sql_.reset();
  }

  void Write(const std::vector<AnyChange>& changes) {
    *sql_ << "BEGIN IMMEDIATE";
    EXPECT_TRUE(writer_->Write(Rows(changes)).ok());
    index_->Merge();
  }
  void Commit(const std::vector<AnyChange>& changes) {
    Write(changes);
    *sql_ << "COMMIT";
    index_->Committed();
  }
  void RollBack(const std::vector<AnyChange>& changes) {
    Write(changes);
    *sql_ << "ROLLBACK";
    index_->RolledBack();
  }
  int64_t CountRows(const std::string& table) {
    SqlInt count = 0;
    *sql_ << "SELECT count(*) FROM " + table, soci::into(count);
    return count;
  }

  std::string directory_;
  std::unique_ptr<soci::session> sql_;
  std::unique_ptr<ResultIndex> index_;
  std::unique_ptr<SqliteWriter> writer_;
};

// What the index has to know: the digest of each render and arithmetic.
using Model = std::map<std::pair<RenderKey, Arithmetic>, std::string>;

// A few tasks in sequence, each of some render by one of two
// versions with two profiles.
std::vector<AnyChange> SomeResults(std::mt19937& random, int64_t& next_task,
                                   Model& model) {
  std::vector<AnyChange> changes;
  for (size_t left = 1 + random() % 6; left > 0; --left, ++next_task) {
    const int64_t render = static_cast<int64_t>(random() % kRenders);
    TaskRecord row = Succeeded("a", next_task, render);
    row.result->arithmetic.profile = random() % 2 == 0 ? "profile" : "other";
    row.result->arithmetic.engine_version = 7 + static_cast<int>(random() % 2);
    row.result->image_digest = std::to_string(random());
    model[{row.token.render_key, row.result->arithmetic}] =
        row.result->image_digest;
    changes.emplace_back(Inserted(row));
    changes.emplace_back(ResultOf(row));
  }
  return changes;
}

Model AllOf(ResultIndex& index) {
  std::set<RenderKey> keys;
  for (int i = 0; i < kRenders; ++i) keys.insert(Token(i).render_key);
  Model all;
  for (const StoredResult& one : index.Find(keys)) {
    const bool is_new =
        all.emplace(std::make_pair(one.key, one.result.arithmetic),
                    one.result.image_digest)
            .second;
    EXPECT_TRUE(is_new) << one.key.value() << " "
                        << one.result.arithmetic.profile;
  }
  return all;
}

TEST_F(ResultIndexTest, FindsTheLastResultWhereverItIs) {
  for (const unsigned seed : {1u, 2u, 3u}) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    std::mt19937 random(seed);
    Model model = AllOf(*index_);
    int64_t task = (seed - 1) * kTasks / 3;
    for (int step = 0; step < 300; ++step) {
      Model after = model;
      int64_t next_task = task;
      const auto changes = SomeResults(random, next_task, after);
      if (random() % 5 == 0) {
        RollBack(changes);
      } else {
        Commit(changes);
        model = after;
        task = next_task;
      }
      if (random() % 20 == 0) {
        Close();
        Open();
      }
      if (random() % 4 == 0) {
        ASSERT_EQ(AllOf(*index_), model) << "step " << step;
      }
    }
    EXPECT_EQ(AllOf(*index_), model);
  }
}

TEST_F(ResultIndexTest, TheLogStaysShortAndTheRestIsMerged) {
  std::mt19937 random(4);
  Model model;
  int64_t task = 0;
  int64_t longest = 0;
  while (task < kTasks - 6) {
    Commit(SomeResults(random, task, model));
    longest = std::max(longest, CountRows("new_results"));
  }
  EXPECT_LE(longest, 2 * kRun + 6);
  EXPECT_GE(CountRows("results"), static_cast<int64_t>(model.size()) - longest);
}

TEST_F(ResultIndexTest, NamesThatBeginAlikeAreNotMistaken) {
  const RenderKey first("0123456789abcdef-first");
  const RenderKey second("0123456789abcdef-second");
  TaskRecord row = Succeeded("a", 0, 1);
  row.token.render_key = first;
  Commit({Inserted(row), ResultOf(row)});
  EXPECT_THAT(index_->Find({second}), IsEmpty());
  EXPECT_THAT(index_->Find({first, second}),
              Contains(testing::Field(&StoredResult::key, first)));
}

}  // namespace
}  // namespace atelier
