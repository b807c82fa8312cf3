// A job as the coordinator has it, in the grammar of specs.
#ifndef ATELIER_CLIENT_LIB_SPEC_JSON_H_
#define ATELIER_CLIENT_LIB_SPEC_JSON_H_

#include "absl/status/statusor.h"
#include "client/lib/json_text.h"
#include "client/lib/study_notes.h"

namespace atelier {

namespace v1 {
class JobSpec;
}  // namespace v1

/// What ReadSpec takes back where the files lie beside it: they are called by
/// their names, or by their digests where they have none. Notes that name what
/// the job does not have are left out.
/// Errors: as DraftOfJob, for what this build does not know.
absl::StatusOr<JsonObject> SpecJson(const v1::JobSpec& spec,
                                    const StudyNotes& notes = {});

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_SPEC_JSON_H_
