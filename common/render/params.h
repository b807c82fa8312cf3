// What a render is asked to do, as plain values shared by every room.
//
// A `RenderPatch` is what a person wrote: anything may be missing. `Resolve`
// (resolve.h) fills it from the convention and the network into `RenderParams`,
// in which nothing is missing. The wire form is proto/atelier/v1/render.proto.
#ifndef ATELIER_COMMON_RENDER_PARAMS_H_
#define ATELIER_COMMON_RENDER_PARAMS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace atelier {

enum class Convention { kPytorchTutorial, kGordicaleksa, kNeuralStyle, kGatys };
enum class Optimizer { kLbfgs, kAdam };
enum class Pooling { kMax, kAverage };
enum class Padding { kZeros, kReflect };
enum class Initialisation { kContent, kNoise, kImage };

/// Whose colours the result has.
enum class Colors {
  kStyle,     ///< The style's, as the optimization leaves them.
  kOriginal,  ///< The content's: of the result only its luminance is kept.
  kMatch,     ///< The style's, after its pictures were matched to the content's
              ///< mean and covariance.
};

/// A tap by name (see network.h) and the factor on its layer's loss.
struct LayerWeight {
  std::string tap;
  double weight = 1.0;
};

bool operator==(const LayerWeight& a, const LayerWeight& b);

/// One of a render's styles. Digests are 64 lower-case hex digits.
struct StyleInput {
  std::string picture;
  double blend = 1;  ///< Its share of the style term; all sum to 1.
  std::string mask;  ///< Over the content: where it applies. Empty: all of it.
  std::string
      region;  ///< Over `picture`: what of it is used. Empty: all of it.
};

bool operator==(const StyleInput& a, const StyleInput& b);

/// Digests of the bytes a render starts from: 64 lower-case hex digits, or
/// empty where the render has no use for one.
struct RenderInputs {
  std::string content;
  std::vector<StyleInput> styles;
  std::string init;
  std::string weights;
};

/// More over several scales, where they make a render shorter: docs/adr/0017.
constexpr int DefaultLbfgsHistory(int scales) { return scales > 1 ? 40 : 10; }

/// Every number and choice of a render, with nothing left to default.
struct RenderParams {
  Convention convention = Convention::kGordicaleksa;
  int size_px = 512;     ///< Longer side; 0 keeps the content's own.
  int iterations = 300;  ///< Evaluations of loss and gradient.
  Optimizer optimizer = Optimizer::kLbfgs;
  double learning_rate = 1.0;  ///< In units of RGB [0,1].
  int lbfgs_history = DefaultLbfgsHistory(1);
  double content_weight = 0;
  double style_weight = 0;
  double tv_weight = 0;
  std::vector<LayerWeight> content_layers;
  std::vector<LayerWeight> style_layers;
  Initialisation init = Initialisation::kContent;
  Pooling pooling = Pooling::kAverage;
  uint64_t seed = 0;
  int scales = 1;  ///< Coarse to fine: each scale is twice the last's size.
  /// Ends the render once 50 iterations lower the best loss by less than this
  /// share of it; 0 never does.
  double least_progress = 0;
  /// Longer side of a style picture, as a multiple of the content's.
  double style_scale = 1;
  Colors colors = Colors::kStyle;
  int bits = 8;  ///< Of a channel of the result: 8 or 16.
};

struct Render {
  RenderParams params;
  RenderInputs inputs;
};

/// The render without what images of one batch may have of their own: seed,
/// weights of terms, initial picture.
Render CommonToBatch(Render render);

/// Some of a render's fields: the base of a job, or one value of an axis. Lists
/// about styles have one entry for each, in their order, and are never empty.
struct RenderPatch {
  std::optional<std::string> content_digest;
  std::optional<std::vector<std::string>> style_digests;
  std::optional<std::vector<double>> style_blend;
  /// An empty text is no mask.
  std::optional<std::vector<std::string>> style_mask_digests;
  std::optional<std::vector<std::string>> style_region_digests;
  std::optional<std::string> init_digest;
  std::optional<std::string> weights_digest;
  std::optional<Convention> convention;
  std::optional<int> size_px;
  std::optional<int> iterations;
  std::optional<Optimizer> optimizer;
  std::optional<double> learning_rate;
  std::optional<int> lbfgs_history;
  std::optional<double> content_weight;
  std::optional<double> style_weight;
  std::optional<double> tv_weight;
  std::optional<std::vector<LayerWeight>> content_layers;
  std::optional<std::vector<LayerWeight>> style_layers;
  std::optional<Initialisation> init;
  std::optional<Pooling> pooling;
  std::optional<uint64_t> seed;
  std::optional<int> scales;
  std::optional<double> least_progress;
  std::optional<double> style_scale;
  std::optional<Colors> colors;
  std::optional<int> bits;
};

/// `over`'s fields where it has them, else `base`'s.
RenderPatch Merge(RenderPatch base, const RenderPatch& over);

}  // namespace atelier

#endif  // ATELIER_COMMON_RENDER_PARAMS_H_
