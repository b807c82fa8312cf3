#include "worker/agent/preview_series.h"

#include <cstddef>
#include <utility>

namespace atelier {

void PreviewSeries::Add(v1::PicturePreview preview) {
  if (!kept_.empty() && preview.iteration() <= kept_.back().iteration()) return;
  kept_.push_back(std::move(preview));
  if (kept_.size() <= kMostPreviews) return;
  const auto gap_without = [this](size_t i) {
    return kept_[i + 1].iteration() - kept_[i - 1].iteration();
  };
  size_t closest = 1;
  for (size_t i = 2; i + 1 < kept_.size(); ++i) {
    if (gap_without(i) < gap_without(closest)) closest = i;
  }
  kept_.erase(kept_.begin() + static_cast<std::ptrdiff_t>(closest));
}

}  // namespace atelier
