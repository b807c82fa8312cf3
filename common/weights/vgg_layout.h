// Finds a VGG among named tensors, by torchvision's key names.
#ifndef ATELIER_COMMON_WEIGHTS_VGG_LAYOUT_H_
#define ATELIER_COMMON_WEIGHTS_VGG_LAYOUT_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/render/network.h"
#include "common/weights/named_tensors.h"

namespace atelier {

/// Where one convolution's numbers are. The tensors are in the NamedTensors.
struct ConvolutionTensors {
  std::string kernel;  ///< [out, in, 3, 3].
  std::string bias;    ///< [out].
  int in_channels = 0;
  int out_channels = 0;
};

struct VggLayout {
  NetworkDescription network;  ///< Without name and digest.
  std::vector<ConvolutionTensors> convolutions;
};

/// Reads "features.N.weight" and "features.N.bias". torchvision counts every
/// module: convolution N, its ReLU N+1, and the next convolution is N+2, or N+3
/// after a pool. Tensors outside "features." (the classifier) are left alone.
/// Padding is zeros and pooling max unless the metadata says otherwise.
/// Errors: InvalidArgument (names the tensor, what it is, what is expected).
absl::StatusOr<VggLayout> FindVgg(const NamedTensors& file);

}  // namespace atelier

#endif  // ATELIER_COMMON_WEIGHTS_VGG_LAYOUT_H_
