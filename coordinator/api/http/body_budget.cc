#include "coordinator/api/http/body_budget.h"

#include "absl/strings/str_cat.h"

namespace atelier {

absl::StatusOr<BodyBudget::Hold> BodyBudget::Take(uint64_t bytes) {
  if (bytes <= free_bytes_) return nullptr;
  const uint64_t taken = taken_->fetch_add(bytes);
  Hold hold(nullptr, [counter = taken_, bytes](const void* /*none*/) {
    counter->fetch_sub(bytes);
  });
  if (taken + bytes <= most_bytes_) return hold;
  return absl::UnavailableError(
      absl::StrCat("body: large ones on their way take ", taken, " of ",
                   most_bytes_, " bytes; repeat later"));
}

}  // namespace atelier
