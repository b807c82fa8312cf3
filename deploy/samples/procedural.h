// What both sample pictures are made of: colours, seeded chance, smooth noise.
// Everything is a pure function of its arguments, so that the pictures are the
// same on every run.
#ifndef ATELIER_DEPLOY_SAMPLES_PROCEDURAL_H_
#define ATELIER_DEPLOY_SAMPLES_PROCEDURAL_H_

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace atelier::samples {

constexpr double kPi = 3.14159265358979323846;

struct Rgb {
  double r = 0;
  double g = 0;
  double b = 0;
};

inline Rgb operator+(Rgb a, Rgb b) { return {a.r + b.r, a.g + b.g, a.b + b.b}; }
inline Rgb operator*(Rgb a, double k) { return {a.r * k, a.g * k, a.b * k}; }
inline Rgb Mix(Rgb a, Rgb b, double t) { return a * (1 - t) + b * t; }

struct Point {
  double x = 0;
  double y = 0;
};

inline double Distance(Point a, Point b) {
  return std::hypot(a.x - b.x, a.y - b.y);
}

/// 0 below `from`, 1 above `to`, smooth between. `from` may be the larger.
inline double Smooth(double from, double to, double x) {
  const double t = std::clamp((x - from) / (to - from), 0.0, 1.0);
  return t * t * (3 - 2 * t);
}

/// Uniform in [0,1), from whole numbers.
inline double Chance(int64_t x, int64_t y, uint64_t seed) {
  uint64_t z = seed * 0x9E3779B97F4A7C15 +
               static_cast<uint64_t>(x) * 0x632BE59BD9B4E019 +
               static_cast<uint64_t>(y) * 0xD1B54A32D192ED03;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return static_cast<double>((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

/// A stream of chance.
class Dice {
 public:
  explicit Dice(uint64_t seed) : seed_(seed) {}
  double Uniform(double from, double to) {
    return from + (to - from) * Chance(++count_, 0, seed_);
  }

 private:
  uint64_t seed_;
  int64_t count_ = 0;
};

/// Smooth noise in [0,1], one bump to a unit.
inline double Noise(double x, double y, uint64_t seed) {
  const double fx = std::floor(x), fy = std::floor(y);
  const auto ix = static_cast<int64_t>(fx), iy = static_cast<int64_t>(fy);
  const double tx = Smooth(0, 1, x - fx), ty = Smooth(0, 1, y - fy);
  const double top =
      Chance(ix, iy, seed) * (1 - tx) + Chance(ix + 1, iy, seed) * tx;
  const double bottom =
      Chance(ix, iy + 1, seed) * (1 - tx) + Chance(ix + 1, iy + 1, seed) * tx;
  return top * (1 - ty) + bottom * ty;
}

/// Octaves of noise, each half as strong and twice as fine; in [0,1].
inline double Fractal(double x, double y, int octaves, uint64_t seed) {
  double sum = 0, weight = 0;
  for (int i = 0; i < octaves; ++i) {
    const double k = std::ldexp(1.0, i);
    sum += Noise(x * k, y * k, seed + i) / k;
    weight += 1 / k;
  }
  return sum / weight;
}

}  // namespace atelier::samples

#endif  // ATELIER_DEPLOY_SAMPLES_PROCEDURAL_H_
