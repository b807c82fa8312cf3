#include "common/weights/vgg_keys.h"

#include <algorithm>
#include <array>
#include <map>
#include <tuple>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/quoted_text.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

constexpr absl::string_view kFeatures = "features.";
constexpr absl::string_view kConv = "conv";
constexpr absl::string_view kCounter = "num_batches_tracked";

constexpr std::array<absl::string_view, 5> kLeaves = {
    "weight", "bias", "running_mean", "running_var", kCounter};
// What DataParallel and torch.compile call the module that they wrap.
constexpr std::array<absl::string_view, 2> kWrappers = {"module.",
                                                        "_orig_mod."};

// A name that could belong to a VGG, taken apart.
struct ParsedKey {
  std::string name;
  std::string prefix;
  std::string features;  // "features.", "features.module." or nothing.
  bool is_gatys = false;
  int block = 0;  // From 1; 0 where the name does not say.
  int place = 0;  // Gatys: in the block, from 1. Else N.
  std::string leaf;
};

// A number spelled the one way that it is usually spelled.
std::optional<int> ParseCount(absl::string_view text) {
  int value = 0;
  if (!absl::SimpleAtoi(text, &value) || value < 0 ||
      absl::StrCat(value) != text) {
    return std::nullopt;
  }
  return value;
}

// Where `word` begins a component of a dotted name: its end, from the back.
std::optional<size_t> FindComponent(absl::string_view name,
                                    absl::string_view word) {
  const size_t at = name.rfind(word);
  if (at == absl::string_view::npos || (at > 0 && name[at - 1] != '.')) {
    return std::nullopt;
  }
  return at;
}

// The end of the wrappers that follow each other from `at` on.
size_t SkipWrappers(absl::string_view name, size_t at) {
  for (size_t before = absl::string_view::npos; before != at;) {
    before = at;
    for (const absl::string_view wrapper : kWrappers) {
      if (absl::StartsWith(name.substr(at), wrapper)) at += wrapper.size();
    }
  }
  return at;
}

// "N.weight" from `at` on; what is called features begins at `features_at`.
std::optional<ParsedKey> ParsePlace(const std::string& name, size_t features_at,
                                    size_t at) {
  const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(
      absl::string_view(name).substr(at), absl::MaxSplits('.', 1));
  const std::optional<int> place = ParseCount(parts.first);
  if (!place.has_value()) return std::nullopt;
  ParsedKey key;
  key.name = name;
  key.prefix = name.substr(0, features_at);
  key.features = name.substr(features_at, at - features_at);
  key.place = *place;
  key.leaf = std::string(parts.second);
  return key;
}

std::optional<ParsedKey> ParseTorchvision(const std::string& name) {
  const auto at = FindComponent(name, kFeatures);
  if (!at.has_value()) return std::nullopt;
  return ParsePlace(name, *at, SkipWrappers(name, *at + kFeatures.size()));
}

// Of a file that has no "features.": only wrappers may stand before the place.
std::optional<ParsedKey> ParseFeatures(const std::string& name) {
  const size_t at = SkipWrappers(name, 0);
  std::optional<ParsedKey> key = ParsePlace(name, at, at);
  if (key.has_value() &&
      std::find(kLeaves.begin(), kLeaves.end(), key->leaf) != kLeaves.end()) {
    return key;
  }
  return std::nullopt;
}

std::optional<ParsedKey> ParseGatys(const std::string& name) {
  const auto at = FindComponent(name, kConv);
  if (!at.has_value()) return std::nullopt;
  const std::pair<absl::string_view, absl::string_view> parts =
      absl::StrSplit(absl::string_view(name).substr(*at + kConv.size()),
                     absl::MaxSplits('.', 1));
  const std::pair<absl::string_view, absl::string_view> numbers =
      absl::StrSplit(parts.first, absl::MaxSplits('_', 1));
  const std::optional<int> block = ParseCount(numbers.first);
  const std::optional<int> place = ParseCount(numbers.second);
  if (!block.has_value() || !place.has_value()) return std::nullopt;
  ParsedKey key;
  key.name = name;
  key.prefix = name.substr(0, *at);
  key.is_gatys = true;
  key.block = *block;
  key.place = *place;
  key.leaf = std::string(parts.second);
  return key;
}

std::optional<ParsedKey> ParseNetwork(const std::string& name) {
  std::optional<ParsedKey> key = ParseTorchvision(name);
  return key.has_value() ? key : ParseGatys(name);
}

// Every name that `parse` knows; all must belong to the same network.
absl::StatusOr<std::vector<ParsedKey>> ParseKeysBy(
    const NamedTensors& file,
    std::optional<ParsedKey> (*parse)(const std::string& name)) {
  std::vector<ParsedKey> keys;
  for (const auto& [name, tensor] : file.tensors) {
    std::optional<ParsedKey> key = parse(name);
    if (!key.has_value()) continue;
    if (!keys.empty() &&
        std::tie(key->prefix, key->features, key->is_gatys) !=
            std::tie(keys[0].prefix, keys[0].features, keys[0].is_gatys)) {
      return InvalidArgument(
          "holds more than one network, or one named in two ways: tensors ",
          Quoted(keys[0].name), " and ", Quoted(name));
    }
    keys.push_back(*std::move(key));
  }
  return keys;
}

// Every name that could belong to a VGG.
absl::StatusOr<std::vector<ParsedKey>> ParseKeys(const NamedTensors& file) {
  for (const auto parse : {&ParseNetwork, &ParseFeatures}) {
    ASSIGN_OR_RETURN(std::vector<ParsedKey> keys, ParseKeysBy(file, parse));
    if (!keys.empty()) return keys;
  }
  return InvalidArgument(
      "holds no VGG: tensors named 'features.0.weight' (torchvision, timm), "
      "'0.weight' (its features alone) or 'conv1_1.weight' (Gatys) are "
      "expected",
      file.tensors.empty() ? ", and there are no tensors"
                           : absl::StrCat("; its first is ",
                                          Quoted(file.tensors.begin()->first)));
}

// What stands before the place and the leaf.
std::string StemOf(const ParsedKey& key) {
  return absl::StrCat(key.prefix, key.features);
}

// What stands at each place of a torchvision "features".
using Modules = std::map<int, bool>;  // Whether it is a batch normalisation.

absl::StatusOr<Modules> FindModules(const std::vector<ParsedKey>& parsed) {
  Modules modules;
  for (const ParsedKey& key : parsed) {
    if (std::find(kLeaves.begin(), kLeaves.end(), key.leaf) == kLeaves.end()) {
      return TensorError(key.name,
                         "has no place in a VGG: features.N.weight and "
                         "features.N.bias are expected, and running_mean and "
                         "running_var of batch normalisations");
    }
    bool& is_norm = modules[key.place];
    is_norm = is_norm || (key.leaf != "weight" && key.leaf != "bias");
  }
  return modules;
}

// Follows the places from one convolution to the next.
class TorchvisionWalk {
 public:
  TorchvisionWalk(std::string stem, VggKeys& keys)
      : stem_(std::move(stem)), keys_(keys) {}

  absl::Status AddConvolution(int place) {
    const bool is_first = keys_.convolutions.empty();
    const int expected = is_first ? 0 : relu_ + 1;
    if (place != expected && (is_first || place != expected + 1)) {
      return OutOfPlace(place, expected, is_first);
    }
    ConvolutionKeys convolution;
    convolution.kernel = KeyOf(place, "weight");
    convolution.bias = KeyOf(place, "bias");
    convolution.opens_block = is_first || place != expected;
    keys_.convolutions.push_back(std::move(convolution));
    relu_ = place + 1;
    return absl::OkStatus();
  }

  absl::Status AddNorm(int place) {
    const std::string mean = KeyOf(place, "running_mean");
    if (keys_.convolutions.empty() || place != relu_ ||
        keys_.convolutions.back().norm.has_value()) {
      return TensorError(mean, "does not follow a convolution");
    }
    keys_.convolutions.back().norm =
        BatchNormKeys{KeyOf(place, "weight"), KeyOf(place, "bias"), mean,
                      KeyOf(place, "running_var")};
    ++relu_;
    return absl::OkStatus();
  }

 private:
  std::string KeyOf(int place, absl::string_view leaf) const {
    return absl::StrCat(stem_, place, ".", leaf);
  }

  absl::Status OutOfPlace(int place, int expected, bool is_first) const {
    const std::string name = KeyOf(place, "weight");
    const std::string next = KeyOf(expected, "weight");
    if (is_first) {
      return TensorError(name, "comes first; ", Quoted(next), " is expected");
    }
    return TensorError(name, "follows ", keys_.convolutions.back().kernel, "; ",
                       next, " is expected, or ", KeyOf(expected + 1, "weight"),
                       " after a pool");
  }

  const std::string stem_;
  VggKeys& keys_;
  int relu_ = -1;  // The place of the last ReLU.
};

// A VGG is normalised throughout or not at all; one that is not has lost some.
absl::Status CheckNorms(const VggKeys& keys) {
  for (const ConvolutionKeys& convolution : keys.convolutions) {
    if (convolution.norm.has_value() != keys.convolutions[0].norm.has_value()) {
      return InvalidArgument(
          "has batch normalisation after some convolutions only: ",
          Quoted(keys.convolutions[0].kernel), " and ",
          Quoted(convolution.kernel), " differ");
    }
  }
  return absl::OkStatus();
}

absl::Status FollowTorchvision(const std::vector<ParsedKey>& parsed,
                               VggKeys& keys) {
  ASSIGN_OR_RETURN(const Modules modules, FindModules(parsed));
  TorchvisionWalk walk(StemOf(parsed[0]), keys);
  for (const auto& [place, is_norm] : modules) {
    RETURN_IF_ERROR(is_norm ? walk.AddNorm(place) : walk.AddConvolution(place));
  }
  return CheckNorms(keys);
}

absl::Status FollowGatys(std::vector<ParsedKey> parsed, VggKeys& keys) {
  std::sort(parsed.begin(), parsed.end(),
            [](const ParsedKey& a, const ParsedKey& b) {
              return std::tie(a.block, a.place) < std::tie(b.block, b.place);
            });
  int block = 0;
  int place = 0;
  for (const ParsedKey& key : parsed) {
    if (key.leaf != "weight" && key.leaf != "bias") {
      return TensorError(key.name,
                         "has no place in a VGG: only weight and "
                         "bias are expected");
    }
    if (key.block == block && key.place == place) continue;
    const bool opens_block = key.block == block + 1 && key.place == 1;
    if (!opens_block && (key.block != block || key.place != place + 1)) {
      return TensorError(key.name, "does not follow conv", block, "_", place,
                         ": blocks and places count from 1 without gaps");
    }
    block = key.block;
    place = key.place;
    ConvolutionKeys convolution;
    const std::string stem =
        absl::StrCat(keys.prefix, kConv, block, "_", place);
    convolution.kernel = absl::StrCat(stem, ".weight");
    convolution.bias = absl::StrCat(stem, ".bias");
    convolution.opens_block = opens_block;
    keys.convolutions.push_back(std::move(convolution));
  }
  return absl::OkStatus();
}

bool HasTimmsHead(const NamedTensors& file, const std::string& prefix) {
  return std::any_of(file.tensors.begin(), file.tensors.end(),
                     [&](const auto& named) {
                       absl::string_view name = named.first;
                       return absl::ConsumePrefix(&name, prefix) &&
                              (absl::StartsWith(name, "pre_logits.") ||
                               absl::StartsWith(name, "head.fc."));
                     });
}

}  // namespace

absl::string_view Name(KeyNaming naming) {
  switch (naming) {
    case KeyNaming::kTorchvision:
      return "torchvision";
    case KeyNaming::kFeatures:
      return "features";
    case KeyNaming::kTimm:
      return "timm";
    case KeyNaming::kGatys:
      return "gatys";
  }
  return "";
}

absl::StatusOr<VggKeys> FindVggKeys(const NamedTensors& file) {
  ASSIGN_OR_RETURN(std::vector<ParsedKey> parsed, ParseKeys(file));
  VggKeys keys;
  keys.prefix = parsed[0].prefix;
  if (parsed[0].is_gatys) {
    keys.naming = KeyNaming::kGatys;
    RETURN_IF_ERROR(FollowGatys(std::move(parsed), keys));
    return keys;
  }
  if (parsed[0].features.empty()) {
    keys.naming = KeyNaming::kFeatures;
  } else if (HasTimmsHead(file, keys.prefix)) {
    keys.naming = KeyNaming::kTimm;
  }
  if (parsed[0].features.size() > kFeatures.size()) {
    keys.prefix = StemOf(parsed[0]);
  }
  RETURN_IF_ERROR(FollowTorchvision(parsed, keys));
  return keys;
}

}  // namespace atelier
