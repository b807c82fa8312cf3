// Which artifacts jobs still name.
#ifndef ATELIER_COORDINATOR_STORE_NAMED_DIGESTS_H_
#define ATELIER_COORDINATOR_STORE_NAMED_DIGESTS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace atelier {

/// A set of digests that may be larger than memory. Thread-compatible.
/// Errors: as Store's.
class NamedDigests {
 public:
  virtual ~NamedDigests() = default;
  virtual absl::Status Add(const std::string& digest) = 0;
  virtual absl::StatusOr<bool> Has(const std::string& digest) = 0;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STORE_NAMED_DIGESTS_H_
