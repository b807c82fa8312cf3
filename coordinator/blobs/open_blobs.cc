#include "coordinator/blobs/open_blobs.h"

#include <utility>

#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "common/status_macros.h"
#include "coordinator/blobs/bounded_blob_store.h"
#include "coordinator/blobs/directory/directory_blob_store.h"

namespace atelier {

absl::StatusOr<std::unique_ptr<BlobStore>> OpenBlobs(const std::string& url,
                                                     int max_calls) {
  absl::string_view rest = url;
  if (!absl::ConsumePrefix(&rest, "directory:")) {
    return InvalidArgument("artifacts: \"", url,
                           "\" is not allowed; directory:FOLDER");
  }
  ASSIGN_OR_RETURN(std::unique_ptr<BlobStore> blobs,
                   OpenDirectoryBlobStore(std::string(rest)));
  return std::make_unique<BoundedBlobStore>(std::move(blobs), max_calls);
}

}  // namespace atelier
