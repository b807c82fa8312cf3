// A scale for each band of frequency and colour, learned from curvature pairs:
// L-BFGS's initial inverse Hessian over scales.
#ifndef ATELIER_WORKER_ENGINE_BAND_SCALES_H_
#define ATELIER_WORKER_ENGINE_BAND_SCALES_H_

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "worker/engine/curvature_pairs.h"
#include "worker/engine/spectrum.h"

namespace atelier::engine {

/// Each band is scaled by how far it went for how much its gradient changed,
/// and all by a mean of step lengths (Barzilai and Borwein, Two-point step size
/// gradient methods), both over the history, the youngest pairs first. Images
/// of a batch do not see each other. Nothing waits for the device.
/// Figures: docs/adr/0016, 0017.
///
/// Thread-compatible. May throw what Torch throws.
class BandScales {
 public:
  /// Of the last `history` pairs among the coordinates of `spectrum`, which
  /// must outlive it.
  BandScales(const Spectrum& spectrum, int history)
      : spectrum_(spectrum), history_(history) {}

  /// Measures a pair, and forgets the oldest once there are too many.
  void Add(const CurvaturePair& pair);
  /// As if all pairs had been refused where `which`, [n, 1] of bool, holds.
  void Clear(const at::Tensor& which);

  /// To be called after the others, before those below.
  void Learn();
  /// Each row times the scales of its bands; as it is before the first pair.
  /// Shapes: rows [n, coordinates].
  at::Tensor Scaled(const at::Tensor& rows) const;
  /// The scale of all bands, [n, 1]: `otherwise` of images without a pair.
  at::Tensor ScaleOfAll(const at::Tensor& otherwise) const;

 private:
  const Spectrum& spectrum_;
  const int64_t history_;
  // Over |change|² of the pair, or 0, the oldest pair first: energies of steps
  // and of changes, [2, n, 3, bands, pairs], and step·change, [n, pairs].
  at::Tensor energies_;
  at::Tensor scales_;
  at::Tensor band_fading_;   // [pairs]: what each counts for.
  at::Tensor scale_fading_;  // [pairs]
  at::Tensor band_scales_;   // [n, 3, bands]
};

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_BAND_SCALES_H_
