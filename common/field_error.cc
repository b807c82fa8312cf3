#include "common/field_error.h"

#include "absl/strings/cord.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

constexpr char kFieldPayload[] = "atelier/field";
constexpr absl::string_view kSeparator = ": ";

}  // namespace

absl::Status FieldError(absl::string_view field, absl::string_view what) {
  absl::Status status = InvalidArgument(field, kSeparator, what);
  status.SetPayload(kFieldPayload, absl::Cord(field));
  return status;
}

std::string FieldOf(const absl::Status& status) {
  return std::string(status.GetPayload(kFieldPayload).value_or(absl::Cord()));
}

absl::Status RenamedField(const absl::Status& status, absl::string_view name) {
  const std::string field = FieldOf(status);
  if (field.empty()) return status;
  return FieldError(name,
                    status.message().substr(field.size() + kSeparator.size()));
}

}  // namespace atelier
