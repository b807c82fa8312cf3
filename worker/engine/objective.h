// What a picture is scored against: the terms of the registry, weighted.
//
//   ASSIGN_OR_RETURN(auto objective,
//                    Objective::Make(network, params, content, styles));
//   ASSIGN_OR_RETURN(Evaluation at, objective->Evaluate(image));
//   // at.losses.total, at.gradient
#ifndef ATELIER_WORKER_ENGINE_OBJECTIVE_H_
#define ATELIER_WORKER_ENGINE_OBJECTIVE_H_

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/render/params.h"
#include "worker/engine/by_term.h"
#include "worker/engine/image_factor.h"
#include "worker/engine/network.h"
#include "worker/engine/preprocess.h"
#include "worker/engine/style.h"
#include "worker/engine/target_cache.h"
#include "worker/engine/term.h"

namespace atelier::engine {

/// Each [n], on the device.
struct Losses {
  ByTerm<at::Tensor> terms;  ///< Before their weights.
  at::Tensor total;
};

struct Evaluation {
  Losses losses;
  at::Tensor gradient;  ///< Of `total`, with respect to the RGB [0,1] image.
};

/// What the terms of an image's loss are multiplied by.
using TermWeights = ByTerm<double>;
TermWeights WeightsOf(const RenderParams& params);

/// The weights of the images of a batch, on their device, in the order of the
/// registry.
using TermFactors = std::vector<ImageFactor>;
/// REQUIRES: at least one; one is for all images.
TermFactors FactorsOf(absl::Span<const TermWeights> weights, at::Device device);

/// What a render's terms read, each layer once.
NetworkOptions OptionsFor(const RenderParams& params,
                          Padding padding = Padding::kZeros);

/// Terms are computed even where their weight is 0; they then add nothing to
/// total and gradient.
/// Lifetime: the network must outlive it.
/// Thread-compatible.
class Objective {
 public:
  /// Computes the terms' targets.
  /// Shapes: content [1, 3, h, w], RGB [0,1], on the network's device; styles
  ///         may be empty where no style layer is.
  /// Takes targets from `kept`, and leaves them there. Bits are the same.
  /// REQUIRES: the network was made with OptionsFor(params); with a cache,
  ///           `kept` has as many names as there are styles.
  /// Errors: InvalidArgument (a picture too small for the taps, a style
  ///         missing, a mask that lets nothing through), ResourceExhausted.
  static absl::StatusOr<std::unique_ptr<Objective>> Make(
      Network& network, const RenderParams& params, const at::Tensor& content,
      const std::vector<Style>& styles, const KeptTargets& kept = {});

  /// Goes to draw `number` of what losses draw from the seed; 0 is the first.
  void Redraw(uint64_t number);

  /// One iteration: the loss of `image` [n, 3, h, w] and its gradient, with the
  /// weights of the parameters or with these. Nothing waits for the device.
  /// Errors: InvalidArgument for a size that is not the content's,
  ///         ResourceExhausted.
  absl::StatusOr<Evaluation> Evaluate(const at::Tensor& image);
  absl::StatusOr<Evaluation> Evaluate(const at::Tensor& image,
                                      const TermFactors& factors);

 private:
  Objective(Network& network, const RenderParams& params);
  absl::Status SetTargets(const at::Tensor& content,
                          const std::vector<Style>& styles,
                          const KeptTargets& kept);
  absl::StatusOr<Evaluation> EvaluateOrThrow(const at::Tensor& image,
                                             const TermFactors& factors);

  Network& network_;
  const Preprocessor preprocessor_;
  const TermFactors factors_;  // Of images that have none of their own.
  std::vector<std::unique_ptr<Term>> terms_;  // As the registry has them.
  StyleRegions regions_;                      // Of the styles, over the image.
  std::vector<int64_t> shape_;                // Of the content.
};

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_OBJECTIVE_H_
