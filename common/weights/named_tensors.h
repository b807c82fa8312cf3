// What every weight format comes down to: tensors by name, and notes about
// them. Readers of formats make it, readers of layouts take it.
#ifndef ATELIER_COMMON_WEIGHTS_NAMED_TENSORS_H_
#define ATELIER_COMMON_WEIGHTS_NAMED_TENSORS_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/quoted_text.h"
#include "common/status_macros.h"

namespace atelier {

/// A tensor in the bytes of its file: row-major, little-endian, dense.
/// Lifetime: that of the file's bytes.
struct TensorView {
  std::string dtype;  ///< As safetensors spells it: "F32", "BF16".
  std::vector<int64_t> shape;
  absl::string_view bytes;  ///< Exactly the elements of `shape`.
};

struct NamedTensors {
  std::map<std::string, TensorView> tensors;
  std::map<std::string, std::string> metadata;
};

/// "tensor 'conv1_1.weight' ...", the rest joined as absl::StrCat does it.
template <typename... Parts>
absl::Status TensorError(absl::string_view name, const Parts&... what) {
  return InvalidArgument("tensor ", Quoted(name), " ", what...);
}

/// "[64, 3, 3, 3]".
std::string ShapeText(const std::vector<int64_t>& shape);

/// The values of an F32, F16 or BF16 tensor.
/// Errors: InvalidArgument for another dtype or a value that is not finite
///         (names the tensor and the element).
absl::StatusOr<std::vector<float>> FiniteFloats(absl::string_view name,
                                                const TensorView& tensor);

}  // namespace atelier

#endif  // ATELIER_COMMON_WEIGHTS_NAMED_TENSORS_H_
