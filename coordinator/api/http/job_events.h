// The news of a job as server-sent events.
#ifndef ATELIER_COORDINATOR_API_HTTP_JOB_EVENTS_H_
#define ATELIER_COORDINATOR_API_HTTP_JOB_EVENTS_H_

#include <string>

#include "coordinator/api/http/api_sources.h"
#include "coordinator/api/http/router.h"

namespace atelier {

/// What Jobs.WatchJob answers with, an event for each snapshot:
///   id: 12-7
///   data: {"job": ..., "running": [...]}
/// The stream ends after the job has. A caller that comes back with the id of
/// the last event in Last-Event-ID waits for news, if there was none meanwhile,
/// and is answered with 204 once the job has ended, which tells an EventSource
/// not to come again. A stream counts as a call of WatchJob.
HttpRoute JobEvents(std::string path, const ApiSources& sources);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_HTTP_JOB_EVENTS_H_
