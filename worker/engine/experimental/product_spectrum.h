// A spectrum in few operations.
#ifndef ATELIER_WORKER_ENGINE_EXPERIMENTAL_PRODUCT_SPECTRUM_H_
#define ATELIER_WORKER_ENGINE_EXPERIMENTAL_PRODUCT_SPECTRUM_H_

#include <ATen/core/Tensor.h>
#include <c10/core/TensorOptions.h>

#include <cstdint>
#include <vector>

#include "worker/engine/spectrum.h"

namespace atelier::engine::experimental {

/// The same basis and bands by matrix products, and a transform as a single
/// one: fewer launches for a GPU. Nothing waits for the device.
class ProductSpectrum : public Spectrum {
 public:
  ProductSpectrum(int64_t height, int64_t width,
                  const at::TensorOptions& options);

  /// Transforms again, since asking whether anything was cut would be a wait.
  at::Tensor OfLimited(const at::Tensor& limited, const at::Tensor& pictures,
                       at::Tensor coordinates) const override;

 private:
  at::Tensor RotateColors(const at::Tensor& pictures, bool back) const override;
  at::Tensor WavesOf(const at::Tensor& colors) const override;
  at::Tensor ColorsOf(const at::Tensor& waves) const override;
  std::vector<at::Tensor> EnergiesOfRows(
      const std::vector<at::Tensor>& rows) const override;
  at::Tensor EnergiesOf(const at::Tensor& coordinates) const;

  // 1 where the row, the column is in the band.
  at::Tensor is_row_in_band_;     // [rows' bands, height]
  at::Tensor is_column_in_band_;  // [2 columns, columns' bands]
  at::Tensor colors_;             // [3, 3]
};

}  // namespace atelier::engine::experimental

#endif  // ATELIER_WORKER_ENGINE_EXPERIMENTAL_PRODUCT_SPECTRUM_H_
