#include "coordinator/artifacts/thumbnails.h"

#include <optional>
#include <utility>

#include "absl/status/statusor.h"

namespace atelier {
namespace {

using Opened = absl::StatusOr<std::shared_ptr<ArtifactDownload>>;

void DownloadPicture(ArtifactCatalog& catalog, const std::string& digest,
                     ArtifactCatalog::Callback<PictureDownload> done) {
  catalog.Download({ArtifactKind::kArtifact, digest}, /*offset_bytes=*/0,
                   [done = std::move(done)](const Opened& opened) {
                     if (opened.ok()) {
                       done(PictureDownload{*opened});
                     } else {
                       done(opened.status());
                     }
                   });
}

}  // namespace

void RecordThumbnail(ArtifactCatalog& catalog, ThumbnailRecord thumbnail,
                     BlobDone done) {
  catalog.rows().Write(std::move(thumbnail), std::move(done));
}

void DownloadThumbnail(ArtifactCatalog& catalog, const std::string& of_digest,
                       int size_px,
                       ArtifactCatalog::Callback<PictureDownload> done) {
  // The picture does for any thumbnail that cannot be had.
  const std::optional<std::string> thumbnail =
      catalog.rows().FindThumbnail(of_digest, size_px).value_or(std::nullopt);
  if (!thumbnail.has_value()) {
    DownloadPicture(catalog, of_digest, std::move(done));
    return;
  }
  catalog.Download(
      {ArtifactKind::kPreview, *thumbnail}, /*offset_bytes=*/0,
      [&catalog, of_digest, done = std::move(done)](const Opened& opened) {
        if (opened.ok()) {
          done(PictureDownload{*opened, /*is_thumbnail=*/true});
        } else {
          DownloadPicture(catalog, of_digest, done);
        }
      });
}

}  // namespace atelier
