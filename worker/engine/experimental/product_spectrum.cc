#include "worker/engine/experimental/product_spectrum.h"

#include <ATen/ATen.h>

#include "worker/engine/row_products.h"

namespace atelier::engine::experimental {

ProductSpectrum::ProductSpectrum(int64_t height, int64_t width,
                                 const at::TensorOptions& options)
    : Spectrum(height, width, options) {
  const auto bands = [this](int64_t count) {
    return at::arange(count, row_band().options());
  };
  is_row_in_band_ = bands(row_bands()).view({-1, 1}).eq(row_band()).to(options);
  is_column_in_band_ =
      column_band().view({-1, 1}).eq(bands(column_bands())).to(options);
  colors_ = at::tensor(at::ArrayRef<double>(&kColors[0][0], 9), at::kDouble)
                .view({3, 3})
                .to(options);
}

at::Tensor ProductSpectrum::OfLimited(const at::Tensor& limited,
                                      const at::Tensor&, at::Tensor) const {
  return Of(limited);
}

at::Tensor ProductSpectrum::RotateColors(const at::Tensor& pictures,
                                         bool back) const {
  return at::mm(back ? colors_.t() : colors_,
                Aligned(pictures).reshape({3, -1}))
      .view(pictures.sizes());
}

at::Tensor ProductSpectrum::WavesOf(const at::Tensor& colors) const {
  return at::fft_rfft2(colors, {}, {2, 3}, "ortho");
}

at::Tensor ProductSpectrum::ColorsOf(const at::Tensor& waves) const {
  return at::fft_irfft2(waves, at::IntArrayRef{height(), width()}, {1, 2},
                        "ortho");
}

std::vector<at::Tensor> ProductSpectrum::EnergiesOfRows(
    const std::vector<at::Tensor>& rows) const {
  std::vector<at::Tensor> energies;
  for (const at::Tensor& row : rows) energies.push_back(EnergiesOf(row));
  return energies;
}

at::Tensor ProductSpectrum::EnergiesOf(const at::Tensor& coordinates) const {
  const at::Tensor power = coordinates.square();
  const at::Tensor columns =
      at::mm(power.view({3 * height(), row_size()}), is_column_in_band_);
  const at::Tensor cells =
      at::bmm(is_row_in_band_.unsqueeze(0).expand({3, -1, -1}),
              columns.view({3, height(), -1}));
  return at::mm(cells.view({3, -1}), is_in_band().t());
}

}  // namespace atelier::engine::experimental
