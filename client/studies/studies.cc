#include "client/studies/studies.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "client/studies/embedded_specs.h"
#include "common/nearest.h"
#include "common/status_macros.h"

namespace atelier {

std::vector<absl::string_view> StudyNames() {
  std::vector<absl::string_view> names;
  for (const EmbeddedSpec& spec : EmbeddedSpecs()) names.push_back(spec.name);
  return names;
}

absl::StatusOr<JobDraft> Study(absl::string_view name) {
  for (const EmbeddedSpec& spec : EmbeddedSpecs()) {
    if (spec.name != name) continue;
    ASSIGN_OR_RETURN(JobDraft job,
                     ParseSpec(spec.yaml, absl::StrCat(spec.name, ".yaml")));
    job.study = std::string(spec.name);
    return job;
  }
  return InvalidArgument("study: '", name, "' is unknown",
                         Suggest(name, StudyNames()));
}

}  // namespace atelier
