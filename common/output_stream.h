// Standard output that says why its bytes did not arrive.
//
//   HoldStandardStreams();
//   OutputStream out(STDOUT_FILENO);
//   out << table;
//   return FinishOutput(out, "atelier-worker", code);
#ifndef ATELIER_COMMON_OUTPUT_STREAM_H_
#define ATELIER_COMMON_OUTPUT_STREAM_H_

#include <memory>
#include <ostream>

#include "absl/status/status.h"

namespace atelier {

/// Opens what is closed of standard input, output and error, so that no file
/// that is opened later takes its number. Writes to an output that was closed
/// fail. Call first of all.
void HoldStandardStreams();

/// Writes to a file descriptor, which outlives it. Repeats what was interrupted
/// or written in part, and waits where the descriptor does not block.
/// Thread-compatible.
class OutputStream : public std::ostream {
 public:
  explicit OutputStream(int fd);
  ~OutputStream() override;

  /// The errno of the first write that failed; 0 where none has.
  int error() const;

 private:
  class Buffer;
  const std::unique_ptr<Buffer> buffer_;
};

/// What a shell reports of a program that SIGPIPE ended.
inline constexpr int kExitBrokenPipe = 141;

/// Flushes. Errors: a write failed, now or before ("standard output: No space
/// left on device"); the reason is known where `out` is an OutputStream.
absl::Status FlushOutput(std::ostream& out);

/// Whether `out` failed because its reader is gone, which a program need not
/// mention: "| head -1" is how people stop reading. False where the program was
/// started with SIGPIPE ignored, that is, asked to mention it.
bool ReaderIsGone(const std::ostream& out);

/// The exit code of a program that would end with `code`: where its output did
/// not arrive kExitBrokenPipe, quietly, if ReaderIsGone, else 1 after a line on
/// standard error that begins with `program`.
int FinishOutput(std::ostream& out, const char* program, int code);

}  // namespace atelier

#endif  // ATELIER_COMMON_OUTPUT_STREAM_H_
