// What a server shows of itself, from files that are replaced while it runs.
//
//   ASSIGN_OR_RETURN(auto files, ServerCertificateFiles::Open(paths));
//   // Every second: files->Refresh();
//   // For each new connection: files->Current()->chain_pem
#ifndef ATELIER_COMMON_TLS_SERVER_CERTIFICATE_H_
#define ATELIER_COMMON_TLS_SERVER_CERTIFICATE_H_

#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace atelier {

/// Fits together: the key is that of the chain's first certificate.
struct ServerCertificate {
  std::string chain_pem;
  std::string key_pem;
  std::string worker_ca_pem;  ///< Empty: workers need no certificate.
  absl::Time expires_at;      ///< The first of the chain that does.
};

/// Names files as the flags of a coordinator do.
struct ServerCertificatePaths {
  std::string tls_cert;
  std::string tls_key;
  std::string worker_ca;  ///< May be empty.
};

/// Thread-safe.
class ServerCertificateFiles {
 public:
  /// Errors: InvalidArgument (FieldError "tls-cert", "tls-key" or "worker-ca";
  ///         names the file).
  static absl::StatusOr<std::unique_ptr<ServerCertificateFiles>> Open(
      ServerCertificatePaths paths);

  /// The last that could be used.
  std::shared_ptr<const ServerCertificate> Current() const;

  /// Reads the files again. Returns whether Current is new.
  /// Errors: as Open, once for each state of the files that cannot be used, as
  ///         one that is half written; Current stays.
  absl::StatusOr<bool> Refresh();

 private:
  explicit ServerCertificateFiles(ServerCertificatePaths paths)
      : paths_(std::move(paths)) {}

  absl::StatusOr<ServerCertificate> Load() const;

  const ServerCertificatePaths paths_;
  mutable absl::Mutex mutex_;
  std::shared_ptr<const ServerCertificate> current_ ABSL_GUARDED_BY(mutex_);
  std::string last_error_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace atelier

#endif  // ATELIER_COMMON_TLS_SERVER_CERTIFICATE_H_
