// An error of one field of what somebody gave. The field's name is data beside
// the message, so that another layer can call the field what its callers do.
//
//   return FieldError("bits", "12 is not allowed; 8 or 16");
//   ...
//   return RenamedField(status, "spec.base.bits");
#ifndef ATELIER_COMMON_FIELD_ERROR_H_
#define ATELIER_COMMON_FIELD_ERROR_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace atelier {

/// InvalidArgument "field: what".
absl::Status FieldError(absl::string_view field, absl::string_view what);

/// The name that FieldError was given; empty for every other status.
std::string FieldOf(const absl::Status& status);

/// The same error of a field called `name`. A status without a field stays.
absl::Status RenamedField(const absl::Status& status, absl::string_view name);

}  // namespace atelier

#endif  // ATELIER_COMMON_FIELD_ERROR_H_
