// WatchJob, a reader of the feed of jobs.
#ifndef ATELIER_COORDINATOR_API_GRPC_JOB_WATCH_H_
#define ATELIER_COORDINATOR_API_GRPC_JOB_WATCH_H_

#include "absl/strings/string_view.h"
#include "coordinator/api/views/job_feed.h"
#include "coordinator/control/caller.h"
#include "coordinator/state/ids.h"

namespace grpc {
template <class Response>
class ServerWriteReactor;
}  // namespace grpc

namespace atelier {

/// `peer` is gRPC's name of the caller's end: "ipv4:10.0.0.7:43210". All
/// connections of an address are one client. Lifetime: the feed must outlive
/// the call.
grpc::ServerWriteReactor<v1::JobSnapshot>* WatchJob(JobFeed& feed,
                                                    const Caller& caller,
                                                    const JobId& job,
                                                    absl::string_view peer);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_GRPC_JOB_WATCH_H_
