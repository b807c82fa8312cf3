// The values that a flag of a sweep gives a parameter.
#ifndef ATELIER_CLIENT_LIB_SWEEP_VALUES_H_
#define ATELIER_CLIENT_LIB_SWEEP_VALUES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/lib/spec.h"
#include "common/render/parameters.h"
#include "yaml-cpp/yaml.h"

namespace atelier {

/// As they stand in a spec, under `axes` or under `base`.
struct SweepValues {
  const Parameter* parameter = nullptr;
  YAML::Node node;
  bool is_axis = false;
};

/// `texts`: one for each time that the flag was given.
/// Errors: InvalidArgument ("--flag: what was given; what is allowed").
absl::StatusOr<SweepValues> ReadSweepValues(
    const Parameter& parameter, const std::vector<std::string>& texts,
    const SpecLimits& limits);

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_SWEEP_VALUES_H_
