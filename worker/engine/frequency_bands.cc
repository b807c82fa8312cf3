#include "worker/engine/frequency_bands.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>

namespace atelier::engine {
namespace {

constexpr double kBandsPerOctave = 2;

// Of the longer side's longest wave, 0, upwards. The mean of the picture is
// with it.
int64_t BandOf(double cycles_per_px, double longest_side) {
  const double waves = cycles_per_px * longest_side;
  if (waves <= 1) return 0;
  return static_cast<int64_t>(kBandsPerOctave * std::log2(waves));
}

// Rows of an orthogonal matrix: what the primary colours are of luminance, of
// red against blue, and of green against both.
constexpr double kColors[3][3] = {
    {0.57735026918962576, 0.57735026918962576, 0.57735026918962576},
    {0.70710678118654752, 0, -0.70710678118654752},
    {0.40824829046386302, -0.81649658092772603, 0.40824829046386302}};

// Times that matrix or its transpose. Not a matrix product, which rounds as the
// library at hand has it.
at::Tensor RotateColors(const at::Tensor& picture, bool back) {
  std::vector<at::Tensor> rotated;
  for (int i = 0; i < 3; ++i) {
    at::Tensor sum;
    for (int j = 0; j < 3; ++j) {
      const at::Tensor part =
          picture.select(1, j) * (back ? kColors[j][i] : kColors[i][j]);
      sum = sum.defined() ? sum.add_(part) : part;
    }
    rotated.push_back(sum);
  }
  return at::stack(rotated, 1);
}

at::Tensor Transform(const at::Tensor& picture) {
  return at::fft_rfft2(RotateColors(picture, /*back=*/false),
                       at::OptionalIntArrayRef(), {-2, -1}, "ortho");
}

}  // namespace

FrequencyBands::FrequencyBands(int64_t height, int64_t width,
                               const at::TensorOptions& options)
    : height_(height), width_(width) {
  const int64_t columns = width / 2 + 1;
  const auto longest = static_cast<double>(std::max(height, width));
  std::vector<int64_t> bands;
  std::vector<double> counts;
  for (int64_t y = 0; y < height; ++y) {
    const double down = static_cast<double>(std::min(y, height - y)) /
                        static_cast<double>(height);
    for (int64_t x = 0; x < columns; ++x) {
      const double across = static_cast<double>(x) / static_cast<double>(width);
      bands.push_back(BandOf(std::hypot(down, across), longest));
      counts.push_back(x == 0 || 2 * x == width ? 1 : 2);
    }
  }
  sizes_.resize(*std::max_element(bands.begin(), bands.end()) + 1);
  for (int64_t band : bands) ++sizes_[band];
  std::vector<int64_t> order(bands.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = static_cast<int64_t>(i);
  std::stable_sort(order.begin(), order.end(), [&bands](int64_t a, int64_t b) {
    return bands[a] < bands[b];
  });
  const at::Device device = options.device();
  band_ = at::tensor(bands, at::kLong).to(device);
  order_ = at::tensor(order, at::kLong).to(device);
  counts_ = at::tensor(counts, at::kDouble).to(options);
}

at::Tensor FrequencyBands::Energies(const at::Tensor& pictures) const {
  const int64_t count = pictures.size(0);
  std::vector<at::Tensor> energies(count);
  const auto measure = [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < std::min(end, count); ++i) {
      energies[i] = EnergiesOfOne(pictures.narrow(0, i, 1));
    }
  };
  if (pictures.is_cpu()) {
    // At least two, so that each is measured by one thread: sums by several
    // would be others for a picture that is alone.
    at::parallel_for(0, std::max<int64_t>(2, count), /*grain_size=*/1, measure);
  } else {
    measure(0, count);
  }
  return at::cat(energies);
}

at::Tensor FrequencyBands::EnergiesOfOne(const at::Tensor& picture) const {
  const at::Tensor waves = Transform(picture);
  const at::Tensor power =
      at::real(waves).square().add_(at::imag(waves).square());
  // Of two dimensions, not three, or Torch gathers ten times as slowly.
  const at::Tensor sorted =
      power.view({3, -1}).mul_(counts_).index_select(1, order_);
  std::vector<at::Tensor> sums;
  int64_t begin = 0;
  for (int64_t size : sizes_) {
    sums.push_back(sorted.narrow(1, begin, size).sum(1));
    begin += size;
  }
  return at::stack(sums, 1).unsqueeze(0);
}

at::Tensor FrequencyBands::Scaled(const at::Tensor& pictures,
                                  const at::Tensor& factors) const {
  const int64_t size[] = {height_, width_};
  std::vector<at::Tensor> scaled;
  for (int64_t i = 0; i < pictures.size(0); ++i) {
    const at::Tensor waves = Transform(pictures.narrow(0, i, 1));
    const at::Tensor of_each =
        factors[i].index_select(1, band_).view(waves.sizes());
    // As pairs of reals: the product with a complex one takes many times as
    // long.
    at::view_as_real(waves).mul_(of_each.unsqueeze(-1));
    scaled.push_back(RotateColors(
        at::fft_irfft2(waves, at::IntArrayRef(size), {-2, -1}, "ortho"),
        /*back=*/true));
  }
  return at::cat(scaled);
}

}  // namespace atelier::engine
