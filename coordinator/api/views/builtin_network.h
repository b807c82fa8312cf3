// The network that comes with Atelier, as the coordinator has it: who makes a
// job from it need not bring it.
#ifndef ATELIER_COORDINATOR_API_VIEWS_BUILTIN_NETWORK_H_
#define ATELIER_COORDINATOR_API_VIEWS_BUILTIN_NETWORK_H_

#include <string>

#include "coordinator/artifacts/artifact_catalog.h"

namespace atelier {

namespace v1 {
class NetworkDescription;
}  // namespace v1

/// Of its file. Lifetime: the program's.
const std::string& BuiltinNetworkDigest();
/// As JobSpec.networks takes it. Lifetime: the program's.
const v1::NetworkDescription& BuiltinNetworkDescription();

/// Stores it unless it is there, for nobody's quota. Returns at once; `done`
/// runs as ArtifactCatalog's callbacks. Errors: as ArtifactCatalog::Upload and
/// ArtifactUpload.
void StoreBuiltinNetwork(ArtifactCatalog& artifacts, BlobDone done);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_VIEWS_BUILTIN_NETWORK_H_
