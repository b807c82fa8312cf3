// The measures of results that are known here: their order, units and sense.
//
//   for (const MeasureName& known : KnownMeasures()) Column(known.name);
//   const std::map<std::string, double> measures = MeasuresOf(task);
#ifndef ATELIER_CLIENT_LIB_MEASURE_NAMES_H_
#define ATELIER_CLIENT_LIB_MEASURE_NAMES_H_

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace atelier {

namespace v1 {
class MeasureSpec;
class Task;
}  // namespace v1

/// Which of two values is the better one. Neither, of what describes a picture
/// and does not judge it.
enum class Better { kHigher, kLower, kNeither };

/// "higher", "lower" or "neither".
absl::string_view Name(Better better);

/// A measure of a result, as docs/measures.md defines it.
struct MeasureName {
  absl::string_view name;  ///< As in Measures.values: "psnr".
  absl::string_view
      unit;  ///< "dB", "px", "s", "bytes"; empty for a bare number.
  Better better = Better::kLower;
  absl::string_view what;  ///< One line, for people.
};

/// Those that all results have, in the order of columns. The last two,
/// seconds_per_iteration and peak_memory_bytes, are of the render, not of its
/// picture.
absl::Span<const MeasureName> KnownMeasures();

/// Of these the ones that a picture has, whatever made it: all but the last
/// two.
absl::Span<const MeasureName> PictureMeasures();

/// Of an unknown name: kLower.
Better BetterOf(absl::string_view name);
inline bool HigherIsBetter(absl::string_view name) {
  return BetterOf(name) == Better::kHigher;
}

/// Errors: InvalidArgument (the flag, the name, the nearest of those allowed
/// and
///         all of them).
absl::Status CheckMeasureName(absl::string_view flag, const std::string& name,
                              absl::Span<const absl::string_view> allowed);

/// "21.3 dB", "0.412", "512 MiB": a value for people, in three digits.
std::string MeasureText(absl::string_view name, double value);

/// By name: Measures.values, seconds_per_iteration and peak_memory_bytes. What
/// is not finite or not known is left out; empty where the task has none.
std::map<std::string, double> MeasuresOf(const v1::Task& task);

/// Whether the task's measures were made as JobSpec.measure asks: they are
/// there, and IsMeasuredAsAsked.
bool IsMeasuredAs(const v1::MeasureSpec& asked, const v1::Task& task);

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_MEASURE_NAMES_H_
