#include "coordinator/api/http/pages.h"

#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "coordinator/api/http/http_server_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;

class PagesTest : public HttpServerFixture {
 protected:
  void SetUp() override { Start(); }
  std::vector<HttpRoute> Routes() override {
    return PageRoutes({[] { return std::string("atelier_workers 2\n"); },
                       [this] { return readiness(); }});
  }

  absl::Status readiness() {
    absl::MutexLock lock(&mutex_);
    return readiness_;
  }
  void SetReadiness(absl::Status status) {
    absl::MutexLock lock(&mutex_);
    readiness_ = std::move(status);
  }

 private:
  absl::Mutex mutex_;
  absl::Status readiness_ ABSL_GUARDED_BY(mutex_);
};

TEST_F(PagesTest, MetricsAreInPrometheusTextFormat) {
  const HttpAnswer page = Get("/metrics");
  EXPECT_EQ(page.code, 200);
  EXPECT_THAT(page.head, HasSubstr("version=0.0.4"));
  EXPECT_EQ(page.body, "atelier_workers 2\n");
}

TEST_F(PagesTest, IsHealthyAlsoWhileItIsNotReady) {
  SetReadiness(absl::UnavailableError("starting"));
  EXPECT_EQ(Get("/healthz").code, 200);
}

TEST_F(PagesTest, IsReadyWhileCallsCanSucceed) {
  EXPECT_EQ(Get("/readyz").code, 200);
}

TEST_F(PagesTest, SaysWhyItIsNotReady) {
  SetReadiness(absl::UnavailableError("the disk is full"));
  const HttpAnswer page = Get("/readyz");
  EXPECT_EQ(page.code, 503);
  EXPECT_THAT(page.body, HasSubstr("the disk is full"));
  SetReadiness(absl::UnavailableError("\x1b[2J\u202e"));
  EXPECT_EQ(Get("/readyz").body, "not ready: \\x1b[2J\\u202e\n");
}

TEST_F(PagesTest, AnUnknownPathIsAnsweredWithThePagesThereAre) {
  for (const char* path : {"/", "/metrics/", "/../etc/passwd"}) {
    SCOPED_TRACE(path);
    const HttpAnswer page = Get(path);
    EXPECT_EQ(page.code, 404);
    EXPECT_EQ(page.body,
              "path: there is none; allowed: /metrics, /healthz, /readyz\n");
  }
}

}  // namespace
}  // namespace atelier
