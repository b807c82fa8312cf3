// The safetensors format: eight bytes of header length, a JSON header, the
// tensors' bytes. Format: https://huggingface.co/docs/safetensors.
#ifndef ATELIER_COMMON_WEIGHTS_SAFETENSORS_H_
#define ATELIER_COMMON_WEIGHTS_SAFETENSORS_H_

#include <cstdint>
#include <istream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/weights/named_tensors.h"

namespace atelier {

/// A VGG's header has some 3 KB; a header beyond this is refused unread.
inline constexpr uint64_t kMaxSafetensorsHeaderBytes = 1 << 20;

/// Reads the header; the tensors are views into `bytes`.
/// Errors: InvalidArgument: header longer than the file or than the bound, not
///         the JSON expected, or tensors that do not fill the rest of the file
///         end to end (names the tensor, what it says and what is there).
absl::StatusOr<NamedTensors> ReadSafetensors(absl::string_view bytes);

/// A tensor by its place in a file.
struct TensorPlace {
  std::string dtype;
  std::vector<int64_t> shape;
  uint64_t begin = 0;  ///< In the file.
  uint64_t size = 0;   ///< In bytes.
};

struct SafetensorsHeader {
  std::map<std::string, TensorPlace> tensors;
  std::map<std::string, std::string> metadata;
};

/// Reads the header alone, from a stream that can seek.
/// Errors: as ReadSafetensors.
absl::StatusOr<SafetensorsHeader> ReadSafetensorsHeader(std::istream& in);

/// What a file of these tensors begins with; their bytes follow, in the order
/// given. Looks at names, types and shapes only.
/// REQUIRES: distinct names, known types.
std::string MakeSafetensorsHeader(
    const std::map<std::string, std::string>& metadata,
    const std::vector<std::pair<std::string, TensorView>>& tensors);

/// Writes tensors in the order given. Same arguments, same bytes.
/// REQUIRES: distinct names; each tensor's bytes are as its dtype and shape
/// say.
std::string WriteSafetensors(
    const std::map<std::string, std::string>& metadata,
    const std::vector<std::pair<std::string, TensorView>>& tensors);

}  // namespace atelier

#endif  // ATELIER_COMMON_WEIGHTS_SAFETENSORS_H_
