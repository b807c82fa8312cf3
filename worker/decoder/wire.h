// What the frames between a worker and its decoder hold. Both are of one build
// and one machine: numbers lie as they do in memory.
#ifndef ATELIER_WORKER_DECODER_WIRE_H_
#define ATELIER_WORKER_DECODER_WIRE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "common/render/network.h"
#include "common/weights/weight_file.h"

namespace atelier {

/// The decoder's end of the socket, and the tray.
inline constexpr int kDecoderFd = 3;
inline constexpr int kTrayFd = 4;
/// Raised with every change of what follows.
inline constexpr uint32_t kDecoderWireVersion = 1;
/// Of a message, a name, and a packed network.
inline constexpr uint64_t kMaxTextBytes = 4096;

struct ReadyFrame {
  uint32_t version = kDecoderWireVersion;
  uint32_t filtered = 0;  ///< Whether system calls are, by a list.
};

/// A file and its DecodeLimits.
struct PictureFrame {
  uint64_t file_bytes = 0;
  int64_t max_file_bytes = 0;
  int64_t max_pixels = 0;
  int64_t max_memory_bytes = 0;
};

struct SizeFrame {
  int32_t width_px = 0;
  int32_t height_px = 0;
};

struct WeightsFrame {
  uint64_t file_bytes = 0;
};

struct FailureFrame {
  int32_t code = 0;  ///< An absl::StatusCode.
};

/// A frame that begins with a T; the rest follows.
template <typename T>
bool Unpack(absl::string_view& bytes, T& to) {
  if (bytes.size() < sizeof(T)) return false;
  bytes.copy(reinterpret_cast<char*>(&to), sizeof(T));
  bytes.remove_prefix(sizeof(T));
  return true;
}

/// All but the name and the digest, which are the worker's to say.
std::string PackNetwork(const NetworkDescription& network);

/// Errors: InvalidArgument (says what no weight file could say).
absl::StatusOr<NetworkDescription> UnpackNetwork(absl::string_view bytes);

/// The network's convolutions, all zeros: where the values go.
/// REQUIRES: a network that UnpackNetwork gave, and memory for it.
std::vector<ConvolutionWeights> EmptyConvolutions(
    const NetworkDescription& network);

/// Of all kernels and biases. REQUIRES: as above.
uint64_t ValueBytes(const NetworkDescription& network);

}  // namespace atelier

#endif  // ATELIER_WORKER_DECODER_WIRE_H_
