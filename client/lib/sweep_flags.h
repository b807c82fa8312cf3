// A sweep as flags: each parameter's values in one text, in the grammar that
// specs have under `axes` (docs/spec.md).
//
//   SweepFlags flags;
//   flags.parameters = {{FindParameter("content"), "a.jpg"},
//                       {FindParameter("style_weight"), "1500,1800"}};
//   ASSIGN_OR_RETURN(JobDraft job, ReadSweep(flags));
#ifndef ATELIER_CLIENT_LIB_SWEEP_FLAGS_H_
#define ATELIER_CLIENT_LIB_SWEEP_FLAGS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/lib/spec.h"
#include "common/render/parameters.h"

namespace atelier {

/// One flag as it was given.
struct SweepParameter {
  const Parameter* parameter = nullptr;
  std::string text;
};

struct SweepFlags {
  std::string name;  ///< Empty: made of the axes' names.
  /// In the order of the command line, which is that of the axes.
  std::vector<SweepParameter> parameters;
  std::string rows;     ///< The axis that comes first; empty: as given.
  std::string columns;  ///< The axis that comes last; empty: as given.
  bool zip = false;
  std::optional<int64_t> sample_count;  ///< Not given: all points.
  std::optional<int64_t> sample_seed;
  /// Rules, as under `exclude` of a spec: "{init: noise, seed: 3}".
  std::vector<std::string> exclude;
};

/// The same job as the spec that PrintSweep writes. One value of a parameter
/// goes to the base. Several are an axis, and so are a pattern of files, a
/// range, and a text that begins with "{" or "[", which is YAML: those also
/// where they stand for one value.
/// Errors: InvalidArgument ("--flag: what was given; what is allowed").
absl::StatusOr<JobDraft> ReadSweep(const SweepFlags& flags,
                                   const SpecLimits& limits = {});

/// The values of each parameter of `flags` as an axis, also where there is one
/// value. Of `flags` the name is checked too; nothing else is read.
/// Errors: as ReadSweep.
absl::StatusOr<std::vector<AxisDraft>> ReadSweepAxes(
    const SweepFlags& flags, const SpecLimits& limits = {});

/// The sweep as a spec, with the user, priority, profile and cache of `job`.
/// Paths stay relative to the current folder.
/// REQUIRES: ReadSweep takes the flags.
/// Errors: InvalidArgument for a file whose name is not UTF-8.
absl::StatusOr<std::string> PrintSweep(const SweepFlags& flags,
                                       const JobDraft& job,
                                       const SpecLimits& limits = {});

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_SWEEP_FLAGS_H_
