// What is PostgreSQL's alone: lost connections, another coordinator, schemas of
// other versions, passwords.
#include "coordinator/store/postgresql/pq_store.h"

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "coordinator/store/open_store.h"
#include "coordinator/store/postgresql/pq_connection.h"
#include "coordinator/store/postgresql/pq_server_testing.h"
#include "coordinator/store/postgresql/pq_url.h"
#include "coordinator/store/store_contract_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/scoped_variable.h"
#include "tests/testing/tls_identity.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class PostgresqlStoreTest : public testing::Test {
 protected:
  void SetUp() override {
    const absl::StatusOr<std::string> url = MakePqDatabase();
    if (absl::IsNotFound(url.status())) {
      GTEST_SKIP() << "NOT TESTED: a store of PostgreSQL, as no server is "
                      "installed here";
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
  const absl::Status applied = store->Apply(Rows({NewJob("b", 2, 1)}));
  EXPECT_TRUE(applied.ok()) << applied;
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

// A server keeps the plan of a prepared statement, also one that was made when
// its table was empty.
TEST_F(PostgresqlStoreTest, WhatWasAskedOfEmptyTablesReadsNoWholeTableLater) {
  const auto store = OpenAndBegin();
  const std::set<RenderKey> keys = {RenderKey("key1"), RenderKey("none")};
  // After five times a plan is kept for whatever is asked for.
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(store->FindResults(keys).ok());
  constexpr int kTasks = 500;
  std::vector<AnyChange> changes = {NewJob("a", 1, kTasks)};
  for (int i = 0; i < kTasks; ++i) {
    const TaskRecord done = Succeeded(Leased("a", i, i + 1));
    changes.insert(changes.end(), {Inserted(done), ResultOf(done)});
  }
  ASSERT_TRUE(store->Apply(Rows(changes)).ok());
  for (int i = 0; i < 10; ++i) {
    ASSERT_EQ(store->FindResults(keys).value().size(), 1);
  }
  // A connection's counts are complete once it has ended.
  for (int64_t others = 1; others > 0;) {
    ASSERT_TRUE(EndPqConnections(url_).ok());
    const auto counted = (*PqConnection::Open(url_, absl::Seconds(5)))
                             ->Run(
                                 "SELECT count(*) FROM pg_stat_activity "
                                 "WHERE datname = current_database() AND "
                                 "backend_type = 'client backend' AND "
                                 "pid <> pg_backend_pid()");
    ASSERT_TRUE(counted.ok()) << counted.status();
    others = counted->Int(0, 0);
  }
  const auto read = (*PqConnection::Open(url_, absl::Seconds(5)))
                        ->Run(
                            "SELECT sum(seq_tup_read), sum(idx_scan) FROM "
                            "pg_stat_user_tables WHERE relname IN "
                            "('tasks', 'results')");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->Int(0, 0), 0);
  EXPECT_GT(read->Int(0, 1), 0);
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
  const absl::Time deadline = absl::Now() + absl::Seconds(60);
  while (!lost.was_waiting && lost.applied.ok() && absl::Now() < deadline) {
    ++jobs;
    lost = ApplyAndLose(*store, url_, "SyncRep",
                        Rows({NewJob(absl::StrCat(jobs), jobs, 1)}));
  }
  Say("ALTER SYSTEM RESET synchronous_standby_names");
  Say("SELECT pg_reload_conf()");
  EXPECT_TRUE(lost.was_waiting);
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

TEST_F(PostgresqlStoreTest, WhatWorkedOnceIsUnavailableAndNoCallersFault) {
  const auto guarded = GuardPqDatabase(url_, "right");
  ASSERT_TRUE(guarded.ok()) << guarded.status();
  const ScopedVariable password("PGPASSWORD", "right");
  const auto store = PostgresqlStore::Open(guarded->url);
  ASSERT_TRUE(store.ok()) << store.status();
  ASSERT_TRUE((*store)->BeginEpoch().ok());
  ASSERT_TRUE((*store)->LastSequence().ok());
  Say("REVOKE ALL ON jobs FROM guarded");
  EXPECT_TRUE(absl::IsUnavailable((*store)->LastSequence().status()));
  const absl::Status written = (*store)->Apply(Rows({NewJob("a", 1, 1)}));
  EXPECT_TRUE(absl::IsUnavailable(written)) << written;
  Say("GRANT ALL ON jobs TO guarded");
  Say("ALTER USER guarded PASSWORD 'another'");
  ASSERT_TRUE(EndPqConnections(url_).ok());
  const absl::Status read = (*store)->LastSequence().status();
  EXPECT_TRUE(absl::IsUnavailable(read)) << read;
  EXPECT_THAT(std::string(read.message()),
              HasSubstr("password authentication failed"));
  EXPECT_TRUE(absl::IsUnavailable((*store)->Apply(RowChanges())));
  EXPECT_TRUE(
      absl::IsUnavailable((*store)->ListNamed(absl::InfinitePast()).status()));
}

TEST_F(PostgresqlStoreTest, APasswordComesFromTheEnvironmentOrAFile) {
  const auto guarded = GuardPqDatabase(url_, "s3cret word");
  ASSERT_TRUE(guarded.ok()) << guarded.status();
  const std::string file = testing::TempDir() + "pgpass";
  const auto set_file = [&file](const std::string& password) {
    std::ofstream(file) << "127.0.0.1:*:*:guarded:" << password << "\n";
    std::filesystem::permissions(file, std::filesystem::perms::owner_read |
                                           std::filesystem::perms::owner_write);
  };
  set_file("s3cret word");
  {
    const ScopedVariable password("PGPASSWORD", "s3cret word");
    EXPECT_TRUE(PostgresqlStore::Open(guarded->url).ok());
  }
  {
    const ScopedVariable passwords("PGPASSFILE", file);
    EXPECT_TRUE(PostgresqlStore::Open(guarded->url).ok());
  }
  const absl::Status none = PostgresqlStore::Open(guarded->url).status();
  EXPECT_TRUE(absl::IsPermissionDenied(none)) << none;
  EXPECT_THAT(std::string(none.message()), HasSubstr("no password supplied"));
  {
    const ScopedVariable passwords("PGPASSFILE", file);
    const std::string verified = guarded->url + "?sslmode=verify-full";
    const auto store =
        PostgresqlStore::Open(verified + "&sslrootcert=" + guarded->ca);
    EXPECT_TRUE(store.ok()) << store.status();
    std::ofstream(file + ".pem") << PemOf(MakeTlsIdentity("127.0.0.1"));
    const absl::Status another =
        PostgresqlStore::Open(verified + "&sslrootcert=" + file + ".pem")
            .status();
    EXPECT_TRUE(absl::IsUnavailable(another)) << another;
    EXPECT_THAT(std::string(another.message()),
                HasSubstr("certificate verify failed"));
  }
  set_file("a wr0ng one");
  for (const auto& [name, value] :
       {std::pair("PGPASSWORD", std::string("a wr0ng one")),
        std::pair("PGPASSFILE", file)}) {
    SCOPED_TRACE(name);
    const ScopedVariable wrong(name, value);
    const absl::Status refused = PostgresqlStore::Open(guarded->url).status();
    EXPECT_TRUE(absl::IsPermissionDenied(refused)) << refused;
    EXPECT_THAT(
        refused.ToString(),
        AllOf(HasSubstr("authentication failed"), HasSubstr("\"guarded\""),
              Not(HasSubstr("wr0ng")), Not(HasSubstr("s3cret"))));
  }
}

TEST(PostgresqlUrlTest, APasswordIsInNoMessage) {
  for (const std::string& url :
       {std::string("postgresql://ann:secret@localhost:1/atelier"),
        std::string("postgresql://ann:secret@localhost:no-port/atelier"),
        std::string("postgresql://ann:secret@/x?host=/nowhere"),
        std::string("postgresql://localhost/atelier?password=secret"),
        std::string("host=localhost user=ann password=secret"),
        std::string("postgresq://ann:secret@localhost/atelier")}) {
    const absl::Status refused = OpenStore(url).status();
    EXPECT_TRUE(absl::IsInvalidArgument(refused)) << refused;
    EXPECT_THAT(refused.ToString(), Not(HasSubstr("secret"))) << url;
  }
}

TEST(PostgresqlUrlTest, TheNameOfADatabaseHasNeitherUserNorParameters) {
  EXPECT_EQ(
      NameOfServer("postgres://ann@db:5433/atelier?sslmode=require").value(),
      "postgresql://db:5433/atelier");
  EXPECT_EQ(NameOfServer("postgresql://?service=x").value(),
            "postgresql:///?service=x");
  EXPECT_EQ(NameOfServer("postgresql:///atelier?host=/run/pq&port=1").value(),
            "postgresql:///atelier?host=/run/pq");
}

TEST(PostgresqlUrlTest, AParameterThatIsWrongIsNotWaitedFor) {
  for (const auto& [url, says] :
       {std::pair("postgresql://localhost:1/a?sslmode=some", "\"some\""),
        std::pair("postgresql://localhost/a?service=none", "\"none\""),
        std::pair("postgresql://localhost:no-port/a", "\"no-port\"")}) {
    const absl::Status refused = OpenStore(url).status();
    EXPECT_TRUE(absl::IsInvalidArgument(refused)) << refused;
    EXPECT_THAT(std::string(refused.message()), HasSubstr(says));
  }
  const absl::Status away =
      OpenStore("postgresql://ann@127.0.0.1:1/atelier").status();
  EXPECT_TRUE(absl::IsUnavailable(away)) << away;
}

}  // namespace
}  // namespace atelier
