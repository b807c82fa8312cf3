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
/// each other, to the bit.
///
/// Thread-compatible. May throw what Torch throws.
class Spectrum {
 public:
  /// For pictures of this size, of the type and on the device of `options`.
  Spectrum(int64_t height, int64_t width, const at::TensorOptions& options);
  virtual ~Spectrum() = default;

  /// Of a picture; some more than it has values.
  int64_t coordinates() const { return 3 * height_ * columns_ * 2; }
  /// Of each colour.
  int64_t bands() const { return is_in_band_.size(0); }

  /// Shapes: pictures [n, 3, height, width]; result [n, coordinates()].
  at::Tensor Of(const at::Tensor& pictures) const;
  /// The pictures of these coordinates. Shapes: as Of.
  at::Tensor Pictures(const at::Tensor& coordinates) const;

  /// Of `limited`: what a limit on values, which seldom cuts anything, made of
  /// the pictures of these coordinates. Waits for the device. Shapes: as Of.
  virtual at::Tensor OfLimited(const at::Tensor& limited,
                               const at::Tensor& pictures,
                               at::Tensor coordinates) const;

  /// The sums of squares in each band, of one tensor's rows after another's.
  /// Shapes: coordinates [n, coordinates()] each; result [n of all, 3,
  /// bands()].
  at::Tensor Energies(at::TensorList coordinates) const;

  /// Each band times its factor.
  /// Shapes: coordinates [n, coordinates()]; factors [n, 3, bands()].
  at::Tensor Scaled(const at::Tensor& coordinates,
                    const at::Tensor& factors) const;

 protected:
  // The basis of colours, a row to each: what the primary colours are of
  // luminance, of red against blue, and of green against both.
  static const double kColors[3][3];

  // To that basis, or back. Shapes: [1, 3, height, width].
  virtual at::Tensor RotateColors(const at::Tensor& pictures, bool back) const;
  // The transform of one picture's colours, and back: [3, height, columns],
  // complex.
  virtual at::Tensor WavesOf(const at::Tensor& colors) const;
  virtual at::Tensor ColorsOf(const at::Tensor& waves) const;
  // Each [3, bands()], of the rows [coordinates()].
  virtual std::vector<at::Tensor> EnergiesOfRows(
      const std::vector<at::Tensor>& rows) const;

  int64_t height() const { return height_; }
  int64_t width() const { return width_; }
  // Twice the columns of a real picture's transform.
  int64_t row_size() const { return 2 * columns_; }
  const at::Tensor& row_band() const { return row_band_; }
  const at::Tensor& column_band() const { return column_band_; }
  const at::Tensor& is_in_band() const { return is_in_band_; }
  int64_t row_bands() const { return BandCount(row_bounds_); }
  int64_t column_bands() const { return BandCount(column_bounds_); }

 private:
  // Of one direction: where its bands begin and, last, where they end.
  using Bounds = std::vector<int64_t>;
  static Bounds BoundsOf(const std::vector<int64_t>& band, int64_t count);
  static int64_t BandCount(const Bounds& bounds);

  // Of one picture, [1, ...].
  at::Tensor OfOne(const at::Tensor& picture) const;
  at::Tensor PictureOf(const at::Tensor& coordinates) const;
  at::Tensor EnergiesOfOne(const at::Tensor& coordinates) const;

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
};

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_SPECTRUM_H_
