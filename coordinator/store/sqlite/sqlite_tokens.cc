#include "coordinator/store/sqlite/sqlite_tokens.h"

#include <optional>

#include "absl/strings/str_cat.h"
#include "coordinator/store/sqlite/sqlite_rows.h"

namespace atelier {
namespace {

// A time, or NULL.
struct TimeColumn {
  TimeColumn() = default;
  explicit TimeColumn(const std::optional<absl::Time>& time) {
    if (!time.has_value()) return;
    microseconds = ToSql(*time);
    indicator = soci::i_ok;
  }
  std::optional<absl::Time> Time() const {
    if (indicator != soci::i_ok) return std::nullopt;
    return TimeFromSql(microseconds);
  }

  SqlInt microseconds = 0;
  soci::indicator indicator = soci::i_null;
};

// A row of this accessor that has another hash stays, as does one of another
// accessor that has this hash: nothing is written then.
constexpr char kPut[] =
    "INSERT INTO tokens (accessor, hash, role, user, worker_pattern, "
    "max_slots, created_at, expires_at, last_used_at, revoked_at) VALUES "
    "(:accessor, :hash, :role, :user, :pattern, :slots, :created, :expires, "
    ":used, :revoked) "
    "ON CONFLICT (accessor) DO UPDATE SET role = excluded.role, "
    "user = excluded.user, worker_pattern = excluded.worker_pattern, "
    "max_slots = excluded.max_slots, "
    "created_at = excluded.created_at, expires_at = excluded.expires_at, "
    "last_used_at = excluded.last_used_at, revoked_at = excluded.revoked_at "
    "WHERE hash = excluded.hash "
    "ON CONFLICT DO NOTHING";

}  // namespace

std::vector<TokenRecord> SelectTokens(soci::session& sql) {
  TokenRecord row;
  SqlInt created_at = 0, max_slots = 0;
  TimeColumn expires, used, revoked;
  soci::statement select =
      (sql.prepare
           << "SELECT accessor, hash, role, user, worker_pattern, "
              "max_slots, created_at, expires_at, last_used_at, revoked_at "
              "FROM tokens ORDER BY accessor",
       soci::into(row.accessor), soci::into(row.hash), soci::into(row.role),
       soci::into(row.user), soci::into(row.worker_pattern),
       soci::into(max_slots), soci::into(created_at),
       soci::into(expires.microseconds, expires.indicator),
       soci::into(used.microseconds, used.indicator),
       soci::into(revoked.microseconds, revoked.indicator));
  select.execute();
  std::vector<TokenRecord> tokens;
  while (select.fetch()) {
    row.max_slots = max_slots;
    row.created_at = TimeFromSql(created_at);
    row.expires_at = expires.Time();
    row.last_used_at = used.Time();
    row.revoked_at = revoked.Time();
    tokens.push_back(row);
  }
  return tokens;
}

absl::Status WriteToken(soci::session& sql, const TokenChange& change) {
  const TokenRecord& token = change.token;
  if (!change.keep) {
    sql << "DELETE FROM tokens WHERE accessor = :accessor",
        soci::use(token.accessor);
    return absl::OkStatus();
  }
  const SqlInt created_at = ToSql(token.created_at);
  const SqlInt max_slots = token.max_slots;
  TimeColumn expires(token.expires_at);
  TimeColumn used(token.last_used_at);
  TimeColumn revoked(token.revoked_at);
  soci::statement put = (sql.prepare << kPut, soci::use(token.accessor),
                         soci::use(token.hash), soci::use(token.role),
                         soci::use(token.user), soci::use(token.worker_pattern),
                         soci::use(max_slots), soci::use(created_at),
                         soci::use(expires.microseconds, expires.indicator),
                         soci::use(used.microseconds, used.indicator),
                         soci::use(revoked.microseconds, revoked.indicator));
  put.execute(/*withDataExchange=*/true);
  if (put.get_affected_rows() == 1) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("token ", token.accessor,
                   ": its row is not what the change expects (it has another "
                   "hash, or another token has this one)"));
}

}  // namespace atelier
