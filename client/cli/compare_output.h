// A comparison, as `atelier compare` prints it.
#ifndef ATELIER_CLIENT_CLI_COMPARE_OUTPUT_H_
#define ATELIER_CLIENT_CLI_COMPARE_OUTPUT_H_

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "client/lib/comparison.h"
#include "client/lib/json_text.h"

namespace atelier {

inline constexpr char kComparisonFormat[] = "atelier-comparison";
inline constexpr int kComparisonVersion = 1;

/// Errors: InvalidArgument (the flag, what was given, the measures that
///         pictures have). Empty is no measure, and fine.
absl::Status CheckSort(const std::string& measure);

/// The best by the measure first; of one that is neither better nor worse the
/// lowest. Equals, and what does not have it, last, in their order.
void SortPictures(const std::string& measure, Comparison& comparison);

/// By measure, the indexes of the pictures that are best by it: none where not
/// one is better than another, or nothing says which value is better.
std::map<std::string, std::vector<size_t>> BestPictures(
    const Comparison& comparison);

struct ComparisonText {
  std::string table;
  /// For people: what is not in the table; empty where all is.
  std::string left_out;
};

/// A column for each picture, under its name or, where these do not fit into
/// `columns` cells, a number; of many pictures a row for each, and as many of
/// the measures as fit, `sort` among them.
ComparisonText TextOf(const Comparison& comparison, const std::string& sort,
                      int columns);

/// As docs/json.md has it: a comparison.
JsonObject ToJson(const Comparison& comparison, const std::string& sort);

}  // namespace atelier

#endif  // ATELIER_CLIENT_CLI_COMPARE_OUTPUT_H_
