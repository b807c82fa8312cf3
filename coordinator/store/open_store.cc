#include "coordinator/store/open_store.h"

#include <utility>

#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "common/status_macros.h"
#include "coordinator/store/sqlite/sqlite_store.h"

namespace atelier {
namespace {

absl::StatusOr<OpenedStore> OpenSqlite(const std::string& folder) {
  ASSIGN_OR_RETURN(std::unique_ptr<SqliteStore> store,
                   SqliteStore::Open(folder));
  ASSIGN_OR_RETURN(const SqliteStore::Settings settings, store->ReadSettings());
  OpenedStore opened;
  opened.was_used = settings.epoch > 0;
  opened.rebuilt = store->rebuilt();
  opened.store = std::move(store);
  return opened;
}

}  // namespace

absl::StatusOr<OpenedStore> OpenStore(const std::string& url) {
  absl::string_view rest = url;
  if (absl::ConsumePrefix(&rest, "sqlite:")) {
    return OpenSqlite(std::string(rest));
  }
  return InvalidArgument("store: \"", url, "\" is not allowed; sqlite:FOLDER");
}

}  // namespace atelier
