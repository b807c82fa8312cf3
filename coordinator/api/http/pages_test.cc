#include "coordinator/api/http/pages.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class PagesTest : public ::testing::Test {
 protected:
  Page Get(absl::string_view path) { return MakePage(path, sources_); }

  absl::Status readiness_;
  PageSources sources_{[] { return std::string("atelier_workers 2\n"); },
                       [this] { return readiness_; }};
};

TEST_F(PagesTest, MetricsAreInPrometheusTextFormat) {
  const Page page = Get("/metrics");
  EXPECT_EQ(page.code, 200);
  EXPECT_THAT(page.content_type, HasSubstr("version=0.0.4"));
  EXPECT_EQ(page.body, "atelier_workers 2\n");
}

TEST_F(PagesTest, IsHealthyAlsoWhileItIsNotReady) {
  readiness_ = absl::UnavailableError("starting");
  EXPECT_EQ(Get("/healthz").code, 200);
}

TEST_F(PagesTest, IsReadyWhileCallsCanSucceed) {
  EXPECT_EQ(Get("/readyz").code, 200);
}

TEST_F(PagesTest, SaysWhyItIsNotReady) {
  readiness_ = absl::UnavailableError("the disk is full");
  const Page page = Get("/readyz");
  EXPECT_EQ(page.code, 503);
  EXPECT_THAT(page.body, HasSubstr("the disk is full"));
  readiness_ = absl::UnavailableError("\x1b[2J\u202e");
  EXPECT_EQ(Get("/readyz").body, "not ready: \\x1b[2J\\u202e\n");
}

TEST_F(PagesTest, AnUnknownPathIsAnsweredWithThePagesThereAre) {
  for (const char* path : {"/", "", "/metrics/", "/../etc/passwd"}) {
    SCOPED_TRACE(path);
    const Page page = Get(path);
    EXPECT_EQ(page.code, 404);
    EXPECT_THAT(page.body, AllOf(HasSubstr("/metrics"), HasSubstr("/healthz"),
                                 HasSubstr("/readyz")));
  }
}

}  // namespace
}  // namespace atelier
