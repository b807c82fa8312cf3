// The store that a URL names.
#ifndef ATELIER_COORDINATOR_STORE_OPEN_STORE_H_
#define ATELIER_COORDINATOR_STORE_OPEN_STORE_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "coordinator/store/store.h"

namespace atelier {

/// A store, and what its opening has shown.
struct OpenedStore {
  std::unique_ptr<Store> store;
  /// FOLDER/atelier.db or postgresql://HOST/DATABASE; for messages.
  std::string name;
  /// Whether some coordinator has begun an epoch in it.
  bool was_used = false;
  /// Damaged tables that were made again, and what that means; for people.
  std::vector<std::string> rebuilt;
};

/// Whether OpenStore knows such URLs; opens nothing. A URL with a password is
/// refused, and stands in no message.
/// Errors: InvalidArgument (field "store").
absl::Status CheckStoreUrl(const std::string& url);

/// Whether the store is not in a folder of this machine, but with a server that
/// has failures of its own.
bool IsRemoteStore(const std::string& url);

/// "sqlite:FOLDER": FOLDER/atelier.db, made where it is missing; FOLDER is
/// locked against other coordinators.
/// "postgresql://..." or "postgres://...": see PostgresqlStore::Open; whoever
/// begins an epoch last is its one writer.
/// Errors: as CheckStoreUrl, and the store's.
absl::StatusOr<OpenedStore> OpenStore(const std::string& url);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STORE_OPEN_STORE_H_
