// The audit log's entries: who asked for which change, and what came of it.
#ifndef ATELIER_COORDINATOR_STATE_AUDIT_RECORD_H_
#define ATELIER_COORDINATOR_STATE_AUDIT_RECORD_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/time/time.h"

namespace atelier {

/// A change that was asked for, or refusals of one kind within a minute.
struct AuditRecord {
  int64_t sequence = 0;  ///< Given by the store, from 1, in their order.
  absl::Time at;         ///< Kept to the microsecond.
  std::string accessor;  ///< Of the caller's token; empty: it had none.
  std::string user;      ///< The caller's name.
  std::string address;   ///< Where it called from, without the port.
  std::string action;    ///< "cancel-job": see AccessRule, or the method.
  std::string job;       ///< The job's id; empty: it was done to no job.
  std::string target;    ///< Worker, token or artifact; empty for a job.
  std::string outcome;   ///< A status code: "OK", "PERMISSION_DENIED".
  std::string message;   ///< What else there is to say, for people.
  /// Set: nothing was changed. Refusals are summed: it stands for the `count`
  /// of this kind within a minute, and `at` is when the first came.
  bool is_refusal = false;
  int64_t count = 1;
};

/// Which entries are asked for. What is empty is not asked about.
struct AuditQuery {
  std::string user;
  std::string job;
  absl::Time since = absl::InfinitePast();
  std::optional<int64_t> before;  ///< Sequences below this.
};

/// Removes the oldest entries: many, but perhaps not all of them at once.
struct AuditTrim {
  absl::Time before = absl::InfinitePast();  ///< Those that are older.
  int64_t keep_rows = 0;                     ///< All but the last so many.
  /// Of refusals, all but the last so many: whoever is refused often removes
  /// none of the rest.
  int64_t keep_refusals = 0;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STATE_AUDIT_RECORD_H_
