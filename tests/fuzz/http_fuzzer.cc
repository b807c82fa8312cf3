// Any bytes as what a browser sends: parsed within the server's bounds, and
// made, with its body, into the request of an endpoint.
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "atelier/v1/jobs.pb.h"
#include "boost/asio/buffer.hpp"
#include "boost/beast/http/parser.hpp"
#include "boost/beast/http/string_body.hpp"
#include "coordinator/api/http/http_message.h"
#include "coordinator/api/http/http_server_options.h"
#include "coordinator/api/http/own_host.h"
#include "coordinator/api/http/request_fields.h"
#include "coordinator/api/http/session_cookie.h"

namespace http = boost::beast::http;

namespace atelier {
namespace {

void Handle(absl::string_view target, HttpRequest request) {
  if (!ParseTarget(target, request).ok()) return;
  MayBeOfAnotherSite(request);
  v1::SetJobPriorityRequest priority;
  FillRequestWithBody(request, priority).IgnoreError();
  v1::ListTasksRequest tasks;
  FillRequest(request, tasks).IgnoreError();
  v1::ListJobsRequest jobs;
  FillRequest(request, jobs).IgnoreError();
  ErrorReply(request.path, absl::NotFoundError(target));
}

}  // namespace
}  // namespace atelier

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const atelier::HttpServerOptions options;
  http::request_parser<http::string_body> parser;
  parser.header_limit(options.max_header_bytes);
  parser.body_limit(options.max_body_bytes);
  boost::system::error_code error;
  parser.put(boost::asio::buffer(data, size), error);
  if (!parser.is_header_done()) return 0;
  const auto host = parser.get()[http::field::host];
  atelier::IsOwnHost({host.data(), host.size()}, {"farm"});
  const auto cookies = parser.get()[http::field::cookie];
  atelier::HttpRequest request;
  request.method = atelier::HttpMethod::kPost;
  request.session = atelier::SessionIn({cookies.data(), cookies.size()});
  request.origin = std::string(parser.get()[http::field::origin]);
  request.host = std::string(host);
  request.content_type = "application/json";
  request.body = parser.get().body();
  const auto target = parser.get().target();
  atelier::Handle({target.data(), target.size()}, std::move(request));
  return 0;
}
