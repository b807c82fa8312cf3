// Files from the network that are known by size and digest before they come.
#ifndef ATELIER_CLIENT_LIB_DOWNLOAD_H_
#define ATELIER_CLIENT_LIB_DOWNLOAD_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/rpc/stop_signal.h"

namespace atelier {

struct DownloadOptions {
  std::string url;
  std::string path;        ///< Where the file is to be; its folder exists.
  std::string sha256;      ///< Lower-case hex: all 64 digits, or the first.
  int64_t size_bytes = 0;  ///< 0: not known; then at most `max_bytes`.
  int64_t max_bytes = int64_t{4} << 30;
  /// A connection that brings nothing for so long counts as broken.
  absl::Duration silence = absl::Seconds(30);
  /// Called now and then. A total of 0 is not known.
  std::function<void(int64_t done_bytes, int64_t total_bytes)> on_progress;
};

struct Downloaded {
  std::string digest;  ///< All 64 digits.
  int64_t size_bytes = 0;
  int64_t resumed_from = 0;  ///< Bytes that an earlier run had left.
};

/// Fetches into PATH.part and renames once size and digest are right, so that
/// PATH is never anything else. What an interrupted run leaves is gone on with;
/// a connection that breaks is made again while it brings anything.
/// Errors: InvalidArgument (PATH exists, not a URL), DataLoss (other bytes than
///         were wanted; names both digests, and nothing is kept), Cancelled or
///         Unavailable (what came is kept), Aborted (another process fetches
///         it), FailedPrecondition, NotFound, as the file system says.
absl::StatusOr<Downloaded> Download(const DownloadOptions& options,
                                    StopSignal& stop);

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_DOWNLOAD_H_
