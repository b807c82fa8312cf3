// The shape of a VGG, and the names of the places in it.
//
//   NetworkDescription vgg = ...;                   // from a weight file
//   ASSIGN_OR_RETURN(Tap tap, FindTap(vgg, "relu4_2"));
//   // tap.convolution == 9 (from 0), tap.kind == TapKind::kRelu
#ifndef ATELIER_COMMON_RENDER_NETWORK_H_
#define ATELIER_COMMON_RENDER_NETWORK_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/render/params.h"

namespace atelier {

/// What a weight file's header says of its network: 3x3 convolutions with bias
/// and ReLU in blocks, a 2x2 pool after each block.
struct NetworkDescription {
  std::string name;            ///< For people.
  std::string weights_digest;  ///< SHA-256 of the file, lower-case hex.
  std::string architecture;    ///< For people: "vgg19".
  std::vector<std::vector<int>> blocks;  ///< Output channels, block by block.
  Padding padding = Padding::kZeros;
  Pooling pooling = Pooling::kMax;  ///< What it was made for.
  std::string preprocessing;  ///< A Preprocessing's name, empty if unknown.
};

enum class TapKind { kConvolution, kRelu, kPool };

/// A place where features are read. A convolution is read before its ReLU.
struct Tap {
  TapKind kind = TapKind::kConvolution;
  int convolution = 0;  ///< The (last) convolution before it, from 0.
  int block = 0;        ///< From 0; also the number of pools before it.
  int channels = 0;
};

/// Finds "conv4_2", "relu4_2", "pool3" or "conv_10" (counting convolutions from
/// 1). The pool after the last block exists only where the file has it whole.
/// Errors: InvalidArgument (gives the name and what the network has).
absl::StatusOr<Tap> FindTap(const NetworkDescription& network,
                            absl::string_view name);

/// "conv1_1 .. conv5_1 (13 convolutions)": for messages.
std::string TapRange(const NetworkDescription& network);

/// The shortest side, in pixels, that reaches every layer of `params` at its
/// smallest scale: 2^pools, 2^(pools+1) under reflect padding, and twice that
/// for each scale above the smallest.
/// Errors: InvalidArgument for an unknown tap.
absl::StatusOr<int> SmallestSide(const NetworkDescription& network,
                                 const RenderParams& params);

}  // namespace atelier

#endif  // ATELIER_COMMON_RENDER_NETWORK_H_
