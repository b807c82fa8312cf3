#include "common/render/preset.h"

namespace atelier {
namespace {

constexpr PresetSpec kPresets[] = {
    {Preset::kPublished, 300, 300, 1, 0},
    {Preset::kFast, 390, 450, kAutoScales, 0.002},
    {Preset::kFine, 1000, 1200, kAutoScales, 0.001},
};

}  // namespace

const PresetSpec& Spec(Preset preset) {
  return kPresets[static_cast<size_t>(preset)];
}

}  // namespace atelier
