#include "coordinator/store/sqlite/sqlite_quotas.h"

#include <optional>

#include "coordinator/store/sqlite/sqlite_rows.h"

namespace atelier {
namespace {

// A bound, or NULL.
struct BoundColumn {
  BoundColumn() = default;
  explicit BoundColumn(const std::optional<int64_t>& bound) {
    if (!bound.has_value()) return;
    value = *bound;
    indicator = soci::i_ok;
  }
  std::optional<int64_t> Bound() const {
    if (indicator != soci::i_ok) return std::nullopt;
    return value;
  }

  SqlInt value = 0;
  soci::indicator indicator = soci::i_null;
};

}  // namespace

std::vector<QuotaRecord> SelectQuotas(soci::session& sql) {
  QuotaRecord row;
  BoundColumn queued, running, bytes;
  soci::statement select =
      (sql.prepare << "SELECT user, max_queued_tasks, max_running_tasks, "
                      "max_artifact_bytes FROM quotas ORDER BY user",
       soci::into(row.user), soci::into(queued.value, queued.indicator),
       soci::into(running.value, running.indicator),
       soci::into(bytes.value, bytes.indicator));
  select.execute();
  std::vector<QuotaRecord> quotas;
  while (select.fetch()) {
    row.max_queued_tasks = queued.Bound();
    row.max_running_tasks = running.Bound();
    row.max_artifact_bytes = bytes.Bound();
    quotas.push_back(row);
  }
  return quotas;
}

std::map<std::string, int64_t> SelectArtifactSums(soci::session& sql) {
  std::string owner;
  SqlInt bytes = 0;
  soci::statement select =
      (sql.prepare << "SELECT owner, SUM(size_bytes) FROM artifacts "
                      "WHERE owner <> '' GROUP BY owner",
       soci::into(owner), soci::into(bytes));
  select.execute();
  std::map<std::string, int64_t> sums;
  while (select.fetch()) sums[owner] = bytes;
  return sums;
}

int64_t SelectArtifactSum(soci::session& sql, ArtifactKind kind) {
  const int number = static_cast<int>(kind);
  SqlInt bytes = 0;
  sql << "SELECT coalesce(SUM(size_bytes), 0) FROM artifacts "
         "WHERE kind = :kind",
      soci::use(number), soci::into(bytes);
  return bytes;
}

void WriteQuota(soci::session& sql, const QuotaChange& change) {
  const QuotaRecord& quota = change.quota;
  if (!change.keep) {
    sql << "DELETE FROM quotas WHERE user = :user", soci::use(quota.user);
    return;
  }
  BoundColumn queued(quota.max_queued_tasks);
  BoundColumn running(quota.max_running_tasks);
  BoundColumn bytes(quota.max_artifact_bytes);
  sql << "REPLACE INTO quotas (user, max_queued_tasks, max_running_tasks, "
         "max_artifact_bytes) VALUES (:user, :queued, :running, :bytes)",
      soci::use(quota.user), soci::use(queued.value, queued.indicator),
      soci::use(running.value, running.indicator),
      soci::use(bytes.value, bytes.indicator);
}

}  // namespace atelier
