// From the text of a spec to a JobDraft.
#ifndef ATELIER_CLIENT_LIB_SPEC_READER_H_
#define ATELIER_CLIENT_LIB_SPEC_READER_H_

#include <cstdint>
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

/// Values of an axis that are files and that nobody labelled.
struct UnlabelledFiles {
  std::vector<size_t> positions;  ///< Among the axis's values.
  std::vector<std::vector<std::string>> paths;

  void Add(size_t position, std::vector<std::string> value) {
    positions.push_back(position);
    paths.push_back(std::move(value));
  }
  /// Labels them by their names.
  void Label(AxisDraft& axis) const;
};

/// Reads one spec; see ParseSpec. Thread-compatible.
class SpecReader : private YamlFields {
 public:
  /// `file` is the text's name in messages; patterns of files are looked up in
  /// `folder`, or the current one where it is empty.
  SpecReader(std::string file, absl::string_view text, SpecLimits limits,
             std::string folder)
      : YamlFields(std::move(file), text),
        limits_(limits),
        folder_(std::move(folder)) {}
  /// Of nodes that come from no text. Errors name no file and no line.
  explicit SpecReader(SpecLimits limits) : limits_(limits) {}

  absl::StatusOr<JobDraft> Read();
  absl::StatusOr<JobDraft> Read(const YAML::Node& root);

 private:
  absl::Status ReadJob(const YAML::Node& root, JobDraft& job);
  absl::Status ReadJobField(const std::string& key, const YAML::Node& at,
                            const YAML::Node& value, JobDraft& job);
  absl::Status ReadSchedulingField(const std::string& key, const YAML::Node& at,
                                   const YAML::Node& value, JobDraft& job);
  absl::Status ReadMeasure(const YAML::Node& node, MeasureChoice& measure);
  absl::Status ReadBase(const YAML::Node& node, RenderDraft& base);
  absl::Status ReadAxes(const YAML::Node& node, std::vector<AxisDraft>& axes);
  absl::StatusOr<AxisDraft> ReadAxis(const YAML::Node& node);
  absl::Status ReadExpand(const YAML::Node& node, JobDraft& job);
  absl::Status ReadMode(const YAML::Node& node, absl::string_view field,
                        JobDraft& job);
  /// In spec_exclude.cc. REQUIRES: the job's axes have been checked.
  absl::Status ReadExclude(const YAML::Node& node, JobDraft& job) const;
  /// A map of axes and a value of each; the others have kAnyValue. `field` is
  /// where it stands.
  absl::StatusOr<LeaveOut> ReadPlaces(const YAML::Node& node,
                                      absl::string_view field,
                                      const std::vector<AxisDraft>& axes) const;
  absl::StatusOr<int64_t> PlaceOf(const YAML::Node& node,
                                  absl::string_view field,
                                  const AxisDraft& axis) const;

  // In spec_notes.cc. REQUIRES: the job's axes have been checked.
  absl::Status ReadNotes(const YAML::Node& root, JobDraft& job) const;
  absl::Status ReadShows(const YAML::Node& node, JobDraft& job) const;
  absl::Status ReadShown(const YAML::Node& node, JobDraft& job) const;
  absl::StatusOr<std::string> ReadMeasureName(const YAML::Node& node) const;
  absl::StatusOr<std::string> ReadShownAxis(
      const YAML::Node& node, const YAML::Node& by,
      const std::vector<AxisDraft>& axes) const;
  absl::Status ReadChosen(const YAML::Node& node, JobDraft& job) const;
  absl::Status ReadChosenPoint(const YAML::Node& node, JobDraft& job) const;

  // Axes as a map, in spec_axes.cc.
  absl::StatusOr<AxisDraft> ReadMapAxis(const std::string& key,
                                        const YAML::Node& at,
                                        const YAML::Node& values);
  /// Labels, and what each sets of several parameters.
  absl::Status ReadNamedSets(const std::string& key, const YAML::Node& at,
                             const YAML::Node& values, AxisDraft& axis);
  absl::Status ReadRange(const YAML::Node& node, const Parameter& parameter,
                         AxisDraft& axis);
  absl::Status ReadLabelled(const YAML::Node& node, const Parameter& parameter,
                            AxisDraft& axis);
  absl::Status ReadItem(const YAML::Node& node, const Parameter& parameter,
                        AxisDraft& axis, UnlabelledFiles& files);
  absl::Status AddUnlabelled(const YAML::Node& at, const Parameter& parameter,
                             std::vector<std::string> texts, AxisDraft& axis,
                             UnlabelledFiles& files) const;
  absl::Status AddValue(const YAML::Node& at, const Parameter& parameter,
                        const std::vector<std::string>& texts,
                        std::string label, AxisDraft& axis) const;
  absl::Status ReadParameterValues(const YAML::Node& parameter,
                                   const YAML::Node& values, AxisDraft& axis);
  absl::Status ReadNamedValues(const YAML::Node& values, AxisDraft& axis);
  absl::StatusOr<AxisValueDraft> ReadNamedValue(const YAML::Node& node);
  absl::Status ReadParameter(const std::string& key, const YAML::Node& at,
                             const YAML::Node& value, RenderDraft& into);
  /// What the texts of one parameter set. Errors are at `at`.
  absl::StatusOr<RenderDraft> DraftOf(
      const YAML::Node& at, const Parameter& parameter,
      const std::vector<std::string>& texts) const;
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
  absl::Status CheckLabel(const YAML::Node& node,
                          absl::string_view label) const;
  /// `labelled`: how the value is written with a label.
  absl::Status CheckOwnLabel(const YAML::Node& node, const Parameter& parameter,
                             absl::string_view label,
                             absl::string_view labelled) const;

  const SpecLimits limits_;
  const std::string folder_;
};

/// Whether its values are names of files.
bool TakesFiles(const Parameter& parameter);
/// The values that a text in a list of them stands for: itself, the files of a
/// pattern, or the numbers of a range.
/// Errors: InvalidArgument (as FilesOf and WholeRange).
absl::StatusOr<std::vector<std::string>> ValuesOf(const Parameter& parameter,
                                                  const std::string& text,
                                                  const std::string& folder,
                                                  int64_t most);
/// Of all that a spec may set.
std::vector<absl::string_view> ParameterNames();

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_SPEC_READER_H_
