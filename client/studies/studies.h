// The studies: jobs with a known question, written as specs and compiled in.
#ifndef ATELIER_CLIENT_STUDIES_STUDIES_H_
#define ATELIER_CLIENT_STUDIES_STUDIES_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/lib/spec.h"

namespace atelier {

/// In the order in which `study all` runs them.
std::vector<absl::string_view> StudyNames();

/// InvalidArgument: `name` is none of `names`; gives the nearest, and all.
absl::Status UnknownStudy(absl::string_view name,
                          const std::vector<absl::string_view>& names);

/// What it asks: the first sentence of the comment that its spec begins with.
/// Errors: as Study.
absl::StatusOr<std::string> StudyQuestion(absl::string_view name);

/// Its spec, as `atelier submit` reads one. Errors: as Study.
absl::StatusOr<absl::string_view> StudySpec(absl::string_view name);

/// The study as a job without pictures; JobDraft::study is its name.
/// Errors: UnknownStudy.
absl::StatusOr<JobDraft> Study(absl::string_view name);

}  // namespace atelier

#endif  // ATELIER_CLIENT_STUDIES_STUDIES_H_
