// NamedDigests in a temporary table of its own connection.
#ifndef ATELIER_COORDINATOR_STORE_SQLITE_SQLITE_NAMED_DIGESTS_H_
#define ATELIER_COORDINATOR_STORE_SQLITE_SQLITE_NAMED_DIGESTS_H_

#include <soci/soci.h>

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "coordinator/store/named_digests.h"

namespace atelier {

class SqliteNamedDigests : public NamedDigests {
 public:
  /// Reads the pictures of every job that runs, or ended at `ended_since` or
  /// later. Other connections go on meanwhile.
  /// Throws: soci::soci_error.
  SqliteNamedDigests(const std::string& path, absl::Time ended_since);

  absl::Status Add(const std::string& digest) override;
  absl::StatusOr<bool> Has(const std::string& digest) override;

 private:
  soci::session sql_;
  std::string digest_;
  int found_ = 0;
  soci::statement add_, find_;  // Last: bound to the variables above.
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STORE_SQLITE_SQLITE_NAMED_DIGESTS_H_
