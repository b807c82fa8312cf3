// What is PostgreSQL's alone: lost connections, another coordinator, schemas of
// other versions, passwords.
#include "coordinator/store/postgresql/pq_store.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "coordinator/store/open_store.h"
#include "coordinator/store/postgresql/pq_connection.h"
#include "coordinator/store/postgresql/pq_server_testing.h"
#include "coordinator/store/store_contract_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class PostgresqlStoreTest : public testing::Test {
 protected:
  void SetUp() override {
    const absl::StatusOr<std::string> url = MakePqDatabase();
    if (absl::IsNotFound(url.status())) {
      GTEST_SKIP() << "NOT TESTED: PostgreSQL";
    }
    ASSERT_TRUE(url.ok()) << url.status();
    url_ = *url;
  }
  std::unique_ptr<PostgresqlStore> Open() const {
    auto store = PostgresqlStore::Open(url_);
    EXPECT_TRUE(store.ok()) << store.status();
    return *std::move(store);
  }
  std::unique_ptr<PostgresqlStore> OpenAndBegin() const {
    std::unique_ptr<PostgresqlStore> store = Open();
    EXPECT_TRUE(store->BeginEpoch().ok());
    return store;
  }
  void Say(const std::string& sql) const {
    const auto connection = PqConnection::Open(url_, absl::Seconds(5));
    ASSERT_TRUE(connection.ok()) << connection.status();
    const absl::Status said = (*connection)->RunOnce(sql);
    ASSERT_TRUE(said.ok()) << said;
  }

  std::string url_;
};

TEST_F(PostgresqlStoreTest, ConnectionsThatWereEndedAreMadeAgainUnseen) {
  const auto store = OpenAndBegin();
  ASSERT_TRUE(store->Apply(Rows({NewJob("a", 1, 1)})).ok());
  ASSERT_TRUE(store->GetJob(JobId("a")).ok());
  ASSERT_TRUE(EndPqConnections(url_).ok());
  EXPECT_TRUE(store->GetJob(JobId("a")).ok());
  const absl::Status applied = store->Apply(Rows({NewJob("b", 2, 1)}));
  EXPECT_TRUE(applied.ok()) << applied;
  EXPECT_TRUE(store->GetJob(JobId("b")).ok());
}

TEST_F(PostgresqlStoreTest, WhatWasAppliedOutlivesACrashOfTheServer) {
  const auto store = OpenAndBegin();
  ASSERT_TRUE(store->Apply(Rows({NewJob("a", 1, 1)})).ok());
  ASSERT_TRUE(RestartPqServer().ok());
  EXPECT_TRUE(store->GetJob(JobId("a")).ok());
  EXPECT_TRUE(store->Apply(Rows({NewJob("b", 2, 1)})).ok());
}

TEST_F(PostgresqlStoreTest, WhoeverBeginsAnEpochFencesTheOneBefore) {
  const auto old_store = OpenAndBegin();
  const auto new_store = OpenAndBegin();
  const absl::Status late = old_store->Apply(Rows({NewJob("a", 1, 1)}));
  EXPECT_TRUE(absl::IsAborted(late)) << late;
  EXPECT_TRUE(absl::IsNotFound(new_store->GetJob(JobId("a")).status()));
  EXPECT_TRUE(new_store->Apply(Rows({NewJob("a", 1, 1)})).ok());
}

TEST_F(PostgresqlStoreTest, ATransactionUnderWayIsWaitedForByATakeover) {
  const auto store = OpenAndBegin();
  const auto other = PqConnection::Open(url_, absl::Seconds(5));
  ASSERT_TRUE(other.ok()) << other.status();
  ASSERT_TRUE((*other)->RunOnce("BEGIN").ok());
  ASSERT_TRUE((*other)->RunOnce("SELECT 1 FROM epoch FOR SHARE").ok());
  // Both may hold the lock.
  EXPECT_TRUE(store->Apply(RowChanges()).ok());
  const auto taker = PqConnection::Open(url_, absl::Seconds(5));
  ASSERT_TRUE(taker.ok()) << taker.status();
  ASSERT_TRUE((*taker)->RunOnce("SET lock_timeout = '100ms'").ok());
  EXPECT_TRUE(absl::IsUnavailable(
      (*taker)->RunOnce("UPDATE epoch SET current = current + 1")));
}

struct Lost {
  bool was_waiting = false;
  absl::Status applied;
};

// Ends the connection of a commit while it waits for `event`.
Lost ApplyAndLose(Store& store, const std::string& url,
                  const std::string& event, const RowChanges& changes) {
  Lost lost;
  std::atomic<bool> is_done = false;
  std::thread caller([&] {
    lost.applied = store.Apply(changes);
    is_done = true;
  });
  const auto other = PqConnection::Open(url, absl::Seconds(5));
  EXPECT_TRUE(other.ok()) << other.status();
  while (other.ok() && !lost.was_waiting && !is_done) {
    const auto found = (*other)->Run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND wait_event = $1",
        PqParams().Text(event));
    lost.was_waiting = found.ok() && found->rows() > 0;
  }
  caller.join();
  return lost;
}

TEST_F(PostgresqlStoreTest, ACommitThatWasLostOnTheWayIsUnavailable) {
  const auto store = OpenAndBegin();
  Say("CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS "
      "'BEGIN PERFORM pg_sleep(60); RETURN NULL; END'");
  Say("CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON jobs "
      "DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait()");
  const Lost lost =
      ApplyAndLose(*store, url_, "PgSleep", Rows({NewJob("a", 1, 1)}));
  EXPECT_TRUE(lost.was_waiting);
  EXPECT_TRUE(absl::IsUnavailable(lost.applied)) << lost.applied;
  Say("DROP TRIGGER slow ON jobs");
  EXPECT_TRUE(absl::IsNotFound(store->GetJob(JobId("a")).status()));
  EXPECT_TRUE(store->Apply(Rows({NewJob("a", 1, 1)})).ok());
}

TEST_F(PostgresqlStoreTest, ACommitWhoseAnswerWasLostIsFoundOut) {
  const auto store = OpenAndBegin();
  // It is committed here, and waits for a standby that there is not.
  Say("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
  Say("SELECT pg_reload_conf()");
  Lost lost;
  int64_t jobs = 0;
  // The server takes the setting up at some time.
  while (!lost.was_waiting && lost.applied.ok()) {
    ++jobs;
    lost = ApplyAndLose(*store, url_, "SyncRep",
                        Rows({NewJob(absl::StrCat(jobs), jobs, 1)}));
  }
  Say("ALTER SYSTEM RESET synchronous_standby_names");
  Say("SELECT pg_reload_conf()");
  EXPECT_TRUE(lost.applied.ok()) << lost.applied;
  EXPECT_EQ(store->LastSequence().value(), jobs);
}

TEST_F(PostgresqlStoreTest, ASchemaOfANewerVersionIsRefusedInOneLine) {
  Open();
  Say("UPDATE schema_version SET version = 1000");
  const absl::Status refused = PostgresqlStore::Open(url_).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(refused)) << refused;
  EXPECT_THAT(std::string(refused.message()),
              AllOf(HasSubstr("has schema version 1000, this coordinator "
                              "knows up to 1; use the newer coordinator"),
                    Not(HasSubstr("\n"))));
}

TEST_F(PostgresqlStoreTest, TablesThatAreNotOursAreLeftAlone) {
  Say("CREATE TABLE jobs (theirs INTEGER)");
  const absl::Status refused = PostgresqlStore::Open(url_).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(refused)) << refused;
  Say("SELECT theirs FROM jobs");
}

TEST_F(PostgresqlStoreTest, TellsWhetherItWasUsed) {
  EXPECT_FALSE(OpenStore(url_)->was_used);
  OpenAndBegin();
  EXPECT_TRUE(OpenStore(url_)->was_used);
}

TEST_F(PostgresqlStoreTest, NoSuchDatabaseIsSaid) {
  const std::string url = url_.substr(0, url_.find("/test") + 1) + "nowhere" +
                          url_.substr(url_.find('?'));
  const absl::Status refused = PostgresqlStore::Open(url).status();
  EXPECT_TRUE(absl::IsFailedPrecondition(refused)) << refused;
  EXPECT_THAT(std::string(refused.message()),
              HasSubstr("database \"nowhere\" does not exist"));
}

TEST_F(PostgresqlStoreTest, TextThatPostgresqlHasNotIsKeptWithEscapes) {
  const auto store = OpenAndBegin();
  JobChange job = NewJob("a", 1, 1);
  job.after.message = std::string("\xff\0", 2);
  ASSERT_TRUE(store->Apply(Rows({job})).ok());
  EXPECT_EQ(store->GetJob(JobId("a"))->message, "\\xff\\x00");
}

TEST(PostgresqlUrlTest, APasswordIsInNoMessage) {
  for (const std::string& url :
       {std::string("postgresql://ann:secret@localhost:1/atelier"),
        std::string("postgresql://ann:secret@localhost:no-port/atelier"),
        std::string("postgresql://ann:secret@/x?host=/nowhere"),
        std::string("postgresq://ann:secret@localhost/atelier")}) {
    const absl::Status refused = OpenStore(url).status();
    EXPECT_FALSE(refused.ok()) << url;
    EXPECT_THAT(refused.ToString(), Not(HasSubstr("secret"))) << url;
  }
}

}  // namespace
}  // namespace atelier
