// From the text of a spec to a JobDraft. The only user of yaml-cpp.
#ifndef ATELIER_CLIENT_LIB_SPEC_READER_H_
#define ATELIER_CLIENT_LIB_SPEC_READER_H_

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/lib/spec.h"
#include "yaml-cpp/yaml.h"

namespace atelier {

/// Reads one spec; see ParseSpec. Thread-compatible.
class SpecReader {
 public:
  SpecReader(std::string file, SpecLimits limits)
      : file_(std::move(file)), limits_(limits) {}

  absl::StatusOr<JobDraft> Read(const std::string& text);

 private:
  using ReadField = std::function<absl::Status(const std::string& key,
                                               const YAML::Node& key_node,
                                               const YAML::Node& value)>;

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

  /// Calls `read` for each field of a map.
  absl::Status ForEachField(const YAML::Node& map, absl::string_view what,
                            const ReadField& read) const;
  absl::StatusOr<std::string> Text(const YAML::Node& node,
                                   absl::string_view field) const;
  /// The texts that `parse` of the parameter is given: one, unless it takes
  /// each of a list.
  absl::StatusOr<std::vector<std::string>> Texts(
      const YAML::Node& node, const Parameter& parameter) const;
  absl::StatusOr<int64_t> WholeNumber(const YAML::Node& node,
                                      absl::string_view field, int64_t least,
                                      int64_t most) const;
  absl::Status UnknownKey(const YAML::Node& at, const std::string& key,
                          const std::vector<absl::string_view>& known) const;
  absl::Status ErrorAt(const YAML::Node& node, absl::string_view message) const;

  std::string file_;
  SpecLimits limits_;
};

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_SPEC_READER_H_
