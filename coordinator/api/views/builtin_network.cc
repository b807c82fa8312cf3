#include "coordinator/api/views/builtin_network.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "atelier/v1/render.pb.h"
#include "common/artifact_kind.h"
#include "common/rpc/render_conversion.h"
#include "common/weights/builtin.h"
#include "common/weights/weight_file.h"

namespace atelier {
namespace {

constexpr size_t kPieceBytes = size_t{256} << 10;

// Compiled in: it is what it is.
const WeightBytes& Builtin() {
  static const auto* const weights =
      new WeightBytes(LoadWeights(std::string(kBuiltinNetwork)).value());
  return *weights;
}

// From this byte on, then commits it. Each call keeps the upload.
void AppendFrom(size_t from, const std::shared_ptr<ArtifactUpload>& upload,
                const BlobDone& done) {
  const absl::string_view piece =
      BuiltinNetworkBytes().substr(from, kPieceBytes);
  if (piece.empty()) {
    upload->Commit(
        [upload, done](const absl::Status& status) { done(status); });
    return;
  }
  upload->Append(std::string(piece), [upload, done, next = from + piece.size()](
                                         const absl::Status& status) {
    if (!status.ok()) return done(status);
    AppendFrom(next, upload, done);
  });
}

}  // namespace

const std::string& BuiltinNetworkDigest() { return Builtin().digest; }

const v1::NetworkDescription& BuiltinNetworkDescription() {
  static const auto* const network =
      new v1::NetworkDescription(ToProto(DescribeWeights(Builtin()).value()));
  return *network;
}

void StoreBuiltinNetwork(ArtifactCatalog& artifacts, BlobDone done) {
  artifacts.Upload(
      {ArtifactKind::kArtifact, BuiltinNetworkDigest()},
      static_cast<int64_t>(BuiltinNetworkBytes().size()),
      [done = std::move(done)](
          const absl::StatusOr<std::shared_ptr<ArtifactUpload>>& upload) {
        if (!upload.ok() || *upload == nullptr) return done(upload.status());
        AppendFrom(0, *upload, done);
      });
}

}  // namespace atelier
