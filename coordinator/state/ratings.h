// What people think of the pictures of a job: stars, and which of a few is the
// worst.
#ifndef ATELIER_COORDINATOR_STATE_RATINGS_H_
#define ATELIER_COORDINATOR_STATE_RATINGS_H_

#include <cstdint>
#include <limits>
#include <string>
#include <tuple>

#include "coordinator/state/ids.h"

namespace atelier {

inline constexpr int kMostStars = 5;

/// Names a rating. A judgement has one for each task that was shown.
struct RatingKey {
  TaskId task;
  std::string user;    ///< Who rates; empty: nobody in particular.
  std::string judged;  ///< The tasks shown, "1 2 7"; empty: stars are given.

  friend bool operator<(const RatingKey& a, const RatingKey& b) {
    return std::tie(a.task, a.user, a.judged) <
           std::tie(b.task, b.user, b.judged);
  }
};

/// Takes the place of one of the same key. Expects that its job has a row and
/// is not deleted.
struct RatingChange {
  RatingKey key;
  int value = 0;     ///< Stars; of a judgement, 1 where it was the worst.
  bool keep = true;  ///< False: it is dropped; only its key is read.
};

/// What there is of one task.
struct TaskRating {
  int64_t task_index = 0;
  int64_t star_sum = 0;
  int64_t people = 0;     ///< Who gave stars.
  int64_t own_stars = 0;  ///< 0: none.
  int64_t times_shown = 0;
  int64_t times_worst = 0;
};

/// Which tasks, and whose stars are one's own.
struct RatingsQuery {
  JobId job;
  std::string user;
  int64_t first = 0;  ///< Up to, but not, `end`.
  int64_t end = std::numeric_limits<int64_t>::max();
  int limit = 0;  ///< At most so many tasks.
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STATE_RATINGS_H_
