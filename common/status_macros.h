// RETURN_IF_ERROR and ASSIGN_OR_RETURN, as absl::Status is used everywhere.
//
//   if (name.empty()) return InvalidArgument("tap: '", name, "' is no name");
//   ASSIGN_OR_RETURN(Tap tap, FindTap(network, name));
//   RETURN_IF_ERROR(store.Apply(changes));
#ifndef ATELIER_COMMON_STATUS_MACROS_H_
#define ATELIER_COMMON_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"

namespace atelier {

/// The same status with "context: " before its message; OK stays OK.
inline absl::Status Annotate(const absl::Status& status,
                             absl::string_view context) {
  if (status.ok()) return status;
  return absl::Status(status.code(),
                      absl::StrCat(context, ": ", status.message()));
}

/// The error that most are, its message joined as absl::StrCat does it.
template <typename... Parts>
absl::Status InvalidArgument(const Parts&... parts) {
  return absl::InvalidArgumentError(absl::StrCat(parts...));
}

}  // namespace atelier

#define RETURN_IF_ERROR(expression)                           \
  do {                                                        \
    if (absl::Status status_ = (expression); !status_.ok()) { \
      return status_;                                         \
    }                                                         \
  } while (false)

#define ATELIER_CONCAT_INNER_(a, b) a##b
#define ATELIER_CONCAT_(a, b) ATELIER_CONCAT_INNER_(a, b)
#define ASSIGN_OR_RETURN(declaration, expression)                  \
  ATELIER_ASSIGN_OR_RETURN_(ATELIER_CONCAT_(status_or_, __LINE__), \
                            declaration, expression)
#define ATELIER_ASSIGN_OR_RETURN_(status_or, declaration, expression) \
  auto status_or = (expression);                                      \
  if (!status_or.ok()) return std::move(status_or).status();          \
  declaration = *std::move(status_or)

#endif  // ATELIER_COMMON_STATUS_MACROS_H_
