// Which tensor of a file is which part of a VGG, by its name.
#ifndef ATELIER_COMMON_WEIGHTS_VGG_KEYS_H_
#define ATELIER_COMMON_WEIGHTS_VGG_KEYS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/weights/named_tensors.h"

namespace atelier {

enum class KeyNaming {
  /// "features.N.weight", where N counts every module: a convolution, its batch
  /// normalisation if any, its ReLU, and a pool after each block.
  kTorchvision,
  /// "N.weight": the features of such a network, saved alone.
  kFeatures,
  /// The same, with timm's classifier beside it ("pre_logits.", "head.fc.").
  kTimm,
  /// "convB_I.weight", block and place in it, as leongatys/
  /// PytorchNeuralStyleTransfer has them.
  kGatys,
};

/// "torchvision", "features", "timm", "gatys".
absl::string_view Name(KeyNaming naming);

struct BatchNormKeys {
  std::string weight;
  std::string bias;
  std::string running_mean;
  std::string running_var;
};

struct ConvolutionKeys {
  std::string kernel;
  std::string bias;  ///< The file may lack it where `norm` is there.
  std::optional<BatchNormKeys> norm;
  bool opens_block = false;  ///< The first, or the one after a pool.
};

struct VggKeys {
  KeyNaming naming = KeyNaming::kTorchvision;
  /// What stands before every name: "module."; and what wraps its features:
  /// "features.module.".
  std::string prefix;
  std::vector<ConvolutionKeys> convolutions;
};

/// Finds the one VGG among the tensors' names. A prefix that all its names
/// share is fine, and what DataParallel and torch.compile wrap around it. Other
/// tensors (a classifier) are left alone. Errors: InvalidArgument: none, two
/// (names a tensor of each), a name that has
///         no place in a VGG, or places that do not follow each other.
absl::StatusOr<VggKeys> FindVggKeys(const NamedTensors& file);

}  // namespace atelier

#endif  // ATELIER_COMMON_WEIGHTS_VGG_KEYS_H_
