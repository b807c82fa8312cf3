// Weight files come from strangers. Whatever is done to one, its reader gives a
// network that adds up or an error, soon, and within a bound of memory.
//
//   ATELIER_FUZZ_ROUNDS=1000000 build/asan-ubsan/bin/weights_fuzz
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/weights/pickle.h"
#include "common/weights/safetensors.h"
#include "common/weights/stored_zip.h"
#include "common/weights/torch_state.h"
#include "common/weights/torch_writer_testing.h"
#include "common/weights/weight_file.h"
#include "gtest/gtest.h"
#include "tests/fuzz/allocation_count.h"
#include "tests/fuzz/mutation.h"

namespace atelier {
namespace {

constexpr size_t kMostBytes = 32 << 20;
constexpr absl::Duration kLongest = absl::Seconds(5);

uint32_t Rounds() {
  uint32_t rounds = 6'000;
  const char* const asked = std::getenv("ATELIER_FUZZ_ROUNDS");
  if (asked != nullptr && !absl::SimpleAtoi(asked, &rounds)) {
    ADD_FAILURE() << "ATELIER_FUZZ_ROUNDS is '" << asked << "'";
  }
  return rounds;
}

// A small VGG: two convolutions and a pool between, normalised or not.
std::vector<TestTensor> SmallVgg(bool normalised) {
  std::vector<TestTensor> tensors;
  int place = 0;
  for (const auto& [in, out] : {std::pair(3, 2), std::pair(2, 1)}) {
    const auto add = [&, out = out](const char* leaf) {
      tensors.push_back(
          CountingTensor(absl::StrCat("features.", place, ".", leaf), {out}));
    };
    tensors.push_back(CountingTensor(
        absl::StrCat("features.", place, ".weight"), {out, in, 3, 3}));
    add("bias");
    ++place;
    if (normalised) {
      for (const char* leaf : {"weight", "bias", "running_mean"}) add(leaf);
      add("running_var");
      tensors.back().bytes.assign(tensors.back().bytes.size(), '\0');
      ++place;
    }
    place += 2;
  }
  return tensors;
}

std::string AsSafetensors(const std::vector<TestTensor>& tensors) {
  std::vector<std::pair<std::string, TensorView>> views;
  for (const TestTensor& tensor : tensors) {
    views.push_back({tensor.name, {"F32", tensor.shape, tensor.bytes}});
  }
  return WriteSafetensors({{"padding", "reflect"}}, views);
}

std::string Golden(const std::string& name) {
  std::ifstream file(ATELIER_TESTDATA_DIR "/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> Seeds() {
  TorchWriterOptions python2;
  python2.python2 = true;
  return {AsSafetensors(SmallVgg(false)),
          AsSafetensors(SmallVgg(true)),
          WriteTorchZip(SmallVgg(false)),
          WriteTorchZip(SmallVgg(true)),
          WriteTorchLegacy(SmallVgg(false)),
          WriteTorchLegacy(SmallVgg(true), python2),
          Golden("vgg-bn-zip.pth"),
          Golden("vgg-bn-legacy.pth")};
}

// What must be true of a network that was read.
bool AddsUp(const WeightFile& file) {
  size_t counted = 0;
  for (const auto& block : file.network.blocks) counted += block.size();
  int channels = 3;
  for (const ConvolutionWeights& c : file.convolutions) {
    if (c.in_channels != channels || c.out_channels < 1 ||
        c.kernel.size() != size_t{9} * c.in_channels * c.out_channels ||
        c.bias.size() != static_cast<size_t>(c.out_channels)) {
      return false;
    }
    for (const float value : c.kernel) {
      if (!std::isfinite(value)) return false;
    }
    channels = c.out_channels;
  }
  return counted == file.convolutions.size() && counted > 0;
}

// Empty where all is well.
std::string WhatIsWrong(const std::string& bytes) {
  WeightBytes weights;
  weights.name = "mutant";
  weights.bytes = std::make_shared<const std::string>(bytes);
  const AllocationCount count;
  const absl::Time begun = absl::Now();
  const auto described = DescribeWeights(weights);
  const auto file = ParseWeights(weights);
  if (count.peak_bytes() > kMostBytes) {
    return absl::StrCat("took ", count.peak_bytes(), " bytes");
  }
  if (absl::Now() - begun > kLongest) return "took too long";
  if (file.ok()) {
    if (!described.ok()) return "was read, but not described";
    return AddsUp(*file) ? "" : "does not add up";
  }
  if (file.status().code() != absl::StatusCode::kInvalidArgument) {
    return file.status().ToString();
  }
  return file.status().message().size() > 1000 ? "has an endless message" : "";
}

TEST(WeightsFuzzTest, EverySeedIsRead) {
  for (const std::string& seed : Seeds()) {
    WeightBytes weights;
    weights.bytes = std::make_shared<const std::string>(seed);
    EXPECT_TRUE(ParseWeights(weights).ok()) << ParseWeights(weights).status();
  }
}

TEST(WeightsFuzzTest, DamageIsAnErrorOrStillANetwork) {
  const std::vector<std::string> seeds = Seeds();
  const uint32_t rounds = Rounds();
  uint32_t damaged = 0;
  for (size_t which = 0; which < seeds.size(); ++which) {
    for (uint32_t number = 0; number < rounds; ++number) {
      const std::string mutant = Mutant(seeds, which, number);
      const std::string wrong = WhatIsWrong(mutant);
      ASSERT_EQ(wrong, "") << "mutant " << number << " of seed " << which;
      damaged += mutant != seeds[which] ? 1 : 0;
    }
  }
  // A mutant that is its seed tests nothing.
  EXPECT_GT(damaged, rounds * seeds.size() * 9 / 10);
}

TEST(WeightsFuzzTest, DamageInsideAPickleOfAWholeZipIsFoundToo) {
  // A mutant of the zip itself is mostly refused as a zip; this one never is.
  const std::string zip = Golden("vgg-bn-zip.pth");
  const auto entries = ReadStoredZip(zip);
  ASSERT_TRUE(entries.ok()) << entries.status();
  const std::vector<std::string> seeds = {
      std::string(entries->at("vgg-bn-zip/data.pkl"))};
  for (uint32_t number = 0; number < 2 * Rounds(); ++number) {
    std::vector<std::pair<std::string, std::string>> damaged;
    for (const auto& [name, bytes] : *entries) {
      damaged.emplace_back(name, name == "vgg-bn-zip/data.pkl"
                                     ? Mutant(seeds, 0, number)
                                     : std::string(bytes));
    }
    ASSERT_EQ(WhatIsWrong(WriteZip(damaged)), "") << "mutant " << number;
  }
}

// Programs of random opcodes, most of them legal: what a mutant seldom reaches.
std::string RandomPickle(std::mt19937& random) {
  static const std::string kOpcodes =
      "NN(((ttuuaeess]]}}RRbQQ))\x85\x85\x86\x87\x81\x88\x94\x94\x93";
  std::string bytes = "\x80\x02";
  for (int steps = static_cast<int>(random() % 200); steps > 0; --steps) {
    switch (random() % 6) {
      case 0:
        bytes += std::string("h") + static_cast<char>(random() % 8);
        break;
      case 1:
        bytes += std::string("K") + static_cast<char>(random());
        break;
      case 2:
        bytes += "ccollections\nOrderedDict\n";
        break;
      case 3:
        bytes += "ctorch._utils\n_rebuild_tensor_v2\n";
        break;
      default:
        bytes += kOpcodes[random() % kOpcodes.size()];
    }
  }
  return bytes + ".";
}

TEST(WeightsFuzzTest, RandomProgramsRunNothingAndEnd) {
  std::mt19937 random(7);
  for (uint32_t number = 0; number < 5 * Rounds(); ++number) {
    const std::string bytes = RandomPickle(random);
    const AllocationCount count;
    const auto pickle = ReadPickle(bytes, 0, TorchGlobals());
    if (pickle.ok()) {
      const auto storages = FindStorages(*pickle);
      if (storages.ok()) ReadStateDict(*pickle, *storages).IgnoreError();
    }
    ASSERT_LT(count.peak_bytes(), kMostBytes) << "program " << number;
  }
}

}  // namespace
}  // namespace atelier
