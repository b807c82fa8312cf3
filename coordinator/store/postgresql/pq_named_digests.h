// NamedDigests in a temporary table of its own connection.
#ifndef ATELIER_COORDINATOR_STORE_POSTGRESQL_PQ_NAMED_DIGESTS_H_
#define ATELIER_COORDINATOR_STORE_POSTGRESQL_PQ_NAMED_DIGESTS_H_

#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "coordinator/store/named_digests.h"
#include "coordinator/store/postgresql/pq_connection.h"

namespace atelier {

class PqNamedDigests : public NamedDigests {
 public:
  /// Reads the pictures of every job that runs, or ended at `ended_since` or
  /// later. Errors: the connection's.
  static absl::StatusOr<std::unique_ptr<NamedDigests>> Make(
      const std::string& url, absl::Time ended_since);

  absl::Status Add(const std::string& digest) override;
  absl::StatusOr<bool> Has(const std::string& digest) override;

 private:
  explicit PqNamedDigests(std::unique_ptr<PqConnection> connection)
      : connection_(std::move(connection)) {}

  std::unique_ptr<PqConnection> connection_;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STORE_POSTGRESQL_PQ_NAMED_DIGESTS_H_
