// A job as the coordinator has it, in the form that a spec is read into.
#ifndef ATELIER_CLIENT_LIB_DRAFT_OF_JOB_H_
#define ATELIER_CLIENT_LIB_DRAFT_OF_JOB_H_

#include "absl/status/statusor.h"
#include "atelier/v1/jobs.pb.h"
#include "client/lib/spec.h"

namespace atelier {

/// What makes its tasks: base, axes, sweep and exclude; all else is left out.
/// Inputs are digests. Every axis has a value.
/// Errors: InvalidArgument for what this build does not know or no coordinator
///         accepts.
absl::StatusOr<JobDraft> DraftOfJob(const v1::JobSpec& spec);

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_DRAFT_OF_JOB_H_
