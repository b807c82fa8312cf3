#include "coordinator/store/sqlite/sqlite_thumbnails.h"

namespace atelier {

std::optional<std::string> SelectThumbnail(soci::session& sql,
                                           const std::string& of_digest,
                                           int size_px) {
  std::string digest;
  std::optional<std::string> found;
  soci::statement select =
      (sql.prepare << "SELECT digest FROM thumbnails "
                      "WHERE of_digest = :of AND size_px = :size",
       soci::use(of_digest), soci::use(size_px), soci::into(digest));
  select.execute();
  // To the end, or the log could not be copied under it.
  while (select.fetch()) found = digest;
  return found;
}

void WriteThumbnail(soci::session& sql, const ThumbnailRecord& thumbnail) {
  sql << "REPLACE INTO thumbnails (of_digest, size_px, digest) "
         "VALUES (:of, :size, :digest)",
      soci::use(thumbnail.of_digest), soci::use(thumbnail.size_px),
      soci::use(thumbnail.digest);
}

void DropThumbnails(soci::session& sql, const ArtifactRecord& gone) {
  if (gone.kind == ArtifactKind::kArtifact) {
    sql << "DELETE FROM thumbnails WHERE of_digest = :of",
        soci::use(gone.digest);
  } else if (gone.kind == ArtifactKind::kPreview) {
    sql << "DELETE FROM thumbnails WHERE digest = :digest",
        soci::use(gone.digest);
  }
}

}  // namespace atelier
