#include "coordinator/control_options.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "common/artifact_kind.h"
#include "common/log/log.h"
#include "common/random_id.h"
#include "coordinator/api/views/job_conversion.h"
#include "coordinator/artifacts/artifact_catalog.h"
#include "coordinator/artifacts/artifact_rows.h"
#include "coordinator/blobs/blob_call.h"

namespace atelier {
namespace {

// None where that can't be said: they are rendered again.
std::set<std::string> FindPictures(ArtifactCatalog& artifacts,
                                   const std::set<std::string>& digests) {
  using Found = absl::StatusOr<std::set<std::string>>;
  return AwaitCall<Found>([&](BlobCallback<Found> done) {
           artifacts.FindPresent(ArtifactKind::kArtifact, digests,
                                 std::move(done));
         })
      .value_or(std::set<std::string>());
}

}  // namespace

ControlPlane::Options ControlOptions(const CoordinatorFlags& flags,
                                     Storage& storage) {
  ControlPlane::Options options;
  options.state = flags.state;
  options.state.make_secret = RandomId;
  options.decode_spec = DecodeSpec;
  options.private_jobs = flags.private_jobs;
  options.find_pictures = [&storage](const std::set<std::string>& digests) {
    return FindPictures(storage.artifacts(), digests);
  };
  options.notice = [](const std::string& line) { LogWarning(line); };
  options.discard_checkpoints = [&storage](std::vector<std::string> digests) {
    storage.checkpoint_files().Discard(std::move(digests));
  };
  ArtifactRows& rows = storage.artifacts().rows();
  options.picture_made = [&rows](const MadePicture& made) {
    rows.Charge({ArtifactKind::kArtifact, made.digest}, made.user);
  };
  options.owner_bytes = &rows.owner_bytes();
  options.epoch_has_begun = [&storage] { storage.LoadArtifacts(); };
  options.storage_is_full = [&storage] { return !storage.MayWrite().ok(); };
  return options;
}

}  // namespace atelier
