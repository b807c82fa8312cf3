// The rows in PostgreSQL: a statement's parameters, its results, and records.
#ifndef ATELIER_COORDINATOR_STORE_POSTGRESQL_PQ_ROWS_H_
#define ATELIER_COORDINATOR_STORE_POSTGRESQL_PQ_ROWS_H_

#include <string>
#include <vector>

#include "coordinator/state/audit_record.h"
#include "coordinator/state/records.h"
#include "coordinator/store/postgresql/pq_connection.h"

namespace atelier {

/// A table's columns, those that name a row or never change first.
struct PqColumns {
  std::vector<std::string> key;
  std::vector<std::string> values;

  /// "job_id, sequence, ...": key and values.
  std::string All() const;
  /// "$1, $2, ...": one for each of All.
  std::string Parameters() const;
  /// "cursor = $1, ...": the values.
  std::string Assignments() const;
  /// "number = excluded.number, ...": the values.
  std::string Excluded() const;
};

const PqColumns& JobColumnsOfPq();
const PqColumns& TaskColumnsOfPq();
const PqColumns& AttemptColumnsOfPq();
const PqColumns& ArtifactColumnsOfPq();

// In the order of the columns above.
void AddKey(const JobRecord& job, PqParams& params);
void AddValues(const JobRecord& job, PqParams& params);
void AddKey(const TaskRecord& task, PqParams& params);
void AddValues(const TaskRecord& task, PqParams& params);
void AddKey(const AttemptRecord& attempt, PqParams& params);
void AddValues(const AttemptRecord& attempt, PqParams& params);
void AddKey(const ArtifactRecord& artifact, PqParams& params);
void AddValues(const ArtifactRecord& artifact, PqParams& params);

// Of rows whose columns are those of All.
std::vector<JobRecord> JobsIn(const PqResult& result);
std::vector<TaskRecord> TasksIn(const PqResult& result);
std::vector<AttemptRecord> AttemptsIn(const PqResult& result);
std::vector<ArtifactRecord> ArtifactsIn(const PqResult& result);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STORE_POSTGRESQL_PQ_ROWS_H_
