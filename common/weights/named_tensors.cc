#include "common/weights/named_tensors.h"

#include <cmath>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/quoted_text.h"

namespace atelier {
namespace {

float FromBits(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

uint16_t LoadU16(const char* at) {
  uint16_t bits;
  std::memcpy(&bits, at, sizeof(bits));
  return bits;
}

float FromBfloat16(uint16_t bits) { return FromBits(uint32_t{bits} << 16); }

// IEEE 754 binary16; exact, since every half is a float.
float FromHalf(uint16_t bits) {
  const uint32_t sign = uint32_t{bits & 0x8000u} << 16;
  const uint32_t exponent = (bits >> 10) & 0x1f;
  const uint32_t fraction = bits & 0x3ff;
  if (exponent == 0) {
    const float magnitude = std::ldexp(static_cast<float>(fraction), -24);
    return sign != 0 ? -magnitude : magnitude;
  }
  if (exponent == 0x1f) return FromBits(sign | 0x7f800000u | fraction << 13);
  return FromBits(sign | (exponent + 112) << 23 | fraction << 13);
}

}  // namespace

std::string ShapeText(const std::vector<int64_t>& shape) {
  return absl::StrCat("[", absl::StrJoin(shape, ", "), "]");
}

absl::StatusOr<std::vector<float>> FiniteFloats(absl::string_view name,
                                                const TensorView& tensor) {
  std::vector<float> values;
  const char* at = tensor.bytes.data();
  if (tensor.dtype == "F32") {
    values.resize(tensor.bytes.size() / sizeof(float));
    if (!values.empty()) {
      std::memcpy(values.data(), at, values.size() * sizeof(float));
    }
  } else if (tensor.dtype == "F16" || tensor.dtype == "BF16") {
    const auto convert = tensor.dtype == "F16" ? FromHalf : FromBfloat16;
    values.resize(tensor.bytes.size() / sizeof(uint16_t));
    for (size_t i = 0; i < values.size(); ++i) {
      values[i] = convert(LoadU16(at + i * sizeof(uint16_t)));
    }
  } else {
    return TensorError(name, "is of type ", Quoted(tensor.dtype),
                       "; F32, F16 and BF16 are read");
  }
  for (size_t i = 0; i < values.size(); ++i) {
    if (std::isfinite(values[i])) continue;
    return TensorError(name, "has ", values[i], " at element ", i,
                       "; every weight must be finite");
  }
  return values;
}

}  // namespace atelier
