// From digests to what a renderer takes: fetched, decoded, resized, checked.
#ifndef ATELIER_WORKER_AGENT_INPUT_LOADER_H_
#define ATELIER_WORKER_AGENT_INPUT_LOADER_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "common/image/image.h"
#include "common/image/mask.h"
#include "common/render/params.h"
#include "common/rpc/artifact_client.h"
#include "common/rpc/stop_signal.h"
#include "common/weights/weight_file.h"
#include "worker/agent/input_cache.h"
#include "worker/agent/picture_cache.h"
#include "worker/agent/renderer.h"

namespace atelier {

/// Thread-safe. All parts must outlive it, and may be shared.
class InputLoader {
 public:
  using DecodeFn = std::function<absl::StatusOr<Image>(absl::string_view)>;

  InputLoader(
      ArtifactClient& artifacts, InputCache& cache, PictureCache& pictures,
      DecodeFn decode = [](absl::string_view bytes) { return Decode(bytes); })
      : artifacts_(artifacts),
        cache_(cache),
        pictures_(pictures),
        decode_(std::move(decode)) {}

  /// The content has `params.size_px` on its longer side, styles that times
  /// `params.style_scale`; the initial picture and masks have the content's
  /// size, regions their style's. Styles are matched to the content's colours
  /// where the render asks for it.
  /// Errors: InvalidArgument (a picture that cannot be decoded, is no mask or
  ///         is too small for the layers, a weight file that cannot be read;
  ///         names which), Cancelled when stopped, Internal when an input
  ///         cannot be fetched.
  absl::StatusOr<RenderJob> Load(const Render& render, StopSignal& stop);

  /// What it keeps in memory between renders, and lets go of when asked:
  /// weights and the pictures in their cache.
  int64_t kept_bytes() const;
  void Forget();

 private:
  // An input picture: what it is called in messages, and its digest.
  struct Input {
    std::string what;
    std::string digest;
  };
  // What a picture of some size is resized to: width and height.
  using Fit = absl::FunctionRef<std::pair<int, int>(const Image&)>;

  absl::StatusOr<std::string> Fetch(const std::string& what,
                                    const std::string& digest,
                                    StopSignal& stop);
  absl::StatusOr<WeightBytes> FetchWeights(const std::string& digest,
                                           StopSignal& stop);
  absl::StatusOr<Image> LoadContent(const Render& render, StopSignal& stop);
  // Decoded and resized. `treatment` says how: all that `fit` depends on.
  absl::StatusOr<Image> FetchPicture(const Input& input,
                                     const std::string& treatment, Fit fit,
                                     StopSignal& stop);
  absl::StatusOr<Image> FetchResized(const Input& input, const Image& like,
                                     StopSignal& stop);
  // Empty for an input without a digest.
  absl::StatusOr<Mask> FetchMask(const Input& input, const Image& over,
                                 StopSignal& stop);
  absl::StatusOr<RenderStyle> LoadStyle(const Render& render, size_t index,
                                        const Image& content, StopSignal& stop);

  ArtifactClient& artifacts_;
  InputCache& cache_;
  PictureCache& pictures_;
  const DecodeFn decode_;

  absl::Mutex fetching_weights_;  // Held while weights are fetched.
  mutable absl::Mutex mutex_;
  // Of the last weights: a sweep asks again and again, several slots at once.
  std::string weights_digest_ ABSL_GUARDED_BY(mutex_);
  std::weak_ptr<const std::string> weights_in_use_ ABSL_GUARDED_BY(mutex_);
  // Small ones only.
  std::shared_ptr<const std::string> kept_weights_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace atelier

#endif  // ATELIER_WORKER_AGENT_INPUT_LOADER_H_
