#include "coordinator/store/sqlite/sqlite_ratings.h"

#include "absl/strings/str_cat.h"
#include "coordinator/store/sqlite/sqlite_rows.h"

namespace atelier {

std::vector<TaskRating> SelectRatings(soci::session& sql,
                                      const RatingsQuery& query) {
  const SqlInt first = query.first;
  const SqlInt end = query.end;
  SqlInt index = 0, sum = 0, people = 0, own = 0, shown = 0, worst = 0;
  soci::statement select =
      (sql.prepare
           << "SELECT task_index, "
              "SUM(CASE WHEN judged = '' THEN value ELSE 0 END), "
              "SUM(judged = ''), "
              "SUM(CASE WHEN judged = '' AND user = :user THEN value ELSE 0 "
              "END), "
              "SUM(judged <> ''), "
              "SUM(CASE WHEN judged <> '' THEN value ELSE 0 END) "
              "FROM ratings WHERE job_id = :job AND task_index >= :first "
              "AND task_index < :end AND typeof(task_index) = 'integer' "
              "AND typeof(value) = 'integer' AND CASE WHEN judged = '' "
              "THEN value BETWEEN 1 AND 5 ELSE value BETWEEN 0 AND 1 END "
              "GROUP BY task_index ORDER BY task_index LIMIT :limit",
       soci::use(query.user), soci::use(query.job.value()), soci::use(first),
       soci::use(end), soci::use(query.limit), soci::into(index),
       soci::into(sum), soci::into(people), soci::into(own), soci::into(shown),
       soci::into(worst));
  select.execute();
  std::vector<TaskRating> ratings;
  while (select.fetch()) {
    ratings.push_back({index, sum, people, own, shown, worst});
  }
  return ratings;
}

int64_t SelectRatingCount(soci::session& sql, const JobId& job) {
  SqlInt rows = 0;
  sql << "SELECT COUNT(*) FROM ratings WHERE job_id = :job",
      soci::use(job.value()), soci::into(rows);
  return rows;
}

absl::Status WriteRating(soci::session& sql, const RatingChange& change) {
  const RatingKey& key = change.key;
  const SqlInt index = key.task.index;
  if (!change.keep) {
    sql << "DELETE FROM ratings WHERE job_id = :job AND task_index = :index "
           "AND user = :user AND judged = :judged",
        soci::use(key.task.job.value()), soci::use(index), soci::use(key.user),
        soci::use(key.judged);
    return absl::OkStatus();
  }
  soci::statement put =
      (sql.prepare << "REPLACE INTO ratings (job_id, task_index, user, judged, "
                      "value) SELECT job_id, :index, :user, :judged, :value "
                      "FROM jobs WHERE job_id = :job AND state <> 5",
       soci::use(index), soci::use(key.user), soci::use(key.judged),
       soci::use(change.value), soci::use(key.task.job.value()));
  put.execute(/*withDataExchange=*/true);
  if (put.get_affected_rows() == 1) return absl::OkStatus();
  return absl::FailedPreconditionError(
      absl::StrCat("job ", key.task.job.value(),
                   ": its row is not what the change expects"));
}

void DropRatings(soci::session& sql, const TaskRemoval& range) {
  const SqlInt first = range.first;
  const SqlInt end = range.end;
  sql << "DELETE FROM ratings WHERE job_id = :job AND task_index >= :first "
         "AND task_index < :end",
      soci::use(range.job.value()), soci::use(first), soci::use(end);
}

}  // namespace atelier
