#include "coordinator/api/http/pages.h"

#include "absl/strings/str_cat.h"
#include "common/quoted_text.h"

namespace atelier {
namespace {

constexpr char kPlain[] = "text/plain; charset=utf-8";
constexpr char kPrometheus[] = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace

Page MakePage(absl::string_view path, const PageSources& sources) {
  if (path == "/metrics") return {200, kPrometheus, sources.metrics()};
  if (path == "/healthz") return {200, kPlain, "ok\n"};
  if (path == "/readyz") {
    const absl::Status status = sources.readiness();
    if (status.ok()) return {200, kPlain, "ready\n"};
    return {503, kPlain,
            absl::StrCat("not ready: ", EscapedText(status.message()), "\n")};
  }
  return {404, kPlain, "no such page; try /metrics, /healthz or /readyz\n"};
}

}  // namespace atelier
