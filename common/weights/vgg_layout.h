// Finds a VGG among named tensors, and checks that its parts fit each other.
#ifndef ATELIER_COMMON_WEIGHTS_VGG_LAYOUT_H_
#define ATELIER_COMMON_WEIGHTS_VGG_LAYOUT_H_

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/render/network.h"
#include "common/weights/named_tensors.h"
#include "common/weights/vgg_keys.h"

namespace atelier {

inline constexpr int kImageChannels = 3;
// VGG-19 has 5 blocks of 16 convolutions, at most 512 channels wide.
inline constexpr int kMaxBlocks = 8;
inline constexpr int kMaxConvolutions = 64;
inline constexpr int kMaxChannels = 1 << 16;
/// Of what the metadata says of architecture, preprocessing and the like.
inline constexpr size_t kMaxNoteBytes = 64;

/// Where one convolution's numbers are. The tensors are in the NamedTensors:
/// the kernel is [out, in, 3, 3], the others [out].
struct ConvolutionTensors {
  ConvolutionKeys keys;
  bool has_bias = true;  ///< False: all zeros; a normalisation follows.
  int in_channels = 0;
  int out_channels = 0;
};

/// The names of all its tensors, the kernel's first.
std::vector<std::string> TensorNames(const ConvolutionTensors& convolution);

struct VggLayout {
  NetworkDescription network;  ///< Without name and digest.
  KeyNaming naming = KeyNaming::kTorchvision;
  std::string prefix;
  std::vector<ConvolutionTensors> convolutions;
  bool batch_norm = false;
  std::set<std::string> dtypes;      ///< Of the tensors that are used.
  std::vector<std::string> ignored;  ///< The file's other tensors, sorted.
};

/// Channels are read from the shapes, blocks from the names. Padding is zeros
/// and pooling max unless the metadata says otherwise.
/// Errors: InvalidArgument (names the tensor, what it is, what is expected).
absl::StatusOr<VggLayout> FindVgg(const NamedTensors& file);

}  // namespace atelier

#endif  // ATELIER_COMMON_WEIGHTS_VGG_LAYOUT_H_
