// What the pictures of a job are called, in a folder and in a zip.
#ifndef ATELIER_COMMON_FILE_NAMES_H_
#define ATELIER_COMMON_FILE_NAMES_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace atelier {

/// No name is longer, so that it fits every common file system together with
/// what files are called while they are written.
inline constexpr size_t kMaxFileNameBytes = 200;

/// An axis of a job, and the labels that its values have.
struct NamedAxis {
  std::string name;
  std::vector<std::string> labels;
};

/// Names tasks by their axis values: "convention-gatys_style_weight-3500.png",
/// and "result.png" for a job without axes.
///
/// Letters, marks, digits and emoji of all scripts are kept in their composed
/// form, and "._+-@="; all else becomes "-". Where a name would not be the
/// task's alone (another label reads the same on a file system that ignores
/// case or composition, or the labels run into each other) or is cut to
/// kMaxFileNameBytes, the task's index stands after it: "v-day-night~2.png".
///
/// A name follows from the job's axes, the task's labels and its index alone:
/// it is the same whatever else has a result. No two tasks of a job share one.
/// Thread-safe.
class FileNamer {
 public:
  explicit FileNamer(const std::vector<NamedAxis>& axes);

  /// `labels`: one for each axis.
  std::string Name(int64_t task_index,
                   const std::vector<std::string>& labels) const;

 private:
  struct Label {
    std::string text;         // As it stands in the name.
    bool is_distinct = true;  // No other label makes the same name.
  };
  struct Axis {
    std::string prefix;  // Before its label: "_style_weight-".
    std::map<std::string, Label, std::less<>> labels;
  };

  static void MarkAlike(Axis& axis, absl::string_view next_prefix);

  std::vector<Axis> axes_;
};

}  // namespace atelier

#endif  // ATELIER_COMMON_FILE_NAMES_H_
