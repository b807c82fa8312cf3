// A file that is written piece by piece and appears whole or not at all.
//
//   OutputFile file(path);
//   RETURN_IF_ERROR(file.Write(text));
//   RETURN_IF_ERROR(file.Finish());
#ifndef ATELIER_CLIENT_LIB_OUTPUT_FILE_H_
#define ATELIER_CLIENT_LIB_OUTPUT_FILE_H_

#include <fstream>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace atelier {

/// Of a symbolic link its target is written. Without Finish nothing is left.
/// Thread-compatible.
class OutputFile {
 public:
  explicit OutputFile(std::string path) : path_(std::move(path)) {}
  ~OutputFile();
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  /// Errors: ResourceExhausted (disk full), FailedPrecondition (links in a
  ///         circle), else as the system says, with the path.
  absl::Status Write(absl::string_view text);
  /// The file is there from now on. Errors: as Write.
  absl::Status Finish();

 private:
  absl::Status Open();
  absl::Status Failure() const;

  const std::string path_;
  std::string target_;
  std::string part_;  // Empty: there is nothing to remove.
  std::ofstream stream_;
};

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_OUTPUT_FILE_H_
