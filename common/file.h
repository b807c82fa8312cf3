// Whole files, read with a bound and written so that a crash leaves either the
// old bytes or the new.
#ifndef ATELIER_COMMON_FILE_H_
#define ATELIER_COMMON_FILE_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace atelier {

/// Errors: NotFound, PermissionDenied, InvalidArgument (a folder, or larger
///         than `max_bytes`; names both figures), else as the system says.
absl::StatusOr<std::string> ReadFile(const std::string& path,
                                     int64_t max_bytes);

/// The rest of what an open file has. `name` is for messages.
absl::StatusOr<std::string> ReadDescriptor(int fd, const std::string& name,
                                           int64_t max_bytes);

/// How much a write has to survive.
enum class Durability {
  kAtomic,   ///< A reader never sees half a file.
  kDurable,  ///< Also on disk before the call returns, name and all.
};

/// Writes beside `path` and renames over it. The folder must exist.
/// Errors: NotFound, PermissionDenied, ResourceExhausted (disk full), else as
///         the system says; nothing is left behind.
absl::Status WriteFile(const std::string& path, absl::string_view bytes,
                       Durability durability);

/// A name beside `path` for what becomes it once it is whole. Shorter than
/// `path`'s where a file system would not take the longer one.
std::string PartName(const std::string& path);

/// The path of what `path` leads to: where it is a symbolic link, its target,
/// also one that is not there yet. Errors: FailedPrecondition for links in a
/// circle, else as the system says.
absl::StatusOr<std::string> FollowLinks(const std::string& path);

/// As WriteFile with kAtomic, to where a person said: a symbolic link stays one
/// and its target is written; a device or a FIFO is written as it stands.
absl::Status WriteOutput(const std::string& path, absl::string_view bytes);

/// Makes the folder and those above it; one that is there is fine.
absl::Status MakeFolders(const std::string& path);

/// Whether what is written in this folder stays in memory (tmpfs, ramfs).
bool IsInMemory(const std::string& folder);

}  // namespace atelier

#endif  // ATELIER_COMMON_FILE_H_
