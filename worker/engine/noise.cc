#include "worker/engine/noise.h"

namespace atelier::engine {
namespace {

constexpr uint64_t kGamma = 0x9E3779B97F4A7C15;

uint64_t Mix(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return z ^ (z >> 31);
}

// Mixed twice, so that neighbouring seeds are not shifted copies.
uint64_t Bits(uint64_t seed, uint64_t index) {
  return Mix(Mix(seed + kGamma) + (index + 1) * kGamma);
}

}  // namespace

float UniformNoise(uint64_t seed, uint64_t index) {
  return static_cast<float>(Bits(seed, index) >> 40) * 0x1p-24f;
}

uint64_t DerivedSeed(uint64_t seed, uint64_t number) {
  return Bits(seed, number);
}

std::vector<float> UniformNoiseValues(uint64_t seed, size_t count) {
  std::vector<float> values(count);
  for (size_t i = 0; i < count; ++i) values[i] = UniformNoise(seed, i);
  return values;
}

}  // namespace atelier::engine
