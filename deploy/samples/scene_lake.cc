// The lake and the ground of the meadow before it.
#include <algorithm>
#include <cmath>

#include "deploy/samples/plate.h"
#include "deploy/samples/procedural.h"
#include "deploy/samples/scene_parts.h"

namespace atelier::samples {

double Bank(double x) {
  return 326 + 15 * std::sin(x / 96.0 + 0.4) + 5 * std::sin(x / 31.0) -
         34 * std::exp(-std::pow((x - 20) / 60, 2)) - 88 * Smooth(350, 424, x);
}

void PaintLake(Plate& plate) {
  plate.Paint({0, kWaterLine, kSceneWidth, 360}, [&](Point p) {
    const double near = (p.y - kWaterLine) / 90;
    const double wave = std::sin(p.y * (2.1 - 1.1 * std::min(near, 1.0)) +
                                 5 * Fractal(p.x / 46, p.y / 7, 3, 101)) *
                        (0.5 + near);
    const double choppy = Fractal(p.x / 15, p.y / 2.6, 3, 103) - 0.5;
    const Point mirrored = {
        std::clamp(p.x + 2.2 * wave + 7 * choppy * near, 0.0,
                   kSceneWidth - 1.0),
        std::clamp(2 * kWaterLine - p.y - 1 - 5 * choppy * (0.3 + near), 0.0,
                   kWaterLine - 1)};
    const Rgb deep = {0.10, 0.28, 0.38};
    Rgb colour =
        Mix(plate.At(mirrored), deep, 0.24 + 0.22 * std::min(near, 1.0));
    colour = colour * (1 + 0.07 * wave);
    const double path =
        std::exp(-std::pow((p.x - kSun.x) / (12 + 26 * near), 2));
    const double glint =
        Smooth(0.50, 0.62, Fractal(p.x / 7, p.y / 1.5, 2, 105));
    return Coat{Mix(colour, {1.0, 0.95, 0.80}, 0.85 * path * glint), 1};
  });
}

void PaintMeadow(Plate& plate) {
  plate.Paint({0, 230, kSceneWidth, kSceneHeight}, [](Point p) {
    const double depth = p.y - Bank(p.x);
    const double patches = Fractal(p.x / 30, p.y / 12, 4, 111);
    const Rgb sand = {0.76, 0.67, 0.47};
    const Rgb grass = Mix({0.20, 0.36, 0.12}, {0.50, 0.62, 0.22}, patches);
    return Coat{Mix(sand, grass, Smooth(1.5, 6, depth + 4 * patches - 2)),
                Smooth(-0.4, 0.4, depth)};
  });
}

}  // namespace atelier::samples
