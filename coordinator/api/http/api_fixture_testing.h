// The JSON API over a control plane, on a port of this machine, for tests.
#ifndef ATELIER_COORDINATOR_API_HTTP_API_FIXTURE_TESTING_H_
#define ATELIER_COORDINATOR_API_HTTP_API_FIXTURE_TESTING_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "common/work_pool.h"
#include "coordinator/access/login_codes.h"
#include "coordinator/api/http/api_routes.h"
#include "coordinator/api/http/artifact_upload_route.h"
#include "coordinator/api/http/http_server.h"
#include "coordinator/api/http/system_route.h"
#include "coordinator/api/views/control_fixture_testing.h"
#include "coordinator/api/views/job_feed.h"
#include "coordinator/api/views/job_submission.h"
#include "coordinator/artifacts/artifact_catalog.h"
#include "coordinator/blobs/memory/in_memory_blob_store.h"
#include "coordinator/control/artifact_access.h"
#include "coordinator/control/audit_log.h"
#include "coordinator/control/caller.h"
#include "coordinator/control/system_watch.h"
#include "google/protobuf/util/json_util.h"
#include "tests/testing/http_client.h"

namespace atelier {

class ApiFixture : public ControlFixture {
 protected:
  static constexpr int64_t kMaxArtifactBytes = 16 << 20;

  explicit ApiFixture(HttpServerOptions options = {}) {
    serving_ = control_.get();
    feed_ = std::make_unique<JobFeed>(*control_, Clock::Real(), limits_);
    options.authenticate = [this](const HttpRequest&) { return WhoAsks(); };
    ApiSources sources;
    sources.control = [this] { return serving_.load(); };
    sources.feed = [this] { return feed_.get(); };
    sources.submission = [this] { return &submission_; };
    sources.uploads = [this] { return &uploads_; };
    sources.max_artifact_bytes = kMaxArtifactBytes;
    sources.artifacts = [this] {
      return ArtifactSources{&artifacts_, &access_,
                             [this](int64_t bytes) { sent_bytes_ += bytes; }};
    };
    sources.audit = [this] { return &audit_; };
    sources.system = [this] { return Status(); };
    sources.login_codes = &login_codes_;
    server_ = *HttpServer::Start({"127.0.0.1", 0}, ApiRoutes(sources), options);
    ticker_ = std::thread([this] {
      while (!stop_.WaitForNotificationWithTimeout(absl::Milliseconds(10))) {
        control_->Tick();
        feed_->Tick();
      }
    });
  }
  ~ApiFixture() override {
    stop_.Notify();
    ticker_.join();
    server_.reset();
    control_->Stop();
  }

  /// Everybody until then may do anything.
  void ComeAs(absl::StatusOr<Caller> caller) {
    absl::MutexLock lock(&caller_mu_);
    caller_ = std::move(caller);
  }
  absl::StatusOr<Caller> WhoAsks() {
    absl::MutexLock lock(&caller_mu_);
    return caller_;
  }

  HttpAnswer Get(const std::string& target) {
    return HttpGet(server_->listening(), target);
  }
  HttpAnswer Ask(const HttpQuestion& question) {
    return HttpAsk(server_->listening(), question);
  }
  HttpAnswer Post(const std::string& target, const std::string& json = "") {
    return Ask({"POST", target,
                json.empty() ? "" : "Content-Type: application/json\r\n",
                json});
  }
  /// The message that this is, as JSON.
  template <typename Message>
  static Message Parsed(const HttpAnswer& answer) {
    EXPECT_EQ(answer.code, 200) << answer.body;
    Message message;
    EXPECT_TRUE(
        google::protobuf::util::JsonStringToMessage(answer.body, &message).ok())
        << answer.body;
    return message;
  }
  /// The message that is answered with.
  template <typename Message>
  Message MustGet(const std::string& target) {
    const HttpAnswer answer = Get(target);
    EXPECT_NE(answer.head.find("application/json"), std::string::npos);
    return Parsed<Message>(answer);
  }

  /// Of a coordinator that has run for a minute.
  SystemStatus Status() {
    SystemStatus status;
    status.version = "1.2";
    status.epoch = control_->epoch();
    status.started_at = absl::FromUnixSeconds(1'000'000);
    status.now = status.started_at + absl::Minutes(1);
    system_.Look(sample_, status.now);
    status.report = system_.Report();
    status.stored_bytes = {{"checkpoints", 7}};
    status.bounds = {{"max-workers", 9}};
    return status;
  }

  InMemoryBlobStore blobs_;
  ArtifactCatalog artifacts_{blobs_, store_, Clock::Real(), {}};
  ArtifactAccess access_{*control_};
  WorkPool pool_{2};
  std::atomic<bool> is_full_{false};
  JobSubmission submission_{
      {*control_, artifacts_, access_, pool_}, {}, [this]() -> absl::Status {
        if (!is_full_) return absl::OkStatus();
        return absl::UnavailableError("disk: is full");
      }};
  std::atomic<int64_t> sent_bytes_{0};
  std::atomic<int64_t> stored_bytes_{0};
  LoginCodes login_codes_{Clock::Real()};
  AuditLog audit_{store_, Clock::Real(), {}};
  HttpUploads uploads_{{artifacts_, access_, control_->quotas(), &audit_,
                        [this](int64_t bytes) { stored_bytes_ += bytes; }},
                       pool_};
  SystemSample sample_;
  SystemWatch system_;
  absl::Mutex caller_mu_;
  absl::StatusOr<Caller> caller_ ABSL_GUARDED_BY(caller_mu_) = AnonymousAdmin();
  std::atomic<ControlPlane*> serving_;
  JobFeed::Limits limits_{RenderLimits(), 550};
  std::unique_ptr<JobFeed> feed_;
  absl::Notification stop_;
  std::thread ticker_;
  std::unique_ptr<HttpServer> server_;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_HTTP_API_FIXTURE_TESTING_H_
