#include "worker/weights/network_cache.h"

#include <ATen/core/Tensor.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/render/convention.h"
#include "common/status_macros.h"
#include "worker/engine/objective.h"
#include "worker/weights/network_weights.h"

namespace atelier {

absl::StatusOr<engine::Network*> NetworkCache::Get(const WeightFile& weights,
                                                   const RenderParams& params,
                                                   const Options& wanted) {
  engine::NetworkOptions options = engine::OptionsFor(params);
  const std::string key = absl::StrCat(
      weights.network.weights_digest, " ", absl::StrJoin(options.taps, ","),
      " ", absl::StrJoin(options.grams, ","), options.sums ? " sums" : "", " ",
      Name(params.pooling), "*", options.pooling_scale, " ",
      options.first_padding.has_value() ? Name(*options.first_padding) : "",
      " ", wanted.padding.has_value() ? Name(*wanted.padding) : "", " ",
      wanted.recompute);
  if (network_ != nullptr && key == key_) return network_.get();
  // Freed before the next is made, so that both never share the memory.
  network_.reset();
  options.padding = wanted.padding.value_or(weights.network.padding);
  options.recompute = wanted.recompute;
  ASSIGN_OR_RETURN(network_, engine::MakeNetwork(backend_, ViewWeights(weights),
                                                 options, device_));
  key_ = key;
  return network_.get();
}

}  // namespace atelier
