// What a study shows, in numbers: its measures by the values of an axis.
//
//   FindingsReader reader(job.spec(), notes);
//   for (...) reader.Add(task);
//   for (const Finding& finding : reader.Findings()) Print(finding);
#ifndef ATELIER_CLIENT_LIB_FINDINGS_H_
#define ATELIER_CLIENT_LIB_FINDINGS_H_

#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "absl/strings/string_view.h"
#include "client/lib/json_text.h"
#include "client/lib/study_notes.h"

namespace atelier {

namespace v1 {
class JobSpec;
class Task;
}  // namespace v1

struct FoundValue {
  std::string label;            ///< Of the axis that the finding is by.
  std::optional<double> value;  ///< None where no result has the measure.
  bool is_chosen = false;       ///< By StudyNotes::chosen.
};

/// One measure by one axis.
struct Finding {
  struct Row {
    std::string label;  ///< Of the other axes; empty where there are none.
    std::vector<FoundValue> values;  ///< In the order of the tasks.
  };
  ShownMeasure shown;
  std::string chosen_by;  ///< As StudyNotes.
  std::vector<Row> rows;

  /// Whether any task has the measure.
  bool HasValues() const;
};

/// Whether the notes say that the task at these labels was chosen.
bool IsChosen(const StudyNotes& notes, const v1::JobSpec& spec,
              const v1::Task& task);

/// "chosen by the original study"; "chosen" where nobody is named.
std::string ChosenText(const std::string& chosen_by);

/// Reads the tasks of a job. Lifetime: of the spec and the notes.
/// Thread-compatible.
class FindingsReader {
 public:
  FindingsReader(const v1::JobSpec& spec, const StudyNotes& notes);

  /// A measure that was made otherwise than the job asks for is absent.
  void Add(const v1::Task& task);

  /// One for each of StudyNotes::shows that names an axis of the job. Of axes
  /// that make no grid there is one row, and labels are those of all axes.
  std::vector<Finding> Findings() const;

 private:
  const v1::JobSpec& spec_;
  const StudyNotes& notes_;
  std::vector<Finding> findings_;
  std::vector<int> axes_;  // Of each finding.
  // Of each finding: where the row of a label is.
  std::vector<std::unordered_map<std::string, size_t>> rows_;
};

/// "dB"; of bytes "MiB"; empty for a bare number.
absl::string_view MeasureUnit(absl::string_view measure);
/// Of a value in that unit, to four digits: "21.34", "412".
std::string MeasureNumber(absl::string_view measure, double value);

/// What a label says of a task beside its axes: the first of
/// StudyNotes::shows, "psnr 21.34 dB". Empty where it has none.
std::string NoteOfTask(const StudyNotes& notes, const v1::JobSpec& spec,
                       const v1::Task& task);

/// measure, unit (null for a bare number), by, chosen_by (null where
/// nobody is named), and rows: [{label, values: [{label, value, chosen}]}]; a
/// value that is absent is null.
JsonObject ToJson(const Finding& finding);

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_FINDINGS_H_
