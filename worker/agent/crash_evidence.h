// Which attempts an earlier worker process died of, by what it left behind.
#ifndef ATELIER_WORKER_AGENT_CRASH_EVIDENCE_H_
#define ATELIER_WORKER_AGENT_CRASH_EVIDENCE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "atelier/v1/workers.pb.h"
#include "worker/agent/attempt_note.h"
#include "worker/agent/outbox.h"

namespace atelier {

/// Why the process of this note died, for people: "signal 11 (SIGSEGV)", or
/// "killed by the kernel for want of memory (cgroup ..., limit ... bytes)".
/// Empty without evidence: it was killed by somebody, or the machine went down,
/// or its cgroup is not there any more.
std::string CauseOfDeath(const NotedAttempts& noted);

/// Reads the notes of processes that have ended, puts a report with
/// OUTCOME_CRASHED into the outbox for each attempt that such a one died of,
/// and then removes the notes. An attempt whose report is in the outbox already
/// had ended. Where several attempts ran, each is a suspect: the coordinator
/// has them rendered alone from then on. Returns the reports.
/// Errors: as the file system says; notes that it could not deal with stay.
absl::StatusOr<std::vector<v1::AttemptReport>> ReportCrashes(
    const std::string& folder, const Outbox& outbox);

}  // namespace atelier

#endif  // ATELIER_WORKER_AGENT_CRASH_EVIDENCE_H_
