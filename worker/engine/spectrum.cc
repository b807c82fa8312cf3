#include "worker/engine/spectrum.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <vector>

namespace atelier::engine {
namespace {

constexpr double kBandsPerOctave = 2;

// Of `waves` on the longer side, upwards. The mean is with the longest wave.
int64_t BandOf(double waves) {
  if (waves <= 1) return 0;
  return static_cast<int64_t>(kBandsPerOctave * std::log2(waves));
}

// Transforms slices of `tensor` along `dimension`, on a CPU side by side: Torch
// leaves a transform to one thread.
at::Tensor BySlices(const at::Tensor& tensor, int64_t dimension,
                    const std::function<at::Tensor(const at::Tensor&)>& one) {
  const int64_t size = tensor.size(dimension);
  const int64_t parts = std::min<int64_t>(at::get_num_threads(), size);
  if (!tensor.is_cpu() || parts < 2) return one(tensor);
  std::vector<at::Tensor> done(parts);
  at::parallel_for(0, parts, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t first = i * size / parts;
      const int64_t last = (i + 1) * size / parts;
      done[i] = one(tensor.narrow(dimension, first, last - first));
    }
  });
  return at::cat(done, dimension);
}

// A picture's result must not depend on those beside it, not even in how it is
// rounded.
template <typename Work>
at::Tensor OneByOne(const at::Tensor& all, Work work) {
  if (all.size(0) == 1) return work(all);
  std::vector<at::Tensor> done;
  for (const at::Tensor& one : all.split(1)) done.push_back(work(one));
  return at::cat(done);
}

}  // namespace

const double Spectrum::kColors[3][3] = {
    {0.57735026918962576, 0.57735026918962576, 0.57735026918962576},
    {0.70710678118654752, 0, -0.70710678118654752},
    {0.40824829046386302, -0.81649658092772603, 0.40824829046386302}};

Spectrum::Spectrum(int64_t height, int64_t width,
                   const at::TensorOptions& options)
    : height_(height), width_(width), columns_(width / 2 + 1) {
  const auto longest = static_cast<double>(std::max(height, width));
  std::vector<int64_t> row_band(height);
  for (int64_t y = 0; y < height; ++y) {
    row_band[y] = BandOf(static_cast<double>(std::min(y, height - y)) *
                         longest / static_cast<double>(height));
  }
  std::vector<int64_t> column_band(2 * columns_);
  std::vector<double> weights(2 * columns_);
  for (int64_t i = 0; i < 2 * columns_; ++i) {
    const int64_t x = i / 2;
    column_band[i] =
        BandOf(static_cast<double>(x) * longest / static_cast<double>(width));
    // The transform of a real picture leaves out half of most pairs.
    weights[i] = x == 0 || 2 * x == width ? 1 : std::sqrt(2.0);
  }
  row_bounds_ = BoundsOf(row_band, height / 2 + 1);
  column_bounds_ = BoundsOf(column_band, 2 * columns_);
  row_band_ = at::tensor(row_band, at::kLong).to(options.device());
  column_band_ = at::tensor(column_band, at::kLong).to(options.device());
  weights_ = at::tensor(weights, at::kDouble).to(options);
  const int64_t rows = BandCount(row_bounds_);
  const int64_t columns = BandCount(column_bounds_);
  std::vector<int64_t> cell_band;
  for (int64_t i = 0; i < rows * columns; ++i) {
    cell_band.push_back(std::max(i / columns, i % columns));
  }
  cell_band_ = at::tensor(cell_band, at::kLong);
  is_in_band_ = at::arange(std::max(rows, columns))
                    .view({-1, 1})
                    .eq(cell_band_)
                    .to(options);
  cell_band_ = cell_band_.to(options.device());
}

Spectrum::Bounds Spectrum::BoundsOf(const std::vector<int64_t>& band,
                                    int64_t count) {
  Bounds bounds;
  for (int64_t i = 0; i < count; ++i) {
    while (static_cast<int64_t>(bounds.size()) <= band[i]) bounds.push_back(i);
  }
  bounds.push_back(count);
  return bounds;
}

int64_t Spectrum::BandCount(const Bounds& bounds) {
  return static_cast<int64_t>(bounds.size()) - 1;
}

at::Tensor Spectrum::Of(const at::Tensor& pictures) const {
  return OneByOne(pictures,
                  [this](const at::Tensor& one) { return OfOne(one); });
}

at::Tensor Spectrum::Pictures(const at::Tensor& coordinates) const {
  return OneByOne(coordinates,
                  [this](const at::Tensor& one) { return PictureOf(one); });
}

at::Tensor Spectrum::OfLimited(const at::Tensor& limited,
                               const at::Tensor& pictures,
                               at::Tensor coordinates) const {
  const at::Tensor cut =
      (limited.flatten(1) != pictures.flatten(1)).any(1, /*keepdim=*/true);
  if (!cut.any().item<bool>()) return coordinates;
  return at::where(cut, Of(limited), coordinates);
}

// Not a matrix product, which rounds as the library at hand has it.
at::Tensor Spectrum::RotateColors(const at::Tensor& pictures, bool back) const {
  at::Tensor rotated = at::empty(pictures.sizes(), pictures.options());
  for (int i = 0; i < 3; ++i) {
    const auto weight = [&](int j) {
      return back ? kColors[j][i] : kColors[i][j];
    };
    at::Tensor to = rotated.select(1, i);
    at::mul_out(to, pictures.select(1, 0),
                at::scalar_tensor(weight(0), pictures.options()));
    for (int j = 1; j < 3; ++j) {
      if (weight(j) != 0) to.add_(pictures.select(1, j), weight(j));
    }
  }
  return rotated;
}

at::Tensor Spectrum::OfOne(const at::Tensor& picture) const {
  const at::Tensor colors = RotateColors(picture, /*back=*/false);
  return at::view_as_real(WavesOf(colors))
      .reshape({-1, 2 * columns_})
      .mul_(weights_)
      .view({1, -1});
}

at::Tensor Spectrum::WavesOf(const at::Tensor& colors) const {
  const at::Tensor across =
      BySlices(colors.view({-1, width_}), 0, [this](const at::Tensor& some) {
        return at::fft_rfft(some, width_, 1, "ortho");
      });
  return BySlices(across.view({-1, height_, columns_}), 2,
                  [this](const at::Tensor& some) {
                    return at::fft_fft(some, height_, 1, "ortho");
                  });
}

at::Tensor Spectrum::PictureOf(const at::Tensor& coordinates) const {
  const at::Tensor waves =
      at::view_as_complex((coordinates.view({-1, 2 * columns_}) / weights_)
                              .view({-1, height_, columns_, 2}));
  return RotateColors(ColorsOf(waves).view({1, 3, height_, width_}),
                      /*back=*/true);
}

at::Tensor Spectrum::ColorsOf(const at::Tensor& waves) const {
  const at::Tensor down = BySlices(waves, 2, [this](const at::Tensor& some) {
    return at::fft_ifft(some, height_, 1, "ortho");
  });
  return BySlices(down.reshape({-1, columns_}), 0,
                  [this](const at::Tensor& some) {
                    return at::fft_irfft(some, width_, 1, "ortho");
                  });
}

at::Tensor Spectrum::Energies(at::TensorList coordinates) const {
  std::vector<at::Tensor> rows;
  for (const at::Tensor& some : coordinates) {
    for (const at::Tensor& row : some.unbind()) rows.push_back(row);
  }
  return at::stack(EnergiesOfRows(rows));
}

std::vector<at::Tensor> Spectrum::EnergiesOfRows(
    const std::vector<at::Tensor>& rows) const {
  const auto count = static_cast<int64_t>(rows.size());
  std::vector<at::Tensor> energies(count);
  // At least two, so that each is measured by one thread: sums by several
  // would be others for a picture that is alone.
  at::parallel_for(0, std::max<int64_t>(2, count), /*grain_size=*/1,
                   [&](int64_t begin, int64_t end) {
                     for (int64_t i = begin; i < std::min(end, count); ++i) {
                       energies[i] = EnergiesOfOne(rows[i]);
                     }
                   });
  return energies;
}

at::Tensor Spectrum::EnergiesOfOne(const at::Tensor& coordinates) const {
  const at::Tensor power =
      coordinates.square().view({3, height_, 2 * columns_});
  std::vector<at::Tensor> by_column;
  for (size_t i = 0; i + 1 < column_bounds_.size(); ++i) {
    const int64_t first = column_bounds_[i];
    by_column.push_back(
        power.narrow(2, first, column_bounds_[i + 1] - first).sum(2));
  }
  const at::Tensor columns = at::stack(by_column, 2);  // [3, height, bands]
  std::vector<at::Tensor> by_row;
  for (size_t i = 0; i + 1 < row_bounds_.size(); ++i) {
    const int64_t first = row_bounds_[i];
    const int64_t end = row_bounds_[i + 1];
    at::Tensor sum = columns.narrow(1, first, end - first).sum(1);
    // Waves that go the other way; the first row and that of the pixel grid are
    // their own.
    const int64_t other = std::max<int64_t>(first, 1);
    const int64_t other_end = std::min(end, (height_ + 1) / 2);
    if (other < other_end) {
      sum.add_(
          columns.narrow(1, height_ - other_end + 1, other_end - other).sum(1));
    }
    by_row.push_back(sum);
  }
  const at::Tensor cells = at::stack(by_row, 1).view({3, 1, -1});
  return (cells * is_in_band_).sum(2);
}

at::Tensor Spectrum::Scaled(const at::Tensor& coordinates,
                            const at::Tensor& factors) const {
  const int64_t count = coordinates.size(0);
  // Of two dimensions, not more, or Torch gathers ten times as slowly.
  const at::Tensor of_each = factors.view({3 * count, -1})
                                 .index_select(1, cell_band_)
                                 .view({3 * count, BandCount(row_bounds_), -1})
                                 .index_select(1, row_band_)
                                 .view({3 * count * height_, -1})
                                 .index_select(1, column_band_);
  return coordinates * of_each.view({count, -1});
}

}  // namespace atelier::engine
