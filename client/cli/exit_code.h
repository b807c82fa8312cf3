// What the shell learns.
#ifndef ATELIER_CLIENT_CLI_EXIT_CODE_H_
#define ATELIER_CLIENT_CLI_EXIT_CODE_H_

#include "absl/status/status.h"
#include "common/rpc/denial.h"

namespace atelier {

enum ExitCode {
  kExitOk = 0,
  kExitFailed = 1,         ///< A job failed or was cancelled, or a program did.
  kExitUsage = 2,          ///< Flags, spec or inputs are wrong.
  kExitUnreachable = 3,    ///< No coordinator, or it denies us; no network.
  kExitInterrupted = 130,  ///< Ctrl-C, as shells have it.
  // And kExitBrokenPipe of common/output_stream.h, 141: nobody reads on.
};

/// InvalidArgument is the caller's to put right; Cancelled is theirs too.
inline ExitCode ExitCodeOf(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return kExitOk;
    case absl::StatusCode::kInvalidArgument:
      return kExitUsage;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kUnauthenticated:
      return kExitUnreachable;
    case absl::StatusCode::kPermissionDenied:
      return IsDenial(status) ? kExitUnreachable : kExitFailed;
    case absl::StatusCode::kCancelled:
      return kExitInterrupted;
    default:
      return kExitFailed;
  }
}

inline constexpr char kExitCodesHelp[] =
    "Exit codes: 0 done; 1 the job failed or was cancelled; 2 flags, spec or\n"
    "inputs are wrong; 3 no coordinator, or no server to fetch from, answers,\n"
    "or it denies the call; 130 interrupted; 141 whoever read the output went\n"
    "away.\n";

}  // namespace atelier

#endif  // ATELIER_CLIENT_CLI_EXIT_CODE_H_
