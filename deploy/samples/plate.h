// A picture painted layer over layer at several samples a pixel.
#ifndef ATELIER_DEPLOY_SAMPLES_PLATE_H_
#define ATELIER_DEPLOY_SAMPLES_PLATE_H_

#include <algorithm>
#include <cmath>
#include <vector>

#include "common/image/image.h"
#include "deploy/samples/procedural.h"

namespace atelier::samples {

/// A colour and how much of what is under it it hides, 0 to 1.
struct Coat {
  Rgb colour;
  double cover = 0;
};

struct Area {
  double left = 0;
  double top = 0;
  double right = 0;
  double bottom = 0;
};

/// Coordinates are those of the finished picture, y downwards.
class Plate {
 public:
  Plate(int width_px, int height_px, int samples_per_side)
      : width_(width_px),
        height_(height_px),
        scale_(samples_per_side),
        samples_(size_t(width_px) * height_px * scale_ * scale_) {}

  Area Whole() const { return {0, 0, double(width_), double(height_)}; }

  /// Lays `coat(Point)` over every sample in `area`.
  template <typename F>
  void Paint(const Area& area, F&& coat) {
    const int x0 = Sample(area.left, width_), x1 = Sample(area.right, width_);
    const int y0 = Sample(area.top, height_), y1 = Sample(area.bottom, height_);
    for (int y = y0; y < y1; ++y) {
      for (int x = x0; x < x1; ++x) {
        const Coat over = coat(Point{(x + 0.5) / scale_, (y + 0.5) / scale_});
        if (over.cover <= 0) continue;
        Rgb& sample = samples_[size_t(y) * width_ * scale_ + x];
        sample = Mix(sample, over.colour, std::min(over.cover, 1.0));
      }
    }
  }

  /// The sample nearest to `at`.
  Rgb At(Point at) const {
    const int x = std::min(Sample(at.x, width_), width_ * scale_ - 1);
    const int y = std::min(Sample(at.y, height_), height_ * scale_ - 1);
    return samples_[size_t(y) * width_ * scale_ + x];
  }

  /// Averages the samples of each pixel.
  Image Develop() const {
    Image image{width_, height_, {}};
    const size_t area = size_t(width_) * height_;
    image.rgb.resize(3 * area);
    for (size_t i = 0; i < area; ++i) {
      Rgb sum;
      for (int s = 0; s < scale_ * scale_; ++s) {
        const size_t y = i / width_ * scale_ + s / scale_;
        const size_t x = i % width_ * scale_ + s % scale_;
        sum = sum + samples_[y * width_ * scale_ + x];
      }
      const Rgb mean = sum * (1.0 / (scale_ * scale_));
      image.rgb[i] = std::clamp(mean.r, 0.0, 1.0);
      image.rgb[area + i] = std::clamp(mean.g, 0.0, 1.0);
      image.rgb[2 * area + i] = std::clamp(mean.b, 0.0, 1.0);
    }
    return image;
  }

 private:
  int Sample(double at, int side) const {
    return std::clamp(static_cast<int>(std::lround(at * scale_)), 0,
                      side * scale_);
  }

  int width_;
  int height_;
  int scale_;
  std::vector<Rgb> samples_;
};

}  // namespace atelier::samples

#endif  // ATELIER_DEPLOY_SAMPLES_PLATE_H_
