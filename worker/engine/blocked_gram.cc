#include "worker/engine/blocked_gram.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <oneapi/dnnl/dnnl.hpp>
#include <vector>

namespace atelier::engine {
namespace {

// Floats of one chunk: with as many for a product, half of a core's cache.
constexpr int64_t kChunkFloats = 1 << 17;

int64_t FilledChannels(const BlockedFeatures& features) {
  return (features.channels + features.block - 1) / features.block *
         features.block;
}

// The pixels [first, first + count) as rows of all channels.
void Gather(const BlockedFeatures& features, int64_t image, int64_t first,
            int64_t count, float* rows) {
  const int64_t channels = FilledChannels(features);
  const int64_t blocks = channels / features.block;
  for (int64_t b = 0; b < blocks; ++b) {
    const float* from =
        features.values +
        ((image * blocks + b) * features.pixels + first) * features.block;
    float* to = rows + b * features.block;
    for (int64_t p = 0; p < count; ++p) {
      std::copy_n(from, features.block, to);
      from += features.block;
      to += channels;
    }
  }
}

void ScaleRows(const float* weights, int64_t rows, int64_t columns,
               const float* from, float* to) {
  for (int64_t p = 0; p < rows; ++p) {
    for (int64_t c = 0; c < columns; ++c) {
      to[p * columns + c] = weights[p] * from[p * columns + c];
    }
  }
}

void ScatterAdd(const BlockedFeatures& features, int64_t image, int64_t first,
                int64_t count, const float* rows, float* gradient) {
  const int64_t channels = FilledChannels(features);
  const int64_t blocks = channels / features.block;
  for (int64_t b = 0; b < blocks; ++b) {
    float* to = gradient + ((image * blocks + b) * features.pixels + first) *
                               features.block;
    const float* from = rows + b * features.block;
    for (int64_t p = 0; p < count; ++p) {
      for (int64_t c = 0; c < features.block; ++c) to[c] += from[c];
      to += features.block;
      from += channels;
    }
  }
}

// The weights of a region's pixels from `first` on; null where all count 1.
const float* WeightsAt(const at::Tensor& weights,
                       const BlockedFeatures& features, int64_t region,
                       int64_t first) {
  if (!weights.defined()) return nullptr;
  return weights.data_ptr<float>() + region * features.pixels + first;
}

at::Tensor Contiguous(const at::Tensor& region) {
  return region.defined() ? region.contiguous() : region;
}

// Adds each channel's sum over some pixels; null weights are ones.
void AddSums(const BlockedFeatures& features, int64_t image, int64_t first,
             int64_t count, const float* weights, double* sums) {
  const int64_t blocks = FilledChannels(features) / features.block;
  std::vector<float> of_block(features.block);
  for (int64_t b = 0; b < blocks; ++b) {
    const float* from =
        features.values +
        ((image * blocks + b) * features.pixels + first) * features.block;
    std::fill(of_block.begin(), of_block.end(), 0.0f);
    for (int64_t p = 0; p < count; ++p) {
      const float weight = weights == nullptr ? 1 : weights[p];
      for (int64_t c = 0; c < features.block; ++c) {
        of_block[c] += weight * from[c];
      }
      from += features.block;
    }
    for (int64_t c = 0; c < features.block; ++c) {
      sums[b * features.block + c] += of_block[c];
    }
  }
}

// Adds each channel's value, times the weight, to some pixels.
void AddToEach(const BlockedFeatures& features, int64_t image, int64_t first,
               int64_t count, const float* weights, const float* values,
               float* gradient) {
  const int64_t blocks = FilledChannels(features) / features.block;
  for (int64_t b = 0; b < blocks; ++b) {
    float* to = gradient + ((image * blocks + b) * features.pixels + first) *
                               features.block;
    const float* const of_block = values + b * features.block;
    for (int64_t p = 0; p < count; ++p) {
      const float weight = weights == nullptr ? 1 : weights[p];
      for (int64_t c = 0; c < features.block; ++c) {
        to[c] += weight * of_block[c];
      }
      to += features.block;
    }
  }
}

// C = alpha·op(A)·B + beta·C, row-major.
void Multiply(char transpose_a, int64_t m, int64_t n, int64_t k, const float* a,
              int64_t lda, const float* b, float beta, float* c) {
  const dnnl_status_t status =
      dnnl_sgemm(transpose_a, 'N', m, n, k, 1, a, lda, b, n, beta, c, n);
  if (status != dnnl_success) throw dnnl::error(status, "matrix product");
}

// Runs visit(part, first pixel, pixels) over the chunks of each thread's part,
// so that sums of parts depend on the number of threads only.
template <typename Visit>
void ForEachChunk(const BlockedFeatures& features, int64_t parts, Visit visit) {
  const int64_t chunk =
      std::max<int64_t>(1, kChunkFloats / FilledChannels(features));
  const int64_t part_pixels = (features.pixels + parts - 1) / parts;
  at::parallel_for(0, parts, 1, [&](int64_t begin, int64_t end) {
    for (int64_t part = begin; part < end; ++part) {
      const int64_t last = std::min(features.pixels, (part + 1) * part_pixels);
      for (int64_t p = part * part_pixels; p < last; p += chunk) {
        visit(part, p, std::min(chunk, last - p));
      }
    }
  });
}

// [n, r, c, c] with channels filled up to whole blocks.
at::Tensor Filled(const at::Tensor& matrices, int64_t channels) {
  const int64_t more = channels - matrices.size(3);
  return at::constant_pad_nd(matrices, {0, more, 0, more}).contiguous();
}

}  // namespace

at::Tensor BlockedGramSums(const BlockedFeatures& features,
                           const at::Tensor& region) {
  const int64_t channels = FilledChannels(features);
  const int64_t regions = region.defined() ? region.size(0) : 1;
  const at::Tensor weights = Contiguous(region);
  const int64_t parts = at::get_num_threads();
  const at::Tensor sums = at::zeros(
      {parts, features.images, regions, channels, channels}, at::kFloat);
  float* const first_sum = sums.data_ptr<float>();
  ForEachChunk(features, parts, [&](int64_t part, int64_t p, int64_t count) {
    std::vector<float> rows(count * channels);
    std::vector<float> scaled(region.defined() ? rows.size() : 0);
    for (int64_t image = 0; image < features.images; ++image) {
      Gather(features, image, p, count, rows.data());
      for (int64_t r = 0; r < regions; ++r) {
        const float* left = rows.data();
        const float* const weight = WeightsAt(weights, features, r, p);
        if (weight != nullptr) {
          ScaleRows(weight, count, channels, rows.data(), scaled.data());
          left = scaled.data();
        }
        float* const sum =
            first_sum + ((part * features.images + image) * regions + r) *
                            channels * channels;
        Multiply('T', channels, channels, count, left, channels, rows.data(), 1,
                 sum);
      }
    }
  });
  return sums.sum(0)
      .narrow(2, 0, features.channels)
      .narrow(3, 0, features.channels)
      .contiguous();
}

void AddBlockedGramGradient(const BlockedFeatures& features,
                            const at::Tensor& region,
                            const at::Tensor& sums_gradient, float* gradient) {
  const int64_t channels = FilledChannels(features);
  const int64_t regions = sums_gradient.size(1);
  const at::Tensor weights = Contiguous(region);
  // Both factors of the product that makes the sum: twice the same.
  const at::Tensor twice = Filled(sums_gradient, channels).mul_(2);
  ForEachChunk(
      features, at::get_num_threads(), [&](int64_t, int64_t p, int64_t count) {
        std::vector<float> rows(count * channels);
        std::vector<float> product(rows.size());
        for (int64_t image = 0; image < features.images; ++image) {
          Gather(features, image, p, count, rows.data());
          for (int64_t r = 0; r < regions; ++r) {
            const float* const matrix =
                twice.data_ptr<float>() +
                (image * regions + r) * channels * channels;
            Multiply('N', count, channels, channels, rows.data(), channels,
                     matrix, 0, product.data());
            const float* const weight = WeightsAt(weights, features, r, p);
            if (weight != nullptr) {
              ScaleRows(weight, count, channels, product.data(),
                        product.data());
            }
            ScatterAdd(features, image, p, count, product.data(), gradient);
          }
        }
      });
}

at::Tensor BlockedSums(const BlockedFeatures& features,
                       const at::Tensor& region) {
  const int64_t channels = FilledChannels(features);
  const int64_t regions = region.defined() ? region.size(0) : 1;
  const at::Tensor weights = Contiguous(region);
  const int64_t parts = at::get_num_threads();
  const at::Tensor sums =
      at::zeros({parts, features.images, regions, channels}, at::kDouble);
  double* const first_sum = sums.data_ptr<double>();
  ForEachChunk(features, parts, [&](int64_t part, int64_t p, int64_t count) {
    for (int64_t image = 0; image < features.images; ++image) {
      for (int64_t r = 0; r < regions; ++r) {
        AddSums(features, image, p, count, WeightsAt(weights, features, r, p),
                first_sum + ((part * features.images + image) * regions + r) *
                                channels);
      }
    }
  });
  return sums.sum(0).narrow(2, 0, features.channels).to(at::kFloat);
}

void AddBlockedSumsGradient(const BlockedFeatures& features,
                            const at::Tensor& region,
                            const at::Tensor& sums_gradient, float* gradient) {
  const int64_t channels = FilledChannels(features);
  const int64_t regions = sums_gradient.size(1);
  const at::Tensor weights = Contiguous(region);
  const at::Tensor filled =
      at::constant_pad_nd(sums_gradient, {0, channels - features.channels})
          .contiguous();
  ForEachChunk(
      features, at::get_num_threads(), [&](int64_t, int64_t p, int64_t count) {
        for (int64_t image = 0; image < features.images; ++image) {
          for (int64_t r = 0; r < regions; ++r) {
            AddToEach(
                features, image, p, count, WeightsAt(weights, features, r, p),
                filled.data_ptr<float>() + (image * regions + r) * channels,
                gradient);
          }
        }
      });
}

}  // namespace atelier::engine
