// From the text of a spec to a JobDraft.
#ifndef ATELIER_CLIENT_LIB_SPEC_READER_H_
#define ATELIER_CLIENT_LIB_SPEC_READER_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/lib/spec.h"
#include "client/lib/yaml_fields.h"
#include "yaml-cpp/yaml.h"

namespace atelier {

/// Reads one spec; see ParseSpec. Thread-compatible.
class SpecReader : private YamlFields {
 public:
  /// `file` is the text's name in messages.
  SpecReader(std::string file, std::string text, SpecLimits limits)
      : YamlFields(std::move(file), std::move(text)), limits_(limits) {}

  absl::StatusOr<JobDraft> Read();

 private:
  absl::Status ReadJob(const YAML::Node& root, JobDraft& job);
  absl::Status ReadJobField(const std::string& key, const YAML::Node& at,
                            const YAML::Node& value, JobDraft& job);
  absl::Status ReadSchedulingField(const std::string& key, const YAML::Node& at,
                                   const YAML::Node& value, JobDraft& job);
  absl::Status ReadBase(const YAML::Node& node, RenderDraft& base);
  absl::Status ReadAxes(const YAML::Node& node, std::vector<AxisDraft>& axes);
  absl::StatusOr<AxisDraft> ReadAxis(const YAML::Node& node);
  absl::Status ReadParameterValues(const YAML::Node& parameter,
                                   const YAML::Node& values, AxisDraft& axis);
  absl::Status ReadNamedValues(const YAML::Node& values, AxisDraft& axis);
  absl::StatusOr<AxisValueDraft> ReadNamedValue(const YAML::Node& node);
  absl::Status ReadParameter(const std::string& key, const YAML::Node& at,
                             const YAML::Node& value, RenderDraft& into);
  absl::Status CheckAxis(const YAML::Node& node, const AxisDraft& axis) const;
  absl::Status CheckJob(const YAML::Node& root, const JobDraft& job) const;
  absl::Status CheckVariedOnce(const YAML::Node& root,
                               const JobDraft& job) const;

  /// The texts that `parse` of the parameter is given: one, unless it takes
  /// each of a list.
  absl::StatusOr<std::vector<std::string>> Texts(
      const YAML::Node& node, const Parameter& parameter) const;
  absl::StatusOr<std::string> ParameterText(const YAML::Node& node,
                                            const Parameter& parameter) const;
  absl::Status CheckOwnLabel(const YAML::Node& node, const Parameter& parameter,
                             absl::string_view label) const;

  const SpecLimits limits_;
};

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_SPEC_READER_H_
