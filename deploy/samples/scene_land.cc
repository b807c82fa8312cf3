// Sky, mountains and hills.
#include <array>
#include <cmath>

#include "deploy/samples/plate.h"
#include "deploy/samples/procedural.h"
#include "deploy/samples/scene_parts.h"

namespace atelier::samples {
namespace {

Rgb SkyAt(Point p) {
  const Rgb high = {0.23, 0.48, 0.80}, middle = {0.55, 0.75, 0.92},
            low = {0.99, 0.87, 0.70};
  const double t = p.y / 190;
  Rgb colour = t < 0.55 ? Mix(high, middle, t / 0.55)
                        : Mix(middle, low, Smooth(0.55, 1.0, t));
  const double d = Distance(p, kSun);
  colour = Mix(colour, {1.0, 0.93, 0.72}, 0.75 * std::exp(-d / 48));
  return Mix(colour, {1.0, 0.98, 0.88}, Smooth(25, 23.5, d));
}

// Heaps of cloud, lit from the sun's side.
Coat CloudAt(Point p) {
  const auto density = [](Point q) {
    const double band = std::exp(-std::pow((q.y - 62) / 46, 2)) +
                        0.5 * std::exp(-std::pow((q.y - 134) / 14, 2));
    return Fractal(q.x / 72, q.y / 30, 5, 17) * (0.42 + 0.72 * band);
  };
  const double here = density(p);
  const double toward_sun = density({p.x + 5, p.y - 5});
  const double light = std::clamp(0.62 + 4.0 * (here - toward_sun), 0.0, 1.0);
  return {Mix({0.70, 0.74, 0.84}, {1.0, 0.98, 0.94}, light),
          Smooth(0.56, 0.72, here) * 0.95};
}

double Ridge(double x, uint64_t seed, double length) {
  return 1 - std::abs(2 * Fractal(x / length, 0.5, 5, seed) - 1);
}

void PaintBirds(Plate& plate) {
  const Point birds[] = {{236, 66}, {252, 58}, {270, 70}, {222, 84}, {290, 52}};
  for (const Point& bird : birds) {
    plate.Paint({bird.x - 8, bird.y - 6, bird.x + 8, bird.y + 6}, [&](Point p) {
      const double out = std::abs(p.x - bird.x);
      const double wing = bird.y - 3.2 * std::sin(out / 7 * kPi * 0.8);
      return Coat{
          {0.17, 0.19, 0.26},
          out < 7 && std::abs(p.y - wing) < 0.9 - out * 0.08 ? 1.0 : 0.0};
    });
  }
}

// Fields in strips, each with its own colour and furrows.
Rgb FieldAt(Point p, double depth) {
  const double bend = p.x / 34 + 0.5 * std::sin(depth / 9.0) + depth / 40;
  const auto strip = static_cast<int64_t>(std::floor(bend));
  const double kind = Chance(strip, 1, 51);
  const std::array<Rgb, 4> crops = {{{0.47, 0.62, 0.30},
                                     {0.80, 0.73, 0.37},
                                     {0.36, 0.52, 0.27},
                                     {0.62, 0.66, 0.33}}};
  const double furrows = std::sin((bend - strip) * 2 * kPi * 6);
  return crops[static_cast<size_t>(kind * 4)] * (0.95 + 0.07 * furrows);
}

}  // namespace

void PaintSky(Plate& plate) {
  plate.Paint(plate.Whole(), [](Point p) { return Coat{SkyAt(p), 1}; });
  plate.Paint({0, 0, kSceneWidth, 180}, CloudAt);
  PaintBirds(plate);
}

void PaintMountains(Plate& plate) {
  plate.Paint({0, 80, kSceneWidth, 210}, [](Point p) {
    const auto top = [](double x) {
      return 176 - 62 * std::pow(Ridge(x + 40, 31, 150), 2.2) -
             26 * std::exp(-std::pow((x - 200) / 70, 2));
    };
    const double depth = p.y - top(p.x);
    // Faces turn toward the light or away by the slope of folded noise.
    const auto crag = [](double x, double y) {
      const double bend = 14 * Fractal(x / 40, y / 40, 2, 34);
      return std::abs(2 * Fractal((x + bend) / 30, (y - x * 0.4) / 46, 5, 33) -
                      1);
    };
    const double fold = crag(p.x, p.y) - crag(p.x + 2.2, p.y - 1.2);
    const double light = std::clamp(0.5 + 4.0 * fold, 0.0, 1.0);
    Rgb rock = Mix({0.32, 0.36, 0.52}, {0.62, 0.60, 0.66}, light);
    const double snow =
        Smooth(150, 118, p.y + 26 * Fractal(p.x / 9, p.y / 12, 3, 35) - 12);
    rock = Mix(rock, Mix({0.74, 0.80, 0.92}, {1, 0.99, 0.97}, light), snow);
    return Coat{Mix(rock, kHaze, Smooth(120, 205, p.y) * 0.72),
                Smooth(-0.4, 0.4, depth)};
  });
}

double FarHill(double x) {
  return 196 - 13 * std::sin(x / 63.0 + 0.8) - 7 * std::sin(x / 29.0);
}

double CastleHill(double x) {
  return 240 - 62 * std::exp(-std::pow((x - 134) / 70, 2)) -
         20 * std::exp(-std::pow((x - 4) / 60, 2));
}

double RightHill(double x) {
  return 244 - 44 * std::exp(-std::pow((x - 520) / 130, 2));
}

void PaintHills(Plate& plate) {
  plate.Paint({0, 150, kSceneWidth, kWaterLine}, [](Point p) {
    const double depth = p.y - FarHill(p.x);
    return Coat{Mix(FieldAt(p, depth), kHaze, 0.22), Smooth(-0.4, 0.4, depth)};
  });
  plate.Paint({0, 150, kSceneWidth, kWaterLine + 4}, [](Point p) {
    const double depth = p.y - std::min(CastleHill(p.x), RightHill(p.x));
    const double tufts = Fractal(p.x / 5, p.y / 3, 3, 61);
    const Rgb grass = Mix({0.22, 0.38, 0.16}, {0.52, 0.64, 0.28},
                          std::clamp(1.5 * tufts - 0.25, 0.0, 1.0));
    return Coat{grass * (0.86 + 0.20 * Smooth(40, 0, depth)),
                Smooth(-0.4, 0.4, depth)};
  });
}

}  // namespace atelier::samples
