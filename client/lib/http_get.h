// GET over HTTP and HTTPS: the one adapter of libcurl.
#ifndef ATELIER_CLIENT_LIB_HTTP_GET_H_
#define ATELIER_CLIENT_LIB_HTTP_GET_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/rpc/stop_signal.h"

namespace atelier {

struct HttpRequest {
  std::string url;        ///< http:// or https://.
  int64_t from_byte = 0;  ///< Above 0: asks for the rest only.
  std::string if_range;   ///< And for all, where the file's ETag is not this.
  /// A transfer that brings nothing for so long is given up; whole seconds.
  absl::Duration silence = absl::Seconds(30);
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
/// checked, against those of SSL_CERT_FILE and SSL_CERT_DIR where they are set.
/// Goes through the proxy that https_proxy, http_proxy or all_proxy names,
/// unless no_proxy excepts the host; read as curl reads them. Returns when all
/// was received, or `stop` stopped.
/// Errors: InvalidArgument (not a URL that can be fetched), Unavailable (no
///         connection, lost it midway, or the proxy fails; names the proxy),
///         NotFound, FailedPrecondition (any other answer, with its number; a
///         server that is not to be trusted), Cancelled (stopped), the sink's.
///         No error holds a password.
absl::Status HttpGet(const HttpRequest& request, HttpSink& sink,
                     StopSignal& stop);

/// `url` as errors and logs may show it: without user and password.
std::string WithoutPassword(const std::string& url);

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_HTTP_GET_H_
