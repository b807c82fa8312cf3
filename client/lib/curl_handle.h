// libcurl's handles with owners. Included by http_get.cc, http_failure.cc and
// login_link.cc only: its header is a heavy one.
#ifndef ATELIER_CLIENT_LIB_CURL_HANDLE_H_
#define ATELIER_CLIENT_LIB_CURL_HANDLE_H_

#include <curl/curl.h>

#include <memory>
#include <optional>
#include <string>

namespace atelier {

/// The headers of a request.
class CurlList {
 public:
  CurlList() = default;
  ~CurlList() { curl_slist_free_all(list_); }
  CurlList(const CurlList&) = delete;
  CurlList& operator=(const CurlList&) = delete;

  void Add(const std::string& line) {
    list_ = curl_slist_append(list_, line.c_str());
  }
  curl_slist* get() const { return list_; }

 private:
  curl_slist* list_ = nullptr;
};

/// One transfer. Starts libcurl when it is the first.
class CurlHandle {
 public:
  CurlHandle();

  template <typename Value>
  void Set(CURLoption option, Value value) {
    curl_easy_setopt(curl_.get(), option, value);
  }
  /// Trusts what SSL_CERT_FILE and SSL_CERT_DIR name, as OpenSSL would; libcurl
  /// reads neither. For the server and for a proxy.
  void TrustEnvironment();

  int StatusCode() const;
  /// What the proxy answered when a connection through it was asked for; 0
  /// where none was.
  int ConnectCode() const;
  /// Whether the certificate that was refused is a proxy's.
  bool RefusedProxy() const;
  /// Where a redirect leads, as a whole URL; empty where there is none.
  std::string RedirectUrl() const;
  /// Of the answer itself, not of a proxy's before it; empty where it has none.
  std::string Header(const char* name) const;

  CURL* get() const { return curl_.get(); }

 private:
  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl_;
};

/// Runs one transfer bit by bit, so that it can be left at any moment.
class CurlLoop {
 public:
  /// Lifetime: `transfer` outlives this.
  explicit CurlLoop(CurlHandle& transfer);
  ~CurlLoop();
  CurlLoop(const CurlLoop&) = delete;
  CurlLoop& operator=(const CurlLoop&) = delete;

  /// Does what can be done now, or else waits for it; the transfer's end.
  std::optional<CURLcode> Step(int most_ms);
  /// Ends a wait. Thread-safe.
  void Wake() { curl_multi_wakeup(multi_.get()); }

 private:
  CurlHandle& transfer_;
  std::unique_ptr<CURLM, decltype(&curl_multi_cleanup)> multi_;
};

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_CURL_HANDLE_H_
