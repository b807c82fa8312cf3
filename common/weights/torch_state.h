// What torch.save pickles: a state dict of tensors, and the storages they are
// views of. Where the storages' bytes are differs by file format.
#ifndef ATELIER_COMMON_WEIGHTS_TORCH_STATE_H_
#define ATELIER_COMMON_WEIGHTS_TORCH_STATE_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/weights/named_tensors.h"
#include "common/weights/pickle.h"

namespace atelier {

/// A one-dimensional run of numbers that tensors are views of.
struct TorchStorage {
  absl::string_view dtype;  ///< As safetensors spells it.
  int64_t element_bytes = 0;
  int64_t elements = 0;
  absl::string_view bytes;  ///< Empty until the file's format has found them.

  /// REQUIRES: a storage that FindStorages gave, so that it does not overflow.
  int64_t SizeBytes() const { return elements * element_bytes; }
};

using TorchStorages = std::map<std::string, TorchStorage>;

/// The names that a pickled state dict may use.
absl::Span<const absl::string_view> TorchGlobals();

/// The storages that a pickle speaks of, by key.
/// Errors: InvalidArgument (a kind of storage that is not known, one that
///         overflows, or one described in two ways).
absl::StatusOr<TorchStorages> FindStorages(const Pickle& pickle);

/// The tensors of the pickled state dict. It may stand in a dict of other
/// things ("state_dict", "epoch"); what is not a tensor is left out.
/// REQUIRES: storages whose bytes are there.
/// Errors: InvalidArgument: no state dict or several, a key that is not text
///         or there twice, a tensor that is not dense or leaves its storage
///         (names it).
absl::StatusOr<NamedTensors> ReadStateDict(const Pickle& pickle,
                                           const TorchStorages& storages);

}  // namespace atelier

#endif  // ATELIER_COMMON_WEIGHTS_TORCH_STATE_H_
