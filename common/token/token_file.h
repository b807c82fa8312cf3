// A token, as a file or a variable holds it.
#ifndef ATELIER_COMMON_TOKEN_TOKEN_FILE_H_
#define ATELIER_COMMON_TOKEN_TOKEN_FILE_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace atelier {

inline constexpr int64_t kMaxTokenBytes = 4096;

/// Whether it may stand in a header: 1 to kMaxTokenBytes of [A-Za-z0-9_].
bool IsToken(absl::string_view text);

/// The token of a file that is one line (an end of line at its end or none),
/// and its owner's alone. Symbolic links are followed.
/// Errors: NotFound, else InvalidArgument; both name the path, what was found
///         and what is allowed, and quote nothing of the file.
absl::StatusOr<std::string> ReadTokenFile(const std::string& path);

}  // namespace atelier

#endif  // ATELIER_COMMON_TOKEN_TOKEN_FILE_H_
