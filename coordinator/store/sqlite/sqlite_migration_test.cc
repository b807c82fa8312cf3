// Databases that earlier versions wrote, opened by this one.
#include <stdlib.h>

#include <filesystem>
#include <string>

#include "coordinator/store/sqlite/sqlite_damage_testing.h"
#include "coordinator/store/sqlite/sqlite_schema.h"
#include "coordinator/store/store_contract_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "soci/soci.h"
#include "soci/sqlite3/soci-sqlite3.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// As version 5 left it: a running job of three tasks, of which one waits after
// two losses, one is leased, and one never was.
const char* const kVersion5[] = {
    "CREATE TABLE schema_version (version INTEGER NOT NULL)",
    "INSERT INTO schema_version VALUES (5)",
    "CREATE TABLE epoch (current INTEGER NOT NULL)",
    "INSERT INTO epoch VALUES (7)",
    R"(CREATE TABLE jobs (
  sequence INTEGER PRIMARY KEY,
  job_id TEXT NOT NULL UNIQUE,
  request_id TEXT NOT NULL UNIQUE,
  spec BLOB NOT NULL,
  task_count INTEGER NOT NULL,
  cursor INTEGER NOT NULL,
  generation INTEGER NOT NULL,
  state INTEGER NOT NULL,
  queued INTEGER NOT NULL CHECK (queued >= 0),
  leased INTEGER NOT NULL CHECK (leased >= 0),
  succeeded INTEGER NOT NULL CHECK (succeeded >= 0),
  failed INTEGER NOT NULL CHECK (failed >= 0),
  cancelled INTEGER NOT NULL CHECK (cancelled >= 0),
  submitted_at INTEGER NOT NULL,
  ended_at INTEGER,
  message TEXT NOT NULL,
  paused INTEGER NOT NULL DEFAULT 0,
  priority INTEGER NOT NULL DEFAULT 0,
  CHECK (queued + leased + succeeded + failed + cancelled = task_count),
  CHECK (cursor BETWEEN 0 AND task_count)))",
    "CREATE INDEX jobs_running ON jobs (sequence) WHERE state = 1",
    R"(CREATE TABLE tasks (
  job_id TEXT NOT NULL REFERENCES jobs (job_id),
  task_index INTEGER NOT NULL,
  state INTEGER NOT NULL,
  generation INTEGER NOT NULL,
  attempts INTEGER NOT NULL,
  failures INTEGER NOT NULL,
  interruptions INTEGER NOT NULL,
  render_key TEXT NOT NULL,
  attempt_number INTEGER NOT NULL,
  attempt_epoch INTEGER NOT NULL,
  worker TEXT NOT NULL,
  instance TEXT NOT NULL,
  outcome INTEGER,
  message TEXT NOT NULL,
  image_digest TEXT,
  content_loss REAL,
  style_loss REAL,
  tv_loss REAL,
  total_loss REAL,
  iterations INTEGER,
  elapsed_us INTEGER,
  profile TEXT,
  width_px INTEGER,
  height_px INTEGER,
  memory_floor INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (job_id, task_index)) WITHOUT ROWID)",
    "CREATE INDEX tasks_open ON tasks (job_id, task_index) "
    "WHERE state IN (1, 2)",
    "CREATE INDEX tasks_failed ON tasks (job_id, generation, task_index) "
    "WHERE state = 4",
    R"(CREATE TABLE checkpoints (
  sequence INTEGER PRIMARY KEY,
  resume_key TEXT NOT NULL,
  profile TEXT NOT NULL,
  iteration INTEGER NOT NULL,
  digest TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  kept_at INTEGER NOT NULL,
  UNIQUE (resume_key, profile, iteration) ON CONFLICT REPLACE))",
    R"(CREATE TABLE results (
  render TEXT NOT NULL,
  profile TEXT NOT NULL,
  job INTEGER NOT NULL,
  task_index INTEGER NOT NULL,
  PRIMARY KEY (render, profile)) WITHOUT ROWID)",
    R"(CREATE TABLE new_results (
  sequence INTEGER PRIMARY KEY,
  render TEXT NOT NULL,
  profile TEXT NOT NULL,
  job INTEGER NOT NULL,
  task_index INTEGER NOT NULL))",
    "INSERT INTO jobs VALUES (1, 'a', 'request-a', 'spec', 3, 2, 0, 1, 2, 1, "
    "0, 0, 0, 1000001, NULL, '', 0, 4)",
    "INSERT INTO tasks VALUES ('a', 0, 1, 0, 2, 1, 2, 'key1', 1, 1, 'w', 'i', "
    "4, 'said', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 8)",
    // A job that has ended, whose results are to be found and whose render can
    // go on.
    "INSERT INTO jobs VALUES (2, 'b', 'request-b', 'spec', 2, 2, 0, 2, 0, 0, "
    "2, 0, 0, 1000001, 1000002, '', 0, 0)",
    "INSERT INTO tasks VALUES ('b', 0, 3, 0, 1, 0, 0, 'key3', 3, 1, 'w', 'i', "
    "NULL, '', 'digest3', 1.5, 0.1, 0, 2.5, 40, 5, 'profile', 64, 48, 0)",
    "INSERT INTO tasks VALUES ('b', 1, 3, 0, 1, 0, 0, 'key4', 4, 1, 'w', 'i', "
    "NULL, '', 'digest4', 1.5, 0.1, 0, 2.5, 40, 5, 'profile', 64, 48, 0)",
    "INSERT INTO results VALUES ('key3', 'profile', 2, 0)",
    "INSERT INTO new_results VALUES (1, 'key4', 'profile', 2, 1)",
    "INSERT INTO checkpoints VALUES (1, 'resume', 'profile', 40, 'digest5', "
    "1234, 1000002)",
    "INSERT INTO tasks VALUES ('a', 1, 2, 0, 1, 0, 0, 'key2', 2, 1, 'w', 'i', "
    "NULL, '', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0)",
};

class SqliteMigrationTest : public testing::Test {
 protected:
  SqliteMigrationTest() : directory_(testing::TempDir() + "sqlite-XXXXXX") {
    EXPECT_NE(mkdtemp(directory_.data()), nullptr);
    soci::session sql(soci::sqlite3, directory_ + "/atelier.db");
    for (const char* statement : kVersion5) sql << statement;
  }
  ~SqliteMigrationTest() override { std::filesystem::remove_all(directory_); }

  // As the present version does.
  void StoreDone(const TaskRecord& done) {
    const auto store = SqliteStore::Open(directory_).value();
    ASSERT_TRUE(store->BeginEpoch().ok());
    ASSERT_TRUE(
        store->Apply(Rows({NewJob("c", 3, 1), Inserted(done), ResultOf(done)}))
            .ok());
  }

  std::string directory_;
};

TEST_F(SqliteMigrationTest, ADatabaseOfVersion5KeepsWhatItHas) {
  const auto store = SqliteStore::Open(directory_).value();
  EXPECT_EQ(store->ReadSettings()->schema_version, CurrentSchemaVersion());
  EXPECT_EQ(store->BeginEpoch().value(), 8);
  EXPECT_EQ(store->GetJob(JobId("a"))->priority, 4);
  const auto open = store->LoadOpenTasks(JobId("a")).value();
  ASSERT_THAT(open, SizeIs(2));
  EXPECT_EQ(open[0].costs.failures, 1);
  EXPECT_EQ(open[0].costs.interruptions, 2);
  EXPECT_EQ(open[0].costs.memory_floor_bytes, 8);
  EXPECT_EQ(open[0].costs.furthest_iteration, 0);
  EXPECT_THAT(open[0].costs.crashes, IsEmpty());
  EXPECT_EQ(open[0].outcome, Outcome::kLost);
  EXPECT_EQ(open[0].message, "said");
  EXPECT_FALSE(open[1].began_at.has_value());
  EXPECT_EQ(store->GetJob(JobId("a"))->owner, "") << "its spec's user";
  EXPECT_THAT(store->ListAttempts(open[0].id).value(), IsEmpty());
}

TEST_F(SqliteMigrationTest, ADatabaseOfVersion5CountsCrashesFromThenOn) {
  const auto store = SqliteStore::Open(directory_).value();
  ASSERT_TRUE(store->BeginEpoch().ok());
  const TaskRecord leased = store->LoadOpenTasks(JobId("a"))->at(1);
  TaskRecord crashed = leased;
  crashed.state = TaskState::kQueued;
  crashed.costs.crashes = {"\"w\": signal 11 (SIGSEGV)"};
  ASSERT_TRUE(store->Apply(Rows({Changed(leased, crashed)})).ok());
  EXPECT_THAT(store->LoadOpenTasks(JobId("a"))->at(1).costs.crashes,
              ElementsAre("\"w\": signal 11 (SIGSEGV)"));
}

TEST_F(SqliteMigrationTest, WhatADatabaseOfVersion5HasWasMadeByEngine7) {
  const auto store = SqliteStore::Open(directory_).value();
  const Arithmetic engine7{7, "profile"};
  EXPECT_EQ(store->LastEngineVersion().value(), 7);
  const auto results =
      store->FindResults({RenderKey("key3"), RenderKey("key4")}).value();
  ASSERT_THAT(results, SizeIs(2));
  for (const StoredResult& one : results) {
    EXPECT_EQ(one.result.arithmetic, engine7);
    EXPECT_EQ(
        one.result.losses,
        (Losses{{{"content", 1.5}, {"style", 0.1}, {"total_variation", 0}},
                2.5}));
  }
  const auto checkpoints = store->LoadCheckpoints().value();
  ASSERT_THAT(checkpoints, SizeIs(1));
  EXPECT_EQ(checkpoints[0].arithmetic, engine7);
  EXPECT_EQ(checkpoints[0].digest, "digest5");
}

TEST_F(SqliteMigrationTest, ADatabaseOfVersion5MayLackWhatCanBeDoneWithout) {
  {
    soci::session sql(soci::sqlite3, directory_ + "/atelier.db");
    sql << "DROP TABLE results";
    sql << "DROP TABLE checkpoints";
  }
  const auto store = SqliteStore::Open(directory_).value();
  EXPECT_THAT(store->rebuilt(), SizeIs(2));
  EXPECT_THAT(
      store->FindResults({RenderKey("key3"), RenderKey("key4")}).value(),
      SizeIs(2));
  EXPECT_THAT(store->LoadCheckpoints().value(), IsEmpty());
}

// What version 14 added, taken away again: before what earlier ones did.
void TakeVersion14Away(soci::session& sql) {
  sql << "DROP TABLE ratings";  // Version 15.
  sql << "DROP TABLE thumbnails";
  sql << "DROP INDEX artifacts_previews";
  sql << "DROP INDEX artifacts_logs";
  sql << "ALTER TABLE tasks DROP COLUMN previews";
  sql << "ALTER TABLE attempts DROP COLUMN log_digest";
}

// What versions 13 to 8 added, taken away again.
const char* const kBackToVersion10[] = {
    "ALTER TABLE tasks DROP COLUMN measures",
    "ALTER TABLE tasks DROP COLUMN timings",
    "DROP TABLE audit",
    "DROP INDEX jobs_owner",
    "ALTER TABLE tokens DROP COLUMN max_slots",
    "ALTER TABLE artifacts DROP COLUMN owner",
    "DROP TABLE quotas",
    "UPDATE schema_version SET version = 10",
};
const char* const kBackToVersion9[] = {
    "ALTER TABLE tasks DROP COLUMN measures",
    "ALTER TABLE tasks DROP COLUMN timings",
    "DROP TABLE audit",
    "DROP INDEX jobs_owner",
    "DROP TABLE quotas",
    "ALTER TABLE artifacts DROP COLUMN owner",
    "DROP TABLE tokens",
    "UPDATE schema_version SET version = 9",
};
const char* const kBackToVersion8[] = {
    "ALTER TABLE tasks DROP COLUMN measures",
    "ALTER TABLE tasks DROP COLUMN timings",
    "DROP TABLE audit",
    "DROP INDEX jobs_owner",
    "DROP TABLE quotas",
    "DROP TABLE tokens",
    "ALTER TABLE tasks DROP COLUMN attempt_secret",
    "DROP TABLE artifacts",
    "UPDATE schema_version SET version = 8",
};
const char* const kBackToVersion7[] = {
    "ALTER TABLE tasks DROP COLUMN measures",
    "ALTER TABLE tasks DROP COLUMN timings",
    "DROP TABLE audit",
    "DROP INDEX jobs_owner",
    "DROP TABLE quotas",
    "DROP TABLE tokens",
    "ALTER TABLE tasks DROP COLUMN attempt_secret",
    "DROP INDEX jobs_deleted",
    "DROP INDEX jobs_ended",
    "ALTER TABLE jobs DROP COLUMN owner",
    "ALTER TABLE tasks DROP COLUMN began_at",
    "DROP TABLE attempts",
    "DROP TABLE artifacts",
    "UPDATE schema_version SET version = 7",
};

TEST_F(SqliteMigrationTest, ADatabaseOfVersion7KeepsWhatItHas) {
  const TaskRecord done = Succeeded("c", 0, 9);
  StoreDone(done);
  {
    soci::session sql(soci::sqlite3, directory_ + "/atelier.db");
    TakeVersion14Away(sql);
    for (const char* statement : kBackToVersion7) sql << statement;
  }
  const auto store = SqliteStore::Open(directory_).value();
  EXPECT_EQ(store->ReadSettings()->schema_version, CurrentSchemaVersion());
  EXPECT_EQ(store->GetJob(JobId("c"))->owner, "");
  const auto results = store->FindResults({done.token.render_key}).value();
  ASSERT_THAT(results, SizeIs(1));
  EXPECT_EQ(results[0].result.losses, done.result->losses);
  EXPECT_EQ(results[0].result.arithmetic, done.result->arithmetic);
  const auto tasks = store->ListTasks(JobId("c"), 0, 1).value();
  EXPECT_FALSE(tasks.rows.at(0).began_at.has_value());
}

TEST_F(SqliteMigrationTest, AResultOfVersion11HasNoTimings) {
  TaskRecord done = Succeeded("c", 0, 9);
  StoreDone(done);
  {
    soci::session sql(soci::sqlite3, directory_ + "/atelier.db");
    TakeVersion14Away(sql);
    sql << "ALTER TABLE tasks DROP COLUMN measures";
    sql << "ALTER TABLE tasks DROP COLUMN timings";
    sql << "UPDATE schema_version SET version = 11";
  }
  const auto store = SqliteStore::Open(directory_).value();
  const auto results = store->FindResults({done.token.render_key}).value();
  ASSERT_THAT(results, SizeIs(1));
  EXPECT_EQ(results[0].result.losses, done.result->losses);
  EXPECT_FALSE(results[0].result.timings.has_value());
}

TEST_F(SqliteMigrationTest, AResultOfVersion12WasNotMeasured) {
  TaskRecord done = Succeeded("c", 0, 9);
  done.result->measures = std::string("a\0b", 3);
  StoreDone(done);
  {
    soci::session sql(soci::sqlite3, directory_ + "/atelier.db");
    TakeVersion14Away(sql);
    sql << "ALTER TABLE tasks DROP COLUMN measures";
    sql << "UPDATE schema_version SET version = 12";
  }
  const auto store = SqliteStore::Open(directory_).value();
  const auto results = store->FindResults({done.token.render_key}).value();
  ASSERT_THAT(results, SizeIs(1));
  EXPECT_EQ(results[0].result.measures, "");
  EXPECT_TRUE(results[0].result.timings.has_value());
}

TEST_F(SqliteMigrationTest, ADamagedTableOfArtifactsIsMadeAgainOnTheWay) {
  TaskRecord done = Succeeded("c", 0, 9);
  StoreDone(done);
  {
    soci::session sql(soci::sqlite3, directory_ + "/atelier.db");
    TakeVersion14Away(sql);
    sql << "UPDATE schema_version SET version = 13";
  }
  DamageTable(directory_ + "/atelier.db", "artifacts");
  const auto store = SqliteStore::Open(directory_);
  ASSERT_TRUE(store.ok()) << store.status();
  EXPECT_THAT((*store)->rebuilt(), SizeIs(1));
  EXPECT_THAT((*store)->FindResults({done.token.render_key}).value(),
              SizeIs(1));
}

TEST_F(SqliteMigrationTest, WhatVersion13HasIsWithoutPreviewsLogsThumbnails) {
  TaskRecord done = Succeeded("c", 0, 9);
  done.result->previews = {{1, std::string(64, 'a')}};
  StoreDone(done);
  {
    soci::session sql(soci::sqlite3, directory_ + "/atelier.db");
    sql << "INSERT INTO attempts VALUES ('c', 0, 1, 1, 'w', NULL, 2, 5, 'said',"
           " 3, 'log')";
    TakeVersion14Away(sql);
    sql << "UPDATE schema_version SET version = 13";
  }
  const auto store = SqliteStore::Open(directory_).value();
  EXPECT_EQ(store->ReadSettings()->schema_version, CurrentSchemaVersion());
  const auto results = store->FindResults({done.token.render_key}).value();
  ASSERT_THAT(results, SizeIs(1));
  EXPECT_EQ(results[0].result.losses, done.result->losses);
  EXPECT_THAT(results[0].result.previews, IsEmpty());
  const auto attempts = store->ListAttempts({JobId("c"), 0}).value();
  ASSERT_THAT(attempts, SizeIs(1));
  EXPECT_EQ(attempts[0].message, "said");
  EXPECT_EQ(attempts[0].log_digest, "");
  ASSERT_TRUE(store->BeginEpoch().ok());
  const ThumbnailRecord made{std::string(64, 'a'), 128, std::string(64, 'b')};
  EXPECT_TRUE(store->Apply(Rows({made})).ok());
  EXPECT_EQ(store->FindThumbnail(made.of_digest, 128).value(), made.digest);
}

TEST_F(SqliteMigrationTest, WhatVersion14HasIsWithoutRatings) {
  StoreDone(Succeeded("c", 0, 9));
  {
    soci::session sql(soci::sqlite3, directory_ + "/atelier.db");
    sql << "DROP TABLE ratings";
    sql << "UPDATE schema_version SET version = 14";
  }
  const auto store = SqliteStore::Open(directory_).value();
  EXPECT_THAT(store->rebuilt(), IsEmpty());
  EXPECT_EQ(store->ReadSettings()->schema_version, CurrentSchemaVersion());
  ASSERT_TRUE(store->BeginEpoch().ok());
  RatingChange stars;
  stars.key.task = {JobId("c"), 0};
  stars.value = 3;
  EXPECT_TRUE(store->Apply(Rows({stars})).ok());
  EXPECT_EQ(store->CountRatings(JobId("c")).value(), 1);
}

TEST_F(SqliteMigrationTest, AnAttemptOfVersion8KeepsItsToken) {
  const TaskRecord leased = Leased("c", 0, 9);
  {
    const auto store = SqliteStore::Open(directory_).value();
    ASSERT_TRUE(store->BeginEpoch().ok());
    ASSERT_TRUE(store->Apply(Rows({NewJob("c", 3, 1), Inserted(leased)})).ok());
  }
  {
    soci::session sql(soci::sqlite3, directory_ + "/atelier.db");
    TakeVersion14Away(sql);
    for (const char* statement : kBackToVersion8) sql << statement;
  }
  const auto store = SqliteStore::Open(directory_).value();
  const auto tasks = store->LoadOpenTasks(JobId("c")).value();
  ASSERT_THAT(tasks, SizeIs(1));
  EXPECT_EQ(tasks[0].token, leased.token) << "it has no secret";
}

TEST_F(SqliteMigrationTest, ADatabaseOfVersion8KnowsOfNoArtifactUntilItIsTold) {
  SqliteStore::Open(directory_).value().reset();
  {
    soci::session sql(soci::sqlite3, directory_ + "/atelier.db");
    TakeVersion14Away(sql);
    for (const char* statement : kBackToVersion8) sql << statement;
  }
  const auto store = SqliteStore::Open(directory_).value();
  EXPECT_THAT(store->rebuilt(), IsEmpty());
  EXPECT_EQ(store->ReadSettings()->schema_version, CurrentSchemaVersion());
  EXPECT_THAT(store->ListArtifacts(ArtifactKind::kArtifact, "", 9).value(),
              IsEmpty());
}

TEST_F(SqliteMigrationTest, ADatabaseOfVersion9HasNoTokensAndTakesThem) {
  SqliteStore::Open(directory_).value().reset();
  {
    soci::session sql(soci::sqlite3, directory_ + "/atelier.db");
    TakeVersion14Away(sql);
    for (const char* statement : kBackToVersion9) sql << statement;
  }
  const auto store = SqliteStore::Open(directory_).value();
  EXPECT_EQ(store->ReadSettings()->schema_version, CurrentSchemaVersion());
  EXPECT_EQ(store->GetJob(JobId("a"))->priority, 4);
  EXPECT_THAT(store->ListTokens().value(), IsEmpty());
  ASSERT_TRUE(store->BeginEpoch().ok());
  TokenChange made;
  made.token.accessor = "0123456789ab";
  made.token.created_at = absl::UnixEpoch();
  const absl::Status status = store->Apply(Rows({made}));
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_THAT(store->ListTokens().value(), SizeIs(1));
}

TEST_F(SqliteMigrationTest, WhatVersion10HasCountsForNobodyAndHasNoBounds) {
  ArtifactChange input;
  input.artifact.digest = std::string(64, 'a');
  input.artifact.size_bytes = 5;
  TokenChange token;
  token.token.accessor = "0123456789ab";
  token.token.created_at = absl::UnixEpoch();
  {
    const auto store = SqliteStore::Open(directory_).value();
    ASSERT_TRUE(store->BeginEpoch().ok());
    ASSERT_TRUE(store->Apply(Rows({input, token})).ok());
  }
  {
    soci::session sql(soci::sqlite3, directory_ + "/atelier.db");
    TakeVersion14Away(sql);
    for (const char* statement : kBackToVersion10) sql << statement;
  }
  const auto store = SqliteStore::Open(directory_).value();
  EXPECT_EQ(store->ReadSettings()->schema_version, CurrentSchemaVersion());
  EXPECT_THAT(store->ListQuotas().value(), IsEmpty());
  EXPECT_THAT(store->SumArtifacts().value(), IsEmpty());
  const auto artifacts =
      store->ListArtifacts(ArtifactKind::kArtifact, "", 9).value();
  ASSERT_THAT(artifacts, SizeIs(1));
  EXPECT_EQ(artifacts[0].size_bytes, 5);
  EXPECT_EQ(artifacts[0].owner, "");
  ASSERT_THAT(store->ListTokens().value(), SizeIs(1));
  EXPECT_EQ(store->ListTokens()->at(0).max_slots, 0);
  ASSERT_TRUE(store->BeginEpoch().ok());
  EXPECT_TRUE(store->Apply(Rows({QuotaChange{{"ann", 1, 2, 3}}})).ok());
  EXPECT_THAT(store->ListQuotas().value(), SizeIs(1));
}

TEST_F(SqliteMigrationTest, OnceMigratedItOpensAgain) {
  SqliteStore::Open(directory_).value().reset();
  EXPECT_TRUE(SqliteStore::Open(directory_).ok());
}

}  // namespace
}  // namespace atelier
