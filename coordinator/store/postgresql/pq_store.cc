#include "coordinator/store/postgresql/pq_store.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/status_macros.h"
#include "coordinator/store/postgresql/pq_named_digests.h"
#include "coordinator/store/postgresql/pq_rows.h"
#include "coordinator/store/postgresql/pq_schema.h"
#include "coordinator/store/postgresql/pq_url.h"
#include "coordinator/store/postgresql/pq_writer.h"
#include "coordinator/store/row_text.h"

namespace atelier {
namespace {

constexpr int64_t kNoBound = std::numeric_limits<int64_t>::max();

// How long a call waits for a transaction whose connection was lost.
constexpr absl::Duration kDoubt = absl::Seconds(10);

std::optional<absl::Time> TimeAt(const PqResult& result, int row, int column) {
  if (result.IsNull(row, column)) return std::nullopt;
  return TimeFromSql(result.Int(row, column));
}

std::optional<int64_t> IntAt(const PqResult& result, int row, int column) {
  if (result.IsNull(row, column)) return std::nullopt;
  return result.Int(row, column);
}

std::string TextAt(const PqResult& result, int row, int column) {
  return std::string(result.Text(row, column));
}

// A permission that was taken away while a coordinator runs is nothing that its
// callers lack.
absl::Status ToCaller(const absl::Status& status) {
  return absl::IsPermissionDenied(status)
             ? absl::UnavailableError(status.message())
             : status;
}

std::string SelectJob(const std::string& clauses) {
  return absl::StrCat("SELECT ", JobColumnsOfPq().All(), " FROM jobs ",
                      clauses);
}

std::string SelectTask(const std::string& clauses) {
  return absl::StrCat("SELECT ", TaskColumnsOfPq().All(), " FROM tasks ",
                      clauses);
}

}  // namespace

absl::StatusOr<std::unique_ptr<PostgresqlStore>> PostgresqlStore::Open(
    const std::string& url) {
  ASSIGN_OR_RETURN(const std::string name, NameOfServer(url));
  std::unique_ptr<PostgresqlStore> store(new PostgresqlStore(url));
  absl::StatusOr<PqPool::Lease> writer = store->writers_.Take();
  RETURN_IF_ERROR(Annotate(writer.status(), name));
  RETURN_IF_ERROR(Annotate(MigratePqSchema(**writer), name));
  return store;
}

absl::StatusOr<int64_t> PostgresqlStore::ReadEpoch() {
  ASSIGN_OR_RETURN(const PqResult found, Read("SELECT current FROM epoch"));
  return found.rows() == 0 ? 0 : found.Int(0, 0);
}

absl::StatusOr<int64_t> PostgresqlStore::BeginEpoch() {
  absl::MutexLock lock(&write_mu_);
  RETURN_IF_ERROR(Settle().status());
  ASSIGN_OR_RETURN(PqPool::Lease writer, writers_.Take());
  ASSIGN_OR_RETURN(
      const PqResult begun,
      writer->Run("UPDATE epoch SET current = current + 1 RETURNING current"));
  if (begun.rows() != 1) {
    return absl::InternalError("PostgreSQL: table epoch has not one row");
  }
  epoch_ = begun.Int(0, 0);
  return epoch_;
}

absl::StatusOr<bool> PostgresqlStore::Settle() {
  const absl::Time deadline = absl::Now() + kDoubt;
  absl::Duration pause = absl::Milliseconds(20);
  while (!in_doubt_.empty()) {
    absl::Status asked;
    {
      absl::StatusOr<PqPool::Lease> writer = writers_.Take();
      asked = writer.status();
      if (writer.ok()) {
        const absl::StatusOr<PqResult> status =
            (*writer)->Run("SELECT pg_xact_status($1::text::xid8)",
                           PqParams().Text(in_doubt_));
        asked = status.status();
        if (asked.ok() && status->Text(0, 0) != "in progress") {
          in_doubt_.clear();
          is_in_doubt_ = false;
          return status->Text(0, 0) == "committed";
        }
      }
    }
    // Another server has taken over, which has never heard of it.
    if (!asked.ok() && !absl::IsUnavailable(asked)) {
      in_doubt_.clear();
      is_in_doubt_ = false;
      return false;
    }
    if (absl::Now() + pause > deadline) {
      return absl::UnavailableError(
          "PostgreSQL: a commit may be under way whose connection was lost");
    }
    absl::SleepFor(pause);
    pause = std::min(pause * 2, absl::Duration(absl::Seconds(1)));
  }
  return false;
}

absl::Status PostgresqlStore::Apply(const RowChanges& changes) {
  absl::MutexLock lock(&write_mu_);
  RETURN_IF_ERROR(Settle().status());
  absl::Status written;
  for (bool again = true; again;) {
    ASSIGN_OR_RETURN(PqPool::Lease writer, writers_.Take());
    PqWriter one(*writer);
    written = one.Write(epoch_, changes);
    in_doubt_ = one.in_doubt();
    // Lost while it was idle: nothing was written.
    again = writer->lost() && writer.is_used() && in_doubt_.empty();
  }
  if (in_doubt_.empty()) return ToCaller(written);
  is_in_doubt_ = true;
  ASSIGN_OR_RETURN(const bool was_committed, Settle());
  return was_committed ? absl::OkStatus() : written;
}

absl::StatusOr<std::vector<PqResult>> PostgresqlStore::ReadAll(
    const std::vector<PqPool::Query>& queries) {
  if (is_in_doubt_) {
    absl::MutexLock lock(&write_mu_);
    RETURN_IF_ERROR(Settle().status());
  }
  absl::StatusOr<std::vector<PqResult>> results = readers_.Read(queries);
  if (!results.ok()) return ToCaller(results.status());
  return results;
}

absl::StatusOr<PqResult> PostgresqlStore::Read(const std::string& sql,
                                               const PqParams& params) {
  ASSIGN_OR_RETURN(std::vector<PqResult> results, ReadAll({{sql, params}}));
  return std::move(results.front());
}

absl::StatusOr<std::vector<JobRecord>> PostgresqlStore::Jobs(
    const std::string& clauses, const PqParams& params) {
  ASSIGN_OR_RETURN(const PqResult found, Read(SelectJob(clauses), params));
  return JobsIn(found);
}

absl::StatusOr<std::vector<TaskRecord>> PostgresqlStore::Tasks(
    const std::string& clauses, const PqParams& params) {
  ASSIGN_OR_RETURN(const PqResult found, Read(SelectTask(clauses), params));
  return TasksIn(found);
}

absl::StatusOr<std::vector<ArtifactRecord>> PostgresqlStore::Artifacts(
    const std::string& clauses, const PqParams& params) {
  ASSIGN_OR_RETURN(const PqResult found,
                   Read(absl::StrCat("SELECT ", ArtifactColumnsOfPq().All(),
                                     " FROM artifacts ", clauses),
                        params));
  return ArtifactsIn(found);
}

absl::StatusOr<JobRecord> PostgresqlStore::GetJob(const JobId& id) {
  ASSIGN_OR_RETURN(std::vector<JobRecord> jobs,
                   Jobs("WHERE job_id = $1", PqParams().Text(id.value())));
  if (jobs.empty()) {
    return absl::NotFoundError(absl::StrCat("no job ", id.value()));
  }
  return std::move(jobs.front());
}

absl::StatusOr<std::optional<JobRecord>> PostgresqlStore::FindByRequestId(
    const RequestId& id) {
  ASSIGN_OR_RETURN(std::vector<JobRecord> jobs,
                   Jobs("WHERE request_id = $1", PqParams().Text(id.value())));
  if (jobs.empty()) return std::nullopt;
  return std::move(jobs.front());
}

absl::StatusOr<std::vector<JobRecord>> PostgresqlStore::ListJobs(
    int limit, std::optional<int64_t> before) {
  return Jobs("WHERE sequence < $1 ORDER BY sequence DESC LIMIT $2",
              PqParams().Int(before.value_or(kNoBound)).Int(limit));
}

absl::StatusOr<std::vector<JobRecord>> PostgresqlStore::ListJobsOf(
    const std::string& owner, int limit, std::optional<int64_t> before) {
  return Jobs(
      "WHERE owner = $1 AND sequence < $2 ORDER BY sequence DESC LIMIT $3",
      PqParams().Text(owner).Int(before.value_or(kNoBound)).Int(limit));
}

absl::StatusOr<std::vector<JobRecord>> PostgresqlStore::LoadJobs(JobState state,
                                                                 int limit) {
  // As text: a partial index serves no parameter.
  return Jobs(absl::StrCat("WHERE state = ", static_cast<int>(state),
                           " ORDER BY sequence LIMIT $1"),
              PqParams().Int(limit));
}

absl::StatusOr<std::vector<JobRecord>> PostgresqlStore::ListEndedJobs(
    absl::Time time, int limit) {
  return Jobs("WHERE ended_at < $1 AND state <> 5 ORDER BY ended_at LIMIT $2",
              PqParams().Int(ToSql(time)).Int(limit));
}

absl::StatusOr<int64_t> PostgresqlStore::LastSequence() {
  ASSIGN_OR_RETURN(const PqResult last,
                   Read("SELECT coalesce(max(sequence), 0) FROM jobs"));
  return last.Int(0, 0);
}

absl::StatusOr<Store::JobTasks> PostgresqlStore::ListTasks(const JobId& id,
                                                           int64_t first,
                                                           int limit) {
  const int64_t end = first + std::min<int64_t>(limit, kNoBound - first);
  // Both of one moment.
  ASSIGN_OR_RETURN(
      const std::vector<PqResult> results,
      ReadAll({{"BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"},
               {SelectJob("WHERE job_id = $1"), PqParams().Text(id.value())},
               {SelectTask("WHERE job_id = $1 AND task_index >= $2 "
                           "AND task_index < $3 ORDER BY task_index"),
                PqParams().Text(id.value()).Int(first).Int(end)},
               {"COMMIT"}}));
  std::vector<JobRecord> jobs = JobsIn(results[1]);
  if (jobs.empty()) {
    return absl::NotFoundError(absl::StrCat("no job ", id.value()));
  }
  return JobTasks{std::move(jobs.front()), TasksIn(results[2])};
}

absl::StatusOr<std::vector<TaskRecord>> PostgresqlStore::LoadOpenTasks(
    const JobId& id) {
  return Tasks("WHERE job_id = $1 AND state IN (1, 2) ORDER BY task_index",
               PqParams().Text(id.value()));
}

absl::StatusOr<std::vector<TaskRecord>> PostgresqlStore::ListStaleFailures(
    const JobId& id, int64_t generation, const TaskPosition& after, int limit) {
  return Tasks(
      "WHERE job_id = $1 AND state = 4 AND generation < $2 "
      "AND (generation, task_index) > ($3, $4) "
      "ORDER BY generation, task_index LIMIT $5",
      PqParams()
          .Text(id.value())
          .Int(generation)
          .Int(after.generation)
          .Int(after.index)
          .Int(limit));
}

absl::StatusOr<std::vector<AttemptRecord>> PostgresqlStore::ListAttempts(
    const TaskId& task) {
  ASSIGN_OR_RETURN(const PqResult found,
                   Read(absl::StrCat("SELECT ", AttemptColumnsOfPq().All(),
                                     " FROM attempts WHERE job_id = $1 "
                                     "AND task_index = $2 ORDER BY number"),
                        PqParams().Text(task.job.value()).Int(task.index)));
  return AttemptsIn(found);
}

absl::StatusOr<std::vector<StoredResult>> PostgresqlStore::FindResults(
    const std::set<RenderKey>& keys) {
  std::vector<std::string> wanted;
  for (const RenderKey& key : keys) wanted.push_back(key.value());
  ASSIGN_OR_RETURN(
      std::vector<TaskRecord> tasks,
      Tasks("WHERE (job_id, task_index) IN (SELECT job_id, task_index "
            "FROM results WHERE render_key = ANY ($1))",
            PqParams().Texts(wanted)));
  std::vector<StoredResult> results;
  for (TaskRecord& task : tasks) {
    // Its row may be of another render by now, or without a result.
    if (keys.count(task.token.render_key) == 0) continue;
    if (!task.result.has_value()) continue;
    results.push_back({task.token.render_key, *std::move(task.result)});
  }
  return results;
}

absl::StatusOr<std::unique_ptr<NamedDigests>> PostgresqlStore::ListNamed(
    absl::Time ended_since) {
  return PqNamedDigests::Make(url_, ended_since);
}

absl::StatusOr<std::vector<CheckpointRecord>>
PostgresqlStore::LoadCheckpoints() {
  ASSIGN_OR_RETURN(
      const PqResult found,
      Read("SELECT resume_key, engine_version, profile, iteration, digest, "
           "size_bytes, kept_at FROM checkpoints ORDER BY sequence"));
  std::vector<CheckpointRecord> checkpoints;
  for (int row = 0; row < found.rows(); ++row) {
    checkpoints.push_back(
        {ResumeKey(TextAt(found, row, 0)),
         {static_cast<int>(found.Int(row, 1)), TextAt(found, row, 2)},
         static_cast<int>(found.Int(row, 3)),
         TextAt(found, row, 4),
         found.Int(row, 5),
         TimeFromSql(found.Int(row, 6))});
  }
  return checkpoints;
}

absl::StatusOr<std::vector<ArtifactRecord>> PostgresqlStore::FindArtifacts(
    ArtifactKind kind, const std::set<std::string>& digests) {
  return Artifacts("WHERE kind = $1 AND digest = ANY ($2)",
                   PqParams()
                       .Int(static_cast<int64_t>(kind))
                       .Texts({digests.begin(), digests.end()}));
}

absl::StatusOr<std::vector<ArtifactRecord>> PostgresqlStore::ListArtifacts(
    ArtifactKind kind, const std::string& after, int limit) {
  return Artifacts(
      "WHERE kind = $1 AND digest > $2 ORDER BY digest LIMIT $3",
      PqParams().Int(static_cast<int64_t>(kind)).Text(after).Int(limit));
}

absl::StatusOr<std::vector<ArtifactRecord>>
PostgresqlStore::ListOldestArtifacts(ArtifactKind kind, int limit) {
  // As text: a partial index serves no parameter.
  return Artifacts(absl::StrCat("WHERE kind = ", static_cast<int>(kind),
                                " ORDER BY used_at LIMIT $1"),
                   PqParams().Int(limit));
}

absl::StatusOr<int64_t> PostgresqlStore::SumArtifactsOf(ArtifactKind kind) {
  ASSIGN_OR_RETURN(
      const PqResult sum,
      Read("SELECT coalesce(sum(size_bytes), 0)::bigint FROM artifacts "
           "WHERE kind = $1",
           PqParams().Int(static_cast<int64_t>(kind))));
  return sum.Int(0, 0);
}

absl::StatusOr<std::optional<std::string>> PostgresqlStore::FindThumbnail(
    const std::string& of_digest, int size_px) {
  ASSIGN_OR_RETURN(const PqResult found,
                   Read("SELECT digest FROM thumbnails WHERE of_digest = $1 "
                        "AND size_px = $2",
                        PqParams().Text(of_digest).Int(size_px)));
  if (found.rows() == 0) return std::nullopt;
  return TextAt(found, 0, 0);
}

absl::StatusOr<std::vector<TokenRecord>> PostgresqlStore::ListTokens() {
  ASSIGN_OR_RETURN(
      const PqResult found,
      Read("SELECT accessor, hash, role, user_name, worker_pattern, max_slots, "
           "created_at, expires_at, last_used_at, revoked_at FROM tokens "
           "ORDER BY accessor"));
  std::vector<TokenRecord> tokens;
  for (int row = 0; row < found.rows(); ++row) {
    TokenRecord& token = tokens.emplace_back();
    token.accessor = TextAt(found, row, 0);
    token.hash = TextAt(found, row, 1);
    token.role = TextAt(found, row, 2);
    token.user = TextAt(found, row, 3);
    token.worker_pattern = TextAt(found, row, 4);
    token.max_slots = found.Int(row, 5);
    token.created_at = TimeFromSql(found.Int(row, 6));
    token.expires_at = TimeAt(found, row, 7);
    token.last_used_at = TimeAt(found, row, 8);
    token.revoked_at = TimeAt(found, row, 9);
  }
  return tokens;
}

absl::StatusOr<std::vector<AuditRecord>> PostgresqlStore::ListAudit(
    const AuditQuery& query, int limit) {
  // As text, so that an index serves each condition that is there.
  std::string conditions = "WHERE sequence < $1";
  PqParams params;
  params.Int(query.before.value_or(kNoBound));
  const auto next = [&params] { return params.values().size() + 1; };
  if (!query.user.empty()) {
    absl::StrAppend(&conditions, " AND user_name = $", next());
    params.Text(query.user);
  }
  if (!query.job.empty()) {
    absl::StrAppend(&conditions, " AND job_id <> '' AND job_id = $", next());
    params.Text(query.job);
  }
  if (query.since != absl::InfinitePast()) {
    absl::StrAppend(&conditions, " AND at >= $", next());
    params.Int(BoundToSql(query.since));
  }
  absl::StrAppend(&conditions, " ORDER BY sequence DESC LIMIT $", next());
  params.Int(limit);
  ASSIGN_OR_RETURN(
      const PqResult found,
      Read(absl::StrCat("SELECT sequence, at, accessor, user_name, address, "
                        "action, job_id, target, outcome, message, "
                        "is_refusal, count FROM audit ",
                        conditions),
           params));
  std::vector<AuditRecord> entries;
  for (int row = 0; row < found.rows(); ++row) {
    AuditRecord& entry = entries.emplace_back();
    entry.sequence = found.Int(row, 0);
    entry.at = TimeFromSql(found.Int(row, 1));
    int column = 2;
    for (std::string* const text :
         {&entry.accessor, &entry.user, &entry.address, &entry.action,
          &entry.job, &entry.target, &entry.outcome, &entry.message}) {
      *text = TextAt(found, row, column++);
    }
    entry.is_refusal = found.Int(row, 10) != 0;
    entry.count = found.Int(row, 11);
  }
  return entries;
}

absl::StatusOr<std::vector<QuotaRecord>> PostgresqlStore::ListQuotas() {
  ASSIGN_OR_RETURN(
      const PqResult found,
      Read("SELECT user_name, max_queued_tasks, max_running_tasks, "
           "max_artifact_bytes FROM quotas ORDER BY user_name"));
  std::vector<QuotaRecord> quotas;
  for (int row = 0; row < found.rows(); ++row) {
    quotas.push_back({TextAt(found, row, 0), IntAt(found, row, 1),
                      IntAt(found, row, 2), IntAt(found, row, 3)});
  }
  return quotas;
}

absl::StatusOr<std::vector<TaskRating>> PostgresqlStore::ListRatings(
    const RatingsQuery& query) {
  ASSIGN_OR_RETURN(
      const PqResult found,
      Read("SELECT task_index, "
           "sum(CASE WHEN judged = '' THEN value ELSE 0 END), "
           "count(*) FILTER (WHERE judged = ''), "
           "sum(CASE WHEN judged = '' AND user_name = $1 THEN value ELSE 0 "
           "END), "
           "count(*) FILTER (WHERE judged <> ''), "
           "sum(CASE WHEN judged <> '' THEN value ELSE 0 END) "
           "FROM ratings WHERE job_id = $2 AND task_index >= $3 "
           "AND task_index < $4 AND CASE WHEN judged = '' "
           "THEN value BETWEEN 1 AND 5 ELSE value BETWEEN 0 AND 1 END "
           "GROUP BY task_index ORDER BY task_index LIMIT $5",
           PqParams()
               .Text(query.user)
               .Text(query.job.value())
               .Int(query.first)
               .Int(query.end)
               .Int(query.limit)));
  std::vector<TaskRating> ratings;
  for (int row = 0; row < found.rows(); ++row) {
    ratings.push_back({found.Int(row, 0), found.Int(row, 1), found.Int(row, 2),
                       found.Int(row, 3), found.Int(row, 4),
                       found.Int(row, 5)});
  }
  return ratings;
}

absl::StatusOr<int64_t> PostgresqlStore::CountRatings(const JobId& job) {
  ASSIGN_OR_RETURN(const PqResult count,
                   Read("SELECT count(*) FROM ratings WHERE job_id = $1",
                        PqParams().Text(job.value())));
  return count.Int(0, 0);
}

absl::StatusOr<std::map<std::string, int64_t>> PostgresqlStore::SumArtifacts() {
  ASSIGN_OR_RETURN(const PqResult found,
                   Read("SELECT owner, sum(size_bytes)::bigint FROM artifacts "
                        "WHERE owner <> '' GROUP BY owner"));
  std::map<std::string, int64_t> sums;
  for (int row = 0; row < found.rows(); ++row) {
    sums[TextAt(found, row, 0)] = found.Int(row, 1);
  }
  return sums;
}

absl::StatusOr<int> PostgresqlStore::LastEngineVersion() {
  ASSIGN_OR_RETURN(const PqResult version,
                   Read("SELECT engine_version FROM epoch"));
  return version.rows() == 0 ? 0 : static_cast<int>(version.Int(0, 0));
}

}  // namespace atelier
