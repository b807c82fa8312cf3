// Noise that is the same on every machine and device.
#ifndef ATELIER_WORKER_ENGINE_NOISE_H_
#define ATELIER_WORKER_ENGINE_NOISE_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace atelier::engine {

/// Value number `index` of stream `seed`, uniform in [0,1): the upper 24 bits
/// of splitmix64 (Steele, Lea and Flood, 2014) of both. Part of what a render
/// is: never changes.
float UniformNoise(uint64_t seed, uint64_t index);

/// The first `count` values.
std::vector<float> UniformNoiseValues(uint64_t seed, size_t count);

/// The seed of another stream, which `number` tells from its fellows.
uint64_t DerivedSeed(uint64_t seed, uint64_t number);

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_NOISE_H_
