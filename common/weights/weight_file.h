// Weight files as bytes: which network they hold, and where its numbers are.
// Free of Torch, because the client reads headers too.
//
//   ASSIGN_OR_RETURN(WeightBytes bytes, LoadWeights("vgg19-dcbb9e9d.pth"));
//   ASSIGN_OR_RETURN(WeightFile file, ParseWeights(bytes));
//   // file.network.blocks, file.convolutions[k].kernel
#ifndef ATELIER_COMMON_WEIGHTS_WEIGHT_FILE_H_
#define ATELIER_COMMON_WEIGHTS_WEIGHT_FILE_H_

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/render/network.h"
#include "common/weights/catalogue.h"
#include "common/weights/vgg_keys.h"

namespace atelier {

/// The name of the network that comes with Atelier, and the default.
inline constexpr absl::string_view kBuiltinNetwork = "atelier-vgg19-slim";
/// Full-width VGG-19 to conv5_1 made by a formula: for speed and shape tests.
inline constexpr absl::string_view kSyntheticVgg19 = "synthetic:vgg19";

/// A whole weight file in memory. Immutable and cheap to copy.
struct WeightBytes {
  std::string name;    ///< What the person called it.
  std::string digest;  ///< SHA-256, lower-case hex.
  std::shared_ptr<const std::string> bytes;
};

/// One 3x3 convolution. kernel is [out][in][3][3], bias [out].
struct ConvolutionWeights {
  int in_channels = 0;
  int out_channels = 0;
  std::vector<float> kernel;
  std::vector<float> bias;
};

struct WeightFile {
  NetworkDescription network;
  std::vector<ConvolutionWeights> convolutions;
};

/// Whether LoadWeights takes this for a name, not for a path.
bool IsNetworkName(absl::string_view text);

struct LoadOptions {
  int64_t max_bytes = int64_t{4} << 30;
  /// Where fetched files of the catalogue are; empty: DefaultWeightsCache().
  std::string cache_folder;
  absl::Span<const CatalogueEntry> catalogue = Catalogue();
};

/// Finds weights by name or path: the built-in network, a synthetic one (whose
/// bytes are a safetensors file like any other), one of the catalogue that has
/// been fetched, or a file. A name goes before a file that is called the same.
/// Errors: NotFound (no such name or file; lists the names), FailedPrecondition
///         (in the catalogue, but not fetched), DataLoss (fetched, but not what
///         the catalogue says), InvalidArgument (larger than `max_bytes`), as
///         the file system says.
absl::StatusOr<WeightBytes> LoadWeights(const std::string& name_or_path,
                                        const LoadOptions& options = {});

/// The built-in network whose digest this is, so that nobody need fetch it.
/// Errors: NotFound.
absl::StatusOr<WeightBytes> BuiltinWeights(absl::string_view digest);

enum class WeightFormat { kSafetensors, kTorchZip, kTorchLegacy };

/// "safetensors", "pytorch-zip", "pytorch-legacy".
absl::string_view Name(WeightFormat format);

/// What can be said of a weight file without reading its numbers.
struct WeightDetails {
  NetworkDescription network;
  WeightFormat format = WeightFormat::kSafetensors;
  KeyNaming naming = KeyNaming::kTorchvision;
  std::string key_prefix;            ///< What stands before every name.
  bool batch_norm = false;           ///< Folded into the convolutions.
  std::set<std::string> dtypes;      ///< Of the tensors that are used.
  std::vector<std::string> ignored;  ///< The file's other tensors, sorted.
};

/// Reads names and shapes only, whatever the format.
/// Errors: InvalidArgument (names the file, what is wrong and at which tensor).
absl::StatusOr<WeightDetails> InspectWeights(const WeightBytes& weights);

/// The network alone. Errors: as InspectWeights.
absl::StatusOr<NetworkDescription> DescribeWeights(const WeightBytes& weights);

/// Reads all, batch normalisation folded into the convolutions.
/// Errors: as InspectWeights; also a value that is not finite.
absl::StatusOr<WeightFile> ParseWeights(const WeightBytes& weights);

}  // namespace atelier

#endif  // ATELIER_COMMON_WEIGHTS_WEIGHT_FILE_H_
