// Castle, bridge and house.
#include <cmath>

#include "deploy/samples/plate.h"
#include "deploy/samples/procedural.h"
#include "deploy/samples/scene_parts.h"

namespace atelier::samples {
namespace {

constexpr Rgb kStone = {0.70, 0.65, 0.57};
constexpr Rgb kRoof = {0.68, 0.27, 0.18};
constexpr Rgb kWhite = {0.97, 0.96, 0.93};

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

}  // namespace

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

}  // namespace atelier::samples
