#include "coordinator/store/sqlite/sqlite_audit.h"

#include <limits>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "coordinator/store/sqlite/sqlite_rows.h"

namespace atelier {
namespace {

constexpr char kColumns[] =
    "at, accessor, user, address, action, job_id, target, outcome, message, "
    "is_refusal, count";

// Of each kind in one transaction: others write, too.
constexpr int kRowsTrimmedAtOnce = 10'000;

// As text, so that an index serves each condition that is there.
std::string Conditions(const AuditQuery& query) {
  std::string conditions = "WHERE sequence < :before";
  if (!query.user.empty()) absl::StrAppend(&conditions, " AND user = :user");
  if (!query.job.empty()) {
    absl::StrAppend(&conditions, " AND job_id = :job AND job_id <> ''");
  }
  if (query.since != absl::InfinitePast()) {
    absl::StrAppend(&conditions, " AND at >= :since");
  }
  return conditions;
}

}  // namespace

std::vector<AuditRecord> SelectAudit(soci::session& sql,
                                     const AuditQuery& query, int limit) {
  const SqlInt before =
      query.before.value_or(std::numeric_limits<int64_t>::max());
  const SqlInt since = BoundToSql(query.since);
  AuditRecord row;
  SqlInt sequence = 0;
  SqlInt at = 0;
  SqlInt is_refusal = 0;
  SqlInt count = 0;
  soci::statement select(sql);
  select.exchange(soci::use(before));
  if (!query.user.empty()) select.exchange(soci::use(query.user));
  if (!query.job.empty()) select.exchange(soci::use(query.job));
  if (query.since != absl::InfinitePast()) select.exchange(soci::use(since));
  select.exchange(soci::use(limit));
  select.exchange(soci::into(sequence));
  select.exchange(soci::into(at));
  for (std::string* const text :
       {&row.accessor, &row.user, &row.address, &row.action, &row.job,
        &row.target, &row.outcome, &row.message}) {
    select.exchange(soci::into(*text));
  }
  select.exchange(soci::into(is_refusal));
  select.exchange(soci::into(count));
  select.alloc();
  select.prepare(absl::StrCat("SELECT sequence, ", kColumns, " FROM audit ",
                              Conditions(query),
                              " ORDER BY sequence DESC LIMIT :limit"));
  select.define_and_bind();
  select.execute();
  std::vector<AuditRecord> entries;
  while (select.fetch()) {
    row.sequence = sequence;
    row.at = TimeFromSql(at);
    row.is_refusal = is_refusal != 0;
    row.count = count;
    entries.push_back(row);
  }
  return entries;
}

void AppendAudit(soci::session& sql, const std::vector<AuditRecord>& entries) {
  AuditRecord row;
  SqlInt at = 0;
  SqlInt is_refusal = 0;
  SqlInt count = 0;
  soci::statement insert =
      (sql.prepare << "INSERT INTO audit (" << kColumns
                   << ") VALUES (:at, :accessor, :user, :address, :action, "
                      ":job, :target, :outcome, :message, :is_refusal, :count)",
       soci::use(at), soci::use(row.accessor), soci::use(row.user),
       soci::use(row.address), soci::use(row.action), soci::use(row.job),
       soci::use(row.target), soci::use(row.outcome), soci::use(row.message),
       soci::use(is_refusal), soci::use(count));
  for (const AuditRecord& one : entries) {
    row = one;
    at = ToSql(one.at);
    is_refusal = one.is_refusal ? 1 : 0;
    count = one.count;
    insert.execute(/*withDataExchange=*/true);
  }
}

void TrimAudit(soci::session& sql, const AuditTrim& trim) {
  const SqlInt before = BoundToSql(trim.before);
  const SqlInt keep = trim.keep_rows;
  const SqlInt keep_refusals = trim.keep_refusals;
  const auto remove = [&sql](const std::string& which, const SqlInt& bound) {
    sql << "DELETE FROM audit WHERE sequence IN (SELECT sequence FROM audit "
           "WHERE "
        << which << " ORDER BY sequence LIMIT " << kRowsTrimmedAtOnce << ")",
        soci::use(bound);
  };
  remove("at < :bound", before);
  remove(
      "sequence <= (SELECT coalesce(max(seq), 0) FROM sqlite_sequence "
      "WHERE name = 'audit') - :bound",
      keep);
  remove(
      "is_refusal = 1 AND sequence <= coalesce((SELECT sequence FROM audit "
      "WHERE is_refusal = 1 ORDER BY sequence DESC LIMIT 1 OFFSET :bound), 0)",
      keep_refusals);
}

}  // namespace atelier
