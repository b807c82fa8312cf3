#include "tests/bench/bench_database.h"

#include <memory>
#include <utility>

#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/status_macros.h"
#include "coordinator/store/postgresql/pq_connection.h"
#include "coordinator/store/postgresql/pq_server_testing.h"

namespace atelier {
namespace {

constexpr double kBytesOfMb = 1024 * 1024;

constexpr absl::Duration kPatience = absl::Seconds(30);

constexpr char kOthers[] =
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
    "AND backend_type = 'client backend' AND pid <> pg_backend_pid()";

constexpr char kTables[] =
    "SELECT relname, n_live_tup, n_dead_tup, pg_table_size(relid), "
    "pg_indexes_size(relid), autovacuum_count FROM pg_stat_user_tables "
    "WHERE n_tup_ins > 0 ORDER BY relname";

}  // namespace

absl::StatusOr<std::string> MakeBenchDatabase() {
  return MakePqDatabase(PqDurability::kOnDisk);
}

absl::StatusOr<std::vector<TableFigures>> TablesIn(const std::string& url) {
  ASSIGN_OR_RETURN(const auto connection,
                   PqConnection::Open(url, absl::Seconds(5)));
  const absl::Time deadline = absl::Now() + kPatience;
  for (bool has_others = true; has_others;) {
    ASSIGN_OR_RETURN(const PqResult others, connection->Run(kOthers));
    has_others = others.Int(0, 0) > 0;
    if (absl::Now() > deadline) {
      return absl::DeadlineExceededError(
          "the database still has connections that nobody uses");
    }
    if (has_others) absl::SleepFor(absl::Milliseconds(5));
  }
  ASSIGN_OR_RETURN(const PqResult found, connection->Run(kTables));
  std::vector<TableFigures> tables;
  for (int row = 0; row < found.rows(); ++row) {
    TableFigures one;
    one.name = std::string(found.Text(row, 0));
    one.rows = found.Int(row, 1);
    one.dead_rows = found.Int(row, 2);
    one.mb = found.Double(row, 3) / kBytesOfMb;
    one.index_mb = found.Double(row, 4) / kBytesOfMb;
    one.vacuums = found.Int(row, 5);
    tables.push_back(std::move(one));
  }
  return tables;
}

}  // namespace atelier
