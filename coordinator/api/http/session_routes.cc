#include "coordinator/api/http/session_routes.h"

#include <optional>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/quoted_text.h"
#include "common/status_macros.h"
#include "coordinator/access/login_codes.h"
#include "coordinator/api/http/request_fields.h"
#include "coordinator/api/http/session_cookie.h"
#include "coordinator/control/access.h"
#include "coordinator/control/caller.h"
#include "nlohmann/json.hpp"

namespace atelier {
namespace {

using Json = nlohmann::json;

constexpr char kPath[] = "/api/v1/session";

HttpReply JsonReply(const Json& json) {
  return {200, "application/json",
          json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n"};
}

// {"user": "anna", "has_token": true, "roles": ["submit"],
//  "may": ["submit-job", ...], "may_with_own": ["cancel-job", ...]}
Json SessionOf(const Caller& caller) {
  Json roles = Json::array();
  for (const Role role :
       {Role::kRead, Role::kSubmit, Role::kWork, Role::kAdmin}) {
    if (caller.roles.Has(role)) roles.push_back(std::string(Name(role)));
  }
  const bool is_admin = caller.roles.Has(Role::kAdmin);
  Json may = Json::array();
  Json may_with_own = Json::array();
  for (const AccessRule& rule : AccessRules()) {
    if (is_admin || caller.roles.Overlaps(rule.any)) {
      may.push_back(std::string(rule.action));
    } else if (caller.roles.Overlaps(rule.own)) {
      may_with_own.push_back(std::string(rule.action));
    }
  }
  return {{"user", caller.name},
          {"has_token", !caller.accessor.empty()},
          {"roles", std::move(roles)},
          {"may", std::move(may)},
          {"may_with_own", std::move(may_with_own)}};
}

HttpReply ShowSession(const HttpRequest& request) {
  return JsonReply(SessionOf(request.caller));
}

// Where no tokens are asked for, there is none to keep.
HttpReply BeginSession(const HttpRequest& request) {
  HttpReply reply = ShowSession(request);
  if (!request.caller.accessor.empty()) {
    reply.headers.push_back(
        {"Set-Cookie", KeepSession(TokenOf(request), request.is_tls)});
  }
  return reply;
}

HttpReply EndSession(const HttpRequest& request) {
  HttpReply reply = JsonReply(Json::object());
  reply.headers.push_back({"Set-Cookie", DropSession(request.is_tls)});
  return reply;
}

HttpReply MakeCode(LoginCodes& codes, const HttpRequest& request) {
  if (request.caller.accessor.empty()) {
    return ErrorReply(request.path,
                      absl::FailedPreconditionError(
                          "this coordinator asks for no token: no code is "
                          "needed"));
  }
  return JsonReply({{"code", codes.Create(TokenOf(request))},
                    {"seconds", absl::ToInt64Seconds(LoginCodes::kLifetime)}});
}

absl::StatusOr<std::string> CodeIn(const HttpRequest& request) {
  RETURN_IF_ERROR(CheckJsonBody(request));
  const Json body = Json::parse(request.body, nullptr, false);
  if (!body.is_object() || body.size() != 1 || !body.contains("code") ||
      !body["code"].is_string()) {
    return absl::InvalidArgumentError(
        "body: is not {\"code\": \"...\"}, which alone is allowed");
  }
  return body["code"].get<std::string>();
}

HttpReply Login(LoginCodes& codes, const HttpRequest& request) {
  const absl::StatusOr<std::string> code = CodeIn(request);
  if (!code.ok()) return ErrorReply(request.path, code.status());
  const std::optional<std::string> token = codes.Take(*code);
  if (!token.has_value()) {
    return ErrorReply(
        request.path,
        absl::UnauthenticatedError(
            "code: was used, is too old or was never made; log in with a "
            "token, or have another link made"));
  }
  HttpReply reply = JsonReply(Json::object());
  reply.headers.push_back({"Set-Cookie", KeepSession(*token, request.is_tls)});
  return reply;
}

HttpRoute Route(HttpMethod method, std::string path,
                std::function<HttpReply(const HttpRequest&)> answer,
                bool is_open = false) {
  HttpRoute route;
  route.path = std::move(path);
  route.lane = HttpLane::kInline;
  route.handle = Answering(std::move(answer));
  route.is_open = is_open;
  route.method = method;
  route.takes_token = method == HttpMethod::kPost;
  return route;
}

}  // namespace

std::vector<HttpRoute> SessionRoutes(LoginCodes& codes) {
  const std::string path = kPath;
  return {Route(HttpMethod::kGet, path, ShowSession),
          Route(HttpMethod::kPost, path, BeginSession),
          Route(HttpMethod::kDelete, path, EndSession, /*is_open=*/true),
          Route(HttpMethod::kPost, path + "/codes",
                [&codes](const HttpRequest& request) {
                  return MakeCode(codes, request);
                }),
          Route(
              HttpMethod::kPost, path + "/login",
              [&codes](const HttpRequest& request) {
                return Login(codes, request);
              },
              /*is_open=*/true)};
}

}  // namespace atelier
