// `atelier quota` and what `atelier token` says of slots, against a coordinator
// that only remembers.
#include <cstdint>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "atelier/v1/access.grpc.pb.h"
#include "client/cli/app.h"
#include "client/cli/environment_testing.h"
#include "client/lib/fake_jobs.h"
#include "common/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/in_process_server.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

void Bound(int64_t used, int64_t most, bool is_set, v1::QuotaBound& bound) {
  bound.set_used(used);
  bound.set_most(most);
  bound.set_is_set(is_set);
}

v1::Quota AnnasQuota() {
  v1::Quota quota;
  quota.set_user("anna");
  Bound(90, 100, true, *quota.mutable_queued_tasks());
  Bound(3, 0, true, *quota.mutable_running_tasks());
  Bound(5, 7, false, *quota.mutable_artifact_bytes());
  return quota;
}

class FakeAccess : public v1::Access::Service {
 public:
  grpc::Status SetQuota(grpc::ServerContext* /*context*/,
                        const v1::SetQuotaRequest* request,
                        v1::Quota* response) override {
    absl::MutexLock lock(&mutex_);
    quota_ = *request;
    *response = AnnasQuota();
    return grpc::Status::OK;
  }
  grpc::Status ListQuotas(grpc::ServerContext* /*context*/,
                          const v1::ListQuotasRequest* /*request*/,
                          v1::ListQuotasResponse* response) override {
    *response->add_quotas() = AnnasQuota();
    Bound(1, 0, false, *response->add_quotas()->mutable_queued_tasks());
    return grpc::Status::OK;
  }
  grpc::Status CreateToken(grpc::ServerContext* /*context*/,
                           const v1::CreateTokenRequest* request,
                           v1::CreateTokenResponse* response) override {
    response->set_token("atl_w");
    response->mutable_description()->set_max_slots(request->max_slots());
    return grpc::Status::OK;
  }
  v1::SetQuotaRequest quota() const {
    absl::MutexLock lock(&mutex_);
    return quota_;
  }

 private:
  mutable absl::Mutex mutex_;
  v1::SetQuotaRequest quota_ ABSL_GUARDED_BY(mutex_);
};

class QuotaCommandTest : public ::testing::Test {
 protected:
  int Run(const std::vector<std::string>& arguments) {
    out_.str("");
    err_.str("");
    return RunAtelier(arguments, environment_);
  }

  FakeAccess access_;
  FakeJobs jobs_;
  InProcessServer server_{&access_, &jobs_};
  std::ostringstream out_;
  std::ostringstream err_;
  Interruption interruption_;
  FakeClock clock_{absl::UnixEpoch()};
  Environment environment_ = EnvironmentOver(server_, out_, err_, interruption_,
                                             clock_, /*columns=*/0);
};

TEST_F(QuotaCommandTest, WhatIsNotGivenStays) {
  ASSERT_EQ(Run({"quota", "set", "--user", "anna", "--max-queued", "100"}), 0)
      << err_.str();
  EXPECT_EQ(access_.quota().user(), "anna");
  EXPECT_EQ(access_.quota().max_queued_tasks(), 100);
  EXPECT_FALSE(access_.quota().has_max_running_tasks());
  EXPECT_FALSE(access_.quota().has_max_artifact_bytes());
  EXPECT_THAT(err_.str(),
              HasSubstr("anna: queued tasks 90 of 100, running tasks 3 of any, "
                        "artifact bytes 5 of 7 (default)"));
}

TEST_F(QuotaCommandTest, NoneLiftsABoundAndDefaultLeavesItToTheFlag) {
  ASSERT_EQ(Run({"quota", "set", "--user", "anna", "--max-queued", "none",
                 "--max-running", "default", "--max-bytes", "10GB"}),
            0)
      << err_.str();
  EXPECT_TRUE(access_.quota().has_max_queued_tasks());
  EXPECT_EQ(access_.quota().max_queued_tasks(), 0);
  EXPECT_EQ(access_.quota().max_running_tasks(), -1);
  EXPECT_EQ(access_.quota().max_artifact_bytes(), int64_t{10} << 30);
}

TEST_F(QuotaCommandTest, SizesHaveUnits) {
  const std::vector<std::pair<std::string, int64_t>> kSizes = {
      {"1", 1},
      {"12b", 12},
      {"3k", 3 << 10},
      {"3KB", 3 << 10},
      {"4m", 4 << 20},
      {"5G", int64_t{5} << 30},
      {"2TB", int64_t{2} << 40}};
  for (const auto& [text, bytes] : kSizes) {
    SCOPED_TRACE(text);
    EXPECT_EQ(Run({"quota", "set", "--user", "a", "--max-bytes", text}), 0);
    EXPECT_EQ(access_.quota().max_artifact_bytes(), bytes);
  }
}

TEST_F(QuotaCommandTest, WhatIsNoBoundIsOneLineAndExitsTwo) {
  const std::vector<std::pair<std::vector<std::string>, const char*>> kCases = {
      {{"--max-queued", "0"}, "--max-queued: '0' is not allowed; a number"},
      {{"--max-queued", "many"}, "--max-queued: 'many' is not allowed"},
      {{"--max-running", "-1"}, "--max-running: '-1' is not allowed"},
      {{"--max-bytes", "GB"}, "--max-bytes: 'GB' is not allowed; a size"},
      {{"--max-bytes", "9999999999G"}, "--max-bytes: '9999999999G'"},
      {{"--max-bytes", "1.5G"}, "--max-bytes: '1.5G'"},
      {{}, "nothing to set: give --max-queued, --max-running or --max-bytes"},
  };
  for (const auto& [flags, message] : kCases) {
    SCOPED_TRACE(message);
    std::vector<std::string> arguments = {"quota", "set", "--user", "anna"};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    EXPECT_EQ(Run(arguments), 2);
    EXPECT_THAT(err_.str(), HasSubstr(message));
    EXPECT_THAT(out_.str(), IsEmpty());
  }
}

TEST_F(QuotaCommandTest, ListsUseBesideBounds) {
  ASSERT_EQ(Run({"quota", "list"}), 0) << err_.str();
  EXPECT_EQ(out_.str(),
            "USER    QUEUED TASKS        RUNNING TASKS       ARTIFACT BYTES\n"
            "anna    90 of 100           3 of any            5 of 7 (default)\n"
            "(none)  1 of any (default)  0 of any (default)  0 of any "
            "(default)\n");
  ASSERT_EQ(Run({"quota", "list", "--json"}), 0) << err_.str();
  EXPECT_THAT(
      out_.str(),
      HasSubstr("{\"quotas\":[{\"user\":\"anna\",\"queued_tasks\":90,"
                "\"max_queued_tasks\":100,\"max_queued_tasks_is_set\":true,"
                "\"running_tasks\":3,\"max_running_tasks\":null,"
                "\"max_running_tasks_is_set\":true,\"artifact_bytes\":5,"
                "\"max_artifact_bytes\":7,"
                "\"max_artifact_bytes_is_set\":false},{\"user\":null,"));
}

TEST_F(QuotaCommandTest, ATokenTakesItsSlots) {
  ASSERT_EQ(
      Run({"token", "create", "--role", "work", "--max-slots", "4", "--json"}),
      0)
      << err_.str();
  EXPECT_THAT(out_.str(), HasSubstr("\"max_slots\":4"));
  EXPECT_EQ(Run({"token", "create", "--role", "work", "--max-slots", "0"}), 2);
}

}  // namespace
}  // namespace atelier
