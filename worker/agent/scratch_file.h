// A file for bytes that are too many to hold in memory.
#ifndef ATELIER_WORKER_AGENT_SCRATCH_FILE_H_
#define ATELIER_WORKER_AGENT_SCRATCH_FILE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace atelier {

/// Has no name in its folder: gone with this object, or with the process
/// however that ends.
class ScratchFile {
 public:
  /// Errors: as the file system says.
  static absl::StatusOr<std::unique_ptr<ScratchFile>> Make(
      absl::string_view folder);
  ~ScratchFile();
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;

  /// Opens it in this process. Needs /proc.
  const std::string& path() const { return path_; }

 private:
  explicit ScratchFile(int descriptor);
  const int descriptor_;
  const std::string path_;
};

}  // namespace atelier

#endif  // ATELIER_WORKER_AGENT_SCRATCH_FILE_H_
