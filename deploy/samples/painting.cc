// A painting made as a painter makes it: an idea of the colours, a direction
// for the brush at every place, and some thousands of strokes from broad to
// fine, each of bristles that leave ridges for the light to catch.
#include <algorithm>
#include <cmath>
#include <vector>

#include "deploy/samples/plate.h"
#include "deploy/samples/procedural.h"
#include "deploy/samples/samples.h"

namespace atelier::samples {
namespace {

constexpr int kWidth = 512;
constexpr int kHeight = 400;
constexpr int kScale = 2;

constexpr Rgb kMidnight = {0.05, 0.09, 0.27};
constexpr Rgb kUltramarine = {0.10, 0.20, 0.52};
constexpr Rgb kCobalt = {0.20, 0.41, 0.74};
constexpr Rgb kSkyBlue = {0.50, 0.71, 0.86};
constexpr Rgb kPale = {0.84, 0.90, 0.80};
constexpr Rgb kCream = {0.99, 0.93, 0.66};
constexpr Rgb kYellow = {0.98, 0.78, 0.20};
constexpr Rgb kOrange = {0.91, 0.52, 0.10};
constexpr Rgb kCypress = {0.05, 0.11, 0.10};
constexpr Rgb kOlive = {0.24, 0.31, 0.15};

// What the sky turns around.
struct Whirl {
  Point centre;
  double radius;
  double turn;  // 1 clockwise, -1 the other way.
};

constexpr Whirl kWhirls[] = {{{238, 142}, 92, 1}, {{338, 232}, 46, -1}};
constexpr Whirl kStars[] = {{{150, 44}, 25, 1},  {{268, 30}, 17, 1},
                            {{178, 250}, 20, 1}, {{344, 66}, 21, -1},
                            {{40, 130}, 18, 1},  {{412, 182}, 22, 1},
                            {{484, 226}, 17, -1}};
constexpr Whirl kMoon = {{446, 74}, 50, 1};

double HillLine(double x) {
  return 306 - 26 * std::exp(-std::pow((x - 420) / 110, 2)) +
         14 * std::sin(x / 58.0 + 0.6) -
         12 * std::exp(-std::pow((x - 210) / 60, 2));
}

double NearHillLine(double x) {
  return 352 + 13 * std::sin(x / 74.0 + 2.2) - 0.03 * (x - 256);
}

// How deep inside the cypress: positive inside.
double InCypress(Point p) {
  constexpr double kTop = 26;
  const double down = (p.y - kTop) / (kHeight - kTop);
  if (down < 0) return -1;
  const double sway = 7 * std::sin(p.y / 38.0) * down;
  const double flames = 7 * std::sin(p.y / 9.0 + p.x / 15.0) * down;
  const double half =
      50 * std::pow(down, 0.85) * (1.1 - 0.35 * down) + flames * 0.5;
  return half - std::abs(p.x - 88 - sway);
}

double Blend(const Whirl& whirl, Point p, double reach) {
  const double d = Distance(whirl.centre, p) / (whirl.radius * reach);
  return std::exp(-d * d);
}

enum class Thing { kCypress, kField, kHill, kSky };

Thing ThingAt(Point p) {
  if (InCypress(p) > 0) return Thing::kCypress;
  if (p.y > NearHillLine(p.x)) return Thing::kField;
  return p.y > HillLine(p.x) ? Thing::kHill : Thing::kSky;
}

// Where the brush goes, in radians.
double Direction(Point p) {
  if (InCypress(p) > 0) {
    return kPi / 2 + 0.55 * std::sin(p.y / 17.0 + p.x / 21.0);
  }
  if (p.y > NearHillLine(p.x)) return 0.25 * std::sin(p.x / 31.0) - 0.12;
  if (p.y > HillLine(p.x)) {
    const double slope = (HillLine(p.x + 2) - HillLine(p.x - 2)) / 4;
    return std::atan(slope) + 0.5 * std::sin(p.x / 23.0 + p.y / 17.0);
  }
  // A vector sum, so that whirls flow into the wind between them.
  const double wind = 0.75 * std::sin(p.x / 71.0 + p.y / 93.0) +
                      1.1 * (Fractal(p.x / 120, p.y / 120, 2, 41) - 0.5);
  double dx = std::cos(wind) * 0.5, dy = std::sin(wind) * 0.5;
  const auto add = [&](const Whirl& whirl, double strength, double reach) {
    const double d = std::max(Distance(whirl.centre, p), 1e-6);
    const double w = strength * Blend(whirl, p, reach) * whirl.turn;
    dx += -(p.y - whirl.centre.y) / d * w;
    dy += (p.x - whirl.centre.x) / d * w;
  };
  for (const Whirl& whirl : kWhirls) add(whirl, 2.2, 1.05);
  for (const Whirl& star : kStars) add(star, 3.0, 1.15);
  add(kMoon, 3.0, 1.15);
  return std::atan2(dy, dx);
}

// Spiral arms of the two great whirls: dark, blue and pale in turn.
double SpiralTone(Point p) {
  double tone = 0;
  for (const Whirl& whirl : kWhirls) {
    const double d = Distance(whirl.centre, p);
    const double angle = std::atan2(p.y - whirl.centre.y, p.x - whirl.centre.x);
    // One arm, wound closer towards the middle.
    const double arm =
        std::sin(7.5 * std::sqrt(d / whirl.radius) * 1.6 - whirl.turn * angle);
    tone += (0.40 * arm + 0.10) * Blend(whirl, p, 1.0);
  }
  return tone;
}

Rgb SkyColour(Point p) {
  const double wave =
      std::sin(p.y / 13.0 + 3.2 * Fractal(p.x / 90, p.y / 60, 3, 7) +
               1.5 * std::sin(p.x / 80.0));
  const double height = p.y / kHeight;
  const double tone =
      std::clamp(0.30 + 0.20 * wave + 0.22 * height + SpiralTone(p), 0.0, 1.0);
  if (tone < 0.33) return Mix(kMidnight, kUltramarine, tone / 0.33);
  if (tone < 0.62) return Mix(kUltramarine, kCobalt, (tone - 0.33) / 0.29);
  if (tone < 0.84) return Mix(kCobalt, kSkyBlue, (tone - 0.62) / 0.22);
  return Mix(kSkyBlue, kPale, (tone - 0.84) / 0.16);
}

// Rings of light around a star, and its burning middle.
Rgb AddLight(Rgb sky, const Whirl& light, Point p) {
  const double d = Distance(light.centre, p) / light.radius;
  if (d > 1.9) return sky;
  const double rings = 0.5 + 0.5 * std::cos(d * 9.5);
  const double glow = std::exp(-d * d * 1.25);
  Rgb colour =
      Mix(sky, Mix(kSkyBlue, kCream, rings), std::min(1.0, glow * 1.15));
  colour = Mix(colour, kYellow, Smooth(0.62, 0.40, d) * 0.85);
  return Mix(colour, kCream, Smooth(0.30, 0.18, d));
}

Rgb AddMoon(Rgb sky, Point p) {
  Rgb colour = AddLight(sky, kMoon, p);
  const double d = Distance(kMoon.centre, p);
  if (d > 29) return colour;
  const Point bite = {kMoon.centre.x - 12, kMoon.centre.y - 6};
  return Distance(bite, p) > 22 ? kOrange : Mix(kYellow, kCream, 0.55);
}

Rgb GroundColour(Point p) {
  const double folds = std::sin((p.y - HillLine(p.x)) / 6.5 + p.x / 37.0);
  if (p.y > NearHillLine(p.x)) {
    const double t = 0.5 + 0.5 * std::sin(p.x / 19.0 + p.y / 5.0);
    const Rgb field = Mix(kOlive, Mix(kMidnight, kCypress, 0.5), t * 0.8);
    return Chance(int64_t(p.x / 13), int64_t(p.y / 9), 5) > 0.86
               ? Mix(field, kYellow, 0.75)
               : field;
  }
  const Rgb far = Mix(kUltramarine, kCobalt, 0.5 + 0.5 * folds);
  return Mix(far, kSkyBlue, folds > 0.75 ? 0.45 : 0.0);
}

// The idea of the picture, before a brush has touched it.
Rgb Idea(Point p) {
  const double cypress = InCypress(p);
  if (cypress > 0) {
    const double licks =
        0.5 + 0.5 * std::sin(p.x / 4.2 + 2.2 * std::sin(p.y / 21.0));
    return Mix(kCypress, licks > 0.72 ? kOlive : kMidnight,
               0.25 + 0.5 * licks * (licks > 0.72));
  }
  if (p.y > HillLine(p.x)) return GroundColour(p);
  Rgb colour = SkyColour(p);
  for (const Whirl& star : kStars) colour = AddLight(colour, star, p);
  return AddMoon(colour, p);
}

// How broad and long the strokes of one going-over are, in pixels.
struct Pass {
  double width;
  double length;
  double spacing;
  uint64_t seed;
};

constexpr Pass kPasses[] = {
    {13, 62, 8.0, 101}, {7.5, 44, 4.6, 202}, {4.8, 30, 3.8, 303}};

// The painting while it grows: colour, and how thick the paint stands.
class Paint {
 public:
  Paint() : colour_(size_t(kWide) * kHigh), relief_(colour_.size()) {}

  void Stroke(Point start, const Pass& pass, Dice& dice) {
    const std::vector<Point> path =
        Follow(start, pass.length * dice.Uniform(0.6, 1.2));
    const uint64_t grain = static_cast<uint64_t>(dice.Uniform(0, 1e9));
    const double width = pass.width * dice.Uniform(0.75, 1.25);
    Rgb colour = Idea(start) * dice.Uniform(0.86, 1.16);
    colour = Mix(colour, kPale, dice.Uniform(0, 1) > 0.93 ? 0.35 : 0.0);
    for (size_t i = 0; i + 1 < path.size(); ++i) {
      Segment(path, i, width, colour, grain);
    }
  }

  // Lights the ridges from the upper left.
  Plate Lit() const {
    Plate plate(kWidth, kHeight, kScale);
    plate.Paint(plate.Whole(), [&](Point p) {
      const int x = static_cast<int>(p.x * kScale);
      const int y = static_cast<int>(p.y * kScale);
      const double slope = Relief(x + 1, y) - Relief(x - 1, y) +
                           Relief(x, y + 1) - Relief(x, y - 1);
      const double shade = std::clamp(1 - 0.50 * slope, 0.55, 1.5);
      const double gloss = std::max(0.0, -slope - 0.35) * 0.28;
      return Coat{
          colour_[size_t(y) * kWide + x] * shade + Rgb{gloss, gloss, gloss}, 1};
    });
    return plate;
  }

 private:
  static constexpr int kWide = kWidth * kScale;
  static constexpr int kHigh = kHeight * kScale;

  // Half the way with the brush's direction, half against it.
  static std::vector<Point> Follow(Point start, double length) {
    constexpr double kStep = 2;
    const int half = std::max(1, static_cast<int>(length / kStep / 2));
    std::vector<Point> path = {start};
    for (const double way : {-1.0, 1.0}) {
      Point at = start;
      for (int i = 0; i < half; ++i) {
        const double angle = Direction(at);
        at.x += way * kStep * std::cos(angle);
        at.y += way * kStep * std::sin(angle);
        // A stroke ends where another thing begins.
        if (ThingAt(at) != ThingAt(start)) break;
        path.push_back(at);
      }
      std::reverse(path.begin(), path.end());
    }
    return path;
  }

  double Relief(int x, int y) const {
    return relief_[size_t(std::clamp(y, 0, kHigh - 1)) * kWide +
                   std::clamp(x, 0, kWide - 1)];
  }

  // One step of a stroke: a slanted box of bristles.
  void Segment(const std::vector<Point>& path, size_t i, double width,
               const Rgb& colour, uint64_t grain) {
    const Point a = path[i], b = path[i + 1];
    const double length = std::max(Distance(a, b), 1e-6);
    const double ux = (b.x - a.x) / length, uy = (b.y - a.y) / length;
    const double along0 = double(i) / path.size();
    const double taper =
        std::sqrt(std::max(0.0, 1 - std::pow(2 * along0 - 1, 4)));
    const double half = width / 2 * taper;
    const double reach = half + length;
    const int x0 = std::max(0, int((a.x - reach) * kScale)),
              x1 = std::min(kWide - 1, int((a.x + reach) * kScale) + 1);
    const int y0 = std::max(0, int((a.y - reach) * kScale)),
              y1 = std::min(kHigh - 1, int((a.y + reach) * kScale) + 1);
    for (int y = y0; y <= y1; ++y) {
      for (int x = x0; x <= x1; ++x) {
        const double px = (x + 0.5) / kScale - a.x,
                     py = (y + 0.5) / kScale - a.y;
        const double along = px * ux + py * uy, across = py * ux - px * uy;
        if (along < -0.6 || along > length + 0.6 || std::abs(across) > half)
          continue;
        const double bristle =
            Noise(across * 1.15 + 50, (i * 2 + along) * 0.05, grain);
        const double rim = std::pow(std::abs(across) / std::max(half, 1e-6), 3);
        if (bristle < 0.55 * rim * along0 + 0.10) continue;
        const size_t at = size_t(y) * kWide + x;
        colour_[at] = colour * (0.84 + 0.32 * bristle);
        relief_[at] = 0.35 + 0.75 * bristle + 0.35 * rim - 0.2 * along0;
      }
    }
  }

  std::vector<Rgb> colour_;
  std::vector<double> relief_;
};

}  // namespace

Image DrawPainting() {
  Paint paint;
  for (const Pass& pass : kPasses) {
    Dice dice(pass.seed);
    const double margin = pass.length / 2;
    const double area = (kWidth + 2 * margin) * (kHeight + 2 * margin);
    const int strokes = static_cast<int>(area / (pass.spacing * pass.spacing));
    for (int i = 0; i < strokes; ++i) {
      const Point start = {dice.Uniform(-margin, kWidth + margin),
                           dice.Uniform(-margin, kHeight + margin)};
      paint.Stroke(start, pass, dice);
    }
  }
  return paint.Lit().Develop();
}

}  // namespace atelier::samples
