#include "coordinator/store/open_store.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "common/field_error.h"
#include "common/quoted_text.h"
#include "common/status_macros.h"
#include "coordinator/store/postgresql/pq_store.h"
#include "coordinator/store/postgresql/pq_url.h"
#include "coordinator/store/sqlite/sqlite_store.h"

namespace atelier {
namespace {

constexpr char kSqlite[] = "sqlite:";

absl::StatusOr<OpenedStore> OpenSqlite(const std::string& folder) {
  ASSIGN_OR_RETURN(std::unique_ptr<SqliteStore> store,
                   SqliteStore::Open(folder));
  ASSIGN_OR_RETURN(const SqliteStore::Settings settings, store->ReadSettings());
  OpenedStore opened;
  opened.was_used = settings.epoch > 0;
  opened.rebuilt = store->rebuilt();
  opened.name = absl::StrCat(folder, "/atelier.db");
  opened.store = std::move(store);
  return opened;
}

absl::StatusOr<OpenedStore> OpenPostgresql(const std::string& url) {
  ASSIGN_OR_RETURN(std::unique_ptr<PostgresqlStore> store,
                   PostgresqlStore::Open(url));
  ASSIGN_OR_RETURN(const int64_t epoch, store->ReadEpoch());
  OpenedStore opened;
  ASSIGN_OR_RETURN(opened.name, NameOfServer(url));
  opened.was_used = epoch > 0;
  opened.store = std::move(store);
  return opened;
}

}  // namespace

bool IsRemoteStore(const std::string& url) {
  return absl::StartsWith(url, "postgresql://") ||
         absl::StartsWith(url, "postgres://");
}

absl::Status CheckStoreUrl(const std::string& url) {
  if (IsRemoteStore(url)) return CheckPqUrl(url);
  if (absl::StartsWith(url, kSqlite)) return absl::OkStatus();
  // Behind a scheme that was mistyped may be a password.
  const auto end = std::find_if_not(url.begin(), url.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c));
  });
  const std::string scheme(url.begin(), end);
  return FieldError("store", absl::StrCat(Quoted(scheme),
                                          " is no store; sqlite:FOLDER or "
                                          "postgresql://USER@HOST/DATABASE"));
}

absl::StatusOr<OpenedStore> OpenStore(const std::string& url) {
  RETURN_IF_ERROR(CheckStoreUrl(url));
  if (IsRemoteStore(url)) return OpenPostgresql(url);
  return OpenSqlite(std::string(absl::StripPrefix(url, kSqlite)));
}

}  // namespace atelier
