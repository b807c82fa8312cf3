// WatchJob, a reader of the feed of jobs.
#ifndef ATELIER_COORDINATOR_API_GRPC_JOB_WATCH_H_
#define ATELIER_COORDINATOR_API_GRPC_JOB_WATCH_H_

#include "coordinator/access/admission_control.h"
#include "coordinator/api/grpc/call_support.h"
#include "coordinator/api/views/job_feed.h"
#include "coordinator/state/ids.h"

namespace grpc {
template <class Response>
class ServerWriteReactor;
}  // namespace grpc

namespace atelier {

/// Keeps the meter until its end. Lifetime: feed and support must outlive the
/// call. REQUIRES: it was admitted.
grpc::ServerWriteReactor<v1::JobSnapshot>* WatchJob(JobFeed& feed,
                                                    const CallSupport& support,
                                                    const Admission& admitted,
                                                    const JobId& job);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_GRPC_JOB_WATCH_H_
