#include "client/cli/session.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "client/lib/client.h"
#include "common/cli/command_line.h"
#include "common/field_error.h"
#include "common/quoted_text.h"
#include "common/rpc/denial.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

constexpr char kDefaultCoordinator[] = "127.0.0.1:7070";
constexpr absl::Duration kReachPatience = absl::Seconds(3);
constexpr absl::Duration kProbePatience = absl::Seconds(2);

}  // namespace

Session::Session(Environment& environment) : environment_(environment) {}

Session::~Session() = default;

std::string Session::CoordinatorGiven() const {
  return flags.coordinator.empty() ? environment_.coordinator_variable
                                   : flags.coordinator;
}

const char* Session::CoordinatorSource() const {
  return flags.coordinator.empty() ? "ATELIER_COORDINATOR" : "coordinator";
}

absl::Status Session::CheckFlags() {
  const std::string given = CoordinatorGiven();
  if (given.empty()) return absl::OkStatus();
  return CheckEndpoint(given).status();
}

TlsClientFiles Session::TlsFiles() const {
  TlsClientFiles files;
  files.ca = flags.ca.empty() ? environment_.ca_variable : flags.ca;
  return files;
}

const std::shared_ptr<TokenSource>& Session::Tokens() {
  if (tokens_ == nullptr) {
    tokens_ = std::make_shared<TokenSource>(
        flags.token_file, environment_.token_variables, environment_.clock);
  }
  return tokens_;
}

absl::StatusOr<Endpoint> Session::CheckEndpoint(
    const std::string& coordinator) {
  absl::StatusOr<Endpoint> endpoint = ParseEndpoint(coordinator);
  if (!endpoint.ok()) {
    return Annotate(endpoint.status(), CoordinatorSource());
  }
  const absl::Status files = CheckTlsClientFiles(*endpoint, TlsFiles());
  if (!files.ok()) {
    return flags.ca.empty() ? RenamedField(files, "ATELIER_CA") : files;
  }
  RETURN_IF_ERROR(Tokens()->CheckFor(*endpoint));
  return endpoint;
}

absl::StatusOr<Client*> Session::Connect() {
  ASSIGN_OR_RETURN(const Endpoint endpoint,
                   CheckEndpoint(HasCoordinator() ? CoordinatorGiven()
                                                  : kDefaultCoordinator));
  shows_token_to_ = endpoint;
  return ConnectTo(endpoint, Tokens());
}

absl::StatusOr<LoginLinkRequest> Session::LoginTo(const std::string& http) {
  constexpr int kHttpPort = 7071;
  LoginLinkRequest request;
  if (http.empty()) {
    ASSIGN_OR_RETURN(request.http,
                     CheckEndpoint(HasCoordinator() ? CoordinatorGiven()
                                                    : kDefaultCoordinator));
    if (!request.http.unix_path.empty()) request.http = {"127.0.0.1"};
    request.http.port = kHttpPort;
  } else {
    const absl::StatusOr<Endpoint> given = ParseEndpoint(http);
    if (!given.ok()) return Annotate(given.status(), "http");
    if (!given->unix_path.empty()) {
      return InvalidArgument("http: ", Quoted(http),
                             " is no place of a page; HOST:PORT");
    }
    RETURN_IF_ERROR(CheckEndpoint(http).status());
    request.http = *given;
  }
  const TlsClientFiles files = TlsFiles();
  request.ca = files.ca;
  request.token = Tokens()->TokenFor(request.http);
  if (!request.token.empty()) return request;
  return absl::UnauthenticatedError(
      absl::StrCat("a link needs a token for ", ToString(request.http), "; ",
                   Tokens()->Explain(request.http)));
}

absl::Status Session::ExplainDenial(const absl::Status& status) {
  const bool is_unknown = absl::IsUnauthenticated(status) && IsDenial(status);
  if (!is_unknown || !shows_token_to_.has_value()) return status;
  return absl::UnauthenticatedError(
      absl::StrCat("the coordinator at ", ToString(*shows_token_to_),
                   " does not know who calls: ", status.message(), "; ",
                   Tokens()->Explain(*shows_token_to_)));
}

LocalClusterOptions Session::ClusterOptions(int workers) {
  LocalClusterOptions options;
  options.workers = workers;
  options.is_stopped = [&stop = environment_.interruption.stop()] {
    return stop.stopped();
  };
  options.on_failure = [this](absl::Status why) {
    environment_.interruption.Interrupt(std::move(why));
  };
  options.on_worker_lost = [this](const std::string& what) { Warn(what); };
  return options;
}

absl::StatusOr<Client*> Session::ConnectOrStart(int workers) {
  if (HasCoordinator()) return Connect();
  ASSIGN_OR_RETURN(cluster_,
                   environment_.start_cluster(ClusterOptions(workers)));
  ASSIGN_OR_RETURN(const Endpoint endpoint,
                   ParseEndpoint(cluster_->coordinator()));
  return ConnectTo(endpoint, nullptr);
}

absl::StatusOr<Client*> Session::ConnectTo(
    const Endpoint& endpoint, std::shared_ptr<TokenSource> tokens) {
  client_ = std::make_unique<Client>(
      environment_.dial(endpoint, TlsFiles(), std::move(tokens)),
      environment_.interruption.stop());
  const absl::Status reached = client_->Reach(kReachPatience);
  if (absl::IsUnavailable(reached) || absl::IsDeadlineExceeded(reached)) {
    RETURN_IF_ERROR(environment_.probe(endpoint, TlsFiles(), kProbePatience));
    return absl::UnavailableError(absl::StrCat(
        "no coordinator answers at ", ToString(endpoint),
        "; name one with --coordinator, or start one with 'atelier up'"));
  }
  RETURN_IF_ERROR(reached);
  return client_.get();
}

void Session::Warn(absl::string_view line) {
  if (!flags.quiet)
    environment_.err << ErrorLine("atelier", line) << std::flush;
}

void Session::Tell(absl::string_view line) {
  if (flags.quiet) return;
  environment_.err << ClippedText(line, kMaxErrorBytes) << std::endl;
}

}  // namespace atelier
