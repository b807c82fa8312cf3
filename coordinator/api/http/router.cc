#include "coordinator/api/http/router.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/status_macros.h"
#include "coordinator/api/http/session_cookie.h"

namespace atelier {
namespace {

constexpr int kMaxWaitingPages = 100;

bool IsName(const std::string& segment) {
  return absl::StartsWith(segment, "{") && absl::EndsWith(segment, "}");
}

absl::Status NoSuchPage(const std::vector<std::string>& paths) {
  return absl::NotFoundError(absl::StrCat("path: there is none; allowed: ",
                                          absl::StrJoin(paths, ", ")));
}

// Fills in what the route's names stand for.
bool Matches(const std::vector<std::string>& route,
             const std::vector<std::string>& given,
             HttpRequest::Fields& fields) {
  if (route.size() != given.size()) return false;
  fields.clear();
  for (size_t i = 0; i < route.size(); ++i) {
    if (IsName(route[i])) {
      if (given[i].empty()) return false;
      fields.emplace_back(route[i].substr(1, route[i].size() - 2), given[i]);
    } else if (route[i] != given[i]) {
      return false;
    }
  }
  return true;
}

absl::Status NotThisSite() {
  return absl::PermissionDeniedError(
      "Origin: another site's page may have made this request; allowed: pages "
      "of this server, and programs");
}

absl::Status NotOurHost() {
  return absl::InvalidArgumentError(
      "Host: is not this server's; allowed without a token: localhost, "
      "127.0.0.1, [::1], the host of --http and this machine's name");
}

}  // namespace

HttpHandler Answering(std::function<HttpReply(const HttpRequest&)> reply) {
  return [reply = std::move(reply)](std::shared_ptr<HttpExchange> exchange) {
    exchange->Answer(reply(exchange->request()));
  };
}

Router::Router(std::vector<HttpRoute> routes, const HttpServerOptions& options)
    : authenticate_(options.authenticate),
      max_body_bytes_(options.max_body_bytes),
      admission_(options.admission),
      on_denied_(
          options.on_denied == nullptr
              ? nullptr
              : std::make_shared<const std::function<void(
                    const Caller&, const std::string&)>>(options.on_denied)),
      bodies_(options),
      pages_(1, kMaxWaitingPages),
      blocking_(options.blocking_threads, options.max_waiting) {
  for (HttpRoute& route : routes) {
    std::vector<std::string> segments =
        absl::StrSplit(absl::string_view(route.path).substr(1), '/');
    entries_.push_back({std::move(route), std::move(segments)});
  }
}

const Router::Entry* Router::Find(const HttpRequest& request,
                                  HttpRequest::Fields& fields,
                                  std::vector<HttpMethod>& methods) const {
  for (const Entry& entry : entries_) {
    if (!Matches(entry.segments, request.segments, fields)) continue;
    if (entry.route.method == request.method) return &entry;
    methods.push_back(entry.route.method);
  }
  return nullptr;
}

uint64_t Router::MaxBodyBytes(const HttpRequest& request) const {
  HttpRequest::Fields fields;
  std::vector<HttpMethod> methods;
  const Entry* const entry = Find(request, fields, methods);
  if (entry == nullptr || entry->route.max_body_bytes == 0) {
    return max_body_bytes_;
  }
  return entry->route.max_body_bytes;
}

HttpReply Router::NoRoute(const HttpRequest& request,
                          const std::vector<HttpMethod>& methods) const {
  if (!methods.empty()) return MethodReply(request.path, methods);
  std::vector<std::string> paths;
  for (const Entry& one : entries_) {
    const std::string& path = one.route.path;
    const bool is_new = paths.empty() || paths.back() != path;
    if (one.route.is_named && is_new) paths.push_back(path);
  }
  return ErrorReply(request.path, NoSuchPage(paths));
}

bool Router::Admit(const std::shared_ptr<HttpExchange>& exchange,
                   const Entry* entry) {
  const CallKind kind = entry == nullptr ? CallKind::kShort : entry->route.kind;
  HttpRequest& request = exchange->request();
  absl::StatusOr<Caller> known = authenticate_(request);
  Admission admitted =
      admission_ == nullptr
          ? Admission{std::move(known)}
          : admission_->Admit(std::move(known), request.client, kind);
  if (!admitted.caller.ok()) {
    const auto answer = [exchange, status = admitted.caller.status()] {
      exchange->Answer(ErrorReply(exchange->request().path, status));
    };
    if (admission_ == nullptr) {
      answer();
    } else {
      admission_->Refuse(admitted, answer);
    }
    return false;
  }
  request.caller = *std::move(admitted.caller);
  request.meter = std::move(admitted.meter);
  if (entry == nullptr || !entry->route.takes_token) {
    request.authorization.clear();
    request.session.clear();
  }
  request.on_denied = on_denied_;
  return true;
}

void Router::Handle(const std::shared_ptr<HttpExchange>& exchange) {
  HttpRequest& request = exchange->request();
  std::vector<HttpMethod> methods;
  const Entry* const entry = Find(request, request.path_fields, methods);
  const bool is_open = entry != nullptr && entry->route.is_open;
  // Before anybody is asked who it is: its cookie is not its word.
  if (MayBeOfAnotherSite(request)) {
    exchange->Answer(ErrorReply(request.path, NotThisSite()));
    return;
  }
  if (!is_open && !Admit(exchange, entry)) return;
  if (is_open && request.is_for_another_host) {
    request.caller = authenticate_(request).value_or(Caller());
  }
  // No page of another site has a token.
  if (request.is_for_another_host && request.caller.accessor.empty()) {
    exchange->Answer(ErrorReply(request.path, NotOurHost(), 421));
    return;
  }
  if (entry == nullptr) {
    exchange->Answer(NoRoute(request, methods));
    return;
  }
  if (request.has_unread_body) return TakeBody(*entry, exchange);
  Run(*entry, exchange);
}

void Router::TakeBody(const Entry& entry,
                      const std::shared_ptr<HttpExchange>& exchange) {
  HttpRequest& request = exchange->request();
  const uint64_t most = MaxBodyBytes(request);
  const auto admit = [&]() -> absl::Status {
    if (entry.route.verb.has_value()) {
      RETURN_IF_ERROR(CheckAccess(request.caller, *entry.route.verb));
    }
    if (entry.route.reads_body) return absl::OkStatus();
    ASSIGN_OR_RETURN(request.body_hold,
                     bodies_.Take(request.content_length.value_or(most)));
    return absl::OkStatus();
  };
  if (const absl::Status status = admit(); !status.ok()) {
    exchange->Answer(ErrorReply(request.path, status));
    return;
  }
  if (entry.route.reads_body) return Run(entry, exchange);
  // One more, so that it is read to its end.
  exchange->ReadBody(
      most + 1, [this, &entry, exchange](absl::StatusOr<std::string> body) {
        if (!body.ok()) return;  // There is nobody to answer.
        exchange->request().body = *std::move(body);
        exchange->request().has_unread_body = false;
        Run(entry, exchange);
      });
}

void Router::Run(const Entry& entry,
                 const std::shared_ptr<HttpExchange>& exchange) {
  const HttpHandler& handle = entry.route.handle;
  if (entry.route.lane == HttpLane::kInline) return handle(exchange);
  BoundedPool& pool = entry.route.lane == HttpLane::kPages ? pages_ : blocking_;
  const bool is_taken = pool.TrySchedule([&handle, exchange] {
    if (exchange->IsOpen()) handle(exchange);
  });
  if (is_taken) return;
  exchange->Answer(ErrorReply(
      exchange->request().path,
      absl::UnavailableError("too many requests wait; repeat later")));
}

}  // namespace atelier
