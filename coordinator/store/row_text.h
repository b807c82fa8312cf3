// How times and lists are written in a column, whatever the database.
#ifndef ATELIER_COORDINATOR_STORE_ROW_TEXT_H_
#define ATELIER_COORDINATOR_STORE_ROW_TEXT_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/attempt_timings.h"
#include "coordinator/state/records.h"

namespace atelier {

/// Microseconds since 1970.
int64_t ToSql(absl::Time time);
absl::Time TimeFromSql(int64_t microseconds);
/// The same of a time that may be infinite, as a bound for those of rows.
int64_t BoundToSql(absl::Time time);

/// A line for each term: its name, a space and its value as ShortestText.
using Terms = std::map<std::string, double>;
std::string ToSql(const Terms& terms);
Terms TermsFromSql(absl::string_view text);
/// A line for each preview: its iteration, a space and its digest.
std::string ToSql(const std::vector<PicturePreview>& previews);
std::vector<PicturePreview> PreviewsFromSql(absl::string_view text);
/// Microseconds in the order of kTimedPhases, with a space between.
std::string ToSql(const AttemptTimings& timings);
AttemptTimings TimingsFromSql(absl::string_view text);
/// Never negative, and at most a hundred years.
absl::Duration DurationFromSql(int64_t microseconds);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STORE_ROW_TEXT_H_
