#include "coordinator/store/sqlite/sqlite_named_digests.h"

#include <soci/sqlite3/soci-sqlite3.h>

#include "coordinator/store/sqlite/sqlite_connection.h"
#include "coordinator/store/sqlite/sqlite_rows.h"

namespace atelier {
namespace {

constexpr char kPictures[] = R"(
INSERT OR IGNORE INTO named
  SELECT image_digest FROM tasks JOIN jobs USING (job_id)
  WHERE tasks.state = 3
    AND (jobs.state = 1 OR coalesce(jobs.ended_at >= :ended_since, 0)))";

void Fill(soci::session& sql, absl::Time ended_since) {
  sql << "CREATE TEMP TABLE named (digest TEXT PRIMARY KEY) WITHOUT ROWID";
  const SqlInt since = ToSql(ended_since);
  sql << kPictures, soci::use(since);
}

soci::session& FilledFrom(const std::string& path, absl::Time ended_since,
                          soci::session& sql) {
  Connect(sql, path);
  try {
    // On the disk: there may be more names than memory has room for.
    sql << "PRAGMA temp_store = FILE";
    Fill(sql, ended_since);
  } catch (const soci::soci_error&) {
    // Unless it is full, which is why garbage is collected.
    sql << "PRAGMA temp_store = MEMORY";
    Fill(sql, ended_since);
  }
  return sql;
}

}  // namespace

SqliteNamedDigests::SqliteNamedDigests(const std::string& path,
                                       absl::Time ended_since)
    : add_((FilledFrom(path, ended_since, sql_).prepare
                << "INSERT OR IGNORE INTO named VALUES (:digest)",
            soci::use(digest_))),
      find_((sql_.prepare << "SELECT COUNT(*) FROM named WHERE digest = "
                             ":digest",
             soci::use(digest_), soci::into(found_))) {}

absl::Status SqliteNamedDigests::Add(const std::string& digest) {
  digest_ = digest;
  return Guard([&]() -> absl::Status {
    add_.execute(/*withDataExchange=*/true);
    return absl::OkStatus();
  });
}

absl::StatusOr<bool> SqliteNamedDigests::Has(const std::string& digest) {
  digest_ = digest;
  return Guard([&]() -> absl::StatusOr<bool> {
    find_.execute(/*withDataExchange=*/true);
    return found_ > 0;
  });
}

}  // namespace atelier
