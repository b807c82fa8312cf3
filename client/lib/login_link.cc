#include "client/lib/login_link.h"

#include <algorithm>
#include <cstddef>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "client/lib/curl_handle.h"
#include "client/lib/http_failure.h"
#include "common/quoted_text.h"
#include "common/status_macros.h"
#include "nlohmann/json.hpp"

namespace atelier {
namespace {

using Json = nlohmann::json;

constexpr long kCodeConnectSeconds = 5;
constexpr long kCodeSeconds = 10;
constexpr int kCodePollMs = 1000;
constexpr size_t kMaxAnswerBytes = size_t{64} << 10;
constexpr size_t kCodeDigits = 32;

// One POST without a body.
class CodeCall {
 public:
  CodeCall(const LoginLinkRequest& request, std::string url)
      : request_(request), url_(std::move(url)) {}

  absl::Status Run(StopSignal& stop) {
    SetUp();
    CurlLoop loop(curl_);
    const StopCallback wake(stop, [&loop] { loop.Wake(); });
    std::optional<CURLcode> ended;
    while (!stop.stopped() && !(ended = loop.Step(kCodePollMs)).has_value()) {
    }
    if (stop.stopped()) return absl::CancelledError("interrupted");
    if (*ended == CURLE_OK) return absl::OkStatus();
    return ExplainFailure(*ended, curl_, url_, trace_);
  }

  int code() const { return curl_.StatusCode(); }
  const std::string& answer() const { return answer_; }

 private:
  static size_t OnBytes(char* bytes, size_t, size_t size, void* self) {
    std::string& answer = static_cast<CodeCall*>(self)->answer_;
    if (answer.size() + size > kMaxAnswerBytes) return 0;
    answer.append(bytes, size);
    return size;
  }

  void SetUp() {
    curl_.Set(CURLOPT_URL, url_.c_str());
    curl_.Set(CURLOPT_PROTOCOLS_STR, "http,https");
    curl_.Set(CURLOPT_NOPROXY, "*");
    curl_.Set(CURLOPT_NOSIGNAL, 1L);
    curl_.Set(CURLOPT_CONNECTTIMEOUT, kCodeConnectSeconds);
    curl_.Set(CURLOPT_TIMEOUT, kCodeSeconds);
    curl_.TrustEnvironment();
    if (!request_.ca.empty()) curl_.Set(CURLOPT_CAINFO, request_.ca.c_str());
    curl_.Set(CURLOPT_POST, 1L);
    curl_.Set(CURLOPT_POSTFIELDS, "");
    curl_.Set(CURLOPT_POSTFIELDSIZE, 0L);
    headers_.Add(absl::StrCat("Authorization: Bearer ", request_.token));
    curl_.Set(CURLOPT_HTTPHEADER, headers_.get());
    curl_.Set(CURLOPT_WRITEFUNCTION, &CodeCall::OnBytes);
    curl_.Set(CURLOPT_WRITEDATA, this);
    curl_.Set(CURLOPT_ERRORBUFFER, trace_.error);
  }

  const LoginLinkRequest& request_;
  const std::string url_;
  // What the handle writes to and reads from outlives it.
  HttpTrace trace_;
  CurlList headers_;
  std::string answer_;
  CurlHandle curl_;
};

// What a coordinator refuses with; else something that is none has answered.
absl::Status RefusalOf(int code, const Json& answer, const std::string& url) {
  constexpr int kUnauthorized = 401;
  const std::string said = answer.is_object() && answer.contains("error") &&
                                   answer["error"].is_object() &&
                                   answer["error"].contains("message") &&
                                   answer["error"]["message"].is_string()
                               ? answer["error"]["message"].get<std::string>()
                               : "";
  const std::string message =
      said.empty() ? absl::StrCat(url, " answers HTTP ", code,
                                  ": is a coordinator ", "there?")
                   : ClippedText(absl::StrCat(url, ": ", said), kMaxErrorBytes);
  if (code == kUnauthorized) return absl::UnauthenticatedError(message);
  return absl::FailedPreconditionError(message);
}

bool IsCode(const Json& code) {
  if (!code.is_string()) return false;
  const auto& text = code.get_ref<const std::string&>();
  return text.size() == kCodeDigits &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isxdigit(static_cast<unsigned char>(c));
         });
}

}  // namespace

std::string PageUrl(const Endpoint& http) {
  return absl::StrCat(http.tls ? "https://" : "http://", HostAndPort(http),
                      "/");
}

absl::StatusOr<std::string> MakeLoginLink(const LoginLinkRequest& request,
                                          StopSignal& stop) {
  constexpr int kOk = 200;
  const std::string page = PageUrl(request.http);
  CodeCall call(request, absl::StrCat(page, "api/v1/session/codes"));
  RETURN_IF_ERROR(call.Run(stop));
  const Json answer = Json::parse(call.answer(), nullptr, false);
  if (call.code() != kOk || !answer.is_object() || !answer.contains("code") ||
      !IsCode(answer["code"])) {
    return RefusalOf(call.code(), answer, page);
  }
  return absl::StrCat(page, "#login=", answer["code"].get<std::string>());
}

}  // namespace atelier
