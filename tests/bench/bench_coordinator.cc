#include "tests/bench/bench_coordinator.h"

#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/clock.h"
#include "common/endpoint.h"
#include "common/random_id.h"
#include "common/rpc/artifact_client.h"
#include "common/rpc/channel.h"
#include "common/rpc/grpc_status.h"
#include "common/rpc/token_interceptor.h"
#include "common/status_macros.h"
#include "common/token/token_source.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "tests/bench/bench_jobs.h"

namespace atelier {
namespace {

constexpr absl::Duration kStartTimeout = absl::Seconds(60);

}  // namespace

BenchCoordinator::BenchCoordinator(BenchAccess access) : access_(access) {
  TokenVariables variables;
  variables.xdg_config_home = ConfigurationFolder();
  tokens_ = std::make_shared<TokenSource>("", variables, Clock::Steady());
  if (access_ != BenchAccess::kTls) return;
  tls_files_.emplace(folder_.path());
  tls_files_->Issue("server", {"IP:127.0.0.1"});
}

absl::StatusOr<std::unique_ptr<BenchCoordinator>> BenchCoordinator::Start(
    BenchAccess access, BenchStore store) {
  std::unique_ptr<BenchCoordinator> started(new BenchCoordinator(access));
  if (store == BenchStore::kPostgresql) {
    ASSIGN_OR_RETURN(started->database_, MakeBenchDatabase());
  }
  RETURN_IF_ERROR(started->StartChild());
  RETURN_IF_ERROR(started->UploadArtifacts());
  return started;
}

absl::Status BenchCoordinator::StartChild() {
  const std::string ready = folder_ / "ready.json";
  std::filesystem::remove(ready);
  std::vector<std::string> argv = {
      Binary("atelier-coordinator"), "--listen", "127.0.0.1:0", "--http",
      "127.0.0.1:0", "--data", folder_ / "data", "--ready-file", ready,
      "--log-level", "warning",
      // All callers share one token and address.
      "--max-requests-per-second", "0", "--max-bytes-per-second", "0",
      "--max-streams-per-caller", "0", "--max-uploads-per-caller", "0"};
  if (!database_.empty()) argv.insert(argv.end(), {"--store", database_});
  if (access_ == BenchAccess::kInsecure) argv.push_back("--insecure");
  if (access_ == BenchAccess::kTls) {
    argv.insert(argv.end(), {"--tls-cert", tls_files_->certificate("server"),
                             "--tls-key", tls_files_->key("server")});
  }
  child_ = std::make_unique<ChildProcess>(argv);
  if (!WaitForFile(ready, kStartTimeout)) {
    return absl::UnavailableError(
        absl::StrCat("the coordinator did not start: ", child_->Errors()));
  }
  const auto where = nlohmann::json::parse(ReadFile(ready));
  address_ = where.at("listen");
  http_ = where.at("http");
  jobs_ = v1::Jobs::NewStub(Connect());
  return absl::OkStatus();
}

absl::Status BenchCoordinator::UploadArtifacts() {
  ArtifactClient artifacts(Connect());
  for (const std::string& bytes : BenchArtifacts()) {
    RETURN_IF_ERROR(artifacts.Upload(bytes).status());
  }
  return absl::OkStatus();
}

std::shared_ptr<grpc::Channel> BenchCoordinator::Connect() const {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetMaxReceiveMessageSize(kMaxMessageBytes);
  std::vector<
      std::unique_ptr<grpc::experimental::ClientInterceptorFactoryInterface>>
      interceptors;
  interceptors.push_back(std::make_unique<TokenInterceptorFactory>(
      tokens_, *ParseEndpoint(address_)));
  grpc::SslCredentialsOptions tls;
  if (tls_files_.has_value()) tls.pem_root_certs = ReadFile(tls_files_->ca());
  return grpc::experimental::CreateCustomChannelWithInterceptors(
      HostAndPort(*ParseEndpoint(address_)),
      tls_files_.has_value() ? grpc::SslCredentials(tls)
                             : grpc::InsecureChannelCredentials(),
      arguments, std::move(interceptors));
}

Endpoint BenchCoordinator::http() const { return *ParseEndpoint(http_); }

std::string BenchCoordinator::HttpToken() const {
  if (access_ == BenchAccess::kInsecure) return "";
  return tokens_->TokenFor(*ParseEndpoint(address_));
}

absl::StatusOr<std::vector<TableFigures>> BenchCoordinator::Tables() const {
  if (database_.empty()) return std::vector<TableFigures>();
  return TablesIn(database_);
}

std::vector<std::string> BenchCoordinator::ClientFlags() const {
  std::vector<std::string> flags = {"--coordinator", address_};
  if (tls_files_.has_value()) {
    flags.insert(flags.end(), {"--ca", tls_files_->ca()});
  }
  return flags;
}

absl::StatusOr<v1::Job> BenchCoordinator::Submit(const v1::JobSpec& spec) {
  grpc::ClientContext context;
  v1::SubmitJobRequest request;
  request.set_request_id(RandomId());
  *request.mutable_spec() = spec;
  v1::Job job;
  RETURN_IF_ERROR(FromGrpc(jobs_->SubmitJob(&context, request, &job)));
  return job;
}

absl::StatusOr<v1::Job> BenchCoordinator::Get(const std::string& job_id) {
  grpc::ClientContext context;
  v1::GetJobRequest request;
  request.set_job_id(job_id);
  v1::Job job;
  RETURN_IF_ERROR(FromGrpc(jobs_->GetJob(&context, request, &job)));
  return job;
}

absl::StatusOr<v1::Job> BenchCoordinator::Cancel(const std::string& job_id) {
  grpc::ClientContext context;
  v1::CancelJobRequest request;
  request.set_job_id(job_id);
  v1::Job job;
  RETURN_IF_ERROR(FromGrpc(jobs_->CancelJob(&context, request, &job)));
  return job;
}

void BenchCoordinator::Kill() { child_->Kill(); }

absl::StatusOr<absl::Duration> BenchCoordinator::Restart(
    const std::string& job_id) {
  const absl::Time before = absl::Now();
  RETURN_IF_ERROR(StartChild());
  RETURN_IF_ERROR(Get(job_id).status());
  return absl::Now() - before;
}

absl::StatusOr<double> BenchCoordinator::ResidentMegabytes() const {
  const std::string status =
      ReadFile(absl::StrCat("/proc/", child_->pid(), "/status"));
  for (absl::string_view line : absl::StrSplit(status, '\n')) {
    const std::vector<absl::string_view> words =
        absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty());
    double kilobytes = 0;
    if (words.size() == 3 && words[0] == "VmRSS:" &&
        absl::SimpleAtod(words[1], &kilobytes)) {
      return kilobytes / 1024;
    }
  }
  return absl::UnavailableError("the coordinator is gone");
}

absl::StatusOr<absl::Duration> BenchCoordinator::CpuTime() const {
  const std::string stat =
      ReadFile(absl::StrCat("/proc/", child_->pid(), "/stat"));
  // The program's name stands in brackets and may hold anything.
  const size_t name_end = stat.rfind(')');
  if (name_end == std::string::npos) {
    return absl::UnavailableError("the coordinator is gone");
  }
  const std::vector<std::string> fields =
      absl::StrSplit(stat.substr(name_end + 2), ' ');
  constexpr size_t kUserTicks = 11;  // utime; stime follows.
  int64_t user_ticks = 0;
  int64_t system_ticks = 0;
  if (fields.size() < kUserTicks + 2 ||
      !absl::SimpleAtoi(fields[kUserTicks], &user_ticks) ||
      !absl::SimpleAtoi(fields[kUserTicks + 1], &system_ticks)) {
    return absl::InternalError("/proc/PID/stat is not as proc(5) says");
  }
  return absl::Seconds(user_ticks + system_ticks) / sysconf(_SC_CLK_TCK);
}

}  // namespace atelier
