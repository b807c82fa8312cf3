// Trees, grass and flowers: leaves, thousands of them.
#include <algorithm>
#include <array>
#include <cmath>

#include "deploy/samples/plate.h"
#include "deploy/samples/procedural.h"
#include "deploy/samples/scene_parts.h"

namespace atelier::samples {
namespace {

void PaintLeaf(Plate& plate, Point at, double size, double angle, Rgb colour) {
  const double c = std::cos(angle), s = std::sin(angle);
  plate.Paint(
      {at.x - size, at.y - size, at.x + size, at.y + size}, [&](Point p) {
        const double along = (p.x - at.x) * c + (p.y - at.y) * s;
        const double across = (p.y - at.y) * c - (p.x - at.x) * s;
        const double d = std::hypot(along / size, across / (size * 0.5));
        return Coat{colour, d < 1 ? 1.0 : 0.0};
      });
}

// A ball of leaves, the far and dark ones first.
void PaintCrown(Plate& plate, Point centre, double radius, int leaves,
                double leaf_px, Rgb dark, Rgb light, Dice& dice) {
  for (int i = 0; i < leaves; ++i) {
    const double angle = dice.Uniform(0, 2 * kPi);
    const double d = radius * std::sqrt(dice.Uniform(0, 1));
    const Point at = {centre.x + d * std::cos(angle),
                      centre.y + d * 0.82 * std::sin(angle)};
    const double front = double(i) / leaves;
    const double toward_sun =
        ((at.x - centre.x) * 0.55 - (at.y - centre.y) * 0.85) / radius;
    const double t = std::clamp(0.32 + 0.38 * toward_sun + 0.30 * front - 0.1 +
                                    dice.Uniform(-0.16, 0.16),
                                0.0, 1.0);
    const double turned = dice.Uniform(0, kPi);
    const double size = leaf_px * dice.Uniform(0.7, 1.3);
    PaintLeaf(plate, at, size, turned, Mix(dark, light, t));
  }
}

void PaintBranch(Plate& plate, Point from, Point to, double width_from,
                 double width_to) {
  const double length = Distance(from, to);
  const double ux = (to.x - from.x) / length, uy = (to.y - from.y) / length;
  const double w = width_from + 2;
  plate.Paint(
      {std::min(from.x, to.x) - w, std::min(from.y, to.y) - w,
       std::max(from.x, to.x) + w, std::max(from.y, to.y) + w},
      [&](Point p) {
        const double along = (p.x - from.x) * ux + (p.y - from.y) * uy;
        const double across = (p.y - from.y) * ux - (p.x - from.x) * uy;
        const double t = along / length;
        const double half = (width_from + (width_to - width_from) * t) / 2;
        if (t < 0 || t > 1 || std::abs(across) > half) return Coat{};
        const double bark = Fractal(across * 1.3, along / 7, 3, 93);
        const double round = 0.75 - 0.35 * across / half;
        return Coat{Mix({0.16, 0.10, 0.07}, {0.52, 0.38, 0.26}, bark * round),
                    1};
      });
}

}  // namespace

// Small trees along the shores and on the hills.
void PaintGroves(Plate& plate) {
  Dice dice(91);
  for (int i = 0; i < 70; ++i) {
    const double x = dice.Uniform(0, kSceneWidth);
    const bool is_behind_bridge = x > 190 && x < 398;
    const double land = std::min(CastleHill(x), RightHill(x));
    const double y = is_behind_bridge
                         ? FarHill(x) + dice.Uniform(4, 34)
                         : std::min(land + dice.Uniform(6, 40), 236.0);
    if (x > 84 && x < 190 && y < 228) continue;
    const double far = is_behind_bridge ? 0.35 : 0.0;
    const double size = is_behind_bridge ? 4.5 : dice.Uniform(6.5, 9.5);
    PaintCrown(plate, {x, y - size * 0.7}, size, 46, size * 0.22,
               Mix({0.08, 0.20, 0.10}, kHaze, far),
               Mix({0.44, 0.60, 0.24}, kHaze, far), dice);
  }
}

void PaintGrass(Plate& plate) {
  Dice dice(113);
  for (int i = 0; i < 5200; ++i) {
    const double x = dice.Uniform(0, kSceneWidth);
    const double y = Bank(x) + 6 + (kSceneHeight - Bank(x)) * i / 5200.0;
    const double size = 2.2 + 4.0 * (y - 290) / 94;
    const double sun = dice.Uniform(0, 1);
    const double strength = dice.Uniform(0.4, 1);
    const Rgb green =
        Mix({0.12, 0.26, 0.07}, {0.66, 0.74, 0.28}, sun * strength);
    PaintLeaf(plate, {x, y}, size, kPi / 2 + dice.Uniform(-0.5, 0.5), green);
  }
}

void PaintFlowers(Plate& plate) {
  Dice dice(117);
  const std::array<Rgb, 4> petals = {{{0.90, 0.20, 0.16},
                                      {0.98, 0.80, 0.18},
                                      {0.97, 0.95, 0.94},
                                      {0.60, 0.36, 0.76}}};
  for (int i = 0; i < 130; ++i) {
    const double x = dice.Uniform(50, kSceneWidth);
    const double y =
        Bank(x) + 12 + (kSceneHeight - Bank(x) - 12) * dice.Uniform(0, 1);
    const double size = 1.1 + 1.5 * (y - 290) / 94;
    const Rgb colour = petals[static_cast<size_t>(dice.Uniform(0, 4))];
    for (int petal = 0; petal < 5; ++petal) {
      const double angle = petal * 2 * kPi / 5;
      PaintLeaf(
          plate,
          {x + size * 0.8 * std::cos(angle), y + size * 0.7 * std::sin(angle)},
          size * 0.8, angle, colour);
    }
    PaintLeaf(plate, {x, y}, size * 0.5, 0, {0.92, 0.66, 0.10});
  }
}

void PaintOak(Plate& plate) {
  PaintBranch(plate, {24, 392}, {34, 250}, 26, 17);
  PaintBranch(plate, {33, 276}, {78, 210}, 11, 4);
  PaintBranch(plate, {33, 262}, {6, 196}, 12, 5);
  PaintBranch(plate, {34, 252}, {48, 168}, 12, 4);
  Dice dice(95);
  const Rgb dark = {0.07, 0.15, 0.06}, light = {0.56, 0.66, 0.20};
  const struct {
    Point at;
    double radius;
  } crowns[] = {{{-6, 182}, 34},
                {{22, 132}, 38},
                {{58, 158}, 33},
                {{80, 202}, 25},
                {{34, 188}, 36}};
  for (const auto& crown : crowns) {
    PaintCrown(plate, crown.at, crown.radius, 560, 3.4, dark, light, dice);
  }
}

}  // namespace atelier::samples
