// A network made by a formula: full width for speed runs, no file to carry.
#ifndef ATELIER_COMMON_WEIGHTS_SYNTHETIC_H_
#define ATELIER_COMMON_WEIGHTS_SYNTHETIC_H_

#include <cstdint>
#include <string>

namespace atelier {

/// Weight number `i` (from 1, in [out][in][3][3] order) of convolution number
/// `k` (from 1) with `in_channels` inputs: splitmix64 of both, uniform in
/// ±sqrt(6 / (9·in_channels)).
float SyntheticWeight(uint64_t i, uint64_t k, int in_channels);

/// VGG-19 to conv5_1 of such weights and zero biases, as a safetensors file of
/// 52 MB. The same bytes on every machine and in every version: renders are
/// named by their digest.
std::string SyntheticVgg19Bytes();

}  // namespace atelier

#endif  // ATELIER_COMMON_WEIGHTS_SYNTHETIC_H_
