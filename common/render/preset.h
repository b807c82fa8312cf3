// How much is done for a picture, as data: what iterations, scales and
// least_progress are where nobody says it. The figures were measured
// (docs/adr/0046). Stored jobs are resolved by them, and by auto_scales.h: they
// stay, and others take a new Preset.
#ifndef ATELIER_COMMON_RENDER_PRESET_H_
#define ATELIER_COMMON_RENDER_PRESET_H_

#include "common/render/params.h"

namespace atelier {

struct PresetSpec {
  Preset id;
  int iterations_from_picture = 0;
  int iterations_from_noise = 0;
  int scales = 0;  ///< kAutoScales: as the picture's size has it.
  /// Where nobody gives iterations, and the style loss draws nothing, whose
  /// draws would have to be held for longer to measure it.
  double least_progress = 0;

  int IterationsFrom(Initialisation init) const {
    return init == Initialisation::kNoise ? iterations_from_noise
                                          : iterations_from_picture;
  }
};

/// Never fails: every Preset has a row.
const PresetSpec& Spec(Preset preset);

}  // namespace atelier

#endif  // ATELIER_COMMON_RENDER_PRESET_H_
