// The real coordinator as a child on a folder of its own.
#ifndef ATELIER_TESTS_BENCH_BENCH_COORDINATOR_H_
#define ATELIER_TESTS_BENCH_BENCH_COORDINATOR_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "atelier/v1/jobs.grpc.pb.h"
#include "common/endpoint.h"
#include "common/token/token_source.h"
#include "grpcpp/channel.h"
#include "tests/bench/bench_database.h"
#include "tests/testing/child_process.h"
#include "tests/testing/tls_files.h"

namespace atelier {

/// How callers come to it.
enum class BenchAccess {
  kInsecure,  ///< As anybody.
  kToken,     ///< With the token of this machine's user: by default.
  kTls,       ///< With that, over TLS.
};

/// Where it keeps jobs and tasks.
enum class BenchStore {
  kSqlite,      ///< In its folder.
  kPostgresql,  ///< In a database of MakeBenchDatabase.
};

/// Killed, and its folder removed, at the end of its scope. Thread-compatible.
class BenchCoordinator {
 public:
  /// Serves, and holds BenchArtifacts.
  /// Errors: Unavailable (it did not come up; says what it wrote), and those
  ///         of MakeBenchDatabase.
  static absl::StatusOr<std::unique_ptr<BenchCoordinator>> Start(
      BenchAccess access, BenchStore store);

  /// A connection that no other caller shares.
  std::shared_ptr<grpc::Channel> Connect() const;
  /// Where its page is, and the token for it; empty where it needs none.
  Endpoint http() const;
  std::string HttpToken() const;
  /// Its database's tables; none with kSqlite. REQUIRES: Kill.
  absl::StatusOr<std::vector<TableFigures>> Tables() const;
  /// As clients' flags have it.
  std::vector<std::string> ClientFlags() const;

  absl::StatusOr<v1::Job> Submit(const v1::JobSpec& spec);
  absl::StatusOr<v1::Job> Get(const std::string& job_id);
  absl::StatusOr<v1::Job> Cancel(const std::string& job_id);

  /// kill -9.
  void Kill();
  /// Starts it again on the same folder. Returns how long it took until the job
  /// was answered.
  absl::StatusOr<absl::Duration> Restart(const std::string& job_id);

  /// Resident memory now, as /proc has it.
  absl::StatusOr<double> ResidentMegabytes() const;
  /// Processor time since its start.
  absl::StatusOr<absl::Duration> CpuTime() const;

 private:
  explicit BenchCoordinator(BenchAccess access);
  absl::Status StartChild();
  absl::Status UploadArtifacts();

  const BenchAccess access_;
  TemporaryFolder folder_;
  std::shared_ptr<TokenSource> tokens_;
  std::optional<TlsFiles> tls_files_;  // With kTls.
  std::string database_;               // Its URL, with kPostgresql.
  std::unique_ptr<ChildProcess> child_;
  std::string address_;
  std::string http_;
  std::unique_ptr<v1::Jobs::Stub> jobs_;
};

}  // namespace atelier

#endif  // ATELIER_TESTS_BENCH_BENCH_COORDINATOR_H_
