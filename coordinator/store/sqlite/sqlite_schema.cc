#include "coordinator/store/sqlite/sqlite_schema.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "coordinator/store/sqlite/sqlite_repair.h"

namespace atelier {
namespace {

// States and outcomes are the numbers of coordinator/state's enums; times are
// microseconds since 1970. Counts must add up, whatever the code believes.
const char* const kJobs = R"(
CREATE TABLE jobs (
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
  CHECK (queued + leased + succeeded + failed + cancelled = task_count),
  CHECK (cursor BETWEEN 0 AND task_count)
))";

const char* const kTasks = R"(
CREATE TABLE tasks (
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
  PRIMARY KEY (job_id, task_index)
) WITHOUT ROWID)";

// The task whose row has the last result of a render by a profile.
const char* const kResults = R"(
CREATE TABLE results (
  render_key TEXT NOT NULL,
  profile TEXT NOT NULL,
  job_id TEXT NOT NULL,
  task_index INTEGER NOT NULL,
  PRIMARY KEY (render_key, profile)
) WITHOUT ROWID)";

// The same by the first characters of render key and profile. A result goes
// anywhere in this table, which is why its pages should fit into memory. The
// task's row has the whole key; of two results that share all that is here, the
// earlier is forgotten.
const char* const kShortResults = R"(
CREATE TABLE results (
  render TEXT NOT NULL,
  profile TEXT NOT NULL,
  job INTEGER NOT NULL,
  task_index INTEGER NOT NULL,
  PRIMARY KEY (render, profile)
) WITHOUT ROWID)";

// Results that are not in the table above yet, as they came.
const char* const kNewResults = R"(
CREATE TABLE new_results (
  sequence INTEGER PRIMARY KEY,
  render TEXT NOT NULL,
  profile TEXT NOT NULL,
  job INTEGER NOT NULL,
  task_index INTEGER NOT NULL
))";

// By age. A row of a name that was there before is a new one.
const char* const kCheckpoints = R"(
CREATE TABLE checkpoints (
  sequence INTEGER PRIMARY KEY,
  resume_key TEXT NOT NULL,
  profile TEXT NOT NULL,
  iteration INTEGER NOT NULL,
  digest TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  kept_at INTEGER NOT NULL,
  UNIQUE (resume_key, profile, iteration) ON CONFLICT REPLACE
))";

const char* const kFillShortResults =
    "INSERT OR REPLACE INTO results "
    "SELECT substr(render_key, 1, 16), substr(profile, 1, 8), sequence, "
    "task_index FROM tasks JOIN jobs USING (job_id) "
    "WHERE tasks.state = 3 ORDER BY sequence";

// From here on the engine's version comes before the profile: "8 0123abcd".
const char* const kNameArithmetic =
    "ALTER TABLE results RENAME COLUMN profile TO arithmetic";
const char* const kNameNewArithmetic =
    "ALTER TABLE new_results RENAME COLUMN profile TO arithmetic";

const char* const kFillResults =
    "INSERT OR REPLACE INTO results "
    "SELECT substr(render_key, 1, 16), "
    "engine_version || ' ' || substr(profile, 1, 8), sequence, task_index "
    "FROM tasks JOIN jobs USING (job_id) "
    "WHERE tasks.state = 3 ORDER BY sequence";

// As kCheckpoints, with the engine's version in a checkpoint's name.
const char* const kVersionedCheckpoints = R"(
CREATE TABLE checkpoints (
  sequence INTEGER PRIMARY KEY,
  resume_key TEXT NOT NULL,
  engine_version INTEGER NOT NULL,
  profile TEXT NOT NULL,
  iteration INTEGER NOT NULL,
  digest TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  kept_at INTEGER NOT NULL,
  UNIQUE (resume_key, engine_version, profile, iteration) ON CONFLICT REPLACE
))";

// `place` is the attempt's number modulo kKeptAttempts. `number` may be more.
const char* const kAttempts = R"(
CREATE TABLE attempts (
  job_id TEXT NOT NULL REFERENCES jobs (job_id),
  task_index INTEGER NOT NULL,
  place INTEGER NOT NULL,
  number INTEGER NOT NULL,
  worker TEXT NOT NULL,
  began_at INTEGER,
  ended_at INTEGER NOT NULL,
  outcome INTEGER NOT NULL,
  message TEXT NOT NULL,
  device_us INTEGER NOT NULL,
  PRIMARY KEY (job_id, task_index, place)
) WITHOUT ROWID)";

// What is known of stored bytes. Can be made again from the backend's list.
const char* const kArtifacts = R"(
CREATE TABLE artifacts (
  kind INTEGER NOT NULL,
  digest TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  used_at INTEGER NOT NULL,
  checked_at INTEGER NOT NULL,
  version TEXT NOT NULL,
  PRIMARY KEY (kind, digest)
) WITHOUT ROWID)";

// What is known of tokens. A token itself stands nowhere.
const char* const kTokens = R"(
CREATE TABLE tokens (
  accessor TEXT NOT NULL PRIMARY KEY,
  hash TEXT NOT NULL UNIQUE,
  role TEXT NOT NULL,
  user TEXT NOT NULL,
  worker_pattern TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER,
  last_used_at INTEGER,
  revoked_at INTEGER
) WITHOUT ROWID)";

// A sequence is never given twice, also when the last entries are removed.
const char* const kAudit = R"(
CREATE TABLE audit (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  accessor TEXT NOT NULL,
  user TEXT NOT NULL,
  address TEXT NOT NULL,
  action TEXT NOT NULL,
  job_id TEXT NOT NULL,
  target TEXT NOT NULL,
  outcome TEXT NOT NULL,
  message TEXT NOT NULL,
  is_refusal INTEGER NOT NULL,
  count INTEGER NOT NULL
))";
// From here on some artifacts count for a user.
const char* const kOwnArtifacts =
    "ALTER TABLE artifacts ADD COLUMN owner TEXT NOT NULL DEFAULT ''";

// Pictures' thumbnails, which are artifacts of the kind for previews. Like
// kArtifacts it can be done without.
const char* const kThumbnails = R"(
CREATE TABLE thumbnails (
  of_digest TEXT NOT NULL,
  size_px INTEGER NOT NULL,
  digest TEXT NOT NULL,
  PRIMARY KEY (of_digest, size_px)
) WITHOUT ROWID)";
const char* const kThumbnailsByDigest =
    "CREATE INDEX thumbnails_digest ON thumbnails (digest)";
// Previews and logs by age.
const char* const kPreviewsByAge =
    "CREATE INDEX artifacts_previews ON artifacts (used_at) WHERE kind = 3";
const char* const kLogsByAge =
    "CREATE INDEX artifacts_logs ON artifacts (used_at) WHERE kind = 4";

// Judged: '' for stars; else the tasks that were shown, "1 2 7".
const char* const kRatings = R"(
CREATE TABLE ratings (
  job_id TEXT NOT NULL,
  task_index INTEGER NOT NULL,
  user TEXT NOT NULL,
  judged TEXT NOT NULL,
  value INTEGER NOT NULL,
  PRIMARY KEY (job_id, task_index, user, judged)
) WITHOUT ROWID)";

// NULL: the coordinator's flag counts; 0: any amount.
const char* const kQuotas = R"(
CREATE TABLE quotas (
  user TEXT NOT NULL PRIMARY KEY,
  max_queued_tasks INTEGER,
  max_running_tasks INTEGER,
  max_artifact_bytes INTEGER
) WITHOUT ROWID)";

// One entry of the list is one version, and never changes once released.
const std::vector<std::vector<const char*>>& Migrations() {
  static const auto& migrations = *new std::vector<std::vector<const char*>>{
      {
          "CREATE TABLE epoch (current INTEGER NOT NULL)",
          "INSERT INTO epoch VALUES (0)",
          kJobs,
          "CREATE INDEX jobs_running ON jobs (sequence) WHERE state = 1",
          kTasks,
          // What a restart or a retry takes up: as small as what was in flight.
          "CREATE INDEX tasks_open ON tasks (job_id, task_index) "
          "WHERE state IN (1, 2)",
          "CREATE INDEX tasks_failed ON tasks (job_id, generation, task_index) "
          "WHERE state = 4",
      },
      {
          "ALTER TABLE jobs ADD COLUMN paused INTEGER NOT NULL DEFAULT 0",
          "ALTER TABLE jobs ADD COLUMN priority INTEGER NOT NULL DEFAULT 0",
          "ALTER TABLE tasks ADD COLUMN memory_floor INTEGER NOT NULL "
          "DEFAULT 0",
      },
      {
          kResults,
          "INSERT OR REPLACE INTO results "
          "SELECT render_key, profile, job_id, task_index FROM tasks "
          "WHERE state = 3",
      },
      {
          kCheckpoints,
          "DROP TABLE results",
          kShortResults,
          kFillShortResults,
      },
      {kNewResults},
      {
          "ALTER TABLE tasks ADD COLUMN furthest_iteration INTEGER NOT NULL "
          "DEFAULT 0",
          // A line each.
          "ALTER TABLE tasks ADD COLUMN crashes TEXT NOT NULL DEFAULT ''",
      },
      // What is here counts as made by version 7 of the engine. Rows of earlier
      // versions are never found: their keys begin otherwise.
      {
          "ALTER TABLE tasks ADD COLUMN engine_version INTEGER NOT NULL "
          "DEFAULT 7",
          kNameArithmetic,
          "UPDATE OR REPLACE results SET arithmetic = '7 ' || arithmetic",
          kNameNewArithmetic,
          "UPDATE new_results SET arithmetic = '7 ' || arithmetic",
          "ALTER TABLE checkpoints RENAME TO old_checkpoints",
          kVersionedCheckpoints,
          "INSERT INTO checkpoints SELECT sequence, resume_key, 7, profile, "
          "iteration, digest, size_bytes, kept_at FROM old_checkpoints",
          "DROP TABLE old_checkpoints",
          // The newest version that was live last; 0: none was.
          "ALTER TABLE epoch ADD COLUMN engine_version INTEGER NOT NULL "
          "DEFAULT 0",
          "UPDATE epoch SET engine_version = 7 "
          "WHERE EXISTS (SELECT 1 FROM jobs)",
          // A line for each term of the loss: "style 0.5". NULL: the row is of
          // an earlier version, and content_loss, style_loss and tv_loss count.
          "ALTER TABLE tasks ADD COLUMN terms TEXT",
      },
      {
          // '': the user that the spec names.
          "ALTER TABLE jobs ADD COLUMN owner TEXT NOT NULL DEFAULT ''",
          "ALTER TABLE tasks ADD COLUMN began_at INTEGER",
          kAttempts,
          "CREATE INDEX jobs_deleted ON jobs (sequence) WHERE state = 5",
          "CREATE INDEX jobs_ended ON jobs (ended_at)",
      },
      {
          kArtifacts,
          "ALTER TABLE tasks ADD COLUMN attempt_secret TEXT NOT NULL DEFAULT "
          "''",
      },
      {kTokens},
      {
          kAudit,
          "CREATE INDEX audit_at ON audit (at)",
          "CREATE INDEX audit_user ON audit (user, sequence)",
          "CREATE INDEX audit_job ON audit (job_id, sequence) "
          "WHERE job_id <> ''",
          "CREATE INDEX jobs_owner ON jobs (owner, sequence)",
          "CREATE INDEX audit_refusals ON audit (sequence) "
          "WHERE is_refusal = 1",
          kQuotas,
          kOwnArtifacts,
          "ALTER TABLE tokens ADD COLUMN max_slots INTEGER NOT NULL DEFAULT 0",
      },
      // Microseconds, in the order of kTimedPhases, with a space between.
      {"ALTER TABLE tasks ADD COLUMN timings TEXT"},
      // Base64.
      {"ALTER TABLE tasks ADD COLUMN measures TEXT"},
      {
          kThumbnails,
          kThumbnailsByDigest,
          kPreviewsByAge,
          kLogsByAge,
          // A line for each: "100 0123...". NULL: there are none.
          "ALTER TABLE tasks ADD COLUMN previews TEXT",
          "ALTER TABLE attempts ADD COLUMN log_digest TEXT NOT NULL DEFAULT ''",
      },
      {kRatings},
  };
  return migrations;
}

// How those tables are made that can be done without.
struct SpareTables {
  const char* checkpoints;
  std::vector<const char*> results;
};

// Returns what was lost, for people.
std::vector<std::string> RebuildDamaged(soci::session& sql,
                                        const SpareTables& tables) {
  std::vector<std::string> lost;
  if (!IsTableWhole(sql, "checkpoints")) {
    ForgetTable(sql, "checkpoints");
    sql << tables.checkpoints;
    lost.emplace_back("checkpoints: renders that were interrupted begin anew");
  }
  if (!IsTableWhole(sql, "new_results") || !IsTableReadable(sql, "results")) {
    for (const char* table : {"new_results", "results"}) {
      ForgetTable(sql, table);
    }
    soci::transaction all(sql);
    for (const char* statement : tables.results) sql << statement;
    all.commit();
    lost.emplace_back("index of results: made again from the tasks");
  }
  return lost;
}

// Returns whether it was damaged.
bool RebuildArtifacts(soci::session& sql,
                      const std::vector<const char*>& statements) {
  if (IsTableReadable(sql, "artifacts")) return false;
  ForgetTable(sql, "artifacts");
  for (const char* statement : statements) sql << statement;
  return true;
}
constexpr char kArtifactsLost[] =
    "table of artifacts: made again from what is stored";

// Version 14 reads artifacts to index them.
constexpr int kIndexesArtifacts = 14;

// Version 7 reads what it changes of the tables that may be damaged.
constexpr int kReadsSpareTables = 7;
const SpareTables& SpareTablesBeforeVersion7() {
  static const auto& tables = *new SpareTables{
      kCheckpoints, {kNewResults, kShortResults, kFillShortResults}};
  return tables;
}

int CountTables(soci::session& sql, const std::string& name_pattern) {
  int count = 0;
  sql << "SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name "
         "LIKE :pattern",
      soci::use(name_pattern), soci::into(count);
  return count;
}

}  // namespace

int CurrentSchemaVersion() { return static_cast<int>(Migrations().size()); }

absl::Status MigrateSchema(soci::session& sql, std::vector<std::string>& lost) {
  int version = 0;
  if (CountTables(sql, "schema_version") > 0) {
    sql << "SELECT version FROM schema_version", soci::into(version);
  } else if (CountTables(sql, "%") > 0) {
    return absl::FailedPreconditionError(
        "is a database, but not a coordinator's; give another --data");
  }
  if (version > CurrentSchemaVersion()) {
    return absl::FailedPreconditionError(absl::StrCat(
        "has schema version ", version, ", this coordinator knows up to ",
        CurrentSchemaVersion(), "; use the newer coordinator that wrote it"));
  }
  for (; version < CurrentSchemaVersion(); ++version) {
    if (version + 1 == kReadsSpareTables && version > 0) {
      lost = RebuildDamaged(sql, SpareTablesBeforeVersion7());
    }
    if (version + 1 == kIndexesArtifacts && version > 0 &&
        RebuildArtifacts(sql, {kArtifacts, kOwnArtifacts})) {
      lost.emplace_back(kArtifactsLost);
    }
    soci::transaction step(sql);
    if (version == 0) {
      sql << "CREATE TABLE schema_version (version INTEGER NOT NULL)";
      sql << "INSERT INTO schema_version VALUES (0)";
    }
    for (const char* statement : Migrations()[version]) sql << statement;
    const int reached = version + 1;
    sql << "UPDATE schema_version SET version = :version", soci::use(reached);
    step.commit();
  }
  return absl::OkStatus();
}

std::vector<std::string> RebuildDamagedTables(soci::session& sql) {
  std::vector<std::string> lost =
      RebuildDamaged(sql, {kVersionedCheckpoints,
                           {kNewResults, kNameNewArithmetic, kShortResults,
                            kNameArithmetic, kFillResults}});
  if (RebuildArtifacts(
          sql, {kArtifacts, kOwnArtifacts, kPreviewsByAge, kLogsByAge})) {
    lost.emplace_back(kArtifactsLost);
  }
  const struct {
    const char* name;
    const char* such;
    const char* statement;
  } kIndexes[] = {{"artifacts_previews", "kind = 3", kPreviewsByAge},
                  {"artifacts_logs", "kind = 4", kLogsByAge}};
  for (const auto& index : kIndexes) {
    if (IsIndexReadable(sql, "artifacts", index.name, index.such)) continue;
    ForgetIndex(sql, index.name);
    sql << index.statement;
    lost.push_back(absl::StrCat("index ", index.name, ": made again"));
  }
  if (!IsTableWhole(sql, "thumbnails")) {
    ForgetTable(sql, "thumbnails");
    sql << kThumbnails;
    sql << kThumbnailsByDigest;
    lost.emplace_back("thumbnails: pictures are shown in their place");
  }
  if (!IsTableWhole(sql, "ratings")) {
    ForgetTable(sql, "ratings");
    sql << kRatings;
    lost.emplace_back("ratings: what people gave is lost; none are left");
  }
  return lost;
}

}  // namespace atelier
