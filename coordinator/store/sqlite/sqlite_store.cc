#include "coordinator/store/sqlite/sqlite_store.h"

#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "common/status_macros.h"
#include "coordinator/store/data_lock.h"
#include "coordinator/store/sqlite/result_index.h"
#include "coordinator/store/sqlite/sqlite_audit.h"
#include "coordinator/store/sqlite/sqlite_connection.h"
#include "coordinator/store/sqlite/sqlite_named_digests.h"
#include "coordinator/store/sqlite/sqlite_quotas.h"
#include "coordinator/store/sqlite/sqlite_ratings.h"
#include "coordinator/store/sqlite/sqlite_rows.h"
#include "coordinator/store/sqlite/sqlite_schema.h"
#include "coordinator/store/sqlite/sqlite_thumbnails.h"
#include "coordinator/store/sqlite/sqlite_tokens.h"
#include "coordinator/store/sqlite/sqlite_writer.h"

namespace atelier {
namespace {

// The writer looks up results by keys without any order, so that the pages it
// needs again are anywhere in the table: it keeps 8 MiB of them. Not more: each
// commit in which a page was split has SQLite look at every page it keeps. And
// it copies the log into the database after 16 MiB, not 4: most pages that were
// changed have been changed again by then, and are copied once.
void KeepMoreInMemory(soci::session& sql) {
  sql << "PRAGMA cache_size = -8192";         // KiB.
  sql << "PRAGMA wal_autocheckpoint = 4096";  // Pages of 4 KiB.
}

void RollBack(soci::session& sql) {
  try {
    sql << "ROLLBACK";
  } catch (const soci::soci_error&) {
    // A full disk has made SQLite roll back by itself.
  }
}

}  // namespace

struct SqliteStore::Connections {
  std::unique_ptr<DataLock> lock;
  std::string path;
  std::vector<std::string> rebuilt;
  absl::Mutex write_mu ABSL_ACQUIRED_BEFORE(read_mu);
  soci::session write_sql ABSL_GUARDED_BY(write_mu);
  std::unique_ptr<ResultIndex> results ABSL_GUARDED_BY(write_mu);
  std::unique_ptr<SqliteWriter> writer ABSL_GUARDED_BY(write_mu);
  int64_t epoch ABSL_GUARDED_BY(write_mu) = 0;
  absl::Mutex read_mu;
  soci::session read_sql ABSL_GUARDED_BY(read_mu);
};

SqliteStore::SqliteStore(std::unique_ptr<Connections> connections)
    : connections_(std::move(connections)) {}

SqliteStore::~SqliteStore() = default;

absl::StatusOr<std::unique_ptr<SqliteStore>> SqliteStore::Open(
    const std::string& data_directory) {
  auto made = std::make_unique<Connections>();
  ASSIGN_OR_RETURN(made->lock, DataLock::Acquire(data_directory));
  made->path = data_directory + "/atelier.db";
  const std::string& path = made->path;
  Connections& to = *made;
  const absl::Status opened = Guard([&]() -> absl::Status {
    absl::MutexLock write_lock(&to.write_mu);
    absl::MutexLock read_lock(&to.read_mu);
    Connect(to.write_sql, path);
    KeepMoreInMemory(to.write_sql);
    RETURN_IF_ERROR(MigrateSchema(to.write_sql, to.rebuilt));
    for (std::string& lost : RebuildDamagedTables(to.write_sql)) {
      to.rebuilt.push_back(std::move(lost));
    }
    to.results = std::make_unique<ResultIndex>(to.write_sql);
    to.writer = std::make_unique<SqliteWriter>(to.write_sql, *to.results);
    Connect(to.read_sql, path);
    return absl::OkStatus();
  });
  RETURN_IF_ERROR(Annotate(opened, path));
  return std::unique_ptr<SqliteStore>(new SqliteStore(std::move(made)));
}

absl::StatusOr<SqliteStore::Settings> SqliteStore::ReadSettings() {
  absl::MutexLock lock(&connections_->write_mu);
  soci::session& sql = connections_->write_sql;
  return Guard([&]() -> absl::StatusOr<Settings> {
    Settings settings;
    sql << "PRAGMA journal_mode", soci::into(settings.journal_mode);
    sql << "PRAGMA synchronous", soci::into(settings.synchronous);
    sql << "PRAGMA foreign_keys", soci::into(settings.foreign_keys);
    sql << "SELECT version FROM schema_version",
        soci::into(settings.schema_version);
    SqlInt epoch = 0;
    sql << "SELECT coalesce(max(current), 0) FROM epoch", soci::into(epoch);
    settings.epoch = epoch;
    return settings;
  });
}

const std::vector<std::string>& SqliteStore::rebuilt() const {
  return connections_->rebuilt;
}

absl::StatusOr<int64_t> SqliteStore::BeginEpoch() {
  absl::MutexLock lock(&connections_->write_mu);
  soci::session& sql = connections_->write_sql;
  int64_t& epoch = connections_->epoch;
  return Guard([&]() -> absl::StatusOr<int64_t> {
    SqlInt current = 0;
    soci::transaction transaction(sql);
    sql << "UPDATE epoch SET current = current + 1";
    sql << "SELECT current FROM epoch", soci::into(current);
    transaction.commit();
    epoch = current;
    return epoch;
  });
}

absl::Status SqliteStore::Apply(const RowChanges& changes) {
  absl::MutexLock lock(&connections_->write_mu);
  soci::session& sql = connections_->write_sql;
  SqliteWriter& writer = *connections_->writer;
  ResultIndex& results = *connections_->results;
  const int64_t epoch = connections_->epoch;
  absl::Status committed = Guard([&]() -> absl::Status {
    sql << "BEGIN IMMEDIATE";
    if (!writer.EpochIs(epoch)) {
      return absl::AbortedError(absl::StrCat(
          "epoch ", epoch, " is over: another coordinator has taken over"));
    }
    RETURN_IF_ERROR(writer.Write(changes));
    results.Merge();
    sql << "COMMIT";
    results.Committed();
    return absl::OkStatus();
  });
  if (committed.ok()) return committed;
  RollBack(sql);
  results.RolledBack();
  return committed;
}

absl::StatusOr<JobRecord> SqliteStore::GetJob(const JobId& id) {
  absl::MutexLock lock(&connections_->read_mu);
  soci::session& sql = connections_->read_sql;
  return Guard([&]() -> absl::StatusOr<JobRecord> {
    std::vector<JobRecord> jobs =
        SelectJobs(sql, "WHERE job_id = :job", [&](soci::statement& select) {
          select.exchange(soci::use(id.value()));
        });
    if (jobs.empty()) {
      return absl::NotFoundError(absl::StrCat("no job ", id.value()));
    }
    return std::move(jobs.front());
  });
}

absl::StatusOr<std::optional<JobRecord>> SqliteStore::FindByRequestId(
    const RequestId& id) {
  absl::MutexLock lock(&connections_->read_mu);
  soci::session& sql = connections_->read_sql;
  return Guard([&]() -> absl::StatusOr<std::optional<JobRecord>> {
    std::vector<JobRecord> jobs = SelectJobs(
        sql, "WHERE request_id = :request", [&](soci::statement& select) {
          select.exchange(soci::use(id.value()));
        });
    if (jobs.empty()) return std::nullopt;
    return std::move(jobs.front());
  });
}

absl::StatusOr<std::vector<JobRecord>> SqliteStore::ListJobs(
    int limit, std::optional<int64_t> before) {
  absl::MutexLock lock(&connections_->read_mu);
  soci::session& sql = connections_->read_sql;
  const SqlInt bound = before.value_or(std::numeric_limits<int64_t>::max());
  return Guard([&]() -> absl::StatusOr<std::vector<JobRecord>> {
    return SelectJobs(sql,
                      "WHERE sequence < :bound ORDER BY sequence DESC "
                      "LIMIT :limit",
                      [&](soci::statement& select) {
                        select.exchange(soci::use(bound));
                        select.exchange(soci::use(limit));
                      });
  });
}

absl::StatusOr<std::vector<JobRecord>> SqliteStore::ListJobsOf(
    const std::string& owner, int limit, std::optional<int64_t> before) {
  absl::MutexLock lock(&connections_->read_mu);
  soci::session& sql = connections_->read_sql;
  const SqlInt bound = before.value_or(std::numeric_limits<int64_t>::max());
  return Guard([&]() -> absl::StatusOr<std::vector<JobRecord>> {
    return SelectJobs(sql,
                      "WHERE owner = :owner AND sequence < :bound "
                      "ORDER BY sequence DESC LIMIT :limit",
                      [&](soci::statement& select) {
                        select.exchange(soci::use(owner));
                        select.exchange(soci::use(bound));
                        select.exchange(soci::use(limit));
                      });
  });
}

absl::StatusOr<std::vector<JobRecord>> SqliteStore::LoadJobs(JobState state,
                                                             int limit) {
  absl::MutexLock lock(&connections_->read_mu);
  soci::session& sql = connections_->read_sql;
  return Guard([&]() -> absl::StatusOr<std::vector<JobRecord>> {
    // As text: a partial index serves no parameter.
    return SelectJobs(
        sql,
        absl::StrCat("WHERE state = ", static_cast<int>(state),
                     " ORDER BY sequence LIMIT :limit"),
        [&](soci::statement& select) { select.exchange(soci::use(limit)); });
  });
}

absl::StatusOr<std::vector<JobRecord>> SqliteStore::ListEndedJobs(
    absl::Time time, int limit) {
  absl::MutexLock lock(&connections_->read_mu);
  soci::session& sql = connections_->read_sql;
  const SqlInt before = ToSql(time);
  return Guard([&]() -> absl::StatusOr<std::vector<JobRecord>> {
    return SelectJobs(sql,
                      "WHERE ended_at < :before AND state <> 5 "
                      "ORDER BY ended_at LIMIT :limit",
                      [&](soci::statement& select) {
                        select.exchange(soci::use(before));
                        select.exchange(soci::use(limit));
                      });
  });
}

absl::StatusOr<int64_t> SqliteStore::LastSequence() {
  absl::MutexLock lock(&connections_->read_mu);
  soci::session& sql = connections_->read_sql;
  return Guard([&]() -> absl::StatusOr<int64_t> {
    SqlInt last = 0;
    sql << "SELECT coalesce(max(sequence), 0) FROM jobs", soci::into(last);
    return last;
  });
}

absl::StatusOr<Store::JobTasks> SqliteStore::ListTasks(const JobId& id,
                                                       int64_t first,
                                                       int limit) {
  absl::MutexLock lock(&connections_->read_mu);
  soci::session& sql = connections_->read_sql;
  const SqlInt begin = first;
  const SqlInt end =
      first +
      std::min<SqlInt>(limit, std::numeric_limits<SqlInt>::max() - first);
  return Guard([&]() -> absl::StatusOr<JobTasks> {
    soci::transaction snapshot(sql);
    const auto with_job = [&](soci::statement& select) {
      select.exchange(soci::use(id.value()));
    };
    std::vector<JobRecord> jobs =
        SelectJobs(sql, "WHERE job_id = :job", with_job);
    if (jobs.empty()) {
      return absl::NotFoundError(absl::StrCat("no job ", id.value()));
    }
    JobTasks page{std::move(jobs.front()), {}};
    page.rows = SelectTasks(sql,
                            "WHERE job_id = :job AND task_index >= :first "
                            "AND task_index < :end ORDER BY task_index",
                            [&](soci::statement& select) {
                              with_job(select);
                              select.exchange(soci::use(begin));
                              select.exchange(soci::use(end));
                            });
    return page;
  });
}

absl::StatusOr<std::vector<TaskRecord>> SqliteStore::LoadOpenTasks(
    const JobId& id) {
  absl::MutexLock lock(&connections_->read_mu);
  soci::session& sql = connections_->read_sql;
  return Guard([&]() -> absl::StatusOr<std::vector<TaskRecord>> {
    return SelectTasks(
        sql, "WHERE job_id = :job AND state IN (1, 2) ORDER BY task_index",
        [&](soci::statement& select) {
          select.exchange(soci::use(id.value()));
        });
  });
}

absl::StatusOr<std::vector<TaskRecord>> SqliteStore::ListStaleFailures(
    const JobId& id, int64_t generation, const TaskPosition& after, int limit) {
  absl::MutexLock lock(&connections_->read_mu);
  soci::session& sql = connections_->read_sql;
  const SqlInt below = generation;
  const SqlInt after_generation = after.generation;
  const SqlInt after_index = after.index;
  return Guard([&]() -> absl::StatusOr<std::vector<TaskRecord>> {
    return SelectTasks(
        sql,
        "WHERE job_id = :job AND state = 4 AND generation < :below "
        "AND (generation, task_index) > (:generation, :index) "
        "ORDER BY generation, task_index LIMIT :limit",
        [&](soci::statement& select) {
          select.exchange(soci::use(id.value()));
          select.exchange(soci::use(below));
          select.exchange(soci::use(after_generation));
          select.exchange(soci::use(after_index));
          select.exchange(soci::use(limit));
        });
  });
}

absl::StatusOr<std::vector<AttemptRecord>> SqliteStore::ListAttempts(
    const TaskId& task) {
  absl::MutexLock lock(&connections_->read_mu);
  soci::session& sql = connections_->read_sql;
  return Guard([&]() -> absl::StatusOr<std::vector<AttemptRecord>> {
    return SelectAttempts(sql, task);
  });
}

absl::StatusOr<std::vector<StoredResult>> SqliteStore::FindResults(
    const std::set<RenderKey>& keys) {
  // The writer asks, between its transactions: it waits for no other reader.
  absl::MutexLock lock(&connections_->write_mu);
  ResultIndex& results = *connections_->results;
  return Guard([&]() -> absl::StatusOr<std::vector<StoredResult>> {
    return results.Find(keys);
  });
}

absl::StatusOr<std::unique_ptr<NamedDigests>> SqliteStore::ListNamed(
    absl::Time ended_since) {
  return Guard([&]() -> absl::StatusOr<std::unique_ptr<NamedDigests>> {
    return std::make_unique<SqliteNamedDigests>(connections_->path,
                                                ended_since);
  });
}

absl::StatusOr<std::vector<CheckpointRecord>> SqliteStore::LoadCheckpoints() {
  absl::MutexLock lock(&connections_->read_mu);
  soci::session& sql = connections_->read_sql;
  return Guard([&]() -> absl::StatusOr<std::vector<CheckpointRecord>> {
    return SelectCheckpoints(sql);
  });
}

absl::StatusOr<std::vector<ArtifactRecord>> SqliteStore::FindArtifacts(
    ArtifactKind kind, const std::set<std::string>& digests) {
  absl::MutexLock lock(&connections_->read_mu);
  soci::session& sql = connections_->read_sql;
  return Guard([&]() -> absl::StatusOr<std::vector<ArtifactRecord>> {
    return SelectArtifacts(sql, kind, digests);
  });
}

absl::StatusOr<std::vector<ArtifactRecord>> SqliteStore::ListArtifacts(
    ArtifactKind kind, const std::string& after, int limit) {
  absl::MutexLock lock(&connections_->read_mu);
  soci::session& sql = connections_->read_sql;
  return Guard([&]() -> absl::StatusOr<std::vector<ArtifactRecord>> {
    return SelectArtifacts(sql, kind, after, limit);
  });
}

absl::StatusOr<std::vector<ArtifactRecord>> SqliteStore::ListOldestArtifacts(
    ArtifactKind kind, int limit) {
  absl::MutexLock lock(&connections_->read_mu);
  soci::session& sql = connections_->read_sql;
  return Guard([&]() -> absl::StatusOr<std::vector<ArtifactRecord>> {
    return SelectOldestArtifacts(sql, kind, limit);
  });
}

absl::StatusOr<int64_t> SqliteStore::SumArtifactsOf(ArtifactKind kind) {
  absl::MutexLock lock(&connections_->read_mu);
  soci::session& sql = connections_->read_sql;
  return Guard([&]() -> absl::StatusOr<int64_t> {
    return SelectArtifactSum(sql, kind);
  });
}

absl::StatusOr<std::optional<std::string>> SqliteStore::FindThumbnail(
    const std::string& of_digest, int size_px) {
  absl::MutexLock lock(&connections_->read_mu);
  soci::session& sql = connections_->read_sql;
  return Guard([&]() -> absl::StatusOr<std::optional<std::string>> {
    return SelectThumbnail(sql, of_digest, size_px);
  });
}

absl::StatusOr<std::vector<TokenRecord>> SqliteStore::ListTokens() {
  absl::MutexLock lock(&connections_->read_mu);
  soci::session& sql = connections_->read_sql;
  return Guard([&]() -> absl::StatusOr<std::vector<TokenRecord>> {
    return SelectTokens(sql);
  });
}

absl::StatusOr<std::vector<AuditRecord>> SqliteStore::ListAudit(
    const AuditQuery& query, int limit) {
  absl::MutexLock lock(&connections_->read_mu);
  soci::session& sql = connections_->read_sql;
  return Guard([&]() -> absl::StatusOr<std::vector<AuditRecord>> {
    return SelectAudit(sql, query, limit);
  });
}

absl::StatusOr<std::vector<QuotaRecord>> SqliteStore::ListQuotas() {
  absl::MutexLock lock(&connections_->read_mu);
  soci::session& sql = connections_->read_sql;
  return Guard([&]() -> absl::StatusOr<std::vector<QuotaRecord>> {
    return SelectQuotas(sql);
  });
}

absl::StatusOr<std::vector<TaskRating>> SqliteStore::ListRatings(
    const RatingsQuery& query) {
  absl::MutexLock lock(&connections_->read_mu);
  soci::session& sql = connections_->read_sql;
  return Guard([&]() -> absl::StatusOr<std::vector<TaskRating>> {
    return SelectRatings(sql, query);
  });
}

absl::StatusOr<int64_t> SqliteStore::CountRatings(const JobId& job) {
  absl::MutexLock lock(&connections_->read_mu);
  soci::session& sql = connections_->read_sql;
  return Guard(
      [&]() -> absl::StatusOr<int64_t> { return SelectRatingCount(sql, job); });
}

absl::StatusOr<std::map<std::string, int64_t>> SqliteStore::SumArtifacts() {
  absl::MutexLock lock(&connections_->read_mu);
  soci::session& sql = connections_->read_sql;
  return Guard([&]() -> absl::StatusOr<std::map<std::string, int64_t>> {
    return SelectArtifactSums(sql);
  });
}

absl::StatusOr<int> SqliteStore::LastEngineVersion() {
  absl::MutexLock lock(&connections_->read_mu);
  soci::session& sql = connections_->read_sql;
  return Guard([&]() -> absl::StatusOr<int> {
    int version = 0;
    sql << "SELECT engine_version FROM epoch", soci::into(version);
    return version;
  });
}

}  // namespace atelier
