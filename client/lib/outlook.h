// What a job would be, before it is submitted: its tasks, which have a result,
// and the time that the others would take.
//
//   ASSIGN_OR_RETURN(const Outlook outlook, LookAhead(client, job.spec));
//   const OutlookSums sums = SumsOf(outlook);
#ifndef ATELIER_CLIENT_LIB_OUTLOOK_H_
#define ATELIER_CLIENT_LIB_OUTLOOK_H_

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "atelier/v1/jobs.pb.h"
#include "atelier/v1/workers.pb.h"

namespace atelier {

class Client;

struct Outlook {
  int64_t task_count = 0;
  /// Those that were looked at, by index: all of a job that has no more than
  /// kMostLookedAt, of a larger one stretches that are spread over it.
  std::vector<v1::TaskPreview> tasks;
  std::set<std::string> missing_digests;  ///< Inputs the coordinator lacks.
};

inline constexpr int64_t kMostLookedAt = 10'000;

/// Asks the coordinator. Errors: as Client::PreviewJob.
absl::StatusOr<Outlook> LookAhead(Client& client, const v1::JobSpec& spec);

/// The tasks alone, without a coordinator: none has a result or a time.
/// Errors: InvalidArgument (as DraftOfJob, or SweepSize).
absl::StatusOr<Outlook> LookAheadAlone(const v1::JobSpec& spec);

struct OutlookSums {
  int64_t looked_at = 0;
  int64_t have_result = 0;
  int64_t to_render = 0;
  int64_t without_time = 0;    ///< Of those to render.
  absl::Duration device_time;  ///< Of the others.
  absl::Duration longest;      ///< Of one of them.
};
OutlookSums SumsOf(const Outlook& outlook);

/// The workers that may take the job's tasks now.
int FittingWorkers(const v1::JobSpec& spec,
                   const std::vector<v1::Worker>& workers);

/// How long so many workers are at it, at least one, if they do nothing else.
absl::Duration TimeOf(const v1::JobSpec& spec, const OutlookSums& sums,
                      int workers);

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_OUTLOOK_H_
