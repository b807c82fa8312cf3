// What went wrong with a transfer, in words that say whose fault it is.
#ifndef ATELIER_CLIENT_LIB_HTTP_FAILURE_H_
#define ATELIER_CLIENT_LIB_HTTP_FAILURE_H_

#include <curl/curl.h>

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "client/lib/curl_handle.h"

namespace atelier {

/// The proxy that libcurl took from the environment.
struct ProxyInUse {
  std::string variable;  ///< "https_proxy"; empty where there is no proxy.
  std::string value;     ///< As it is set, password and all: never shown.
};

/// What libcurl says about a transfer beside its result.
struct HttpTrace {
  ProxyInUse proxy;
  char error[CURL_ERROR_SIZE] = {};

  /// Takes one line of libcurl's trace: of all its interfaces only this one
  /// says which proxy is used.
  void Read(absl::string_view line);
};

/// "https://host:8443"; empty where it is no URL.
std::string OriginOf(const std::string& url);
/// "host"; empty where it is no URL.
std::string HostOf(const std::string& url);

/// A transfer that did not end as it should.
/// REQUIRES: `code` is not CURLE_OK.
absl::Status ExplainFailure(CURLcode code, const CurlHandle& curl,
                            const std::string& url, const HttpTrace& trace);

/// An answer that brings no file: a status code other than 200 and its like.
absl::Status ExplainAnswer(int status_code, const std::string& url,
                           const ProxyInUse& proxy);

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_HTTP_FAILURE_H_
