// What `atelier-worker` can be told on its command line.
#ifndef ATELIER_WORKER_WORKER_FLAGS_H_
#define ATELIER_WORKER_WORKER_FLAGS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/endpoint.h"
#include "common/tls/client_files.h"
#include "common/token/token_source.h"

namespace atelier {

class Command;

struct WorkerFlags {
  std::string coordinator = "127.0.0.1:7070";
  TlsClientFiles tls;
  std::string token_file;          ///< Empty: not given.
  TokenVariables token_variables;  ///< Filled in before CompleteWorkerFlags.
  std::string device = "cpu";
  int threads = 0;
  std::string backend = "auto";
  int batch = 1;
  std::vector<std::string> tags;
  std::string name;   ///< Empty: DefaultWorkerName().
  std::string cache;  ///< Empty: a folder for the life of the process.
  int64_t cache_bytes = int64_t{10} << 30;
  int64_t picture_cache_bytes = int64_t{512} << 20;
  int64_t target_cache_bytes = int64_t{256} << 20;
  int64_t memory_limit_bytes = 0;  ///< 0: all there is.
  std::string checkpoint_every = "60s";
  std::string stop_within = "10s";
  std::string decode_within = "2m";
  bool require_sandbox = false;
  bool exit_with_parent = false;
  std::string log_level = "info";

  // What CompleteWorkerFlags makes of the texts above.
  absl::Duration checkpoint_interval;  ///< Infinite: none are made.
  absl::Duration stop_bound;
  absl::Duration decode_bound;
  Endpoint coordinator_endpoint;
  std::shared_ptr<TokenSource> tokens;
};

/// Declares the flags; parsing fills `flags`, which must outlive `app`.
void AddWorkerFlags(Command& app, WorkerFlags& flags);

/// What parsing does not check. Fills in the default name. Reads the files of
/// TLS and of the token.
/// Errors: InvalidArgument (names the flag, what was given, what is allowed).
absl::Status CompleteWorkerFlags(WorkerFlags& flags);

/// "HOST-PID", of the characters a name may have.
std::string DefaultWorkerName();

}  // namespace atelier

#endif  // ATELIER_WORKER_WORKER_FLAGS_H_
