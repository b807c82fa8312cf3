// What one caller may ask for, and how soon failures are answered, against a
// whole server on loopback.
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "common/clock.h"
#include "common/retry_after.h"
#include "common/rpc/artifact_client.h"
#include "common/rpc/channel.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/retry.h"
#include "common/rpc/stop_signal.h"
#include "common/token/token_text.h"
#include "coordinator/access/admission_control.h"
#include "coordinator/access/token_registry.h"
#include "coordinator/api/grpc/token_fixture_testing.h"
#include "gmock/gmock.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/support/byte_buffer.h"
#include "grpcpp/support/channel_arguments.h"
#include "grpcpp/support/slice.h"
#include "gtest/gtest.h"
#include "tests/testing/shared_clock.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;

class CallBoundsTest : public TokenFixture {
 protected:
  void Adjust(ServerOptions& options) override {
    TokenFixture::Adjust(options);
    AdmissionOptions admission;
    admission.limits.burst = absl::Seconds(1);
    Bound(admission.limits);
    admission.on_unauthenticated = [this](const std::string& address,
                                          const absl::Status& why) {
      absl::MutexLock lock(&mutex_);
      denied_.push_back(absl::StrCat(address, ": ", why.message()));
    };
    admission_.emplace(Time(), std::move(admission));
    if (!AsksForTokens()) options.tokens = nullptr;
    options.admission = &*admission_;
  }
  virtual void Bound(CallLimitsOptions& limits) = 0;
  virtual Clock& Time() { return clock_; }
  virtual bool AsksForTokens() { return true; }
  void SetUp() override {
    TokenFixture::SetUp();
    anna_ = Make(Role::kAdmin, "anna");
    bob_ = Make(Role::kAdmin, "bob");
  }

  /// An upload of these bytes that goes on until it is destroyed or ended.
  struct OpenUpload {
    grpc::ClientContext context;
    v1::UploadResponse response;
    std::unique_ptr<grpc::ClientWriter<v1::UploadRequest>> stream;
    absl::Status End() {
      stream->WritesDone();
      return FromGrpc(stream->Finish());
    }
  };
  std::unique_ptr<OpenUpload> BeginUpload(const std::string& token,
                                          const std::string& bytes) {
    auto upload = std::make_unique<OpenUpload>();
    Carry(upload->context, token);
    upload->stream = files_->Upload(&upload->context, &upload->response);
    v1::UploadRequest message;
    message.set_digest(HexDigest(bytes));
    message.set_size_bytes(static_cast<int64_t>(bytes.size()));
    message.set_chunk(bytes);
    upload->stream->Write(message);
    return upload;
  }
  absl::Status UploadAs(const std::string& token, const std::string& bytes) {
    return BeginUpload(token, bytes)->End();
  }
  absl::Status DownloadAs(const std::string& token, const std::string& bytes) {
    grpc::ClientContext context;
    Carry(context, token);
    v1::DownloadRequest request;
    request.set_digest(HexDigest(bytes));
    const auto stream = files_->Download(&context, request);
    v1::DownloadResponse message;
    while (stream->Read(&message)) continue;
    return FromGrpc(stream->Finish());
  }

  SharedClock clock_;
  absl::Mutex mutex_;
  std::vector<std::string> denied_ ABSL_GUARDED_BY(mutex_);
  std::optional<AdmissionControl> admission_;
  std::string anna_;
  std::string bob_;
};

class RequestBoundTest : public CallBoundsTest {
 protected:
  void Bound(CallLimitsOptions& limits) override {
    limits.requests_per_second = 2;
  }
  // One call of gRPC's health service, which takes an empty request.
  grpc::Status CheckHealth() {
    grpc::GenericStub stub(channel_);
    grpc::ClientContext context;
    grpc::CompletionQueue queue;
    grpc::Slice slice("");
    const auto call =
        stub.PrepareUnaryCall(&context, "/grpc.health.v1.Health/Check",
                              grpc::ByteBuffer(&slice, 1), &queue);
    call->StartCall();
    grpc::ByteBuffer answer;
    grpc::Status status;
    call->Finish(&answer, &status, nullptr);
    void* tag = nullptr;
    bool ok = false;
    queue.Next(&tag, &ok);
    return status;
  }
};

TEST_F(RequestBoundTest, ATokenAtItsBoundHearsWhenToComeBackAnotherGoesOn) {
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(ListJobs(anna_).ok());
  const absl::Status refused = ListJobs(anna_);
  EXPECT_TRUE(absl::IsResourceExhausted(refused)) << refused;
  EXPECT_THAT(std::string(refused.message()),
              HasSubstr("(--max-requests-per-second); come back in 500ms"));
  EXPECT_EQ(RetryAfterOf(refused), absl::Milliseconds(500));
  EXPECT_TRUE(ListJobs(bob_).ok());
  EXPECT_TRUE(CheckHealth().ok());
  clock_.Advance(absl::Milliseconds(500));
  EXPECT_TRUE(ListJobs(anna_).ok());
  EXPECT_FALSE(ListJobs(anna_).ok());
}

TEST_F(RequestBoundTest, WrongTokensTakeNothingFromValidOnes) {
  for (int i = 0; i < FailedCallers::kAtOnce; ++i) {
    EXPECT_TRUE(absl::IsUnauthenticated(ListJobs(MakeToken('a'))));
  }
  EXPECT_TRUE(ListJobs(anna_).ok());
}

class AnonymousBoundTest : public RequestBoundTest {
  bool AsksForTokens() override { return false; }
};

TEST_F(AnonymousBoundTest, CountsByAddressWhateverTheConnection) {
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(ListJobs("").ok());
  grpc::ChannelArguments own_connection;
  own_connection.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  jobs_ = v1::Jobs::NewStub(grpc::CreateCustomChannel(
      HostAndPort(*server_->listening()), grpc::InsecureChannelCredentials(),
      own_connection));
  EXPECT_TRUE(absl::IsResourceExhausted(ListJobs("")));
}

class UnixBoundTest : public RequestBoundTest {
  Endpoint Listen() override {
    Endpoint endpoint;
    endpoint.unix_path = absl::StrCat(folder_, "/socket");
    return endpoint;
  }
};

TEST_F(UnixBoundTest, NobodyIsBoundedOverASocket) {
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(ListJobs("").ok());
}

class ClientAtItsBoundTest : public CallBoundsTest {
  Clock& Time() override { return Clock::Steady(); }
  void Bound(CallLimitsOptions& limits) override {
    limits.requests_per_second = 20;
    limits.burst = absl::Milliseconds(50);
  }
  bool AsksForTokens() override { return false; }
};

TEST_F(ClientAtItsBoundTest, RepeatsWhatIsRefusedOnceItMay) {
  ArtifactClientOptions options;
  options.retry.first_wait = options.retry.most_wait = absl::Milliseconds(1);
  ArtifactClient client(channel_, options);
  for (int i = 0; i < 3; ++i) {
    const std::string bytes = absl::StrCat("bytes ", i);
    ASSERT_TRUE(client.Upload(bytes).ok());
    EXPECT_EQ(*client.Download(HexDigest(bytes)), bytes);
  }
}

class PlacesTest : public CallBoundsTest {
  void Bound(CallLimitsOptions& limits) override {
    limits.max_uploads = 1;
    limits.max_streams = 1;
  }
};

TEST_F(PlacesTest, OfUploadsAreEachCallersAndFreeOnceTheyEnd) {
  // It has its place where the next is refused.
  std::unique_ptr<OpenUpload> open;
  absl::Status refused;
  for (int i = 0; i < 100 && refused.ok(); ++i) {
    if (open != nullptr) (void)open->End();
    open = BeginUpload(anna_, "slow");
    refused = UploadAs(anna_, absl::StrCat("bytes ", i));
  }
  EXPECT_TRUE(absl::IsResourceExhausted(refused)) << refused;
  EXPECT_THAT(std::string(refused.message()),
              HasSubstr("(--max-uploads-per-caller)"));
  EXPECT_EQ(RetryAfterOf(refused), CallLimits::kPlaceRetry);
  EXPECT_TRUE(UploadAs(bob_, "other").ok());
  EXPECT_TRUE(open->End().ok());
  while (!UploadAs(anna_, "next").ok()) {
    // Until its place is free.
  }
  EXPECT_TRUE(Has(HexDigest("slow")));
}

class BytesBoundTest : public CallBoundsTest {
  void Bound(CallLimitsOptions& limits) override {
    limits.bytes_per_second = 1'000;
  }
};

TEST_F(BytesBoundTest, WhatFlowedIsPaidForBeforeMoreFlows) {
  const std::string bytes(3'000, 'x');
  ASSERT_TRUE(UploadAs(anna_, bytes).ok());
  const absl::Status refused = UploadAs(anna_, "more");
  EXPECT_TRUE(absl::IsResourceExhausted(refused)) << refused;
  EXPECT_THAT(std::string(refused.message()),
              HasSubstr("(--max-bytes-per-second)"));
  EXPECT_EQ(RetryAfterOf(refused), absl::Seconds(2));
  EXPECT_TRUE(absl::IsResourceExhausted(DownloadAs(anna_, bytes)));
  EXPECT_TRUE(ListJobs(anna_).ok());
  ASSERT_TRUE(DownloadAs(bob_, bytes).ok());
  EXPECT_TRUE(absl::IsResourceExhausted(DownloadAs(bob_, bytes)));
  clock_.Advance(absl::Seconds(2));
  EXPECT_TRUE(UploadAs(anna_, "more").ok());
}

class FailedAuthenticationTest : public CallBoundsTest {
 protected:
  void Bound(CallLimitsOptions& /*limits*/) override {}
  void UseUpPatience() {
    for (int i = 0; i < FailedCallers::kAtOnce; ++i) {
      EXPECT_TRUE(absl::IsUnauthenticated(ListJobs(MakeToken('a'))));
    }
  }
};

TEST_F(FailedAuthenticationTest, WaitsForItsAnswerAValidTokenFromThereDoesNot) {
  UseUpPatience();
  const absl::Time begin = clock_.Now();
  absl::Time answered_at;
  std::thread guesses([&] {
    EXPECT_TRUE(absl::IsUnauthenticated(ListJobs("")));
    answered_at = clock_.Now();
  });
  const auto is_denied = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return denied_.size() > FailedCallers::kAtOnce;
  };
  {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&is_denied));
    EXPECT_EQ(denied_.back(),
              "ipv4:127.0.0.1: a token is needed, and none was given");
  }
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(ListJobs(anna_).ok());
  clock_.Advance(FailedCallers::kFirstWait);
  guesses.join();
  EXPECT_EQ(answered_at, begin + FailedCallers::kFirstWait);
}

TEST_F(FailedAuthenticationTest, AStopAnswersThoseThatWait) {
  UseUpPatience();
  std::vector<std::thread> guesses;
  for (int i = 0; i < 10; ++i) {
    guesses.emplace_back([this] {
      EXPECT_TRUE(absl::IsUnauthenticated(ListJobs(MakeToken('a'))));
    });
  }
  const auto are_denied = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return denied_.size() == FailedCallers::kAtOnce + 10;
  };
  {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&are_denied));
  }
  server_->Stop(absl::Minutes(1));
  for (std::thread& guess : guesses) guess.join();
}

TEST_F(FailedAuthenticationTest, WaitsWhateverTheMethod) {
  UseUpPatience();
  std::vector<std::thread> guesses;
  guesses.emplace_back(
      [this] { EXPECT_TRUE(absl::IsUnauthenticated(UploadAs("", "x"))); });
  guesses.emplace_back(
      [this] { EXPECT_TRUE(absl::IsUnauthenticated(DownloadAs("", "x"))); });
  guesses.emplace_back([this] {
    grpc::ClientContext context;
    const auto stream = jobs_->WatchJob(&context, {});
    v1::JobSnapshot snapshot;
    EXPECT_FALSE(stream->Read(&snapshot));
    EXPECT_TRUE(absl::IsUnauthenticated(FromGrpc(stream->Finish())));
  });
  guesses.emplace_back([this] {
    grpc::ClientContext context;
    v1::SynchronizeResponse response;
    EXPECT_TRUE(absl::IsUnauthenticated(FromGrpc(
        v1::Workers::NewStub(channel_)->Synchronize(&context, {}, &response))));
  });
  const auto are_denied = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
    return denied_.size() == FailedCallers::kAtOnce + 4;
  };
  {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&are_denied));
  }
  clock_.Advance(FailedCallers::kMostWait);
  for (std::thread& guess : guesses) guess.join();
}

}  // namespace
}  // namespace atelier
