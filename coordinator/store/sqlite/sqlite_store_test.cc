#include "coordinator/store/sqlite/sqlite_store.h"

#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "coordinator/store/memory/in_memory_store.h"
#include "coordinator/store/open_store.h"
#include "coordinator/store/sqlite/sqlite_damage_testing.h"
#include "coordinator/store/store_contract_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "soci/soci.h"
#include "soci/sqlite3/soci-sqlite3.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class SqliteStoreTest : public testing::Test {
 protected:
  SqliteStoreTest() : directory_(testing::TempDir() + "sqlite-XXXXXX") {
    EXPECT_NE(mkdtemp(directory_.data()), nullptr);
  }
  ~SqliteStoreTest() override { std::filesystem::remove_all(directory_); }

  std::unique_ptr<SqliteStore> Open() {
    auto store = SqliteStore::Open(directory_);
    EXPECT_TRUE(store.ok()) << store.status();
    return *std::move(store);
  }
  std::string File() const { return directory_ + "/atelier.db"; }

  std::string directory_;
};

RowChanges SomeJob() { return Rows({NewJob("a", 1, 1)}); }

TEST_F(SqliteStoreTest, WritesDurably) {
  const SqliteStore::Settings settings = Open()->ReadSettings().value();
  EXPECT_EQ(settings.journal_mode, "wal");
  EXPECT_EQ(settings.synchronous, 2);
  EXPECT_EQ(settings.foreign_keys, 1);
  EXPECT_EQ(settings.schema_version, 15);
}

TEST_F(SqliteStoreTest, IsWhatItsUrlNames) {
  {
    const auto opened = OpenStore("sqlite:" + directory_).value();
    EXPECT_FALSE(opened.was_used);
    EXPECT_TRUE(opened.rebuilt.empty());
    ASSERT_TRUE(opened.store->BeginEpoch().ok());
  }
  EXPECT_TRUE(OpenStore("sqlite:" + directory_)->was_used);
  for (const std::string& url :
       {directory_, std::string("oracle://x"), std::string()}) {
    const absl::Status status = OpenStore(url).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(status.message(), HasSubstr("sqlite:FOLDER"));
  }
}

TEST_F(SqliteStoreTest, MakesAMissingDirectory) {
  directory_ += "/deeper/still";
  EXPECT_NE(Open(), nullptr);
  EXPECT_TRUE(std::filesystem::exists(File()));
}

TEST_F(SqliteStoreTest, OpensADirectoryWithASpaceInItsName) {
  directory_ += "/my data";
  EXPECT_NE(Open(), nullptr);
  EXPECT_TRUE(std::filesystem::exists(File()));
}

TEST_F(SqliteStoreTest, KeepsAnotherCoordinatorOut) {
  const auto store = Open();
  const absl::Status second = SqliteStore::Open(directory_).status();
  EXPECT_EQ(second.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(second.message(), HasSubstr("in use by another coordinator"));
}

TEST_F(SqliteStoreTest, LetsGoOfTheDirectoryWhenItIsClosed) {
  Open();
  EXPECT_NE(Open(), nullptr);
}

TEST_F(SqliteStoreTest, RefusesAFileThatIsNoDatabase) {
  std::ofstream(File()) << std::string(4096, 'x');
  const absl::Status status = SqliteStore::Open(directory_).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
  EXPECT_THAT(status.message(), HasSubstr(File()));
}

TEST_F(SqliteStoreTest, RefusesADatabaseThatIsNotOurs) {
  soci::session(soci::sqlite3, File()) << "CREATE TABLE cakes (name TEXT)";
  const absl::Status status = SqliteStore::Open(directory_).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
  EXPECT_THAT(status.message(), HasSubstr("not a coordinator's"));
}

TEST_F(SqliteStoreTest, RefusesANewerSchema) {
  Open();
  soci::session(soci::sqlite3, File())
      << "UPDATE schema_version SET version = 99";
  const absl::Status status = SqliteStore::Open(directory_).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << status;
  EXPECT_THAT(status.message(), HasSubstr("schema version 99"));
}

TEST_F(SqliteStoreTest, IsFencedWhenAnotherEpochBegins) {
  const auto store = Open();
  ASSERT_TRUE(store->BeginEpoch().ok());
  // Around the lock, as a standby on a shared disk could.
  soci::session(soci::sqlite3, File())
      << "UPDATE epoch SET current = current + 1";
  EXPECT_EQ(store->Apply(SomeJob()).code(), absl::StatusCode::kAborted);
  EXPECT_FALSE(store->GetJob(JobId("a")).ok());
  EXPECT_EQ(store->Apply({}).code(), absl::StatusCode::kAborted);
}

TEST_F(SqliteStoreTest, AFailedTransactionLeavesNothingAndTheNextSucceeds) {
  const auto store = Open();
  ASSERT_TRUE(store->BeginEpoch().ok());
  {
    soci::session sql(soci::sqlite3, File());
    sql << "CREATE TRIGGER full BEFORE INSERT ON jobs "
           "BEGIN SELECT RAISE(ROLLBACK, 'no space'); END";
  }
  EXPECT_FALSE(store->Apply(SomeJob()).ok());
  {
    soci::session sql(soci::sqlite3, File());
    sql << "DROP TRIGGER full";
  }
  EXPECT_TRUE(store->Apply(SomeJob()).ok());
}

// A statement that was not read to its end would: the log could not be copied
// into the database, and would grow for ever.
TEST_F(SqliteStoreTest, HoldsNoSnapshotBetweenCalls) {
  const auto store = Open();
  ASSERT_TRUE(store->BeginEpoch().ok());
  const TaskRecord leased = Leased("a", 0, 1);
  const TaskRecord done = Succeeded(leased);
  for (const RowChanges& one :
       {SomeJob(), Rows({Inserted(leased)}),
        Rows({Changed(leased, done), ResultOf(done)})}) {
    ASSERT_TRUE(store->Apply(one).ok());
    EXPECT_EQ(store->FindResults({Token(1).render_key}).value().size(),
              one.results.size());
    soci::session sql(soci::sqlite3, File());
    int is_busy = -1;
    sql << "PRAGMA wal_checkpoint(TRUNCATE)", soci::into(is_busy);
    EXPECT_EQ(is_busy, 0);
  }
}

TEST_F(SqliteStoreTest, CountsThatDoNotAddUpCannotBeWritten) {
  const auto store = Open();
  ASSERT_TRUE(store->BeginEpoch().ok());
  ASSERT_TRUE(store->Apply(SomeJob()).ok());
  JobRecord wrong = store->GetJob(JobId("a")).value();
  wrong.counts.queued = 2;
  EXPECT_FALSE(store->Apply(Rows({Changed(wrong, wrong)})).ok());
}

CheckpointChange CheckpointAt(int iteration) {
  return {
      {ResumeKey("k"), {7, "p"}, iteration, "digest", 1, absl::UnixEpoch()}};
}

TEST_F(SqliteStoreTest, ADamagedTableThatCanBeDoneWithoutIsMadeAgain) {
  for (const char* table :
       {"checkpoints", "results", "new_results", "artifacts"}) {
    SCOPED_TRACE(table);
    std::filesystem::remove_all(directory_);
    {
      const auto store = Open();
      EXPECT_TRUE(store->rebuilt().empty());
      ASSERT_TRUE(store->BeginEpoch().ok());
      const TaskRecord done = Succeeded("a", 0, 1);
      const absl::Status status =
          store->Apply(Rows({NewJob("a", 1, 2), Inserted(done), ResultOf(done),
                             CheckpointAt(3), ArtifactChange()}));
      ASSERT_TRUE(status.ok()) << status;
    }
    DamageTable(File(), table);
    const auto store = Open();
    ASSERT_EQ(store->rebuilt().size(), 1);
    ASSERT_TRUE(store->BeginEpoch().ok());
    EXPECT_EQ(store->FindResults({Token(1).render_key})->size(), 1);
    const bool lost = store->LoadCheckpoints()->empty();
    EXPECT_EQ(lost, std::string(table) == "checkpoints");
    EXPECT_EQ(store->FindArtifacts(ArtifactKind::kArtifact, {""})->empty(),
              std::string(table) == "artifacts");
    const TaskRecord next = Succeeded("a", 1, 2);
    const absl::Status status =
        store->Apply(Rows({Inserted(next), ResultOf(next), CheckpointAt(4)}));
    EXPECT_TRUE(status.ok()) << status;
    EXPECT_EQ(store->FindResults({Token(2).render_key})->size(), 1);
  }
}

TEST_F(SqliteStoreTest, ADamagedIndexOfSmallArtifactsIsMadeAgain) {
  ArtifactChange preview;
  preview.artifact.kind = ArtifactKind::kPreview;
  preview.artifact.digest = "p";
  {
    const auto store = Open();
    ASSERT_TRUE(store->BeginEpoch().ok());
    ASSERT_TRUE(store->Apply(Rows({preview})).ok());
  }
  DamageTable(File(), "artifacts_previews");
  const auto store = Open();
  ASSERT_EQ(store->rebuilt().size(), 1);
  const auto oldest = store->ListOldestArtifacts(ArtifactKind::kPreview, 9);
  ASSERT_TRUE(oldest.ok()) << oldest.status();
  EXPECT_EQ(oldest->size(), 1);
}

RatingChange ThreeStars(int64_t index) {
  RatingChange stars;
  stars.key = {{JobId("a"), index}, "ann", ""};
  stars.value = 3;
  return stars;
}

TEST_F(SqliteStoreTest, ADamagedTableOfRatingsBeginsEmpty) {
  {
    const auto store = Open();
    ASSERT_TRUE(store->BeginEpoch().ok());
    ASSERT_TRUE(store->Apply(Rows({NewJob("a", 1, 2), ThreeStars(0)})).ok());
  }
  DamageTable(File(), "ratings");
  const auto store = Open();
  ASSERT_EQ(store->rebuilt().size(), 1);
  ASSERT_TRUE(store->BeginEpoch().ok());
  EXPECT_EQ(store->CountRatings(JobId("a")).value(), 0);
  EXPECT_TRUE(store->Apply(Rows({ThreeStars(0)})).ok());
  EXPECT_EQ(store->CountRatings(JobId("a")).value(), 1);
}

TEST_F(SqliteStoreTest, ARatingThatIsNoneIsPassedOver) {
  const auto store = Open();
  ASSERT_TRUE(store->BeginEpoch().ok());
  ASSERT_TRUE(store->Apply(Rows({NewJob("a", 1, 9), ThreeStars(1)})).ok());
  {
    soci::session sql(soci::sqlite3, File());
    for (const char* bad :
         {"1, 'b', '', 6", "1, 'c', '', 'many'", "1, 'd', '', 2.5",
          "'x', 'e', '', 3", "2, 'f', '1 2', 7", "3, 'g', '', 0"}) {
      sql << "INSERT INTO ratings VALUES ('a', " << bad << ")";
    }
  }
  const auto ratings = store->ListRatings({JobId("a"), "ann", 0, 9, 9});
  ASSERT_TRUE(ratings.ok()) << ratings.status();
  ASSERT_EQ(ratings->size(), 1);
  EXPECT_EQ(ratings->front().star_sum, 3);
  EXPECT_EQ(ratings->front().people, 1);
}

TEST_F(SqliteStoreTest, ADamagedTableOfJobsIsAnError) {
  Open();
  DamageTable(File(), "jobs");
  const auto store = SqliteStore::Open(directory_);
  const absl::Status status =
      store.ok() ? (*store)->LoadJobs(JobState::kRunning, 1000).status()
                 : store.status();
  EXPECT_FALSE(status.ok());
}

TEST(InMemoryStoreTest, IsFencedWhenAnotherEpochBegins) {
  const auto tables = std::make_shared<InMemoryTables>();
  InMemoryStore old(tables);
  InMemoryStore young(tables);
  ASSERT_EQ(old.BeginEpoch().value(), 1);
  ASSERT_EQ(young.BeginEpoch().value(), 2);
  EXPECT_EQ(old.Apply(SomeJob()).code(), absl::StatusCode::kAborted);
  EXPECT_FALSE(young.GetJob(JobId("a")).ok());
}

}  // namespace
}  // namespace atelier
