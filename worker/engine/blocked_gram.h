// Gram matrices of features in oneDNN's blocked layout, by its matrix product,
// a few pixels at a time, and their sums: features are never copied whole.
#ifndef ATELIER_WORKER_ENGINE_BLOCKED_GRAM_H_
#define ATELIER_WORKER_ENGINE_BLOCKED_GRAM_H_

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace atelier::engine {

/// [n, blocks of channels, pixels, block] floats, one after another. Channels
/// that fill up the last block are zero.
struct BlockedFeatures {
  const float* values = nullptr;
  int64_t images = 1;
  int64_t channels = 0;
  int64_t pixels = 0;
  int64_t block = 16;
};

/// As GramSums (gram.h): region [r, h, w] or undefined, result [n, r, c, c].
at::Tensor BlockedGramSums(const BlockedFeatures& features,
                           const at::Tensor& region);

/// Adds what GramSumsGradient gives to `gradient`, which has the features' own
/// layout. REQUIRES: sums_gradient [n, r, c, c], symmetric.
void AddBlockedGramGradient(const BlockedFeatures& features,
                            const at::Tensor& region,
                            const at::Tensor& sums_gradient, float* gradient);

/// As FeatureSums (gram.h): result [n, r, c].
at::Tensor BlockedSums(const BlockedFeatures& features,
                       const at::Tensor& region);

/// Adds what FeatureSumsGradient gives to `gradient`, which has the features'
/// own layout. Reads no values. REQUIRES: sums_gradient [n, r, c].
void AddBlockedSumsGradient(const BlockedFeatures& features,
                            const at::Tensor& region,
                            const at::Tensor& sums_gradient, float* gradient);

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_BLOCKED_GRAM_H_
