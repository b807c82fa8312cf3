// The studies: jobs with a known question, written as specs and compiled in.
#ifndef ATELIER_CLIENT_STUDIES_STUDIES_H_
#define ATELIER_CLIENT_STUDIES_STUDIES_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/lib/spec.h"

namespace atelier {

/// In the order in which `study all` runs them.
std::vector<absl::string_view> StudyNames();

/// The study as a job without pictures; JobDraft::study is its name.
/// Errors: InvalidArgument for an unknown name (gives the names allowed).
absl::StatusOr<JobDraft> Study(absl::string_view name);

}  // namespace atelier

#endif  // ATELIER_CLIENT_STUDIES_STUDIES_H_
