// TLS between real gRPC channels and a real server.
#include <memory>
#include <string>
#include <utility>

#include "common/rpc/channel.h"
#include "common/rpc/deadline.h"
#include "common/tls/tls_probe.h"
#include "coordinator/api/grpc/service_fixture_testing.h"
#include "coordinator/api/grpc/worker_certificate.h"
#include "gmock/gmock.h"
#include "grpcpp/client_context.h"
#include "tests/testing/http_client.h"
#include "tests/testing/temp_folder.h"
#include "tests/testing/tls_files.h"
#include "tests/testing/tls_identity.h"

namespace atelier {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr long kDay = 86'400;
constexpr absl::Duration kPatience = absl::Seconds(20);

// gRPC's threads may outlive main.
class OpensslWithoutCleanup : public ::testing::Environment {
 public:
  void SetUp() override { LeaveOutOpensslCleanup(); }
};
const ::testing::Environment* const kOpensslWithoutCleanup =
    ::testing::AddGlobalTestEnvironment(new OpensslWithoutCleanup);

class TlsTest : public ServiceFixture {
 protected:
  void Adjust(ServerOptions& options) override {
    tls_.Issue("server", {"IP:127.0.0.1"});
    options.listen = Endpoint{"127.0.0.1", 0};
    certificate_ = *ServerCertificateFiles::Open(Paths());
    options.certificate = certificate_;
  }
  virtual ServerCertificatePaths Paths() const {
    return {tls_.certificate("server"), tls_.key("server"), ""};
  }

  const Endpoint& At() const { return *server_->listening(); }
  Endpoint Without() const { return {At().host, At().port}; }
  TlsClientFiles Trusting() const { return {tls_.ca(), "", ""}; }

  static grpc::Status Ask(const std::shared_ptr<grpc::Channel>& channel) {
    grpc::ClientContext context;
    context.set_deadline(After(kPatience));
    v1::ListJobsResponse response;
    return v1::Jobs::NewStub(channel)->ListJobs(&context, {}, &response);
  }
  grpc::Status Ask(const TlsClientFiles& files) const {
    return Ask(MakeChannel(At(), files));
  }
  std::string Explanation(const Endpoint& to,
                          const TlsClientFiles& files) const {
    const absl::Status status = ProbeTls(to, files, kPatience);
    EXPECT_TRUE(absl::IsUnauthenticated(status)) << status;
    return std::string(status.message());
  }

  TempFolder certificates_;
  TlsFiles tls_{certificates_.path()};
  std::shared_ptr<ServerCertificateFiles> certificate_;
};

TEST_F(TlsTest, ServesWhoTrustsItsAuthority) {
  EXPECT_TRUE(At().tls);
  const grpc::Status status = Ask(Trusting());
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_TRUE(ProbeTls(At(), Trusting(), kPatience).ok());
}

TEST_F(TlsTest, IsNotTakenForAnother) {
  EXPECT_EQ(Ask(TlsClientFiles{}).error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_THAT(Explanation(At(), {}), HasSubstr("not trusted"));
  const struct {
    std::string name;
    long begins_in_seconds;
    std::string message;
  } kCases[] = {
      {"DNS:farm", 0, "has a certificate for farm, not for 127.0.0.1"},
      {"IP:127.0.0.1", -kDay, "expired at"},
      {"IP:127.0.0.1", kDay, "not valid before"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.message);
    tls_.Issue("server", {c.name}, c.begins_in_seconds);
    ASSERT_TRUE(*certificate_->Refresh());
    EXPECT_EQ(Ask(Trusting()).error_code(), grpc::StatusCode::UNAVAILABLE);
    EXPECT_THAT(Explanation(At(), Trusting()), HasSubstr(c.message));
  }
}

TEST_F(TlsTest, ACallerWithoutTlsIsToldSo) {
  EXPECT_EQ(Ask(MakeChannel(Without())).error_code(),
            grpc::StatusCode::UNAVAILABLE);
  EXPECT_THAT(Explanation(Without(), {}), HasSubstr("write grpcs://127.0.0.1"));
}

TEST_F(TlsTest, TakesNoVersionBefore12) {
  EXPECT_FALSE(HttpClient(At(), tls_.ca(), kTls11).is_connected());
  EXPECT_TRUE(HttpClient(At(), tls_.ca(), kTls12).is_connected());
  EXPECT_TRUE(HttpClient(At(), tls_.ca(), kTls13).is_connected());
}

TEST_F(TlsTest, ARotationEndsNoStreamAndNewConnectionsSeeIt) {
  PutInputs();
  const v1::Job job = MustSubmit(SmallJob());
  const auto jobs = v1::Jobs::NewStub(MakeChannel(At(), Trusting()));
  grpc::ClientContext context;
  context.set_deadline(After(kPatience));
  v1::WatchJobRequest watch;
  watch.set_job_id(job.job_id());
  const auto stream = jobs->WatchJob(&context, watch);
  v1::JobSnapshot snapshot;
  ASSERT_TRUE(stream->Read(&snapshot));

  const TlsFiles other(certificates_.path(), "other-ca");
  other.Issue("server", {"IP:127.0.0.1"});
  ASSERT_TRUE(*certificate_->Refresh());
  EXPECT_EQ(Ask(Trusting()).error_code(), grpc::StatusCode::UNAVAILABLE);
  const grpc::Status status = Ask(TlsClientFiles{other.ca(), "", ""});
  EXPECT_TRUE(status.ok()) << status.error_message();

  grpc::ClientContext cancelling;
  v1::CancelJobRequest cancel;
  cancel.set_job_id(job.job_id());
  v1::Job cancelled;
  ASSERT_TRUE(jobs_->CancelJob(&cancelling, cancel, &cancelled).ok());
  while (snapshot.job().state() != v1::JOB_STATE_CANCELLED) {
    ASSERT_TRUE(stream->Read(&snapshot));
  }
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(TlsTest, AHalfWrittenPairIsNotServed) {
  TlsFiles::Write(tls_.certificate("server"),
                  PemOf(IssueTlsIdentity({{"IP:127.0.0.1"}})));
  EXPECT_FALSE(certificate_->Refresh().ok());
  EXPECT_TRUE(Ask(Trusting()).ok());
}

class PlainTest : public TlsTest {
 protected:
  void Adjust(ServerOptions& options) override {
    options.listen = Endpoint{"127.0.0.1", 0};
  }
};

TEST_F(PlainTest, ACallerWithTlsIsToldSo) {
  Endpoint with = At();
  with.tls = true;
  EXPECT_EQ(Ask(MakeChannel(with, Trusting())).error_code(),
            grpc::StatusCode::UNAVAILABLE);
  EXPECT_THAT(Explanation(with, Trusting()),
              HasSubstr("answers without TLS; where that is meant to be, write "
                        "grpc://127.0.0.1"));
}

class WorkerCertificateTest : public TlsTest {
 protected:
  ServerCertificatePaths Paths() const override {
    return {tls_.certificate("server"), tls_.key("server"), workers_.ca()};
  }
  TlsClientFiles With(const std::string& certificate) const {
    return {tls_.ca(), workers_.certificate(certificate),
            workers_.key(certificate)};
  }
  grpc::Status SyncAs(const std::string& worker, const TlsClientFiles& files) {
    grpc::ClientContext context;
    context.set_deadline(After(kPatience));
    v1::SynchronizeRequest request = Worker(worker);
    request.set_draining(true);  // Wants no work: is answered at once.
    v1::SynchronizeResponse response;
    return v1::Workers::NewStub(MakeChannel(At(), files))
        ->Synchronize(&context, request, &response);
  }

  TlsFiles workers_{certificates_.path(), "worker-ca"};
};

TEST_F(WorkerCertificateTest, OnlyTheWorkerThatItIsForSynchronizes) {
  workers_.Issue("anna", {"DNS:anna", "DNS:anna.farm.example"});
  workers_.Issue("berta", {"URI:berta"});
  for (const char* name : {"anna", "berta"}) {
    const grpc::Status status = SyncAs(name, With(name));
    EXPECT_TRUE(status.ok()) << status.error_message();
  }
  const grpc::Status other = SyncAs("berta", With("anna"));
  EXPECT_EQ(other.error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_THAT(other.error_message(),
              AllOf(HasSubstr("'berta'"), HasSubstr("anna")));
  const grpc::Status none = SyncAs("anna", Trusting());
  EXPECT_EQ(none.error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_THAT(none.error_message(),
              AllOf(HasSubstr("'anna'"), HasSubstr("no certificate")));
}

TEST_F(WorkerCertificateTest, OthersNeedNone) {
  EXPECT_TRUE(Ask(Trusting()).ok());
}

TEST_F(WorkerCertificateTest, OneOfAnotherAuthorityIsRefused) {
  const TlsFiles strangers(certificates_.path(), "stranger-ca");
  strangers.Issue("anna", {"DNS:anna"});
  EXPECT_EQ(SyncAs("anna", With("anna")).error_code(),
            grpc::StatusCode::UNAVAILABLE);
  EXPECT_THAT(Explanation(At(), With("anna")),
              HasSubstr("does not take the certificate of --tls-cert"));
  workers_.Issue("anna", {"DNS:anna"}, -kDay);
  EXPECT_EQ(SyncAs("anna", With("anna")).error_code(),
            grpc::StatusCode::UNAVAILABLE);
  EXPECT_THAT(Explanation(At(), With("anna")),
              HasSubstr("does not take the certificate of --tls-cert"));
}

TEST(CheckWorkerCertificateTest, WantsTheWholeName) {
  EXPECT_TRUE(CheckWorkerCertificate({"b", "a"}, "a").ok());
  for (const char* name : {"", "A", "a.b", "aa"}) {
    EXPECT_TRUE(absl::IsPermissionDenied(CheckWorkerCertificate({name}, "a")));
  }
}

}  // namespace
}  // namespace atelier
