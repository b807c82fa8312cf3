#include "coordinator/api/http/page_routes.h"

#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace atelier {
namespace {

std::string TypeOfFile(absl::string_view name) {
  if (absl::EndsWith(name, ".html")) return "text/html; charset=utf-8";
  if (absl::EndsWith(name, ".css")) return "text/css; charset=utf-8";
  if (absl::EndsWith(name, ".svg")) return "image/svg+xml";
  return "text/javascript; charset=utf-8";
}

HttpReply FileReply(const PageFile& file) {
  HttpReply reply = {200, TypeOfFile(file.name), std::string(file.text)};
  reply.headers = {
      {"Content-Security-Policy",
       "default-src 'self'; base-uri 'none'; form-action 'none'; "
       "frame-ancestors 'none'; object-src 'none'"},
      {"Referrer-Policy", "no-referrer"},
  };
  return reply;
}

}  // namespace

std::vector<HttpRoute> PageFileRoutes(absl::Span<const PageFile> files) {
  std::vector<HttpRoute> routes;
  for (const PageFile& file : files) {
    HttpRoute route;
    route.path =
        file.name == "index.html" ? "/" : absl::StrCat("/page/", file.name);
    route.lane = HttpLane::kInline;
    route.handle =
        Answering([file](const HttpRequest&) { return FileReply(file); });
    route.is_open = true;
    route.is_named = file.name == "index.html";
    routes.push_back(std::move(route));
  }
  return routes;
}

}  // namespace atelier
