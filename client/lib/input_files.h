// The files that people name on a command line, also those that can be read
// once only.
#ifndef ATELIER_CLIENT_LIB_INPUT_FILES_H_
#define ATELIER_CLIENT_LIB_INPUT_FILES_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace atelier {

/// The bytes of a file. What is a pipe, a FIFO or a terminal is kept for
/// whoever names it again, and for the upload; a regular file is read anew.
struct InputBytes {
  std::shared_ptr<const std::string> bytes;
  bool can_be_read_again = true;
};

/// Whether a file is the same when it is read again: no pipe, FIFO or terminal.
bool CanBeReadAgain(const std::string& path);

/// Thread-compatible.
class InputFiles {
 public:
  /// Waits for as long as a pipe has a writer, or none yet.
  /// Errors: as ReadFile; InvalidArgument for a pipe that ended without a byte.
  absl::StatusOr<InputBytes> Read(const std::string& path, int64_t max_bytes);

 private:
  std::map<std::string, std::shared_ptr<const std::string>> once_;  // By path.
};

/// What the file is called where people read it: its name without folders, as
/// text, in at most 255 characters.
std::string DisplayName(const std::string& path);

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_INPUT_FILES_H_
