// Any bytes as a weight file or a checkpoint. The first says which reader has
// the rest, so that those behind a magic number are reached too.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <sstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/weights/pickle.h"
#include "common/weights/safetensors.h"
#include "common/weights/stored_zip.h"
#include "common/weights/torch_file.h"
#include "common/weights/torch_state.h"
#include "common/weights/weight_file.h"

namespace atelier {
namespace {

// What every legacy file begins with: PyTorch's number, its protocol, and a
// little-endian machine.
constexpr char kLegacyBeginning[] =
    "\x80\x02\x8a\x0al\xfc\x9c\x46\xf9 j\xa8P\x19.\x80\x02M\xe9\x03."
    "\x80\x02}X\x0d\x00\x00\x00little_endian\x88s.";

void ReadAsWeights(std::string bytes) {
  WeightBytes weights;
  weights.name = "fuzzed";
  weights.bytes = std::make_shared<const std::string>(std::move(bytes));
  const auto described = DescribeWeights(weights);
  const auto file = ParseWeights(weights);
  if (!file.ok()) return;
  if (!described.ok()) __builtin_trap();
  for (const ConvolutionWeights& convolution : file->convolutions) {
    for (const float value : convolution.kernel) {
      if (!std::isfinite(value)) __builtin_trap();
    }
  }
}

void ReadAsPickle(absl::string_view bytes) {
  const auto pickle = ReadPickle(bytes, 0, TorchGlobals());
  if (!pickle.ok()) return;
  const auto storages = FindStorages(*pickle);
  if (storages.ok()) ReadStateDict(*pickle, *storages).IgnoreError();
}

// As a file whose header's length is right.
void ReadAsHeader(absl::string_view json) {
  std::string file;
  for (int i = 0; i < 8; ++i) {
    file.push_back(static_cast<char>(uint64_t{json.size()} >> (8 * i)));
  }
  absl::StrAppend(&file, json, std::string(64, '\0'));
  ReadSafetensors(file).IgnoreError();
}

void ReadAsCheckpoint(absl::string_view bytes) {
  std::istringstream in{std::string(bytes)};
  ReadSafetensorsHeader(in).IgnoreError();
}

void Read(absl::string_view bytes) {
  const unsigned how = static_cast<unsigned char>(bytes[0]) % 6;
  bytes.remove_prefix(1);
  switch (how) {
    case 0:
      return ReadAsWeights(std::string(bytes));
    case 1:
      return ReadAsPickle(bytes);
    case 2:
      return ReadAsWeights(absl::StrCat(
          absl::string_view(kLegacyBeginning, sizeof(kLegacyBeginning) - 1),
          bytes));
    case 3:
      return ReadAsHeader(bytes);
    case 4:
      return ReadAsCheckpoint(bytes);
    default:
      return ReadStoredZip(bytes).status().IgnoreError();
  }
}

}  // namespace
}  // namespace atelier

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  atelier::Read({reinterpret_cast<const char*>(data), size});
  return 0;
}
