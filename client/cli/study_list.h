// The studies that are built in, for whoever looks for one.
#ifndef ATELIER_CLIENT_CLI_STUDY_LIST_H_
#define ATELIER_CLIENT_CLI_STUDY_LIST_H_

#include <string>

#include "absl/status/status.h"

namespace atelier {

class Session;

/// Prints the name of each, how many tasks it has, and what it asks; with
/// --json {studies: [{name, task_count, question}]}.
absl::Status ListStudies(Session& session);

/// Prints the spec of one; with --json {name, task_count, question, spec}.
/// Errors: UnknownStudy.
absl::Status ShowStudy(Session& session, const std::string& name);

}  // namespace atelier

#endif  // ATELIER_CLIENT_CLI_STUDY_LIST_H_
