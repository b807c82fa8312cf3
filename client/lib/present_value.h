// The value that all tasks of a job have of a parameter that no axis varies.
#ifndef ATELIER_CLIENT_LIB_PRESENT_VALUE_H_
#define ATELIER_CLIENT_LIB_PRESENT_VALUE_H_

#include "absl/status/statusor.h"
#include "atelier/v1/jobs.pb.h"
#include "client/lib/job_check.h"
#include "client/lib/spec.h"
#include "common/render/parameters.h"
#include "common/render/params.h"

namespace atelier {

/// Of the patch what it says of one parameter, files included.
RenderPatch PartOf(const Parameter& parameter, const RenderPatch& patch);

/// Whether the patch says anything of the parameter.
bool SaysOf(const Parameter& parameter, const RenderPatch& patch);

/// As a value of an axis: set for every task, it leaves each what it is. Its
/// label is the value as it is printed.
/// `draft` is DraftOfJob(spec); `networks` and `images` are those of `spec`.
/// Errors: InvalidArgument where the base does not give the parameter, and its
///         default is not the same for all tasks, or other defaults follow
///         from whether it is given.
absl::StatusOr<v1::AxisValue> PresentValue(const Parameter& parameter,
                                           const v1::JobSpec& spec,
                                           const JobDraft& draft,
                                           const ImagesByDigest& images,
                                           const NetworksByDigest& networks,
                                           const RenderLimits& limits);

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_PRESENT_VALUE_H_
