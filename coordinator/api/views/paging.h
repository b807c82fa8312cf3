// Pages of lists, alike for all callers.
#ifndef ATELIER_COORDINATOR_API_VIEWS_PAGING_H_
#define ATELIER_COORDINATOR_API_VIEWS_PAGING_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"

namespace atelier {

/// A page ends early rather than pass the bound on a message.
inline constexpr size_t kMaxPageBytes = size_t{8} << 20;

/// How many are wanted: 100 for 0. Errors: InvalidArgument (not 0 to 1,000).
absl::StatusOr<int> PageSize(int page_size);

/// Where the page begins; nothing for the first.
/// Errors: InvalidArgument (not a token that a page ended with).
absl::StatusOr<std::optional<int64_t>> PageStart(const std::string& token);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_VIEWS_PAGING_H_
