// PyTorch's .pth files, in both forms that torch.save has written.
//
// The zip form (since 1.6) has a pickle in "NAME/data.pkl" and each storage in
// "NAME/data/KEY". The legacy form, which torchvision's VGG files still have,
// is five pickles in a row (a magic number, a version, the machine, the state
// dict, the storages' keys) and then the storages in the order of the keys.
// Source: torch/serialization.py.
#ifndef ATELIER_COMMON_WEIGHTS_TORCH_FILE_H_
#define ATELIER_COMMON_WEIGHTS_TORCH_FILE_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/weights/named_tensors.h"

namespace atelier {

/// By the first bytes alone.
bool IsTorchZip(absl::string_view file);
bool IsTorchLegacy(absl::string_view file);

/// The tensors of a state dict; they are views into `file`. Executes nothing.
/// Errors: InvalidArgument (what is wrong, and where).
absl::StatusOr<NamedTensors> ReadTorchZip(absl::string_view file);
absl::StatusOr<NamedTensors> ReadTorchLegacy(absl::string_view file);

}  // namespace atelier

#endif  // ATELIER_COMMON_WEIGHTS_TORCH_FILE_H_
