// Rows of thumbnails in the SQLite file.
#ifndef ATELIER_COORDINATOR_STORE_SQLITE_SQLITE_THUMBNAILS_H_
#define ATELIER_COORDINATOR_STORE_SQLITE_SQLITE_THUMBNAILS_H_

#include <soci/soci.h>

#include <optional>
#include <string>

#include "coordinator/state/records.h"

namespace atelier {

/// As Store::FindThumbnail.
/// Throws: soci::soci_error, as the others.
std::optional<std::string> SelectThumbnail(soci::session& sql,
                                           const std::string& of_digest,
                                           int size_px);

/// REQUIRES: inside a transaction, as the next.
void WriteThumbnail(soci::session& sql, const ThumbnailRecord& thumbnail);

/// Those that it has or, of a preview, that it is.
void DropThumbnails(soci::session& sql, const ArtifactRecord& gone);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STORE_SQLITE_SQLITE_THUMBNAILS_H_
