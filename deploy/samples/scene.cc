// A landscape from back to front: sky, mountains, hills, a castle, a bridge,
// the far shore, the lake that mirrors them all, a house, a tree, a meadow.
#include <array>
#include <cmath>
#include <vector>

#include "deploy/samples/plate.h"
#include "deploy/samples/procedural.h"
#include "deploy/samples/samples.h"

namespace atelier::samples {
namespace {

constexpr int kWidth = 512;
constexpr int kHeight = 384;
constexpr int kSamplesPerSide = 3;
constexpr double kWaterLine = 246;
constexpr Point kSun = {372, 70};

constexpr Rgb kHaze = {0.78, 0.80, 0.86};
constexpr Rgb kStone = {0.70, 0.65, 0.57};
constexpr Rgb kRoof = {0.68, 0.27, 0.18};
constexpr Rgb kWhite = {0.97, 0.96, 0.93};

// ---- Sky and land ---------------------------------------------------------

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

void PaintMountains(Plate& plate) {
  plate.Paint({0, 80, kWidth, 210}, [](Point p) {
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

void PaintHills(Plate& plate) {
  plate.Paint({0, 150, kWidth, kWaterLine}, [](Point p) {
    const double depth = p.y - FarHill(p.x);
    return Coat{Mix(FieldAt(p, depth), kHaze, 0.22), Smooth(-0.4, 0.4, depth)};
  });
  plate.Paint({0, 150, kWidth, kWaterLine + 4}, [](Point p) {
    const double depth = p.y - std::min(CastleHill(p.x), RightHill(p.x));
    const double tufts = Fractal(p.x / 5, p.y / 3, 3, 61);
    const Rgb grass = Mix({0.22, 0.38, 0.16}, {0.52, 0.64, 0.28},
                          std::clamp(1.5 * tufts - 0.25, 0.0, 1.0));
    return Coat{grass * (0.86 + 0.20 * Smooth(40, 0, depth)),
                Smooth(-0.4, 0.4, depth)};
  });
}

// ---- Things that were built -----------------------------------------------

// Courses of stones with joints, each stone its own shade.
Rgb MasonryAt(Point p, Rgb colour, double stone_px, uint64_t seed) {
  const double course = stone_px * 0.55;
  const double row = std::floor(p.y / course);
  const double shifted = p.x / stone_px + 0.5 * std::fmod(std::abs(row), 2.0);
  const double stone = std::floor(shifted);
  const double u = shifted - stone, v = p.y / course - row;
  const bool is_joint = u < 0.12 || v < 0.16;
  const double shade = 0.84 + 0.26 * Chance(int64_t(stone), int64_t(row), seed);
  return colour * (is_joint ? 0.66 : shade);
}

// A window with a round head and a cross of bars.
Coat WindowAt(Point p, Point sill, double width, double height) {
  const double x = p.x - sill.x, y = sill.y - p.y;
  const double half = width / 2, shoulder = height - half;
  const auto inside = [&](double grow) {
    if (y < -grow || std::abs(x) > half + grow) return false;
    return y < shoulder || std::hypot(x, y - shoulder) < half + grow;
  };
  if (!inside(0.9)) return {};
  if (!inside(0)) return {{0.90, 0.86, 0.78}, 1};
  if (std::abs(x) < 0.45 || std::abs(y - shoulder * 0.6) < 0.45) {
    return {{0.82, 0.78, 0.70}, 1};
  }
  return {Mix({0.10, 0.13, 0.22}, {0.30, 0.40, 0.55}, y / height), 1};
}

struct Tower {
  double x;  // Of its middle.
  double half_width;
  double top;
  double foot;
  double roof_px;  // 0 for battlements.
};

constexpr Tower kTowers[] = {{98, 9, 152, 206, 0},
                             {172, 9, 150, 208, 26},
                             {120, 11, 122, 198, 32},
                             {148, 13, 132, 200, 0}};

void PaintTower(Plate& plate, const Tower& t) {
  const Area area = {t.x - t.half_width - 5, t.top - t.roof_px - 20,
                     t.x + t.half_width + 5, t.foot};
  plate.Paint(area, [&](Point p) {
    const double across = (p.x - t.x) / t.half_width;
    // Round: light from the right, dark to the left edge.
    const double round = 0.62 + 0.40 * Smooth(-1.1, 0.7, across);
    const double eaves = t.roof_px > 0 ? 1.28 : 1.12;
    if (p.y < t.top && t.roof_px > 0) {
      const double slope = (t.top - p.y) / t.roof_px;
      if (std::abs(across) > eaves * (1 - slope)) return Coat{};
      const double tiles = std::fmod(p.y, 3.0) < 0.8 ? 0.75 : 1.0;
      return Coat{kRoof * (round * tiles * 1.08), 1};
    }
    if (p.y < t.top && (t.top - p.y > 5 || std::abs(across) > eaves ||
                        std::fmod(p.x - t.x + 60, 6.0) > 3.6)) {
      return Coat{};
    }
    if (std::abs(across) > (p.y < t.top + 5 ? eaves : 1.0)) return Coat{};
    for (double sill : {t.top + 19, t.top + 41}) {
      const Coat window = WindowAt(p, {t.x, sill}, 4.2, 9);
      if (window.cover > 0) return window;
    }
    return Coat{MasonryAt(p, kStone, 5.2, 71) * round, 1};
  });
}

void PaintFlag(Plate& plate, Point foot) {
  plate.Paint({foot.x - 1, foot.y - 22, foot.x + 22, foot.y}, [&](Point p) {
    const double up = foot.y - p.y, out = p.x - foot.x;
    if (std::abs(out) < 0.55) return Coat{{0.22, 0.20, 0.20}, 1};
    const double wave = 1.4 * std::sin(out / 2.6) * Smooth(0, 8, out);
    if (out < 0 || out > 17 || up + wave < 11 || up + wave > 20) return Coat{};
    const Rgb cloth = up + wave > 15.5 ? Rgb{0.86, 0.16, 0.18} : kWhite;
    return Coat{cloth * (0.92 + 0.12 * std::cos(out / 2.6)), 1};
  });
}

void PaintCastle(Plate& plate) {
  plate.Paint({92, 164, 178, 214}, [](Point p) {
    if (p.y < 170 && std::fmod(p.x, 6.0) > 3.6) return Coat{};
    if (p.y > CastleHill(p.x) + 6) return Coat{};
    return Coat{MasonryAt(p, kStone * 0.96, 5.4, 73), p.y > 166 ? 1.0 : 0.0};
  });
  for (const Tower& tower : kTowers) PaintTower(plate, tower);
  PaintFlag(plate, {120, 91});
  PaintFlag(plate, {172, 125});
  plate.Paint({128, 180, 140, 200}, [](Point p) {
    return WindowAt(p, {134, 198}, 7, 12);
  });
}

// Three arches of stone from the castle's shore to the other.
void PaintBridge(Plate& plate) {
  plate.Paint({176, 205, 392, kWaterLine + 1}, [](Point p) {
    const double rise = 10 * std::cos((p.x - 284) / 108 * kPi / 2);
    const double road = 226 - rise;
    if (p.y < road - 4) return Coat{};
    const double along = std::fmod(p.x - 176, 72.0) - 36;
    const double arch = std::hypot(along / 26.5, (p.y - kWaterLine - 1) / 22.5);
    if (arch < 1) return Coat{};
    if (arch < 1.16) {
      const double angle = std::atan2(kWaterLine - p.y, along);
      return Coat{kStone * (std::fmod(angle * 9 + 90, 1.0) < 0.16 ? 0.7 : 1.12),
                  1};
    }
    if (p.y < road) return Coat{kStone * 1.16, 1};
    return Coat{MasonryAt(p, kStone * 0.94, 6.5, 77), 1};
  });
}

void PaintRoof(Plate& plate, const Area& wall) {
  constexpr double kRise = 27, kOverhang = 6;
  plate.Paint(
      {wall.left - 8, wall.top - kRise, wall.right + 8, wall.top + 3},
      [&](Point p) {
        const double up = (wall.top + 2 - p.y) / (kRise + 2);
        const double inset = up * 15 - kOverhang;
        if (p.x < wall.left + inset || p.x > wall.right - inset) return Coat{};
        const double course = 3.4;
        const double row = std::floor(p.y / course);
        const double tile = p.x / 3.6 + 0.5 * std::fmod(row, 2.0);
        const double u = tile - std::floor(tile), v = p.y / course - row;
        const double edge = v > 0.92 - 0.3 * std::abs(u - 0.5) ? 0.62 : 1.0;
        const double shade =
            0.85 + 0.3 * Chance(int64_t(std::floor(tile)), int64_t(row), 81);
        return Coat{kRoof * (1.12 * shade * edge), 1};
      });
}

void PaintHouse(Plate& plate) {
  const Area wall = {420, 212, 492, 252};
  const Area chimney = {470, 178, 479, 204};
  plate.Paint(chimney, [&](Point p) {
    return Coat{MasonryAt(p, {0.62, 0.34, 0.26}, 3.6, 83), 1};
  });
  plate.Paint(wall, [&](Point p) {
    if (p.y > wall.bottom - 7) return Coat{MasonryAt(p, kStone, 6, 85), 1};
    // Timber frames on white plaster.
    const double post = std::fmod(p.x - wall.left, 17.6);
    const bool is_timber = post < 1.7 || std::abs(p.y - 229) < 0.9 ||
                           std::abs(post - (p.y - 214) * 0.9) < 0.9;
    const double plaster = 0.94 + 0.06 * Fractal(p.x / 3, p.y / 3, 2, 87);
    return Coat{is_timber ? Rgb{0.33, 0.22, 0.15} : kWhite * plaster, 1};
  });
  for (const double x : {430.0, 482.0}) {
    plate.Paint({x - 8, 222, x + 8, 246}, [&](Point p) {
      return WindowAt(p, {x, 243}, 8, 14);
    });
  }
  plate.Paint({448, 224, 466, 252}, [&](Point p) {
    const double dx = std::abs(p.x - 457);
    if (dx > 6.5 || (p.y < 232 && std::hypot(dx, p.y - 232) > 6.5))
      return Coat{};
    const bool is_gap = std::fmod(p.x, 2.6) < 0.5;
    return Coat{Rgb{0.22, 0.36, 0.42} * (is_gap ? 0.6 : 1.0), 1};
  });
  PaintRoof(plate, wall);
}

// ---- Things that grow -----------------------------------------------------

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
    PaintLeaf(plate, at, leaf_px * dice.Uniform(0.7, 1.3), dice.Uniform(0, kPi),
              Mix(dark, light, t));
  }
}

// Small trees along the shores and on the hills.
void PaintGroves(Plate& plate) {
  Dice dice(91);
  for (int i = 0; i < 70; ++i) {
    const double x = dice.Uniform(0, kWidth);
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

// The oak at the right edge, before everything else.
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

// ---- Water and meadow -----------------------------------------------------

double Bank(double x) {
  return 326 + 15 * std::sin(x / 96.0 + 0.4) + 5 * std::sin(x / 31.0) -
         34 * std::exp(-std::pow((x - 20) / 60, 2)) - 88 * Smooth(350, 424, x);
}

// The lake mirrors what has been painted above it, so it must come after.
void PaintLake(Plate& plate) {
  plate.Paint({0, kWaterLine, kWidth, 360}, [&](Point p) {
    const double near = (p.y - kWaterLine) / 90;
    const double wave = std::sin(p.y * (2.1 - 1.1 * std::min(near, 1.0)) +
                                 5 * Fractal(p.x / 46, p.y / 7, 3, 101)) *
                        (0.5 + near);
    const double choppy = Fractal(p.x / 15, p.y / 2.6, 3, 103) - 0.5;
    const Point mirrored = {
        std::clamp(p.x + 2.2 * wave + 7 * choppy * near, 0.0, kWidth - 1.0),
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
  plate.Paint({0, 230, kWidth, kHeight}, [](Point p) {
    const double depth = p.y - Bank(p.x);
    const double patches = Fractal(p.x / 30, p.y / 12, 4, 111);
    const Rgb sand = {0.76, 0.67, 0.47};
    const Rgb grass = Mix({0.20, 0.36, 0.12}, {0.50, 0.62, 0.22}, patches);
    return Coat{Mix(sand, grass, Smooth(1.5, 6, depth + 4 * patches - 2)),
                Smooth(-0.4, 0.4, depth)};
  });
  Dice dice(113);
  for (int i = 0; i < 5200; ++i) {
    const double x = dice.Uniform(0, kWidth);
    const double y = Bank(x) + 6 + (kHeight - Bank(x)) * i / 5200.0;
    const double size = 2.2 + 4.0 * (y - 290) / 94;
    const Rgb green = Mix({0.12, 0.26, 0.07}, {0.66, 0.74, 0.28},
                          dice.Uniform(0, 1) * dice.Uniform(0.4, 1));
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
    const double x = dice.Uniform(50, kWidth);
    const double y =
        Bank(x) + 12 + (kHeight - Bank(x) - 12) * dice.Uniform(0, 1);
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

}  // namespace

Image DrawScene() {
  Plate plate(kWidth, kHeight, kSamplesPerSide);
  plate.Paint(plate.Whole(), [](Point p) { return Coat{SkyAt(p), 1}; });
  plate.Paint({0, 0, kWidth, 180}, CloudAt);
  PaintBirds(plate);
  PaintMountains(plate);
  PaintHills(plate);
  PaintCastle(plate);
  PaintGroves(plate);
  PaintBridge(plate);
  PaintLake(plate);
  PaintMeadow(plate);
  PaintHouse(plate);
  PaintFlowers(plate);
  PaintOak(plate);
  return plate.Develop();
}

}  // namespace atelier::samples
