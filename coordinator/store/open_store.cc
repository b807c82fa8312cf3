#include "coordinator/store/open_store.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "common/status_macros.h"
#include "coordinator/store/postgresql/pq_store.h"
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

absl::StatusOr<OpenedStore> OpenPostgresql(const std::string& url) {
  ASSIGN_OR_RETURN(std::unique_ptr<PostgresqlStore> store,
                   PostgresqlStore::Open(url));
  ASSIGN_OR_RETURN(const int64_t epoch, store->ReadEpoch());
  OpenedStore opened;
  opened.was_used = epoch > 0;
  opened.store = std::move(store);
  return opened;
}

// What may have a password after a scheme that was mistyped is not shown.
absl::string_view Shown(absl::string_view url) {
  const size_t at = url.find("://");
  return at == absl::string_view::npos ? url : url.substr(0, at + 3);
}

}  // namespace

absl::StatusOr<OpenedStore> OpenStore(const std::string& url) {
  absl::string_view rest = url;
  if (absl::ConsumePrefix(&rest, "sqlite:")) {
    return OpenSqlite(std::string(rest));
  }
  if (absl::StartsWith(url, "postgresql://") ||
      absl::StartsWith(url, "postgres://")) {
    return OpenPostgresql(url);
  }
  return InvalidArgument("store: \"", Shown(url),
                         "\" is not allowed; sqlite:FOLDER or "
                         "postgresql://USER@HOST/DATABASE");
}

}  // namespace atelier
