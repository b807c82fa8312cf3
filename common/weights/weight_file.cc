#include "common/weights/weight_file.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/digest.h"
#include "common/file.h"
#include "common/quoted_text.h"
#include "common/status_macros.h"
#include "common/weights/batch_norm.h"
#include "common/weights/builtin.h"
#include "common/weights/catalogue.h"
#include "common/weights/safetensors.h"
#include "common/weights/synthetic.h"
#include "common/weights/torch_file.h"
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
  const std::string catalogue = absl::StrJoin(
      Catalogue(), ", ", [](std::string* out, const CatalogueEntry& entry) {
        absl::StrAppend(out, entry.name);
      });
  return absl::NotFoundError(absl::StrCat(
      "weights '", name, "': no such file, and no network of this name; ",
      "the names are ", kBuiltinNetwork, ", ", kSyntheticVgg19, ", ",
      catalogue));
}

absl::StatusOr<WeightBytes> LoadFetched(const CatalogueEntry& entry,
                                        const LoadOptions& options) {
  std::string folder = options.cache_folder;
  if (folder.empty()) {
    ASSIGN_OR_RETURN(folder, DefaultWeightsCache());
  }
  const std::string path = CachePath(folder, entry);
  absl::StatusOr<std::string> bytes = ReadFile(path, options.max_bytes);
  if (absl::IsNotFound(bytes.status())) {
    return absl::FailedPreconditionError(absl::StrCat(
        "weights '", entry.name,
        "' are not here yet; run: ", "atelier weights fetch ", entry.name));
  }
  if (!bytes.ok()) return Annotate(bytes.status(), "weights");
  WeightBytes weights = MakeWeightBytes(path, *std::move(bytes));
  if (entry.Matches(weights.digest)) return weights;
  return absl::DataLossError(absl::StrCat(
      "weights ", path, " have SHA-256 ", weights.digest, ", which is not ",
      entry.sha256, "; delete the file and run: atelier weights fetch ",
      entry.name));
}

absl::string_view BaseName(absl::string_view path) {
  return path.substr(path.find_last_of('/') + 1);
}

struct Opened {
  WeightFormat format = WeightFormat::kSafetensors;
  NamedTensors tensors;
  VggLayout layout;
};

absl::StatusOr<WeightFormat> FindFormat(absl::string_view bytes) {
  constexpr size_t kJsonAt = 8;  // After the length of a safetensors header.
  if (IsTorchZip(bytes)) return WeightFormat::kTorchZip;
  if (IsTorchLegacy(bytes)) return WeightFormat::kTorchLegacy;
  if (bytes.size() > kJsonAt && bytes[kJsonAt] == '{') {
    return WeightFormat::kSafetensors;
  }
  return InvalidArgument(
      "begins with ", Quoted(bytes.substr(0, 16)), " (", bytes.size(),
      " bytes in all), which is neither a safetensors file nor a PyTorch .pth "
      "in its zip or legacy form");
}

absl::StatusOr<NamedTensors> ReadTensors(WeightFormat format,
                                         absl::string_view bytes) {
  switch (format) {
    case WeightFormat::kTorchZip:
      return ReadTorchZip(bytes);
    case WeightFormat::kTorchLegacy:
      return ReadTorchLegacy(bytes);
    case WeightFormat::kSafetensors:
      break;
  }
  return ReadSafetensors(bytes);
}

// Views of one storage could ask for many times the file's memory.
absl::Status CheckShared(const Opened& opened, size_t file_bytes) {
  size_t total_bytes = 0;
  for (const ConvolutionTensors& convolution : opened.layout.convolutions) {
    for (const std::string& key : TensorNames(convolution)) {
      total_bytes += opened.tensors.tensors.at(key).bytes.size();
      if (total_bytes <= file_bytes) continue;
      return InvalidArgument("has tensors that share their bytes: up to ",
                             Quoted(key), " they take more than the file's ",
                             file_bytes);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Opened> Open(const WeightBytes& weights) {
  Opened opened;
  ASSIGN_OR_RETURN(opened.format, FindFormat(*weights.bytes));
  ASSIGN_OR_RETURN(opened.tensors, ReadTensors(opened.format, *weights.bytes));
  ASSIGN_OR_RETURN(opened.layout, FindVgg(opened.tensors));
  RETURN_IF_ERROR(CheckShared(opened, weights.bytes->size()));
  opened.layout.network.name = std::string(BaseName(weights.name));
  opened.layout.network.weights_digest = weights.digest;
  return opened;
}

absl::StatusOr<std::vector<float>> Values(const Opened& opened,
                                          const std::string& key) {
  return FiniteFloats(key, opened.tensors.tensors.at(key));
}

absl::Status Fold(const Opened& opened, const BatchNormKeys& keys,
                  ConvolutionWeights& convolution) {
  BatchNorm norm;
  ASSIGN_OR_RETURN(norm.weight, Values(opened, keys.weight));
  ASSIGN_OR_RETURN(norm.bias, Values(opened, keys.bias));
  ASSIGN_OR_RETURN(norm.running_mean, Values(opened, keys.running_mean));
  ASSIGN_OR_RETURN(norm.running_var, Values(opened, keys.running_var));
  return Annotate(FoldBatchNorm(norm, convolution),
                  absl::StrCat("batch normalisation of ", Quoted(keys.weight)));
}

absl::StatusOr<std::vector<ConvolutionWeights>> ReadConvolutions(
    const Opened& opened) {
  std::vector<ConvolutionWeights> convolutions;
  for (const ConvolutionTensors& at : opened.layout.convolutions) {
    ConvolutionWeights convolution;
    convolution.in_channels = at.in_channels;
    convolution.out_channels = at.out_channels;
    ASSIGN_OR_RETURN(convolution.kernel, Values(opened, at.keys.kernel));
    convolution.bias.resize(static_cast<size_t>(at.out_channels));
    if (at.has_bias) {
      ASSIGN_OR_RETURN(convolution.bias, Values(opened, at.keys.bias));
    }
    if (at.keys.norm.has_value()) {
      RETURN_IF_ERROR(Fold(opened, *at.keys.norm, convolution));
    }
    convolutions.push_back(std::move(convolution));
  }
  return convolutions;
}

absl::Status InFile(const absl::Status& status, const WeightBytes& weights) {
  return Annotate(status, absl::StrCat("weights ", weights.name));
}

}  // namespace

absl::string_view Name(WeightFormat format) {
  switch (format) {
    case WeightFormat::kSafetensors:
      return "safetensors";
    case WeightFormat::kTorchZip:
      return "pytorch-zip";
    case WeightFormat::kTorchLegacy:
      return "pytorch-legacy";
  }
  return "";
}

bool IsNetworkName(absl::string_view text) {
  return text == kBuiltinNetwork || absl::StartsWith(text, "synthetic:") ||
         FindInCatalogue(text) != nullptr;
}

absl::StatusOr<WeightBytes> LoadWeights(const std::string& name_or_path,
                                        const LoadOptions& options) {
  if (name_or_path == kBuiltinNetwork) return Builtin();
  if (name_or_path == kSyntheticVgg19) {
    return MakeWeightBytes(kSyntheticVgg19, SyntheticVgg19Bytes());
  }
  if (const CatalogueEntry* const entry =
          FindInCatalogue(name_or_path, options.catalogue)) {
    return LoadFetched(*entry, options);
  }
  absl::StatusOr<std::string> bytes = ReadFile(name_or_path, options.max_bytes);
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

absl::StatusOr<WeightDetails> InspectWeights(const WeightBytes& weights) {
  absl::StatusOr<Opened> opened = Open(weights);
  if (!opened.ok()) return InFile(opened.status(), weights);
  VggLayout& layout = opened->layout;
  WeightDetails details;
  details.network = std::move(layout.network);
  details.format = opened->format;
  details.naming = layout.naming;
  details.key_prefix = std::move(layout.prefix);
  details.batch_norm = layout.batch_norm;
  details.dtypes = std::move(layout.dtypes);
  details.ignored = std::move(layout.ignored);
  return details;
}

absl::StatusOr<NetworkDescription> DescribeWeights(const WeightBytes& weights) {
  ASSIGN_OR_RETURN(WeightDetails details, InspectWeights(weights));
  return std::move(details.network);
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
