// From digests to what a renderer takes: fetched, decoded, resized, checked.
#ifndef ATELIER_WORKER_AGENT_INPUT_LOADER_H_
#define ATELIER_WORKER_AGENT_INPUT_LOADER_H_

#include <string>

#include "absl/status/statusor.h"
#include "common/image/image.h"
#include "common/render/params.h"
#include "common/rpc/artifact_client.h"
#include "common/rpc/stop_signal.h"
#include "common/weights/weight_file.h"
#include "worker/agent/input_cache.h"
#include "worker/agent/renderer.h"

namespace atelier {

/// Thread-compatible. Both parts must outlive it, and may be shared.
class InputLoader {
 public:
  InputLoader(ArtifactClient& artifacts, InputCache& cache,
              DecodeLimits limits = {})
      : artifacts_(artifacts), cache_(cache), limits_(limits) {}

  /// Content and style have `params.size_px` on their longer side, the initial
  /// picture the content's size.
  /// Errors: InvalidArgument (a picture that cannot be decoded or is too small
  ///         for the layers, a weight file that cannot be read; names which),
  ///         Cancelled when stopped, Internal when an input cannot be fetched.
  absl::StatusOr<RenderJob> Load(const Render& render, StopSignal& stop);

 private:
  absl::StatusOr<std::string> Fetch(const char* what, const std::string& digest,
                                    StopSignal& stop);
  absl::StatusOr<WeightBytes> FetchWeights(const std::string& digest,
                                           StopSignal& stop);
  absl::StatusOr<Image> FetchPicture(const char* what,
                                     const std::string& digest,
                                     StopSignal& stop);

  ArtifactClient& artifacts_;
  InputCache& cache_;
  const DecodeLimits limits_;
  WeightBytes last_weights_;  // Small ones only: a sweep asks again and again.
};

}  // namespace atelier

#endif  // ATELIER_WORKER_AGENT_INPUT_LOADER_H_
