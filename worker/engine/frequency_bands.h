// Pictures by spatial frequency and colour.
#ifndef ATELIER_WORKER_ENGINE_FREQUENCY_BANDS_H_
#define ATELIER_WORKER_ENGINE_FREQUENCY_BANDS_H_

#include <ATen/core/Tensor.h>
#include <c10/core/TensorOptions.h>

#include <cstdint>
#include <vector>

namespace atelier::engine {

/// Splits pictures of one size into orthogonal parts: half octaves of radial
/// frequency, from the longest wave to the pixel grid, and in each the
/// luminance and two opponent colours. Pictures of a batch do not see each
/// other, to the bit. Nothing waits for the device.
///
/// Thread-compatible. May throw what Torch throws.
class FrequencyBands {
 public:
  /// For pictures of this size, of the type and on the device of `options`.
  FrequencyBands(int64_t height, int64_t width,
                 const at::TensorOptions& options);

  int64_t count() const { return static_cast<int64_t>(sizes_.size()); }

  /// The sums of squares of a picture's parts; all together they are that of
  /// the picture (Parseval).
  /// Shapes: pictures [n, 3, height, width]; result [n, 3, count()].
  at::Tensor Energies(const at::Tensor& pictures) const;

  /// Each part times its factor.
  /// Shapes: factors [n, 3, count()].
  at::Tensor Scaled(const at::Tensor& pictures,
                    const at::Tensor& factors) const;

 private:
  at::Tensor EnergiesOfOne(const at::Tensor& picture) const;

  const int64_t height_;
  const int64_t width_;
  std::vector<int64_t> sizes_;  // Coefficients of each band.
  // Of the coefficients of a real picture's transform, row by row:
  at::Tensor band_;    // The band of each.
  at::Tensor order_;   // Their places, band after band.
  at::Tensor counts_;  // How many times the full transform has each.
};

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_FREQUENCY_BANDS_H_
