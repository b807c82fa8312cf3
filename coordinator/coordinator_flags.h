// What `atelier-coordinator` can be told on its command line.
#ifndef ATELIER_COORDINATOR_COORDINATOR_FLAGS_H_
#define ATELIER_COORDINATOR_COORDINATOR_FLAGS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/endpoint.h"
#include "common/tls/server_certificate.h"
#include "coordinator/access/call_limits.h"
#include "coordinator/api/http/http_server_options.h"
#include "coordinator/api/views/job_validation.h"
#include "coordinator/control/audit_log.h"
#include "coordinator/state/cluster_state.h"
#include "coordinator/storage.h"

namespace atelier {

class Command;

struct CoordinatorFlags {
  std::string listen = "127.0.0.1:7070";
  std::string http = "127.0.0.1:7071";
  std::string data;
  std::string store;
  std::string tls_cert;
  std::string tls_key;
  std::string worker_ca;
  bool insecure = false;
  std::string local_token;
  bool open_metrics = false;
  bool private_jobs = false;
  std::string keep_audit = "90d";
  AuditLogOptions audit;
  std::string lease = "30s";
  std::string long_poll = "20s";
  std::string sync_interval = "2s";
  std::string stall_after = "30m";
  std::string preview_every = "5s";
  std::vector<std::string> user_weights;
  std::string share_half_life = "1h";
  JobLimits jobs;
  int max_watches = 10'000;
  CallLimitsOptions call_limits;
  HttpServerOptions http_bounds;
  std::string verify_after = "24h";
  std::string scrub_every = "24h";
  std::string keep_jobs = "forever";
  StorageOptions storage;
  std::string ready_file;
  bool exit_with_parent = false;
  std::string log_level = "info";

  // What CompleteCoordinatorFlags makes of the texts above.
  Endpoint listen_endpoint;
  std::optional<Endpoint> http_endpoint;  ///< Nothing: not served.
  /// Null: without TLS.
  std::shared_ptr<ServerCertificateFiles> certificate;
  /// Whether callers need a token: not where nothing but a Unix socket, or
  /// nothing guarded, is served.
  bool wants_tokens = false;
  StateOptions state;
  absl::Duration keep_jobs_for = absl::InfiniteDuration();
};

/// Declares the flags; parsing fills `flags`, which must outlive `app`.
void AddCoordinatorFlags(Command& app, CoordinatorFlags& flags);

/// What parsing does not check. Reads the files of TLS.
/// Errors: InvalidArgument (names the flag, what was given, what is allowed).
absl::Status CompleteCoordinatorFlags(CoordinatorFlags& flags);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_COORDINATOR_FLAGS_H_
