#include "coordinator/api/http/pages.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/quoted_text.h"
#include "coordinator/control/access.h"

namespace atelier {
namespace {

constexpr char kPlain[] = "text/plain; charset=utf-8";
constexpr char kPrometheus[] = "text/plain; version=0.0.4; charset=utf-8";

HttpReply ReadyPage(const absl::Status& status) {
  if (status.ok()) return {200, kPlain, "ready\n"};
  return {503, kPlain,
          absl::StrCat("not ready: ", EscapedText(status.message()), "\n")};
}

}  // namespace

std::vector<HttpRoute> PageRoutes(PageSources sources) {
  return {
      {"/metrics", HttpLane::kPages,
       Answering(
           [metrics = std::move(sources.metrics),
            is_open = sources.metrics_are_open](const HttpRequest& request) {
             const absl::Status may =
                 is_open ? absl::OkStatus()
                         : CheckAccess(request.caller, Verb::kReadMetrics);
             if (!may.ok()) return ErrorReply(request.path, may);
             return HttpReply{200, kPrometheus, metrics()};
           }),
       sources.metrics_are_open},
      {"/healthz", HttpLane::kInline, Answering([](const HttpRequest&) {
         return HttpReply{200, kPlain, "ok\n"};
       }),
       /*is_open=*/true},
      {"/readyz", HttpLane::kPages,
       Answering([readiness = std::move(sources.readiness)](
                     const HttpRequest&) { return ReadyPage(readiness()); }),
       /*is_open=*/true},
  };
}

}  // namespace atelier
