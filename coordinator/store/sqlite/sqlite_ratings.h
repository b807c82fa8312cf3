// Rows of ratings in the SQLite file.
#ifndef ATELIER_COORDINATOR_STORE_SQLITE_SQLITE_RATINGS_H_
#define ATELIER_COORDINATOR_STORE_SQLITE_SQLITE_RATINGS_H_

#include <soci/soci.h>

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "coordinator/state/ratings.h"
#include "coordinator/state/row_changes.h"

namespace atelier {

/// As Store::ListRatings. A row that says nothing sensible is passed over.
/// Throws: soci::soci_error, as the others.
std::vector<TaskRating> SelectRatings(soci::session& sql,
                                      const RatingsQuery& query);

/// As Store::CountRatings.
int64_t SelectRatingCount(soci::session& sql, const JobId& job);

/// REQUIRES: inside a transaction, as the next.
/// Errors: FailedPrecondition (the job has no row, or is deleted).
absl::Status WriteRating(soci::session& sql, const RatingChange& change);

void DropRatings(soci::session& sql, const TaskRemoval& range);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STORE_SQLITE_SQLITE_RATINGS_H_
