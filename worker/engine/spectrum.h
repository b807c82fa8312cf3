// Pictures by spatial frequency and colour.
#ifndef ATELIER_WORKER_ENGINE_SPECTRUM_H_
#define ATELIER_WORKER_ENGINE_SPECTRUM_H_

#include <ATen/core/Tensor.h>
#include <c10/core/TensorOptions.h>

#include <cstdint>
#include <vector>

namespace atelier::engine {

/// An orthonormal basis of the pictures of one size: coordinates are those of
/// waves of the luminance and of two opponent colours, and sums, multiples and
/// dot products of pictures are those of their coordinates. They lie in bands
/// half an octave wide, of the shorter of a wave's lengths across and down. (In
/// bands of both lengths those along the pixel grid would have few waves, and
/// get factors that rule lines on pictures.) Pictures of a batch do not see
/// each other, to the bit. Nothing waits for the device. On a GPU colours and
/// bands are matrix products, and a transform is a single one, for fewer
/// launches.
///
/// Thread-compatible. May throw what Torch throws.
class Spectrum {
 public:
  /// For pictures of this size, of the type and on the device of `options`. As
  /// on a GPU wherever they are, if `as_on_gpu`: for tests.
  Spectrum(int64_t height, int64_t width, const at::TensorOptions& options,
           bool as_on_gpu = false);

  /// Of a picture; some more than it has values.
  int64_t coordinates() const { return 3 * height_ * columns_ * 2; }
  /// Of each colour.
  int64_t bands() const { return is_in_band_.size(0); }

  /// Shapes: pictures [n, 3, height, width]; result [n, coordinates()].
  at::Tensor Of(const at::Tensor& pictures) const;
  /// The pictures of these coordinates. Shapes: as Of.
  at::Tensor Pictures(const at::Tensor& coordinates) const;

  /// The sums of squares in each band, of one tensor's rows after another's.
  /// Shapes: coordinates [n, coordinates()] each; result [n of all, 3,
  /// bands()].
  at::Tensor Energies(at::TensorList coordinates) const;

  /// Each band times its factor.
  /// Shapes: coordinates [n, coordinates()]; factors [n, 3, bands()].
  at::Tensor Scaled(const at::Tensor& coordinates,
                    const at::Tensor& factors) const;

 private:
  // Of one direction: where its bands begin and, last, where they end.
  using Bounds = std::vector<int64_t>;
  static Bounds BoundsOf(const std::vector<int64_t>& band, int64_t count);
  static int64_t BandCount(const Bounds& bounds);

  // Of one picture, [1, ...].
  at::Tensor OfOne(const at::Tensor& picture) const;
  at::Tensor PictureOf(const at::Tensor& coordinates) const;
  at::Tensor WavesBySlices(const at::Tensor& colors) const;
  at::Tensor ColorsBySlices(const at::Tensor& waves) const;
  at::Tensor EnergiesOfOne(const at::Tensor& coordinates) const;
  at::Tensor EnergiesByProducts(const at::Tensor& power) const;
  at::Tensor RotateColors(const at::Tensor& pictures, bool back) const;

  const bool by_products_;
  const int64_t height_;
  const int64_t width_;
  const int64_t columns_;  // Of a real picture's transform.
  Bounds row_bounds_;      // Of rows from 0 to the middle.
  Bounds column_bounds_;
  at::Tensor row_band_;     // [height]
  at::Tensor column_band_;  // [2 columns]
  // Of the cells, a row's band by a column's: [rows' bands * columns' bands].
  at::Tensor cell_band_;
  at::Tensor is_in_band_;  // [bands, cells]: 1 where the cell is in the band.
  at::Tensor weights_;     // [2 columns]: makes the basis orthonormal.
  // With by_products_ only: 1 where the row, the column is in the band.
  at::Tensor is_row_in_band_;     // [rows' bands, height]
  at::Tensor is_column_in_band_;  // [2 columns, columns' bands]
  at::Tensor colors_;             // [3, 3]
};

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_SPECTRUM_H_
