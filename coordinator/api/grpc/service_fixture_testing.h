// A whole coordinator without a port or a disk for jobs, for tests.
#ifndef ATELIER_COORDINATOR_API_GRPC_SERVICE_FIXTURE_TESTING_H_
#define ATELIER_COORDINATOR_API_GRPC_SERVICE_FIXTURE_TESTING_H_

#include <algorithm>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "atelier/v1/access.grpc.pb.h"
#include "atelier/v1/artifacts.grpc.pb.h"
#include "atelier/v1/jobs.grpc.pb.h"
#include "atelier/v1/ratings.grpc.pb.h"
#include "atelier/v1/workers.grpc.pb.h"
#include "common/artifact_kind.h"
#include "common/digest.h"
#include "common/random_id.h"
#include "coordinator/api/grpc/server.h"
#include "coordinator/api/views/job_conversion.h"
#include "coordinator/api/views/job_specs_testing.h"
#include "coordinator/artifacts/artifact_catalog.h"
#include "coordinator/artifacts/artifact_rows.h"
#include "coordinator/artifacts/catalog_testing.h"
#include "coordinator/blobs/blob_call.h"
#include "coordinator/blobs/blob_store.h"
#include "coordinator/blobs/directory/directory_blob_store.h"
#include "coordinator/control/audit_log.h"
#include "coordinator/control/control_plane_metrics.h"
#include "coordinator/control/garbage.h"
#include "coordinator/scheduler/fair_share.h"
#include "coordinator/store/memory/in_memory_store.h"
#include "grpcpp/channel.h"
#include "gtest/gtest.h"

namespace atelier {

class ServiceFixture : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = absl::StrCat(::testing::TempDir(), "/services-", RandomId());
    std::filesystem::create_directories(folder_);
    blobs_ = MakeBlobs();
    ArtifactCatalogOptions artifacts;
    artifacts.max_artifact_bytes = 4 << 20;
    artifacts_ = std::make_unique<ArtifactCatalog>(
        *blobs_, store_, Clock::Real(), std::move(artifacts));
    garbage_ =
        std::make_unique<GarbageCollector>(store_, *artifacts_, DecodeSpec);
    ControlPlane::Options options;
    options.decode_spec = DecodeSpec;
    options.find_pictures = [this](const std::set<std::string>& digests) {
      using Found = absl::StatusOr<std::set<std::string>>;
      return AwaitCall<Found>([&](auto done) {
               artifacts_->FindPresent(ArtifactKind::kArtifact, digests, done);
             })
          .value_or(std::set<std::string>());
    };
    ArtifactRows& rows = artifacts_->rows();
    options.owner_bytes = &rows.owner_bytes();
    options.picture_made = [&rows](const MadePicture& made) {
      rows.Charge({ArtifactKind::kArtifact, made.digest}, made.user);
    };
    AdjustControl(options);
    control_ = *ControlPlane::Start(store_, Clock::Real(), policy_,
                                    std::move(options));
    audit_ =
        std::make_unique<AuditLog>(store_, Clock::Real(), AuditLogOptions());
    ServerOptions server;
    server.jobs = SmallJobLimits();
    Adjust(server);
    server_ = *Server::Start({*control_, *artifacts_, *garbage_, metrics_,
                              Clock::Real(), nullptr, nullptr, audit_.get()},
                             server);
    const auto channel = server_->InProcessChannel();
    jobs_ = v1::Jobs::NewStub(channel);
    files_ = v1::Artifacts::NewStub(channel);
    workers_ = v1::Workers::NewStub(channel);
    access_ = v1::Access::NewStub(channel);
    ratings_ = v1::Ratings::NewStub(channel);
    ticker_ = std::thread([this] {
      while (!stop_ticking_.WaitForNotificationWithTimeout(
          absl::Milliseconds(10))) {
        server_->Tick();
      }
    });
  }
  /// What a test wants of the server.
  virtual void Adjust(ServerOptions& /*options*/) {}
  virtual void AdjustControl(ControlPlane::Options& /*options*/) {}
  static JobLimits SmallJobLimits() {
    JobLimits limits;
    limits.max_tasks = 1000;
    limits.max_axis_values = 100;
    return limits;
  }

  /// What its artifacts are in.
  virtual std::unique_ptr<BlobStore> MakeBlobs() {
    return OpenDirectoryBlobStore(folder_).value();
  }

  void TearDown() override {
    stop_ticking_.Notify();
    ticker_.join();
    server_.reset();
    audit_.reset();
    control_.reset();
    garbage_.reset();
    artifacts_.reset();
    blobs_.reset();
    std::filesystem::remove_all(folder_);
  }

  /// Whether it is there, for whoever asks.
  bool Has(const std::string& digest) {
    return WaitingCatalog(*artifacts_)
        .Has({ArtifactKind::kArtifact, digest})
        .value();
  }

  grpc::Status Upload(const std::string& digest, int64_t size_bytes,
                      const std::vector<std::string>& chunks,
                      v1::ArtifactKind kind = v1::ARTIFACT_KIND_UNSPECIFIED) {
    grpc::ClientContext context;
    v1::UploadResponse response;
    const auto stream = files_->Upload(&context, &response);
    // The first chunk goes with the first message: gRPC's in-process transport
    // never ends a write after which the server has already answered.
    for (size_t i = 0; i < std::max<size_t>(chunks.size(), 1); ++i) {
      v1::UploadRequest message;
      if (i == 0) message.set_digest(digest);
      if (i == 0) message.set_size_bytes(size_bytes);
      if (i == 0) message.set_kind(kind);
      if (i < chunks.size()) message.set_chunk(chunks[i]);
      if (!stream->Write(message)) break;
    }
    stream->WritesDone();
    return stream->Finish();
  }
  std::string Put(const std::string& bytes,
                  v1::ArtifactKind kind = v1::ARTIFACT_KIND_UNSPECIFIED) {
    const std::string digest = HexDigest(bytes);
    const grpc::Status status =
        Upload(digest, static_cast<int64_t>(bytes.size()), {bytes}, kind);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return digest;
  }
  void PutInputs() {
    for (const char* name : {"content", "style", "weights"}) Put(name);
  }

  grpc::Status Submit(const v1::JobSpec& spec, v1::Job* job,
                      const std::string& request_id = RandomId()) {
    grpc::ClientContext context;
    v1::SubmitJobRequest request;
    request.set_request_id(request_id);
    *request.mutable_spec() = spec;
    return jobs_->SubmitJob(&context, request, job);
  }
  v1::Job MustSubmit(const v1::JobSpec& spec) {
    v1::Job job;
    const grpc::Status status = Submit(spec, &job);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return job;
  }
  grpc::Status Get(const std::string& id, v1::Job* job) {
    grpc::ClientContext context;
    v1::GetJobRequest request;
    request.set_job_id(id);
    return jobs_->GetJob(&context, request, job);
  }

  static v1::SynchronizeRequest Worker(const std::string& name) {
    v1::SynchronizeRequest request;
    request.mutable_worker()->set_name(name);
    request.mutable_worker()->set_instance_id(
        absl::StrCat("instance-0000-of-", name));
    request.mutable_worker()->set_device("cpu");
    request.mutable_worker()->set_slots(1);
    return request;
  }
  grpc::Status Sync(const v1::SynchronizeRequest& request,
                    v1::SynchronizeResponse* response) {
    grpc::ClientContext context;
    return workers_->Synchronize(&context, request, response);
  }
  /// What the worker says when an assignment has become a picture.
  v1::AttemptReport Succeeded(const v1::Assignment& assignment) {
    v1::AttemptReport report;
    *report.mutable_token() = assignment.token();
    report.set_outcome(v1::OUTCOME_SUCCEEDED);
    report.mutable_result()->set_image_digest(
        Put(absl::StrCat("picture of task ", assignment.task_index())));
    report.mutable_result()->set_iterations(assignment.render().iterations());
    report.mutable_result()->set_width_px(32);
    report.mutable_result()->set_height_px(24);
    return report;
  }

  std::string folder_;
  InMemoryStore store_;
  FairSharePolicy policy_;
  CoordinatorMetrics metrics_{{"test", AllRpcMethods()}};
  std::unique_ptr<BlobStore> blobs_;
  std::unique_ptr<ArtifactCatalog> artifacts_;
  std::unique_ptr<GarbageCollector> garbage_;
  std::unique_ptr<ControlPlane> control_;
  std::unique_ptr<AuditLog> audit_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<v1::Jobs::Stub> jobs_;
  std::unique_ptr<v1::Artifacts::Stub> files_;
  std::unique_ptr<v1::Workers::Stub> workers_;
  std::unique_ptr<v1::Access::Stub> access_;
  std::unique_ptr<v1::Ratings::Stub> ratings_;
  absl::Notification stop_ticking_;
  std::thread ticker_;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_GRPC_SERVICE_FIXTURE_TESTING_H_
