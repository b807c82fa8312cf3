#include "worker/engine/moment_style_term.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/render/convention.h"
#include "common/status_macros.h"
#include "worker/engine/style_term.h"

namespace atelier::engine {
namespace {

// Gradients of each region, [n, ...] or undefined, as one of [n, r, ...].
at::Tensor StackRegions(std::vector<at::Tensor>& regions) {
  const auto some =
      std::find_if(regions.begin(), regions.end(),
                   [](const at::Tensor& at) { return at.defined(); });
  if (some == regions.end()) return {};
  for (at::Tensor& at : regions) {
    if (!at.defined()) at = at::zeros_like(*some);
  }
  return at::stack(regions, 1);
}

// Gradients at the moments of one place, by region.
struct RegionGradients {
  explicit RegionGradients(size_t regions) : second(regions), mean(regions) {}

  std::vector<at::Tensor> second;
  std::vector<at::Tensor> mean;
};

class MomentStyleTerm : public Term {
 public:
  MomentStyleTerm(std::unique_ptr<MomentLoss> loss, const RenderParams& params,
                  const NetworkOptions& options)
      : loss_(std::move(loss)),
        kind_(params.style_loss),
        convention_(Spec(params.convention)),
        layers_(FindLayers(params.style_layers, options.grams)) {}

  absl::Status SetTargets(const TargetSource& from) override {
    if (layers_.empty()) return absl::OkStatus();
    RETURN_IF_ERROR(CheckStyles(from));
    for (Target& target : GroupByRegion(from)) {
      ASSIGN_OR_RETURN(const std::vector<at::Tensor> kept,
                       target.styles.size() == 1
                           ? PartsOf(target.styles[0], from)
                           : BlendedParts(target, from));
      const size_t each = kept.size() / layers_.size();
      for (size_t k = 0; k < layers_.size(); ++k) {
        const auto first = kept.begin() + static_cast<int64_t>(k * each);
        target.layers.emplace_back(first, first + static_cast<int64_t>(each));
      }
      targets_.push_back(std::move(target));
    }
    return absl::OkStatus();
  }

  at::Tensor EvaluateFeatures(const Pass& pass, const ImageFactor& weight,
                              TapGradients& gradients) override {
    at::Tensor sum = at::zeros({pass.input.size(0)}, pass.input.options());
    std::vector<RegionGradients> at_grams(
        pass.features.grams.size(), RegionGradients(pass.regions.count()));
    for (size_t k = 0; k < layers_.size(); ++k) {
      for (const Target& target : targets_) {
        AddTarget(pass, k, target, weight, sum, at_grams[layers_[k].tap]);
      }
    }
    gradients.sums.resize(at_grams.size());
    for (size_t g = 0; g < at_grams.size(); ++g) {
      Accumulate(StackRegions(at_grams[g].second), gradients.grams[g]);
      Accumulate(StackRegions(at_grams[g].mean), gradients.sums[g]);
    }
    return sum;
  }

 private:
  // What a region is compared with: styles that are one by their moments, or a
  // single one.
  struct Target {
    size_t region = 0;
    double share = 0;  // Of the term.
    std::vector<size_t> styles = {};
    // By layer, what MomentLoss::TargetOf keeps.
    std::vector<std::vector<at::Tensor>> layers = {};
  };
  struct Divisors {
    double second = 1;
    double mean = 1;
  };

  // What divides the sums over a region.
  Divisors DivisorsAt(const TermLayer& layer, const Features& features,
                      const StyleRegions& regions, size_t region) const {
    const double pixels = regions.PixelsAt(layer.tap, region);
    return {loss_->Divisor(features.grams[layer.tap].size(2), pixels), pixels};
  }

  Moments MomentsAt(const TermLayer& layer, const Features& features,
                    size_t region, const Divisors& by) const {
    Moments moments;
    moments.second = features.grams[layer.tap].select(1, region) / by.second;
    if (loss_->ReadsMeans()) {
      moments.mean = features.sums[layer.tap].select(1, region) / by.mean;
      moments.pixels = by.mean;
    }
    return moments;
  }

  // Without parts yet.
  std::vector<Target> GroupByRegion(const TargetSource& from) const {
    std::vector<Target> targets;
    for (size_t i = 0; i < from.styles.size(); ++i) {
      const size_t region = from.regions.Of(i);
      auto group = targets.end();
      if (convention_.blends_moments) {
        group = std::find_if(
            targets.begin(), targets.end(),
            [region](const Target& target) { return target.region == region; });
      }
      if (group == targets.end()) group = targets.insert(group, {region});
      group->share += from.styles[i].blend;
      group->styles.push_back(i);
    }
    return targets;
  }

  std::string KeyOf(absl::string_view what, size_t style,
                    const TargetSource& from) const {
    return TargetKey(absl::StrCat(what, Name(kind_)), convention_.name, layers_,
                     from.kept.cache == nullptr ? "" : from.kept.styles[style]);
  }

  // What is kept of a style: all layers', one after the other.
  absl::StatusOr<std::vector<at::Tensor>> PartsOf(
      size_t style, const TargetSource& from) const {
    return from.kept.GetOrMake(
        KeyOf("", style, from),
        [&]() -> absl::StatusOr<std::vector<at::Tensor>> {
          ASSIGN_OR_RETURN(const std::vector<Moments> moments,
                           MomentsOf(style, from));
          return TargetsOf(moments);
        });
  }

  // The same of several styles that are one. Their moments are kept, so that
  // other shares of them are at hand.
  absl::StatusOr<std::vector<at::Tensor>> BlendedParts(
      const Target& target, const TargetSource& from) const {
    std::vector<Moments> blended(layers_.size());
    for (const size_t style : target.styles) {
      ASSIGN_OR_RETURN(
          const std::vector<at::Tensor> kept,
          from.kept.GetOrMake(KeyOf("moments for ", style, from),
                              [&]() -> absl::StatusOr<std::vector<at::Tensor>> {
                                ASSIGN_OR_RETURN(
                                    const std::vector<Moments> moments,
                                    MomentsOf(style, from));
                                return Flattened(moments);
                              }));
      const double fraction = from.styles[style].blend / target.share;
      for (size_t k = 0; k < layers_.size(); ++k) {
        const at::Tensor* const of_layer = &kept[k * kMomentParts];
        Accumulate(of_layer[0] * fraction, blended[k].second);
        if (loss_->ReadsMeans()) {
          Accumulate(of_layer[1] * fraction, blended[k].mean);
        }
        blended[k].pixels += of_layer[2].item<double>();
      }
    }
    return TargetsOf(blended);
  }

  static constexpr size_t kMomentParts = 3;
  static std::vector<at::Tensor> Flattened(
      const std::vector<Moments>& of_layers) {
    std::vector<at::Tensor> parts;
    for (const Moments& moments : of_layers) {
      parts.push_back(moments.second);
      parts.push_back(moments.mean.defined() ? moments.mean : at::zeros({0}));
      parts.push_back(at::scalar_tensor(moments.pixels, at::kDouble));
    }
    return parts;
  }

  std::vector<at::Tensor> TargetsOf(
      const std::vector<Moments>& of_layers) const {
    std::vector<at::Tensor> targets;
    for (const Moments& moments : of_layers) {
      for (at::Tensor& part : loss_->TargetOf(moments)) {
        targets.push_back(std::move(part));
      }
    }
    return targets;
  }

  // By layer.
  absl::StatusOr<std::vector<Moments>> MomentsOf(
      size_t i, const TargetSource& from) const {
    const Style& style = from.styles[i];
    const auto region =
        StyleRegions::Make(from.network, {style.region},
                           {style.picture.size(2), style.picture.size(3)});
    if (!region.ok()) return OfStyle(from, i, region.status());
    const auto features = from.network.Forward(
        from.preprocessor.Forward(style.picture), region->weights());
    if (!features.ok()) return OfStyle(from, i, features.status());
    std::vector<Moments> moments;
    for (const TermLayer& layer : layers_) {
      const Divisors by = DivisorsAt(layer, *features, *region, 0);
      moments.push_back(MomentsAt(layer, *features, 0, by));
    }
    return moments;
  }

  // `target` at layer `k`.
  void AddTarget(const Pass& pass, size_t k, const Target& target,
                 const ImageFactor& weight, at::Tensor& sum,
                 RegionGradients& at_regions) const {
    const TermLayer& layer = layers_[k];
    const size_t region = target.region;
    const Divisors by = DivisorsAt(layer, pass.features, pass.regions, region);
    const double share =
        layer.weight *
        LayerFactor(convention_.style, static_cast<int>(layers_.size())) *
        target.share;
    const MomentLossValue loss =
        loss_->Evaluate(MomentsAt(layer, pass.features, region, by),
                        target.layers[k], !weight.IsZero() && share != 0);
    const auto over = [](const at::Tensor& gradient, double divisor) {
      return gradient.defined() ? gradient / divisor : gradient;
    };
    AddLayer({loss.value, over(loss.gradient.second, by.second)}, share, weight,
             sum, at_regions.second[region]);
    if (!loss.gradient.mean.defined()) return;
    Accumulate(weight.Multiply(over(loss.gradient.mean, by.mean), share),
               at_regions.mean[region]);
  }

  const std::unique_ptr<MomentLoss> loss_;
  const StyleLoss kind_;
  const ConventionSpec& convention_;
  const std::vector<TermLayer> layers_;
  std::vector<Target> targets_;
};

}  // namespace

std::unique_ptr<Term> MakeMomentStyleTerm(std::unique_ptr<MomentLoss> loss,
                                          const RenderParams& params,
                                          const NetworkOptions& options) {
  return std::make_unique<MomentStyleTerm>(std::move(loss), params, options);
}

}  // namespace atelier::engine
