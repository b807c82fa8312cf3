// Reading rows of the SQLite file into records.
#ifndef ATELIER_COORDINATOR_STORE_SQLITE_ROWS_H_
#define ATELIER_COORDINATOR_STORE_SQLITE_ROWS_H_

#include <soci/soci.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "coordinator/state/records.h"

namespace atelier {

/// SOCI's name for SQLite's integers.
using SqlInt = long long;

SqlInt ToSql(absl::Time time);
absl::Time TimeFromSql(SqlInt microseconds);

/// A line for each term: its name, a space and its value as ShortestText.
using Terms = std::map<std::string, double>;
std::string ToSql(const Terms& terms);
Terms TermsFromSql(absl::string_view text);

/// Adds a statement's parameters.
using BindParameters = std::function<void(soci::statement&)>;

/// Jobs by "SELECT ... FROM jobs " + `clauses`.
/// Throws: soci::soci_error, as the next.
std::vector<JobRecord> SelectJobs(soci::session& sql,
                                  const std::string& clauses,
                                  const BindParameters& bind);

/// Tasks by "SELECT ... FROM tasks " + `clauses`.
std::vector<TaskRecord> SelectTasks(soci::session& sql,
                                    const std::string& clauses,
                                    const BindParameters& bind);

/// The same as a statement that is kept, for what is asked often.
class TaskQuery {
 public:
  /// Lifetime: the session, and what `bind` bound, outlive it.
  TaskQuery(soci::session& sql, const std::string& clauses,
            const BindParameters& bind);
  ~TaskQuery();

  /// With the values that the parameters have now.
  std::vector<TaskRecord> Run();

 private:
  struct Kept;
  std::unique_ptr<Kept> kept_;
};

/// All checkpoints, oldest first. Throws: as SelectJobs.
std::vector<CheckpointRecord> SelectCheckpoints(soci::session& sql);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STORE_SQLITE_ROWS_H_
