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
        layers_(FindLayers(params.style_layers, options.grams)),
        targets_(layers_.size()) {}

  absl::Status SetTargets(const TargetSource& from) override {
    if (layers_.empty()) return absl::OkStatus();
    RETURN_IF_ERROR(CheckStyles(from));
    for (size_t i = 0; i < from.styles.size(); ++i) {
      const std::string key =
          TargetKey(Name(kind_), convention_.name, layers_,
                    from.kept.cache == nullptr ? "" : from.kept.styles[i]);
      const auto targets = from.kept.GetOrMake(key, [&] {
        return TargetsOf(from.styles[i], from.network, from.preprocessor);
      });
      if (!targets.ok()) return OfStyle(from, i, targets.status());
      const size_t each = targets->size() / layers_.size();
      for (size_t k = 0; k < layers_.size(); ++k) {
        const auto first = targets->begin() + static_cast<int64_t>(k * each);
        targets_[k].emplace_back(first, first + static_cast<int64_t>(each));
      }
      blends_.push_back(from.styles[i].blend);
    }
    return absl::OkStatus();
  }

  at::Tensor EvaluateFeatures(const Pass& pass, const ImageFactor& weight,
                              TapGradients& gradients) override {
    at::Tensor sum = at::zeros({pass.input.size(0)}, pass.input.options());
    std::vector<RegionGradients> at_grams(
        pass.features.grams.size(), RegionGradients(pass.regions.count()));
    for (size_t k = 0; k < layers_.size(); ++k) {
      for (size_t i = 0; i < blends_.size(); ++i) {
        AddStyle(pass, k, i, weight, sum, at_grams[layers_[k].tap]);
      }
    }
    gradients.sums.resize(at_grams.size());
    for (size_t g = 0; g < at_grams.size(); ++g) {
      AddGradient(StackRegions(at_grams[g].second), gradients.grams[g]);
      AddGradient(StackRegions(at_grams[g].mean), gradients.sums[g]);
    }
    return sum;
  }

 private:
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

  // All layers', one after the other.
  absl::StatusOr<std::vector<at::Tensor>> TargetsOf(
      const Style& style, Network& network,
      const Preprocessor& preprocessor) const {
    ASSIGN_OR_RETURN(
        const StyleRegions region,
        StyleRegions::Make(network, {style.region},
                           {style.picture.size(2), style.picture.size(3)}));
    ASSIGN_OR_RETURN(
        const Features features,
        network.Forward(preprocessor.Forward(style.picture), region.weights()));
    std::vector<at::Tensor> targets;
    for (const TermLayer& layer : layers_) {
      const Divisors by = DivisorsAt(layer, features, region, 0);
      for (at::Tensor& part :
           loss_->TargetOf(MomentsAt(layer, features, 0, by))) {
        targets.push_back(std::move(part));
      }
    }
    return targets;
  }

  // Style `i` at layer `k`.
  void AddStyle(const Pass& pass, size_t k, size_t i, const ImageFactor& weight,
                at::Tensor& sum, RegionGradients& at_regions) const {
    const TermLayer& layer = layers_[k];
    const size_t region = pass.regions.Of(i);
    const Divisors by = DivisorsAt(layer, pass.features, pass.regions, region);
    const double share =
        layer.weight *
        LayerFactor(convention_.style, static_cast<int>(layers_.size())) *
        blends_[i];
    const MomentLossValue loss =
        loss_->Evaluate(MomentsAt(layer, pass.features, region, by),
                        targets_[k][i], !weight.IsZero() && share != 0);
    const auto over = [](const at::Tensor& gradient, double divisor) {
      return gradient.defined() ? gradient / divisor : gradient;
    };
    AddLayer({loss.value, over(loss.gradient.second, by.second)}, share, weight,
             sum, at_regions.second[region]);
    if (!loss.gradient.mean.defined()) return;
    AddGradient(weight.Multiply(over(loss.gradient.mean, by.mean), share),
                at_regions.mean[region]);
  }

  const std::unique_ptr<MomentLoss> loss_;
  const StyleLoss kind_;
  const ConventionSpec& convention_;
  const std::vector<TermLayer> layers_;
  std::vector<std::vector<std::vector<at::Tensor>>> targets_;  // [layer][style]
  std::vector<double> blends_;                                 // By style.
};

}  // namespace

std::unique_ptr<Term> MakeMomentStyleTerm(std::unique_ptr<MomentLoss> loss,
                                          const RenderParams& params,
                                          const NetworkOptions& options) {
  return std::make_unique<MomentStyleTerm>(std::move(loss), params, options);
}

}  // namespace atelier::engine
