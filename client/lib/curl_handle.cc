#include "client/lib/curl_handle.h"

#include <cstdlib>
#include <mutex>

namespace atelier {
namespace {

CURL* MakeHandle() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  return curl_easy_init();
}

}  // namespace

CurlHandle::CurlHandle() : curl_(MakeHandle(), curl_easy_cleanup) {}

void CurlHandle::TrustEnvironment() {
  const struct {
    const char* variable;
    CURLoption server;
    CURLoption proxy;
  } kPlaces[] = {
      {"SSL_CERT_FILE", CURLOPT_CAINFO, CURLOPT_PROXY_CAINFO},
      {"SSL_CERT_DIR", CURLOPT_CAPATH, CURLOPT_PROXY_CAPATH},
  };
  for (const auto& place : kPlaces) {
    const char* const path = std::getenv(place.variable);
    if (path == nullptr || *path == '\0') continue;
    Set(place.server, path);
    Set(place.proxy, path);
  }
}

int CurlHandle::StatusCode() const {
  long code = 0;
  curl_easy_getinfo(curl_.get(), CURLINFO_RESPONSE_CODE, &code);
  return static_cast<int>(code);
}

int CurlHandle::ConnectCode() const {
  long code = 0;
  curl_easy_getinfo(curl_.get(), CURLINFO_HTTP_CONNECTCODE, &code);
  return static_cast<int>(code);
}

bool CurlHandle::RefusedProxy() const {
  long refusal = 0;
  curl_easy_getinfo(curl_.get(), CURLINFO_PROXY_SSL_VERIFYRESULT, &refusal);
  return refusal != 0;
}

std::string CurlHandle::RedirectUrl() const {
  const char* url = nullptr;
  curl_easy_getinfo(curl_.get(), CURLINFO_REDIRECT_URL, &url);
  return url == nullptr ? "" : url;
}

std::string CurlHandle::Header(const char* name) const {
  curl_header* header = nullptr;
  const bool is_there =
      curl_easy_header(curl_.get(), name, /*index=*/0, CURLH_HEADER,
                       /*request=*/-1, &header) == CURLHE_OK;
  return is_there ? header->value : "";
}

CurlLoop::CurlLoop(CurlHandle& transfer)
    : transfer_(transfer), multi_(curl_multi_init(), curl_multi_cleanup) {
  curl_multi_add_handle(multi_.get(), transfer_.get());
}

CurlLoop::~CurlLoop() {
  curl_multi_remove_handle(multi_.get(), transfer_.get());
}

std::optional<CURLcode> CurlLoop::Step(int most_ms) {
  int running = 0;
  if (curl_multi_perform(multi_.get(), &running) != CURLM_OK) {
    return CURLE_FAILED_INIT;
  }
  if (running == 0) {
    int left = 0;
    const CURLMsg* const ended = curl_multi_info_read(multi_.get(), &left);
    return ended == nullptr ? CURLE_FAILED_INIT : ended->data.result;
  }
  curl_multi_poll(multi_.get(), nullptr, 0, most_ms, nullptr);
  return std::nullopt;
}

}  // namespace atelier
