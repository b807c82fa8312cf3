// Files by a pattern, as a shell has it.
#ifndef ATELIER_CLIENT_LIB_FILE_PATTERN_H_
#define ATELIER_CLIENT_LIB_FILE_PATTERN_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace atelier {

/// The files that `text` stands for, relative to `folder` where it is: itself,
/// unless it has one of *?[ and no file is called so; then those that match,
/// in natural order ("photo2.jpg" before "photo10.jpg").
/// Errors: InvalidArgument where nothing matches.
absl::StatusOr<std::vector<std::string>> FilesOf(const std::string& folder,
                                                 const std::string& text);

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_FILE_PATTERN_H_
