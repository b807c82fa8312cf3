// A job's sweep enlarged: a new job of the same tasks and more.
//
//   ASSIGN_OR_RETURN(const auto values, ReadSweepAxes(flags));
//   ASSIGN_OR_RETURN(const v1::Job job, client.GetJob(job_id));
//   ASSIGN_OR_RETURN(PreparedJob larger, ExtendJob(job.spec(), values, files));
#ifndef ATELIER_CLIENT_LIB_EXTEND_H_
#define ATELIER_CLIENT_LIB_EXTEND_H_

#include <vector>

#include "absl/status/statusor.h"
#include "atelier/v1/jobs.pb.h"
#include "client/lib/input_files.h"
#include "client/lib/prepare.h"
#include "client/lib/spec.h"

namespace atelier {

struct ExtendLimits {
  SpecLimits spec;
  PrepareLimits prepare;
};

/// Adds values to the axes of a grid or of zipped axes. All else stays as the
/// coordinator has it, so that tasks that were rendered have the same render
/// keys; but `no_cache` is off. `values`: one axis for each parameter, called
/// as it is. A parameter that the job does not vary becomes the last axis, its
/// PresentValue first. Values that the axis has are left out with a warning.
/// Only files of `values` are read; the job's own are known by digest.
/// Errors: InvalidArgument (the parameter's flag, what is wrong, what is
///         allowed): no new value; a label that another value has; an axis of
///         several parameters; a random sample; zipped axes that do not grow
///         alike; else as Prepare and PresentValue.
absl::StatusOr<PreparedJob> ExtendJob(const v1::JobSpec& job,
                                      const std::vector<AxisDraft>& values,
                                      InputFiles& files,
                                      const ExtendLimits& limits = {});

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_EXTEND_H_
