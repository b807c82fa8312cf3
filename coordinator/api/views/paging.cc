#include "coordinator/api/views/paging.h"

#include "absl/strings/numbers.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

constexpr int kDefaultPageSize = 100;
constexpr int kMaxPageSize = 1000;

}  // namespace

absl::StatusOr<int> PageSize(int page_size) {
  if (page_size == 0) return kDefaultPageSize;
  if (page_size >= 1 && page_size <= kMaxPageSize) return page_size;
  return InvalidArgument("page_size: ", page_size,
                         " is not allowed; from 0 to ", kMaxPageSize);
}

absl::StatusOr<std::optional<int64_t>> PageStart(const std::string& token) {
  if (token.empty()) return std::nullopt;
  int64_t start = 0;
  if (token.size() > 20 || !absl::SimpleAtoi(token, &start) || start < 0) {
    return absl::InvalidArgumentError(
        "page_token: is not one that this call has answered with");
  }
  return start;
}

}  // namespace atelier
