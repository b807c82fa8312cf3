#include "common/image/colors.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "common/image/vips_adapter.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

using Vector = std::array<double, 3>;
using Matrix = std::array<Vector, 3>;

// One step of 8 bits, squared: less is rounding, not colour.
constexpr double kLeastVariance = 1.0 / (255.0 * 255.0);

struct Moments {
  Vector mean{};
  Matrix covariance{};
};

Moments MomentsOf(const Image& image) {
  const size_t area = image.rgb.size() / 3;
  Moments moments;
  for (int c = 0; c < 3; ++c) {
    double sum = 0;
    for (size_t i = 0; i < area; ++i) sum += image.rgb[c * area + i];
    moments.mean[c] = sum / static_cast<double>(area);
  }
  for (int a = 0; a < 3; ++a) {
    for (int b = a; b < 3; ++b) {
      double sum = 0;
      for (size_t i = 0; i < area; ++i) {
        sum += (image.rgb[a * area + i] - moments.mean[a]) *
               (image.rgb[b * area + i] - moments.mean[b]);
      }
      moments.covariance[a][b] = moments.covariance[b][a] =
          sum / static_cast<double>(area);
    }
  }
  return moments;
}

Matrix Product(const Matrix& a, const Matrix& b) {
  Matrix product{};
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) {
      for (int k = 0; k < 3; ++k) product[i][j] += a[i][k] * b[k][j];
    }
  }
  return product;
}

Matrix Transposed(const Matrix& m) {
  Matrix transposed;
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) transposed[i][j] = m[j][i];
  }
  return transposed;
}

// The rotation by which Jacobi's method clears m[p][q].
Matrix Rotation(const Matrix& m, int p, int q) {
  Matrix rotation{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
  if (m[p][q] == 0) return rotation;
  const double theta = (m[q][q] - m[p][p]) / (2 * m[p][q]);
  const double tangent =
      std::copysign(1.0, theta) / (std::abs(theta) + std::hypot(theta, 1.0));
  const double cosine = 1 / std::hypot(tangent, 1.0);
  rotation[p][p] = rotation[q][q] = cosine;
  rotation[p][q] = tangent * cosine;
  rotation[q][p] = -tangent * cosine;
  return rotation;
}

// A symmetric matrix with `of` applied to its eigenvalues. Jacobi's method
// squares the error of a 3x3 matrix at each sweep: six are plenty for doubles.
template <typename Function>
Matrix OfEigenvalues(Matrix m, Function of) {
  Matrix vectors{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
  constexpr int kSweeps = 6;
  constexpr std::pair<int, int> kPairs[] = {{0, 1}, {0, 2}, {1, 2}};
  for (int sweep = 0; sweep < kSweeps; ++sweep) {
    for (const auto& [p, q] : kPairs) {
      const Matrix rotation = Rotation(m, p, q);
      m = Product(Product(Transposed(rotation), m), rotation);
      vectors = Product(vectors, rotation);
    }
  }
  Matrix diagonal{};
  for (int i = 0; i < 3; ++i) diagonal[i][i] = of(m[i][i]);
  return Product(Product(vectors, diagonal), Transposed(vectors));
}

absl::Status CheckFinite(const Image& image) {
  RETURN_IF_ERROR(CheckImage(image));
  if (std::all_of(image.rgb.begin(), image.rgb.end(),
                  [](float value) { return std::isfinite(value); })) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError("image has a value that is not finite");
}

float Luminance(float red, float green, float blue) {
  return 0.299f * red + 0.587f * green + 0.114f * blue;
}

float ClampedLuminance(const Image& image, size_t pixel) {
  const size_t area = image.rgb.size() / 3;
  const auto at = [&](int c) {
    return std::clamp(image.rgb[c * area + pixel], 0.0f, 1.0f);
  };
  return Luminance(at(0), at(1), at(2));
}

// The share of `chroma` that `luminance` can bear within [0,1].
float ChromaWithinRgb(float luminance, const std::array<float, 3>& chroma) {
  float share = 1;
  for (float c : chroma) {
    if (luminance + c > 1) share = std::min(share, (1 - luminance) / c);
    if (luminance + c < 0) share = std::min(share, -luminance / c);
  }
  return share;
}

}  // namespace

absl::StatusOr<Image> MatchColors(const Image& picture, const Image& like) {
  RETURN_IF_ERROR(CheckFinite(picture));
  RETURN_IF_ERROR(CheckFinite(like));
  const Moments from = MomentsOf(picture);
  const Moments to = MomentsOf(like);
  const Matrix map =
      Product(OfEigenvalues(
                  to.covariance,
                  [](double value) { return std::sqrt(std::max(value, 0.0)); }),
              OfEigenvalues(from.covariance, [](double value) {
                return value < kLeastVariance ? 0 : 1 / std::sqrt(value);
              }));
  Image matched{picture.width_px, picture.height_px, picture.rgb};
  const size_t area = picture.rgb.size() / 3;
  for (size_t i = 0; i < area; ++i) {
    for (int a = 0; a < 3; ++a) {
      double value = to.mean[a];
      for (int b = 0; b < 3; ++b) {
        value += map[a][b] * (picture.rgb[b * area + i] - from.mean[b]);
      }
      matched.rgb[a * area + i] = static_cast<float>(value);
    }
  }
  return matched;
}

absl::StatusOr<Image> WithColorsOf(const Image& picture, const Image& colored) {
  RETURN_IF_ERROR(CheckImage(picture));
  RETURN_IF_ERROR(CheckImage(colored));
  if (picture.width_px != colored.width_px ||
      picture.height_px != colored.height_px) {
    return InvalidArgument("a picture of ", picture.width_px, "x",
                           picture.height_px,
                           " px cannot take the colours of one of ",
                           colored.width_px, "x", colored.height_px, " px");
  }
  Image result{picture.width_px, picture.height_px, picture.rgb};
  const size_t area = picture.rgb.size() / 3;
  for (size_t i = 0; i < area; ++i) {
    const float luminance = ClampedLuminance(picture, i);
    const float own = ClampedLuminance(colored, i);
    std::array<float, 3> chroma;
    for (int c = 0; c < 3; ++c) {
      chroma[c] = std::clamp(colored.rgb[c * area + i], 0.0f, 1.0f) - own;
    }
    const float share = ChromaWithinRgb(luminance, chroma);
    for (int c = 0; c < 3; ++c) {
      result.rgb[c * area + i] = luminance + share * chroma[c];
    }
  }
  return result;
}

}  // namespace atelier
