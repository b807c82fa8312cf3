#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "atelier/v1/artifacts.grpc.pb.h"
#include "atelier/v1/jobs.grpc.pb.h"
#include "common/rpc/artifact_client.h"
#include "common/rpc/channel.h"
#include "gmock/gmock.h"
#include "grpcpp/channel.h"
#include "grpcpp/client_context.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "grpcpp/server_context.h"
#include "gtest/gtest.h"
#include "tests/testing/temp_folder.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// What the last call came with.
class Header {
 public:
  void Note(const grpc::ServerContext& context) {
    std::vector<std::string> values;
    const auto [from, to] =
        context.client_metadata().equal_range("authorization");
    for (auto it = from; it != to; ++it) {
      values.emplace_back(it->second.data(), it->second.size());
    }
    absl::MutexLock lock(&mutex_);
    values_ = std::move(values);
  }
  // Once: the next call has to bring its own.
  std::vector<std::string> Take() {
    absl::MutexLock lock(&mutex_);
    return std::exchange(values_, {"no call came"});
  }

 private:
  absl::Mutex mutex_;
  std::vector<std::string> values_ ABSL_GUARDED_BY(mutex_);
};

class NotingJobs : public v1::Jobs::Service {
 public:
  explicit NotingJobs(Header& header) : header_(header) {}
  grpc::Status ListJobs(grpc::ServerContext* context,
                        const v1::ListJobsRequest* /*request*/,
                        v1::ListJobsResponse* /*response*/) override {
    header_.Note(*context);
    return grpc::Status::OK;
  }
  grpc::Status WatchJob(
      grpc::ServerContext* context, const v1::WatchJobRequest* /*request*/,
      grpc::ServerWriter<v1::JobSnapshot>* /*writer*/) override {
    header_.Note(*context);
    return grpc::Status::OK;
  }

 private:
  Header& header_;
};

class NotingArtifacts : public v1::Artifacts::Service {
 public:
  explicit NotingArtifacts(Header& header) : header_(header) {}
  grpc::Status Upload(grpc::ServerContext* context,
                      grpc::ServerReader<v1::UploadRequest>* /*reader*/,
                      v1::UploadResponse* /*response*/) override {
    header_.Note(*context);
    return {grpc::StatusCode::UNAUTHENTICATED, "no"};
  }

 private:
  Header& header_;
};

class ChannelTokenTest : public ::testing::Test {
 protected:
  ChannelTokenTest() {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                             &port);
    builder.AddListeningPort(ToString(socket_),
                             grpc::InsecureServerCredentials());
    builder.RegisterService(&jobs_);
    builder.RegisterService(&artifacts_);
    server_ = builder.BuildAndStart();
    here_ = *ParseEndpoint(absl::StrCat("127.0.0.1:", port));
    variables_.xdg_config_home = folder_.path();
  }
  ~ChannelTokenTest() override { server_->Shutdown(); }

  void WriteToken(const std::string& token) const {
    std::filesystem::create_directories(folder_.File("atelier"));
    const std::string path = folder_.File("atelier/token");
    std::filesystem::remove(path);
    std::ofstream(path) << token << "\n";
    chmod(path.c_str(), 0600);
  }
  std::shared_ptr<TokenSource> Tokens() {
    return std::make_shared<TokenSource>("", variables_, clock_);
  }
  void List(const std::shared_ptr<grpc::Channel>& channel) const {
    grpc::ClientContext context;
    v1::ListJobsResponse response;
    const grpc::Status status = v1::Jobs::NewStub(channel)->ListJobs(
        &context, v1::ListJobsRequest(), &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
  }

  const TempFolder folder_;
  const Endpoint socket_ =
      *ParseEndpoint(absl::StrCat("unix:", folder_.File("s")));
  Endpoint here_;
  Header header_;
  NotingJobs jobs_{header_};
  NotingArtifacts artifacts_{header_};
  std::unique_ptr<grpc::Server> server_;
  TokenVariables variables_;
  FakeClock clock_{absl::UnixEpoch()};
};

TEST_F(ChannelTokenTest, EveryKindOfCallCarriesItOnce) {
  variables_.token = "atl_a1";
  const auto channel = MakeChannel(here_, {}, Tokens());
  List(channel);
  EXPECT_THAT(header_.Take(), ElementsAre("Bearer atl_a1"));

  const auto jobs = v1::Jobs::NewStub(channel);
  grpc::ClientContext watching;
  v1::JobSnapshot snapshot;
  const auto stream = jobs->WatchJob(&watching, v1::WatchJobRequest());
  EXPECT_FALSE(stream->Read(&snapshot));
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_THAT(header_.Take(), ElementsAre("Bearer atl_a1"));

  grpc::ClientContext calling;
  const v1::ListJobsRequest request;
  v1::ListJobsResponse response;
  absl::Notification done;
  jobs->async()->ListJobs(&calling, &request, &response,
                          [&](const grpc::Status& status) {
                            EXPECT_TRUE(status.ok()) << status.error_message();
                            done.Notify();
                          });
  done.WaitForNotification();
  EXPECT_THAT(header_.Take(), ElementsAre("Bearer atl_a1"));

  const absl::Status uploaded =
      ArtifactClient(channel).Upload("bytes").status();
  EXPECT_TRUE(absl::IsUnauthenticated(uploaded)) << uploaded;
  EXPECT_THAT(header_.Take(), ElementsAre("Bearer atl_a1"));
}

TEST_F(ChannelTokenTest, ItGoesOverAUnixSocket) {
  WriteToken("atl_a1");
  List(MakeChannel(socket_, {}, Tokens()));
  EXPECT_THAT(header_.Take(), ElementsAre("Bearer atl_a1"));
}

TEST_F(ChannelTokenTest, ACallHasWhatTheFileHasThen) {
  const auto channel = MakeChannel(here_, {}, Tokens());
  List(channel);
  EXPECT_THAT(header_.Take(), IsEmpty());
  for (const std::string token : {"first", "second"}) {
    WriteToken(token);
    clock_.Advance(absl::Seconds(1));
    List(channel);
    EXPECT_THAT(header_.Take(), ElementsAre("Bearer " + token));
  }
}

TEST_F(ChannelTokenTest, AChannelWithoutASourceSendsNone) {
  List(MakeChannel(here_));
  EXPECT_THAT(header_.Take(), IsEmpty());
}

}  // namespace
}  // namespace atelier
