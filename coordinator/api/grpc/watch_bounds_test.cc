// How many calls may watch jobs, of all callers and of one.
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "coordinator/access/admission_control.h"
#include "coordinator/api/grpc/service_fixture_testing.h"
#include "gmock/gmock.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;

class WatchBoundsTest : public ServiceFixture {
 protected:
  static constexpr int kMost = 5;

  void SetUp() override {
    ServiceFixture::SetUp();
    PutInputs();
    request_.set_job_id(MustSubmit(SmallJob()).job_id());
  }
  void TearDown() override {
    for (const auto& context : contexts_) context->TryCancel();
    ServiceFixture::TearDown();
  }

  /// Whether a call more may watch.
  bool Watch() {
    contexts_.push_back(std::make_unique<grpc::ClientContext>());
    streams_.push_back(jobs_->WatchJob(contexts_.back().get(), request_));
    v1::JobSnapshot snapshot;
    return streams_.back()->Read(&snapshot);
  }
  void ExpectBound(const std::string& flag) {
    for (int i = 0; i < kMost; ++i) ASSERT_TRUE(Watch());
    ASSERT_FALSE(Watch());
    const grpc::Status status = streams_.back()->Finish();
    EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
    EXPECT_THAT(status.error_message(), HasSubstr(flag));

    contexts_[0]->TryCancel();
    streams_[0]->Finish();
    while (!Watch()) streams_.back()->Finish();  // Until its place is free.
  }

  v1::WatchJobRequest request_;
  std::vector<std::unique_ptr<grpc::ClientContext>> contexts_;
  std::vector<std::unique_ptr<grpc::ClientReader<v1::JobSnapshot>>> streams_;
};

class AllWatchesTest : public WatchBoundsTest {
  void Adjust(ServerOptions& options) override { options.max_watches = kMost; }
};

class WatchesOfACallerTest : public WatchBoundsTest {
  void Adjust(ServerOptions& options) override {
    AdmissionOptions admission;
    admission.limits.max_streams = kMost;
    admission_.emplace(Clock::Real(), std::move(admission));
    options.admission = &*admission_;
    options.authenticate = [](const grpc::CallbackServerContext&) {
      Caller anna{"anna", {Role::kAdmin}};
      anna.accessor = "a22a";
      return anna;
    };
  }
  std::optional<AdmissionControl> admission_;
};

TEST_F(AllWatchesTest, AreBounded) { ExpectBound("(--max-watches)"); }

TEST_F(WatchesOfACallerTest, AreBounded) {
  ExpectBound("(--max-streams-per-caller)");
}

}  // namespace
}  // namespace atelier
