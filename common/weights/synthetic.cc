#include "common/weights/synthetic.h"

#include <cmath>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/weights/safetensors.h"

namespace atelier {
namespace {

absl::string_view BytesOf(const std::vector<float>& values) {
  return {reinterpret_cast<const char*>(values.data()),
          values.size() * sizeof(float)};
}

}  // namespace

float SyntheticWeight(uint64_t i, uint64_t k, int in_channels) {
  uint64_t z = (i + (k << 40)) * 0x9E3779B97F4A7C15;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  z ^= z >> 31;
  const double u = std::ldexp(static_cast<double>(z >> 11), -53) * 2 - 1;
  return static_cast<float>(u * std::sqrt(6.0 / (9.0 * in_channels)));
}

std::string SyntheticVgg19Bytes() {
  const std::vector<std::vector<int>> blocks = {
      {64, 64}, {128, 128}, {256, 256, 256, 256}, {512, 512, 512, 512}, {512}};
  std::vector<std::vector<float>> values;  // Kernel, bias, kernel, bias, ...
  std::vector<std::pair<std::string, TensorView>> tensors;
  int index = 0;
  int in = 3;
  for (const std::vector<int>& block : blocks) {
    for (int out : block) {
      const uint64_t k = values.size() / 2 + 1;
      std::vector<float> kernel(size_t{9} * in * out);
      for (size_t i = 0; i < kernel.size(); ++i) {
        kernel[i] = SyntheticWeight(i + 1, k, in);
      }
      values.push_back(std::move(kernel));
      tensors.push_back({absl::StrCat("features.", index, ".weight"),
                         {"F32", {out, in, 3, 3}, BytesOf(values.back())}});
      values.emplace_back(out, 0.0f);
      tensors.push_back({absl::StrCat("features.", index, ".bias"),
                         {"F32", {out}, BytesOf(values.back())}});
      in = out;
      index += 2;
    }
    index += 1;
  }
  return WriteSafetensors(
      {{"architecture", "vgg19"}, {"padding", "zeros"}, {"pooling", "max"}},
      tensors);
}

}  // namespace atelier
