#include "common/weights/weight_file.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/digest.h"
#include "common/file.h"
#include "common/status_macros.h"
#include "common/weights/builtin.h"
#include "common/weights/safetensors.h"
#include "common/weights/synthetic.h"
#include "common/weights/vgg_layout.h"

namespace atelier {
namespace {

WeightBytes MakeWeightBytes(absl::string_view name, std::string bytes) {
  WeightBytes weights;
  weights.name = std::string(name);
  weights.digest = HexDigest(bytes);
  weights.bytes = std::make_shared<const std::string>(std::move(bytes));
  return weights;
}

const WeightBytes& Builtin() {
  static const auto* const weights = new WeightBytes(
      MakeWeightBytes(kBuiltinNetwork, std::string(BuiltinNetworkBytes())));
  return *weights;
}

absl::Status NoSuchWeights(const std::string& name) {
  return absl::NotFoundError(absl::StrCat(
      "weights '", name, "': no such file, and no network of this name; ",
      "the names are ", kBuiltinNetwork, " and ", kSyntheticVgg19));
}

absl::string_view BaseName(absl::string_view path) {
  return path.substr(path.find_last_of('/') + 1);
}

struct Opened {
  NamedTensors tensors;
  VggLayout layout;
};

absl::StatusOr<Opened> Open(const WeightBytes& weights) {
  Opened opened;
  ASSIGN_OR_RETURN(opened.tensors, ReadSafetensors(*weights.bytes));
  ASSIGN_OR_RETURN(opened.layout, FindVgg(opened.tensors));
  opened.layout.network.name = std::string(BaseName(weights.name));
  opened.layout.network.weights_digest = weights.digest;
  return opened;
}

absl::StatusOr<std::vector<ConvolutionWeights>> ReadConvolutions(
    const Opened& opened) {
  std::vector<ConvolutionWeights> convolutions;
  for (const ConvolutionTensors& at : opened.layout.convolutions) {
    ConvolutionWeights convolution;
    convolution.in_channels = at.in_channels;
    convolution.out_channels = at.out_channels;
    ASSIGN_OR_RETURN(
        convolution.kernel,
        FiniteFloats(at.kernel, opened.tensors.tensors.at(at.kernel)));
    ASSIGN_OR_RETURN(convolution.bias,
                     FiniteFloats(at.bias, opened.tensors.tensors.at(at.bias)));
    convolutions.push_back(std::move(convolution));
  }
  return convolutions;
}

absl::Status InFile(const absl::Status& status, const WeightBytes& weights) {
  return Annotate(status, absl::StrCat("weights ", weights.name));
}

}  // namespace

absl::StatusOr<WeightBytes> LoadWeights(const std::string& name_or_path,
                                        int64_t max_bytes) {
  if (name_or_path == kBuiltinNetwork) return Builtin();
  if (name_or_path == kSyntheticVgg19) {
    return MakeWeightBytes(kSyntheticVgg19, SyntheticVgg19Bytes());
  }
  absl::StatusOr<std::string> bytes = ReadFile(name_or_path, max_bytes);
  if (absl::IsNotFound(bytes.status())) return NoSuchWeights(name_or_path);
  if (!bytes.ok()) return Annotate(bytes.status(), "weights");
  return MakeWeightBytes(name_or_path, *std::move(bytes));
}

absl::StatusOr<WeightBytes> BuiltinWeights(absl::string_view digest) {
  if (digest == Builtin().digest) return Builtin();
  return absl::NotFoundError(absl::StrCat("no built-in network has digest '",
                                          digest, "'; ", kBuiltinNetwork,
                                          " has ", Builtin().digest));
}

absl::StatusOr<NetworkDescription> DescribeWeights(const WeightBytes& weights) {
  absl::StatusOr<Opened> opened = Open(weights);
  if (!opened.ok()) return InFile(opened.status(), weights);
  return std::move(opened->layout.network);
}

absl::StatusOr<WeightFile> ParseWeights(const WeightBytes& weights) {
  absl::StatusOr<Opened> opened = Open(weights);
  if (!opened.ok()) return InFile(opened.status(), weights);
  absl::StatusOr<std::vector<ConvolutionWeights>> convolutions =
      ReadConvolutions(*opened);
  if (!convolutions.ok()) return InFile(convolutions.status(), weights);
  return WeightFile{std::move(opened->layout.network),
                    *std::move(convolutions)};
}

}  // namespace atelier
