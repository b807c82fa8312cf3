// What a process that reads bytes from strangers gives up before it does.
//
//   RETURN_IF_ERROR(InitialiseImages("atelier-decoder"));  // Opens libraries.
//   const absl::Status filtered = EnterSandbox({kDecoderFd, kTrayFd});
#ifndef ATELIER_WORKER_DECODER_SANDBOX_H_
#define ATELIER_WORKER_DECODER_SANDBOX_H_

#include "absl/status/status.h"

namespace atelier {

struct SandboxOptions {
  /// The one socket that may be written to with send().
  int channel_fd = -1;
  /// The highest descriptor that is open; none is opened after it.
  int last_fd = -1;
};

/// For this process and for good: no privileges by exec, no core, no
/// further descriptors, first to go where memory is short. Then
/// system calls by a list: memory, locks, threads of its own, clocks, and reads
/// and writes of what is open. Any other fails with EPERM: files, sockets,
/// programs, signals to other processes, memory that can be executed.
/// Call from the only thread.
/// Errors: Unimplemented where the system allows no filter (says why); the
///         limits hold then, too.
absl::Status EnterSandbox(const SandboxOptions& options);

}  // namespace atelier

#endif  // ATELIER_WORKER_DECODER_SANDBOX_H_
