// GET over HTTP and HTTPS: the one place that speaks to cpp-httplib's client.
#ifndef ATELIER_CLIENT_LIB_HTTP_GET_H_
#define ATELIER_CLIENT_LIB_HTTP_GET_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/rpc/stop_signal.h"

namespace atelier {

struct HttpRequest {
  std::string url;        ///< http:// or https://.
  int64_t from_byte = 0;  ///< Above 0: asks for the rest only.
  std::string if_range;   ///< And for all, where the file's ETag is not this.
};

/// What a server says before the bytes.
struct HttpReply {
  int status = 0;  ///< 200, 206 or 416; others never get here.
  std::string etag;
  int64_t first_byte = 0;             ///< Where the bytes belong.
  std::optional<int64_t> size_bytes;  ///< Of the whole file, where it says so.
};

/// Takes what a server sends. An error ends the transfer and is its result.
class HttpSink {
 public:
  virtual ~HttpSink() = default;
  virtual absl::Status OnReply(const HttpReply& reply) = 0;
  virtual absl::Status OnBytes(absl::string_view bytes) = 0;
};

/// Follows up to five redirects, but none from https to http. Certificates are
/// checked. Returns when all was received, or `stop` stopped.
/// Errors: InvalidArgument (not a URL that can be fetched), Unavailable (no
///         connection, or lost it midway), NotFound, FailedPrecondition (any
///         other answer, with its number), Cancelled (stopped), the sink's.
absl::Status HttpGet(const HttpRequest& request, HttpSink& sink,
                     StopSignal& stop);

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_HTTP_GET_H_
