#include "coordinator/blobs/artifact_store.h"

#include "common/status_macros.h"

namespace atelier {

absl::StatusOr<bool> ReadsToItsEnd(ArtifactStore& store,
                                   absl::string_view digest) {
  constexpr size_t kAtOnce = size_t{1} << 20;
  const auto is_bad = [](const absl::Status& status) {
    return absl::IsNotFound(status) || absl::IsDataLoss(status);
  };
  const absl::StatusOr<std::unique_ptr<ArtifactReader>> reader =
      store.Open(digest, 0);
  if (is_bad(reader.status())) return false;
  RETURN_IF_ERROR(reader.status());
  while (true) {
    const absl::StatusOr<std::string> bytes = (*reader)->Read(kAtOnce);
    if (is_bad(bytes.status())) return false;
    RETURN_IF_ERROR(bytes.status());
    if (bytes->empty()) return true;
  }
}

}  // namespace atelier
