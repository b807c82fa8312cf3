// Small pictures in the place of large ones.
//
//   RecordThumbnail(catalog, {of_digest, 256, digest}, done);
//   DownloadThumbnail(catalog, of_digest, 256, [](auto download) { ... });
#ifndef ATELIER_COORDINATOR_ARTIFACTS_THUMBNAILS_H_
#define ATELIER_COORDINATOR_ARTIFACTS_THUMBNAILS_H_

#include <memory>
#include <string>

#include "coordinator/artifacts/artifact_catalog.h"
#include "coordinator/blobs/blob_store.h"
#include "coordinator/state/records.h"

namespace atelier {

/// A picture on its way out, or its thumbnail.
struct PictureDownload {
  std::shared_ptr<ArtifactDownload> download;
  bool is_thumbnail = false;
};

/// It takes the place of one of the same picture and size. No effect where its
/// bytes, which were brought just now, are gone again. `done` hears once it is
/// durable. Errors: Unavailable (repeat).
void RecordThumbnail(ArtifactCatalog& catalog, ThumbnailRecord thumbnail,
                     BlobDone done);

/// The picture's thumbnail of this size, where there is one and its bytes are
/// whole; else the picture. Waits for the store.
/// Errors: as ArtifactCatalog::Download of the picture.
void DownloadThumbnail(ArtifactCatalog& catalog, const std::string& of_digest,
                       int size_px,
                       ArtifactCatalog::Callback<PictureDownload> done);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_ARTIFACTS_THUMBNAILS_H_
