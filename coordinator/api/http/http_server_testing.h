// An HttpServer with short deadlines, for tests.
#ifndef ATELIER_COORDINATOR_API_HTTP_HTTP_SERVER_TESTING_H_
#define ATELIER_COORDINATOR_API_HTTP_HTTP_SERVER_TESTING_H_

#include <future>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "coordinator/api/http/http_server.h"
#include "gtest/gtest.h"
#include "tests/testing/http_client.h"

namespace atelier {

/// "/healthz" and "/readyz" say so, "/slow" blocks until Release, "/big" is
/// `kBigBytes` long, "/silent" is never answered.
class HttpServerFixture : public ::testing::Test {
 protected:
  static constexpr size_t kBigBytes = 32 << 20;

  // Handlers use what derived fixtures have.
  void TearDown() override {
    Release();
    server_.reset();
  }

  void Start() {
    server_ = *HttpServer::Start({"127.0.0.1", 0}, Routes(), options_);
  }
  /// Lets "/slow" answer, now and later.
  void Release() {
    if (!std::exchange(is_released_, true)) release_.set_value();
  }
  /// The exchanges of "/silent" so far, which are the caller's now.
  std::vector<std::shared_ptr<HttpExchange>> TakeSilent() {
    absl::MutexLock lock(&mutex_);
    return std::exchange(silent_, {});
  }
  void AwaitSilent(size_t count) {
    const auto have_come = [this, count]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
      return silent_.size() >= count;
    };
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&have_come));
  }
  const Endpoint& At() const { return server_->listening(); }
  HttpAnswer Get(absl::string_view target) { return HttpGet(At(), target); }

  virtual std::vector<HttpRoute> Routes() {
    const auto says = [](const char* text) {
      return Answering([text](const HttpRequest&) {
        return HttpReply{200, "text/plain", text};
      });
    };
    return {
        {"/healthz", HttpLane::kInline, says("ok\n")},
        {"/readyz", HttpLane::kPages, says("ready\n")},
        {"/slow", HttpLane::kBlocking, Answering([this](const HttpRequest&) {
           released_.wait();
           return HttpReply{200, "text/plain", "slow\n"};
         })},
        {"/big", HttpLane::kInline, Answering([](const HttpRequest&) {
           return HttpReply{200, "text/plain", std::string(kBigBytes, 'x')};
         })},
        {"/silent", HttpLane::kInline,
         [this](std::shared_ptr<HttpExchange> exchange) {
           absl::MutexLock lock(&mutex_);
           silent_.push_back(std::move(exchange));
         }},
        TakingMore(),
    };
  }

  /// Takes kLargeBytes, and says how many came.
  static constexpr uint64_t kLargeBytes = 200'000;
  static HttpRoute TakingMore() {
    HttpRoute route;
    route.path = "/large";
    route.method = HttpMethod::kPost;
    route.lane = HttpLane::kInline;
    route.max_body_bytes = kLargeBytes;
    route.handle = Answering([](const HttpRequest& request) {
      return HttpReply{200, "text/plain", std::to_string(request.body.size())};
    });
    return route;
  }

  HttpServerOptions options_;
  std::promise<void> release_;
  std::shared_future<void> released_{release_.get_future()};
  bool is_released_ = false;
  absl::Mutex mutex_;
  std::vector<std::shared_ptr<HttpExchange>> silent_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<HttpServer> server_;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_HTTP_HTTP_SERVER_TESTING_H_
