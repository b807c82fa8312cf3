// A folder for as long as a process needs it.
#ifndef ATELIER_COMMON_SCRATCH_FOLDER_H_
#define ATELIER_COMMON_SCRATCH_FOLDER_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace atelier {

/// A private folder under $TMPDIR (or /tmp), removed with what it holds. One
/// that a killed process left behind is removed by the next Make.
class ScratchFolder {
 public:
  /// `prefix` begins its name, and those of its kind that may be removed.
  /// Errors: InvalidArgument (nothing can be written there; says why).
  static absl::StatusOr<std::unique_ptr<ScratchFolder>> Make(
      absl::string_view prefix);
  /// The same under `root`.
  static absl::StatusOr<std::unique_ptr<ScratchFolder>> MakeIn(
      const std::string& root, absl::string_view prefix);
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  const std::string& path() const { return path_; }

 private:
  ScratchFolder(std::string path, int lock_fd)
      : path_(std::move(path)), lock_fd_(lock_fd) {}

  const std::string path_;
  const int lock_fd_;  // Held for life: says that the folder is in use.
};

}  // namespace atelier

#endif  // ATELIER_COMMON_SCRATCH_FOLDER_H_
