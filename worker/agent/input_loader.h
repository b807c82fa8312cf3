// From digests to what a renderer takes: fetched, decoded, resized, checked.
#ifndef ATELIER_WORKER_AGENT_INPUT_LOADER_H_
#define ATELIER_WORKER_AGENT_INPUT_LOADER_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
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
#include "worker/agent/measurer.h"
#include "worker/agent/picture_cache.h"
#include "worker/agent/renderer.h"

namespace atelier {

/// Width and height of pictures by digest, as a job describes them.
using DescribedSizes = std::map<std::string, std::pair<int, int>>;

/// How bytes from strangers are read: by the functions of these names, or in a
/// process apart. One file at a time.
struct InputReaders {
  std::function<absl::StatusOr<Image>(absl::string_view, FitFn,
                                      const DecodeLimits&)>
      picture = DecodeToFit;
  std::function<absl::StatusOr<WeightFile>(const WeightBytes&)> weights =
      ParseWeights;
};

/// What is told of a call of Load while it runs, on its thread.
struct LoadListener {
  /// A line for the log of the attempt; absent: for none.
  std::function<void(absl::string_view line)> said;
  /// Gets content, styles and the initial picture by their digests, if there:
  /// as they were decoded, to the size that the render has them in. None whose
  /// sides had to be stretched.
  std::function<void(const std::string& digest, const Image& picture)> decoded;
};

/// Thread-safe. All parts must outlive it, and may be shared.
class InputLoader {
 public:
  InputLoader(ArtifactClient& artifacts, InputCache& cache,
              PictureCache& pictures, PictureMemory memory = {},
              InputReaders readers = {})
      : artifacts_(artifacts),
        cache_(cache),
        pictures_(pictures),
        memory_(std::move(memory)),
        readers_(std::move(readers)) {}

  /// The content has `params.size_px` on its longer side, styles that times
  /// `params.style_scale`; the initial picture and masks have the content's
  /// size, regions their style's. Styles are matched to the content's colours
  /// where the render asks for it.
  /// Errors: InvalidArgument (a picture that cannot be decoded, is no mask, is
  ///         too small for the layers or of another size than `described`; a
  ///         weight file that cannot be read; names which), ResourceExhausted
  ///         (a picture that can't be decoded in the memory there is; both
  ///         figures), Cancelled when stopped, Internal when an input cannot be
  ///         fetched. They are fetched for the `attempt`.
  absl::StatusOr<RenderJob> Load(const Render& render, StopSignal& stop,
                                 const DescribedSizes& described = {},
                                 const ArtifactScope& attempt = {},
                                 const LoadListener& listener = {});

  /// What a render's result of this size is measured by, but for the image:
  /// content and styles, resized from their files as `by` says.
  /// Errors: as Load. Lifetime: of `weights` in it, the arguments'.
  absl::StatusOr<MeasureRequest> LoadToMeasure(const Render& render,
                                               const MeasureChoice& by,
                                               std::pair<int, int> result_size,
                                               StopSignal& stop,
                                               const ArtifactScope& attempt);

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
  // One call of Load.
  struct Loading {
    StopSignal& stop;
    const DescribedSizes& described;
    const ArtifactScope& attempt;
    const LoadListener& listener;
    int64_t held_bytes = 0;  // By what is loaded so far.
  };

  absl::StatusOr<std::string> Fetch(const std::string& what,
                                    const std::string& digest,
                                    const Loading& loading);
  // The built-in network, which is no stranger's; else fetched and read.
  absl::StatusOr<WeightFile> ReadWeights(const std::string& digest,
                                         const Loading& loading);
  absl::StatusOr<std::shared_ptr<const WeightFile>> FetchWeights(
      const std::string& digest, const Loading& loading);
  // To the listener, for looks.
  static void Show(const std::string& digest, const Image& picture,
                   const Loading& loading) {
    if (loading.listener.decoded) loading.listener.decoded(digest, picture);
  }
  absl::StatusOr<Image> LoadContent(const Render& render, Loading& loading);
  // Decoded and resized. `treatment` says how: all that `fit` depends on.
  absl::StatusOr<Image> FetchPicture(const Input& input,
                                     const std::string& treatment, FitFn fit,
                                     Loading& loading);
  // Within the memory that there is, after `held_bytes`.
  absl::StatusOr<Image> DecodeWithin(absl::string_view bytes, FitFn fit,
                                     int64_t held_bytes);
  absl::StatusOr<Image> FetchResized(const Input& input, const Image& like,
                                     Loading& loading);
  // Empty for an input without a digest.
  absl::StatusOr<Mask> FetchMask(const Input& input, const Image& over,
                                 Loading& loading);
  absl::StatusOr<RenderStyle> LoadStyle(const Render& render, size_t index,
                                        const Image& content, Loading& loading);

  ArtifactClient& artifacts_;
  InputCache& cache_;
  PictureCache& pictures_;
  const PictureMemory memory_;
  const InputReaders readers_;

  absl::Mutex decoding_;          // Held while a picture is decoded.
  absl::Mutex fetching_weights_;  // Held while weights are fetched and read.
  mutable absl::Mutex mutex_;
  // Of the last weights: a sweep asks again and again, several slots at once.
  std::string weights_digest_ ABSL_GUARDED_BY(mutex_);
  std::weak_ptr<const WeightFile> weights_in_use_ ABSL_GUARDED_BY(mutex_);
  // Small ones only.
  std::shared_ptr<const WeightFile> kept_weights_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace atelier

#endif  // ATELIER_WORKER_AGENT_INPUT_LOADER_H_
