#include "worker/weights/network_weights.h"

namespace atelier {

engine::NetworkWeights ViewWeights(const WeightFile& file) {
  engine::NetworkWeights weights;
  weights.description = file.network;
  for (const ConvolutionWeights& convolution : file.convolutions) {
    weights.convolutions.push_back({convolution.in_channels,
                                    convolution.out_channels,
                                    convolution.kernel, convolution.bias});
  }
  return weights;
}

}  // namespace atelier
