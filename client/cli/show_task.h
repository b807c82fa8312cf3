// What `atelier show JOB TASK` prints.
#ifndef ATELIER_CLIENT_CLI_SHOW_TASK_H_
#define ATELIER_CLIENT_CLI_SHOW_TASK_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"

namespace atelier {

class Session;

/// Prints one task, with its values, result and attempts, as a table or JSON.
/// Errors: InvalidArgument (the job has no task of this index), else as
///         Client's.
absl::Status ShowTask(Session& session, const std::string& job_id,
                      int64_t index);

}  // namespace atelier

#endif  // ATELIER_CLIENT_CLI_SHOW_TASK_H_
