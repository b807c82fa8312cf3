// Values of an axis that are written as a range: the texts that they stand for.
//
// Numbers are short and the same everywhere: those between two ends are rounded
// to a few digits more than tell them apart (0.3, not 0.30000000000000004).
#ifndef ATELIER_CLIENT_LIB_AXIS_RANGES_H_
#define ATELIER_CLIENT_LIB_AXIS_RANGES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace atelier {

/// From `from` in steps, as far as `to`, which is one of them or not.
/// Errors: InvalidArgument for a step that does not lead from one to the other,
///         and for more than `most` values.
absl::StatusOr<std::vector<std::string>> SteppedRange(double from, double to,
                                                      double step,
                                                      int64_t most);

/// `count` numbers at equal distances, both ends among them.
/// Errors: InvalidArgument for equal ends; for a count that is not 2 to `most`.
absl::StatusOr<std::vector<std::string>> CountedRange(double from, double to,
                                                      int64_t count,
                                                      int64_t most);

/// `count` numbers at equal ratios, both ends among them.
/// Errors: as CountedRange; ends that are not above 0.
absl::StatusOr<std::vector<std::string>> LogRange(double from, double to,
                                                  int64_t count, int64_t most);

/// "0-3", or by threes "1-10:3"; nullopt for a text of another form.
/// Errors: InvalidArgument for a last number below the first, a step of 0, and
///         more than `most` values.
absl::StatusOr<std::optional<std::vector<std::string>>> WholeRange(
    absl::string_view text, int64_t most);

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_AXIS_RANGES_H_
