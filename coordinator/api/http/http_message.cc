#include "coordinator/api/http/http_message.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/time.h"
#include "common/quoted_text.h"
#include "common/retry_after.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

int HexValue(char c) {
  if (absl::ascii_isdigit(c)) return c - '0';
  return absl::ascii_tolower(c) - 'a' + 10;
}

absl::StatusOr<std::string> Decoded(absl::string_view text,
                                    bool plus_is_space) {
  std::string decoded;
  decoded.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus_is_space) {
      decoded += ' ';
    } else if (text[i] != '%') {
      decoded += text[i];
    } else if (i + 2 < text.size() && absl::ascii_isxdigit(text[i + 1]) &&
               absl::ascii_isxdigit(text[i + 2])) {
      decoded +=
          static_cast<char>(HexValue(text[i + 1]) * 16 + HexValue(text[i + 2]));
      i += 2;
    } else {
      return InvalidArgument("target: ", Quoted(text),
                             " is not allowed; two hex digits after each %");
    }
  }
  return decoded;
}

// REQUIRES: the text is escaped already, so that only quotes and backslashes
// are left to escape.
std::string JsonString(absl::string_view text) {
  return absl::StrCat(
      "\"", absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"\"", "\\\""}}), "\"");
}

}  // namespace

absl::string_view Name(HttpMethod method) {
  switch (method) {
    case HttpMethod::kGet:
      return "GET";
    case HttpMethod::kPost:
      return "POST";
    case HttpMethod::kPut:
      return "PUT";
    case HttpMethod::kDelete:
      return "DELETE";
  }
  return "";
}

absl::Status ParseTarget(absl::string_view target, HttpRequest& request) {
  for (absl::string_view scheme : {"http://", "https://"}) {
    if (!absl::ConsumePrefix(&target, scheme)) continue;
    const size_t slash = target.find('/');
    target = slash == absl::string_view::npos ? "/" : target.substr(slash);
  }
  if (!absl::StartsWith(target, "/")) {
    return InvalidArgument("target: ", Quoted(target),
                           " is not allowed; a path that begins with /");
  }
  target = target.substr(0, target.find('#'));
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(target, absl::MaxSplits('?', 1));
  request.path = std::string(parts.first);
  for (absl::string_view segment : absl::StrSplit(parts.first.substr(1), '/')) {
    ASSIGN_OR_RETURN(request.segments.emplace_back(), Decoded(segment, false));
  }
  for (absl::string_view field :
       absl::StrSplit(parts.second, '&', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> pair =
        absl::StrSplit(field, absl::MaxSplits('=', 1));
    ASSIGN_OR_RETURN(std::string name, Decoded(pair.first, true));
    ASSIGN_OR_RETURN(std::string value, Decoded(pair.second, true));
    request.query.emplace_back(std::move(name), std::move(value));
  }
  return absl::OkStatus();
}

int HttpCode(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kOk:
      return 200;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange:
      return 400;
    case absl::StatusCode::kUnauthenticated:
      return 401;
    case absl::StatusCode::kPermissionDenied:
      return 403;
    case absl::StatusCode::kNotFound:
      return 404;
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kAborted:
      return 409;
    case absl::StatusCode::kResourceExhausted:
      return 429;
    case absl::StatusCode::kCancelled:
      return 499;
    case absl::StatusCode::kUnimplemented:
      return 501;
    case absl::StatusCode::kUnavailable:
      return 503;
    case absl::StatusCode::kDeadlineExceeded:
      return 504;
    default:  // Internal, Unknown, DataLoss.
      return 500;
  }
}

HttpReply ErrorReply(absl::string_view path, const absl::Status& status) {
  return ErrorReply(path, status, HttpCode(status.code()));
}

HttpReply ErrorReply(absl::string_view path, const absl::Status& status,
                     int code) {
  HttpReply reply;
  reply.code = code;
  const std::string message = ClippedText(status.message(), kMaxErrorBytes);
  if (absl::StartsWith(path, "/api/")) {
    reply.content_type = "application/json";
    reply.body = absl::StrCat("{\"error\": {\"code\": \"",
                              absl::StatusCodeToString(status.code()),
                              "\", \"message\": ", JsonString(message), "}}\n");
  } else {
    reply.content_type = "text/plain; charset=utf-8";
    reply.body = absl::StrCat(message, "\n");
  }
  if (code == 401) reply.headers.push_back({"WWW-Authenticate", "Bearer"});
  if (code == 429 || code == 503) {
    const absl::Duration wait = RetryAfterOf(status).value_or(absl::Seconds(1));
    reply.headers.push_back(
        {"Retry-After", absl::StrCat(absl::ToInt64Seconds(
                            absl::Ceil(wait, absl::Seconds(1))))});
  }
  return reply;
}

HttpReply MethodReply(absl::string_view path,
                      const std::vector<HttpMethod>& allowed) {
  std::vector<absl::string_view> names;
  for (const HttpMethod method : allowed) {
    names.push_back(Name(method));
    if (method == HttpMethod::kGet) names.push_back("HEAD");
  }
  const std::string list = absl::StrJoin(names, ", ");
  HttpReply reply = ErrorReply(
      path,
      absl::UnimplementedError(absl::StrCat("method: allowed here: ", list)),
      405);
  reply.headers.push_back({"Allow", list});
  return reply;
}

}  // namespace atelier
