// One part of a loss. A new term is a file such as content_term.cc and a row in
// term_registry.cc.
#ifndef ATELIER_WORKER_ENGINE_TERM_H_
#define ATELIER_WORKER_ENGINE_TERM_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "common/render/params.h"
#include "worker/engine/image_factor.h"
#include "worker/engine/network.h"
#include "worker/engine/preprocess.h"
#include "worker/engine/style.h"
#include "worker/engine/target_cache.h"

namespace atelier::engine {

/// What targets are made from: the pictures, RGB [0,1], on the network's
/// device.
struct TargetSource {
  Network& network;
  const Preprocessor& preprocessor;
  const at::Tensor& content;  ///< [1, 3, h, w]
  const std::vector<Style>& styles;
  const StyleRegions& regions;  ///< Of the styles, over the content.
  const KeptTargets& kept;
};

/// What one forward pass gives the terms.
struct Pass {
  const at::Tensor& input;  ///< What the network was given: [n, 3, h, w].
  const Features& features;
  const StyleRegions& regions;  ///< Of the styles, over the image.
};

/// Values are per image, [n], before the term's weight; `weight` is for
/// gradients alone, which are not computed where it is 0. Nothing waits for the
/// device, but for the eigenvalues of `wasserstein`. Thread-compatible. May
/// throw what Torch throws.
class Term {
 public:
  virtual ~Term() = default;

  /// Goes to draw `number` of what is random, from 0 on. Most have nothing.
  virtual void Redraw(uint64_t number);

  /// Makes what images are scored against, or takes it from `from.kept`.
  /// Errors: InvalidArgument for pictures that will not do (names which).
  virtual absl::Status SetTargets(const TargetSource& from);

  /// The value of a term of features: adds the weighted gradient at what it
  /// reads to `gradients`. Undefined: it is one of pixels.
  virtual at::Tensor EvaluateFeatures(const Pass& pass,
                                      const ImageFactor& weight,
                                      TapGradients& gradients);

  /// The value of a term of pixels: adds the weighted gradient at `input` to
  /// `gradient`. Called once the gradients at the taps are gone: both take much
  /// memory.
  virtual at::Tensor EvaluatePixels(const at::Tensor& input,
                                    const ImageFactor& weight,
                                    at::Tensor& gradient);
};

/// What the memory of a term depends on.
struct TermShape {
  const NetworkOptions& options;
  const PassBytes& pass;                 ///< Of the image evaluated.
  const std::vector<PassBytes>& styles;  ///< Of each style's picture.
  int64_t image_bytes = 0;               ///< Of all images held.
  int64_t images = 1;                    ///< Evaluated at once.
};

/// What a term takes, besides the network's own memory.
struct TermBytes {
  int64_t held = 0;  ///< While others are evaluated.
  int64_t work = 0;  ///< Besides, while it is evaluated itself, at most.
};

/// A row of the registry.
struct TermKind {
  absl::string_view name;   ///< In files and on the wire: never changes.
  absl::string_view label;  ///< In messages.
  double (*weight)(const RenderParams& params);
  /// Adds the taps and Gram matrices that it reads, each once, and sums.
  void (*add_reads)(const RenderParams& params, NetworkOptions& options);
  TermBytes (*bytes)(const RenderParams& params, const TermShape& shape);
  /// For a network with these options.
  std::unique_ptr<Term> (*make)(const RenderParams& params,
                                const NetworkOptions& options);
};

/// A value, [n], and its gradient with respect to the tensor it was computed
/// from; undefined where none was asked for.
struct LossAndGradient {
  at::Tensor value;
  at::Tensor gradient;
};

/// Errors: InvalidArgument where there is no style.
absl::Status CheckStyles(const TargetSource& from);
/// An error of style `i`, which it names.
absl::Status OfStyle(const TargetSource& from, size_t i,
                     const absl::Status& error);

// For terms of layers.

/// A layer of a term: where it is read, against what, and how heavily.
struct TermLayer {
  size_t tap = 0;                   ///< Index into the network's taps or grams.
  double weight = 1;                ///< On its loss, within the term.
  std::vector<at::Tensor> targets;  ///< The content's, or each style's.
};

/// What targets of these layers, one after the other, depend on besides the
/// network: a key for KeptTargets.
std::string TargetKey(absl::string_view what, absl::string_view convention,
                      const std::vector<TermLayer>& layers,
                      absl::string_view picture);

/// Adds the layers' taps that are not in `names` yet.
void AddNames(const std::vector<LayerWeight>& layers,
              std::vector<std::string>& names);

/// The layers by their places in `names`, without targets.
std::vector<TermLayer> FindLayers(const std::vector<LayerWeight>& layers,
                                  const std::vector<std::string>& names);

/// Of a pass's features at these layers.
int64_t FeatureBytes(const std::vector<LayerWeight>& layers,
                     const NetworkOptions& options, const PassBytes& pass);

/// Adds a layer's loss to its term's sum, and its gradient to what its tap
/// gets.
void AddLayer(const LossAndGradient& loss, double layer_weight,
              const ImageFactor& term_weight, at::Tensor& sum,
              at::Tensor& at_tap);

/// Adds what may be undefined to a sum that may be, too: then the sum is the
/// tensor itself, and changes with it.
void Accumulate(const at::Tensor& tensor, at::Tensor& sum);

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_TERM_H_
