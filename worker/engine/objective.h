// What a picture is scored against: a convention's three terms, weighted.
//
//   ASSIGN_OR_RETURN(auto objective,
//                    Objective::Make(network, params, content, styles));
//   ASSIGN_OR_RETURN(Evaluation at, objective->Evaluate(image));
//   // at.losses.total, at.gradient
#ifndef ATELIER_WORKER_ENGINE_OBJECTIVE_H_
#define ATELIER_WORKER_ENGINE_OBJECTIVE_H_

#include <ATen/core/Tensor.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/render/convention.h"
#include "common/render/params.h"
#include "worker/engine/image_factor.h"
#include "worker/engine/network.h"
#include "worker/engine/preprocess.h"
#include "worker/engine/style.h"
#include "worker/engine/target_cache.h"

namespace atelier::engine {

/// Terms before their weights; `total` after. Each [n], on the device.
struct Losses {
  at::Tensor content;
  at::Tensor style;
  at::Tensor total_variation;
  at::Tensor total;
};

struct Evaluation {
  Losses losses;
  at::Tensor gradient;  ///< Of `total`, with respect to the RGB [0,1] image.
};

/// What the terms of an image's loss are multiplied by.
struct TermWeights {
  double content = 0;
  double style = 0;
  double total_variation = 0;
};

TermWeights WeightsOf(const RenderParams& params);

/// The weights of the images of a batch, on their device.
struct TermFactors {
  /// REQUIRES: at least one; one is for all images.
  TermFactors(absl::Span<const TermWeights> weights, at::Device device);

  ImageFactor content;
  ImageFactor style;
  ImageFactor total_variation;
};

/// What a render reads, each layer once: features at its content layers, Gram
/// matrices at its style layers.
NetworkOptions OptionsFor(const RenderParams& params,
                          Padding padding = Padding::kZeros);

/// Terms with layers are computed even where their weight is 0; they then add
/// nothing to total and gradient.
/// Lifetime: the network must outlive it.
/// Thread-compatible.
class Objective {
 public:
  /// Computes the targets: content features, and each style's Grams. The style
  /// term is the sum over styles of blend times the term that the style alone
  /// would have: one without masks, of blend 1, is the convention's own.
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

  /// One iteration: the loss of `image` [n, 3, h, w] and its gradient, with the
  /// weights of the parameters or with these. Nothing waits for the device.
  /// Errors: InvalidArgument for a size that is not the content's,
  ///         ResourceExhausted.
  absl::StatusOr<Evaluation> Evaluate(const at::Tensor& image);
  absl::StatusOr<Evaluation> Evaluate(const at::Tensor& image,
                                      const TermFactors& factors);

 private:
  // A layer of a term: where it is read, against what, and how heavily.
  struct Layer {
    size_t tap = 0;                   // Index into the network's taps or grams.
    double weight = 1;                // On its loss, within the term.
    std::vector<at::Tensor> targets;  // The content's, or each style's.
  };

  Objective(Network& network, const RenderParams& params);
  static std::vector<Layer> LayersOf(const std::vector<LayerWeight>& layers,
                                     const std::vector<std::string>& names);

  using Tensors = std::vector<at::Tensor>;
  absl::Status SetContent(const at::Tensor& content, const KeptTargets& kept);
  absl::Status SetStyles(const std::vector<Style>& styles,
                         const KeptTargets& kept);
  // Features by tap; Gram matrices by gram.
  absl::StatusOr<Tensors> ContentTargets(const at::Tensor& content);
  absl::StatusOr<Tensors> StyleTargets(const Style& style);
  // What a target depends on, besides the network.
  std::string KeyOf(const char* term, const std::string& picture) const;
  absl::StatusOr<Evaluation> EvaluateOrThrow(const at::Tensor& image,
                                             const TermFactors& factors);
  void AddContent(const Features& features, const ImageFactor& factor,
                  at::Tensor& sum, TapGradients& gradients) const;
  void AddStyles(const Features& features, const ImageFactor& factor,
                 at::Tensor& sum, TapGradients& gradients) const;
  // `sums` of products at a layer as a Gram matrix, and what divided them.
  std::pair<at::Tensor, double> GramOf(const at::Tensor& sums,
                                       double pixels) const;

  Network& network_;
  const ConventionSpec& convention_;
  const Preprocessor preprocessor_;
  const TermFactors factors_;  // Of images that have none of their own.
  std::vector<Layer> content_;
  std::vector<Layer> style_;
  std::vector<double> blends_;  // By style.
  StyleRegions regions_;        // Of the styles, over the image.
  std::vector<int64_t> shape_;  // Of the content.
};

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_OBJECTIVE_H_
