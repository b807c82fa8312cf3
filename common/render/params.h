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
#include <type_traits>
#include <vector>

namespace atelier {

enum class Convention {
  kPytorchTutorial,
  kGordicaleksa,
  kNeuralStyle,
  kGatys,
  kSpst,
  kCrowson,
};
enum class Optimizer { kLbfgs, kAdam };

/// How much is done for a picture: the defaults of what says how a loss is
/// lowered. See preset.h.
enum class Preset { kPublished, kFast, kFine };
/// Of 2x2 features: kL2 is the root of the sum of their squares.
enum class Pooling { kMax, kAverage, kL2 };
/// What lies beyond an edge: nothing, the mirror of what is inside, or the
/// edge once more.
enum class Padding { kZeros, kReflect, kReplicate };
enum class Initialisation { kContent, kNoise, kImage };

/// How a layer's features are compared with the style's. Definitions and
/// sources: worker/engine/NAME_loss.h.
enum class StyleLoss {
  kGram,
  kGramMoments,
  kWasserstein,
  kSlicedWasserstein,
  kNearest,
};

/// Whether it compares at places or along directions that are drawn from the
/// seed, and redrawn every `resample_every` iterations.
bool IsDrawn(StyleLoss loss);
/// Whether it knows of masks: those of moments do.
bool TakesMasks(StyleLoss loss);

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

/// Of a patch's `scales`: as many as a picture gains by (auto_scales.h).
inline constexpr int kAutoScales = 0;

/// Iterations over which progress is measured.
inline constexpr int kProgressWindow = 50;
/// What resample_every is for a loss that draws, unless progress is measured.
inline constexpr int kResampleEvery = 50;

/// The parameters of a render, each declared once: `Field<T>` is a T in
/// RenderParams, which has no gaps, and an optional T in RenderPatch. A new one
/// needs a row in parameters.cc, too.
template <template <typename> class Field>
struct ParameterFields {
  Field<Convention> convention = Initially(Convention::kGordicaleksa);
  /// Longer side; 0 keeps the content's own.
  Field<int> size_px = Initially(512);
  /// Evaluations of loss and gradient.
  Field<int> iterations = Initially(300);
  Field<Optimizer> optimizer = Initially(Optimizer::kLbfgs);
  /// In units of RGB [0,1].
  Field<double> learning_rate = Initially(1.0);
  Field<int> lbfgs_history = Initially(DefaultLbfgsHistory(1));
  Field<double> content_weight = Initially(0.0);
  Field<double> style_weight = Initially(0.0);
  Field<double> tv_weight = Initially(0.0);
  Field<std::vector<LayerWeight>> content_layers;
  Field<std::vector<LayerWeight>> style_layers;
  Field<Initialisation> init = Initially(Initialisation::kContent);
  Field<Pooling> pooling = Initially(Pooling::kAverage);
  Field<uint64_t> seed = Initially(uint64_t{0});
  /// Coarse to fine: each scale is twice the last's size.
  Field<int> scales = Initially(1);
  /// Ends the render once 50 iterations lower the best loss by less than this
  /// share of it; 0 never does.
  Field<double> least_progress = Initially(0.0);
  /// Longer side of a style picture, as a multiple of the content's.
  Field<double> style_scale = Initially(1.0);
  Field<Colors> colors = Initially(Colors::kStyle);
  /// Of a channel of the result: 8 or 16.
  Field<int> bits = Initially(8);
  Field<StyleLoss> style_loss = Initially(StyleLoss::kGram);
  /// Iterations between two draws of what a style loss draws; 0 where it draws
  /// nothing.
  Field<int> resample_every = Initially(0);

 private:
  template <typename T>
  static constexpr Field<T> Initially(T value) {
    if constexpr (std::is_same_v<Field<T>, T>) return value;
    return Field<T>();
  }
};

template <typename T>
using Required = T;

/// Every number and choice of a render, with nothing left to default.
struct RenderParams : ParameterFields<Required> {};

struct Render {
  RenderParams params;
  RenderInputs inputs;
};

/// The render without what images of one batch may have of their own: weights
/// of terms, initial picture, and the seed unless the loss is drawn from it.
Render CommonToBatch(Render render);

/// Some of a render's fields: the base of a job, or one value of an axis. Lists
/// about styles have one entry for each, in their order, and are never empty.
struct RenderPatch : ParameterFields<std::optional> {
  std::optional<std::string> content_digest;
  std::optional<std::vector<std::string>> style_digests;
  std::optional<std::vector<double>> style_blend;
  /// An empty text is no mask.
  std::optional<std::vector<std::string>> style_mask_digests;
  std::optional<std::vector<std::string>> style_region_digests;
  std::optional<std::string> init_digest;
  std::optional<std::string> weights_digest;
  /// What the fields that are missing are; kPublished when missing itself.
  std::optional<Preset> preset;
};

}  // namespace atelier

#endif  // ATELIER_COMMON_RENDER_PARAMS_H_
