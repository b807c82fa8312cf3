#include "common/render/auto_scales.h"

#include <algorithm>
#include <string>
#include <utility>

#include "common/render/size.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

using Size = std::pair<int, int>;

Size SizeOf(const PictureSizes& sizes, const std::string& digest) {
  const auto found = sizes.find(digest);
  return found == sizes.end() ? Size{0, 0} : found->second;
}

}  // namespace

absl::StatusOr<int> AutoScales(const Render& render,
                               const NetworkDescription& network,
                               const PictureSizes& sizes) {
  RenderParams params = render.params;
  const Size content = SizeOf(sizes, render.inputs.content);
  const Size size = FitSize(content.first, content.second, params.size_px);
  int shorter = std::min(size.first, size.second);
  for (const StyleInput& style : render.inputs.styles) {
    const Size own = SizeOf(sizes, style.picture);
    const Size fit =
        FitStyle(own.first, own.second, params.size_px, params.style_scale);
    shorter = std::min({shorter, fit.first, fit.second});
  }
  const bool from_noise = params.init == Initialisation::kNoise;
  const int coarsest =
      from_noise ? kCoarsestFromNoisePx : kCoarsestFromPicturePx;
  const int most = std::min(from_noise ? kMostFromNoise : kMostFromPicture,
                            params.iterations);
  for (params.scales = 1; params.scales < most;) {
    ++params.scales;
    ASSIGN_OR_RETURN(const int smallest, SmallestSide(network, params));
    const int factor = 1 << (params.scales - 1);
    if (shorter < smallest ||
        std::max(size.first, size.second) / factor < coarsest) {
      return params.scales - 1;
    }
  }
  return params.scales;
}

}  // namespace atelier
