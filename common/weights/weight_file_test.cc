#include "common/weights/weight_file.h"

#include <cmath>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/digest.h"
#include "common/weights/safetensors.h"
#include "common/weights/synthetic.h"
#include "common/weights/torch_writer_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/temp_folder.h"

namespace atelier {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kBuiltinDigest[] =
    "a963dbc24401534afdd8fb6fc6fd4d302c540b40ab752015b19392d673a29876";
// By an independent program that follows the formula, in Python.
constexpr char kSyntheticDigest[] =
    "7ac5d036858c862d2f502977d8be9a075a1eac7bfd8cbb3e63ac94092e035095";

absl::string_view BytesOf(const std::vector<float>& values) {
  return {reinterpret_cast<const char*>(values.data()),
          values.size() * sizeof(float)};
}

// Two convolutions, 3 to 2 to 1 channels, the kernels counted up in quarters.
std::string TinyBytes(float last_bias = 0.5f) {
  std::vector<float> first(54), second(18);
  for (size_t i = 0; i < first.size(); ++i) first[i] = 0.25f * i;
  for (size_t i = 0; i < second.size(); ++i) second[i] = -0.25f * i;
  const std::vector<float> two = {1, 2}, one = {last_bias};
  return WriteSafetensors(
      {}, {{"features.0.weight", {"F32", {2, 3, 3, 3}, BytesOf(first)}},
           {"features.0.bias", {"F32", {2}, BytesOf(two)}},
           {"features.3.weight", {"F32", {1, 2, 3, 3}, BytesOf(second)}},
           {"features.3.bias", {"F32", {1}, BytesOf(one)}}});
}

LoadOptions Cached(const std::string& folder) {
  LoadOptions options;
  options.cache_folder = folder;
  return options;
}

LoadOptions UpTo(int64_t max_bytes) {
  LoadOptions options;
  options.max_bytes = max_bytes;
  return options;
}

WeightBytes InMemory(std::string bytes) {
  const std::string digest = HexDigest(bytes);
  return {"folder/tiny.safetensors", digest,
          std::make_shared<const std::string>(std::move(bytes))};
}

TEST(WeightFileTest, ReadsEveryNumberOfASmallFile) {
  const auto file = ParseWeights(InMemory(TinyBytes()));
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_THAT(file->network.blocks,
              ElementsAre(ElementsAre(2), ElementsAre(1)));
  EXPECT_EQ(file->network.name, "tiny.safetensors");
  EXPECT_EQ(file->network.weights_digest, HexDigest(TinyBytes()));
  ASSERT_EQ(file->convolutions.size(), 2);
  EXPECT_EQ(file->convolutions[0].kernel[53], 13.25f);
  EXPECT_THAT(file->convolutions[0].bias, ElementsAre(1, 2));
  EXPECT_EQ(file->convolutions[1].in_channels, 2);
  EXPECT_EQ(file->convolutions[1].out_channels, 1);
  EXPECT_EQ(file->convolutions[1].kernel[17], -4.25f);
}

TEST(WeightFileTest, NamesTheFileInEveryComplaint) {
  const auto cut = DescribeWeights(InMemory(TinyBytes().substr(0, 300)));
  EXPECT_EQ(cut.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(cut.status().message()),
              StartsWith("weights folder/tiny.safetensors: "));
}

TEST(WeightFileTest, FindsNotANumberOnlyWhenItReadsTheNumbers) {
  const WeightBytes weights = InMemory(TinyBytes(NAN));
  EXPECT_TRUE(DescribeWeights(weights).ok());
  EXPECT_THAT(ParseWeights(weights).status().message(),
              HasSubstr("tensor 'features.3.bias' has nan at element 0"));
}

std::string Golden(const std::string& name) {
  std::ifstream file(ATELIER_TESTDATA_DIR "/" + name, std::ios::binary);
  EXPECT_TRUE(file.good()) << name;
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(WeightFileTest, FoldsBatchNormalisationOfPytorchsOwnFiles) {
  for (const char* name : {"vgg-bn-zip.pth", "vgg-bn-legacy.pth"}) {
    SCOPED_TRACE(name);
    const auto file = ParseWeights(InMemory(Golden(name)));
    ASSERT_TRUE(file.ok()) << file.status();
    EXPECT_THAT(file->network.blocks,
                ElementsAre(ElementsAre(2), ElementsAre(1)));
    ASSERT_EQ(file->convolutions.size(), 2);
    // By PyTorch in float64; rounded once.
    const ConvolutionWeights& first = file->convolutions[0];
    EXPECT_EQ(first.kernel[0], 0.7071050405502319f);
    EXPECT_EQ(first.kernel[1], 0.6187168955802917f);
    EXPECT_EQ(first.kernel.back(), -3.376370429992676f);
    EXPECT_THAT(first.bias, ElementsAre(-1, -0.875f));
    EXPECT_EQ(file->convolutions[1].kernel.back(), -0.7954931259155273f);
  }
}

TEST(WeightFileTest, ReadsTheSameNumbersFromEveryFormat) {
  const std::vector<TestTensor> tensors = {
      CountingTensor("features.0.weight", {2, 3, 3, 3}),
      CountingTensor("features.0.bias", {2}),
      CountingTensor("features.3.weight", {4, 2, 3, 3}),
      CountingTensor("features.3.bias", {4})};
  std::vector<std::pair<std::string, TensorView>> views;
  for (const TestTensor& tensor : tensors) {
    views.push_back({tensor.name, {"F32", tensor.shape, tensor.bytes}});
  }
  TorchWriterOptions python2;
  python2.python2 = true;
  const auto expected = ParseWeights(InMemory(WriteSafetensors({}, views)));
  ASSERT_TRUE(expected.ok()) << expected.status();
  for (const std::string& bytes :
       {WriteTorchZip(tensors), WriteTorchLegacy(tensors),
        WriteTorchZip(tensors, python2), WriteTorchLegacy(tensors, python2)}) {
    const auto file = ParseWeights(InMemory(bytes));
    ASSERT_TRUE(file.ok()) << file.status();
    EXPECT_EQ(file->network.blocks, expected->network.blocks);
    ASSERT_EQ(file->convolutions.size(), 2);
    for (size_t k = 0; k < 2; ++k) {
      EXPECT_EQ(file->convolutions[k].kernel, expected->convolutions[k].kernel);
      EXPECT_EQ(file->convolutions[k].bias, expected->convolutions[k].bias);
    }
  }
}

TEST(WeightFileTest, SaysWhatKindOfFileItIs) {
  const auto zip = InspectWeights(InMemory(Golden("vgg-bn-zip.pth")));
  ASSERT_TRUE(zip.ok()) << zip.status();
  EXPECT_EQ(zip->format, WeightFormat::kTorchZip);
  EXPECT_EQ(zip->key_prefix, "");
  EXPECT_TRUE(zip->batch_norm);
  EXPECT_THAT(zip->ignored, ElementsAre("classifier.bias", "classifier.weight",
                                        "features.1.num_batches_tracked",
                                        "features.5.num_batches_tracked"));
  const auto legacy = InspectWeights(InMemory(Golden("vgg-bn-legacy.pth")));
  ASSERT_TRUE(legacy.ok()) << legacy.status();
  EXPECT_EQ(legacy->format, WeightFormat::kTorchLegacy);
  EXPECT_EQ(legacy->key_prefix, "module.");
  const auto safetensors = InspectWeights(InMemory(TinyBytes()));
  ASSERT_TRUE(safetensors.ok()) << safetensors.status();
  EXPECT_EQ(safetensors->format, WeightFormat::kSafetensors);
  EXPECT_FALSE(safetensors->batch_norm);
}

TEST(WeightFileTest, RefusesWhatIsNoWeightFile) {
  const absl::Status status =
      InspectWeights(InMemory("<!DOCTYPE html><html></html>")).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(status.message(), HasSubstr("'<!DOCTYPE html><' (28 bytes"));
}

TEST(WeightFileTest, RefusesTensorsThatAskForMoreThanTheFileHas) {
  // Twenty convolutions that are all views of the first one's storage.
  const std::string zip = [] {
    std::vector<TestTensor> tensors = {
        CountingTensor("features.0.weight", {3, 3, 3, 3}),
        CountingTensor("features.0.bias", {3})};
    for (int i = 1; i < 20; ++i) {
      tensors.push_back(tensors[0]);
      tensors.back().name = absl::StrCat("features.", 2 * i, ".weight");
      tensors.push_back(tensors[1]);
      tensors.back().name = absl::StrCat("features.", 2 * i, ".bias");
    }
    TorchWriterOptions options;
    options.shared_storage = true;
    return WriteTorchZip(tensors, options);
  }();
  EXPECT_THAT(std::string(InspectWeights(InMemory(zip)).status().message()),
              HasSubstr("share their bytes"));
}

TEST(LoadWeightsTest, CarriesTheBuiltinNetwork) {
  const auto weights = LoadWeights(std::string(kBuiltinNetwork));
  ASSERT_TRUE(weights.ok()) << weights.status();
  EXPECT_EQ(weights->digest, kBuiltinDigest);
  EXPECT_EQ(HexDigest(*weights->bytes), kBuiltinDigest);
  const auto file = ParseWeights(*weights);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->network.name, kBuiltinNetwork);
  EXPECT_EQ(file->network.architecture, "vgg19");
  EXPECT_EQ(file->network.preprocessing, "imagenet-unit-rgb");
  EXPECT_EQ(file->network.padding, Padding::kZeros);
  EXPECT_EQ(file->network.pooling, Pooling::kAverage);
  EXPECT_THAT(file->network.blocks,
              ElementsAre(ElementsAre(32, 16), ElementsAre(32, 32),
                          ElementsAre(64, 64, 64, 64),
                          ElementsAre(128, 128, 128, 128), ElementsAre(128)));
}

TEST(LoadWeightsTest, FindsTheBuiltinNetworkByItsDigest) {
  const auto weights = BuiltinWeights(kBuiltinDigest);
  ASSERT_TRUE(weights.ok()) << weights.status();
  EXPECT_EQ(weights->name, kBuiltinNetwork);
  EXPECT_EQ(BuiltinWeights(std::string(64, '0')).status().code(),
            absl::StatusCode::kNotFound);
}

TEST(LoadWeightsTest, ListsTheNamesWhenThereIsNoneSuch) {
  const absl::Status status = LoadWeights("synthetic:vgg99").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(status.message(), HasSubstr("'synthetic:vgg99'"));
  EXPECT_THAT(status.message(),
              HasSubstr("atelier-vgg19-slim, synthetic:vgg19, vgg11, vgg13, "
                        "vgg16, vgg19"));
}

TEST(LoadWeightsTest, ReadsAFileAndBoundsIt) {
  const TempFolder folder;
  const std::string path = folder.File("weights.safetensors");
  const std::string bytes = TinyBytes();
  std::ofstream(path, std::ios::binary) << bytes;
  const auto weights = LoadWeights(path);
  ASSERT_TRUE(weights.ok()) << weights.status();
  EXPECT_EQ(weights->name, path);
  EXPECT_EQ(*weights->bytes, bytes);
  EXPECT_EQ(weights->digest, HexDigest(bytes));
  const auto size = static_cast<int64_t>(bytes.size());
  EXPECT_TRUE(LoadWeights(path, UpTo(size)).ok());
  const absl::Status large = LoadWeights(path, UpTo(size - 1)).status();
  EXPECT_EQ(large.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(large.message(), HasSubstr(std::to_string(bytes.size())));
}

TEST(LoadWeightsTest, SaysHowToFetchWhatIsNotHere) {
  const absl::Status status =
      LoadWeights("vgg19", Cached(TempFolder().path())).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_EQ(status.message(),
            "weights 'vgg19' are not here yet; run: atelier weights fetch "
            "vgg19");
}

TEST(LoadWeightsTest, FindsWhatWasFetchedByItsName) {
  const TempFolder folder;
  const std::string path = folder.File("tiny-fetched.pth");
  std::ofstream(path, std::ios::binary) << TinyBytes();
  const std::string digest = HexDigest(TinyBytes());
  const CatalogueEntry entries[] = {
      {"tiny", "tiny-fetched.pth", "", 0, digest, "", ""}};
  LoadOptions options = Cached(folder.path());
  options.catalogue = entries;
  const auto weights = LoadWeights("tiny", options);
  ASSERT_TRUE(weights.ok()) << weights.status();
  EXPECT_EQ(weights->digest, digest);
  EXPECT_EQ(DescribeWeights(*weights)->name, "tiny-fetched.pth");
}

TEST(LoadWeightsTest, RefusesAFetchedFileThatIsNotWhatItShouldBe) {
  const TempFolder folder;
  const std::string path = folder.File("vgg19-dcbb9e9d.pth");
  std::ofstream(path, std::ios::binary) << TinyBytes();
  const absl::Status status =
      LoadWeights("vgg19", Cached(folder.path())).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(status.message(), HasSubstr(HexDigest(TinyBytes())));
  EXPECT_THAT(status.message(), HasSubstr("which is not dcbb9e9dad56"));
}

TEST(LoadWeightsTest, RefusesAFolder) {
  EXPECT_EQ(LoadWeights(testing::TempDir()).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(SyntheticTest, FollowsTheFormula) {
  EXPECT_EQ(SyntheticWeight(1, 1, 3), -0.3785408139228821f);
  EXPECT_EQ(SyntheticWeight(2, 1, 3), -0.42860421538352966f);
  EXPECT_EQ(SyntheticWeight(1, 2, 64), -0.09847158193588257f);
  EXPECT_EQ(SyntheticWeight(3, 13, 512), 0.011153011582791805f);
}

TEST(SyntheticTest, IsFullWidthVgg19InTheSameBytesEverywhere) {
  const auto weights = LoadWeights(std::string(kSyntheticVgg19));
  ASSERT_TRUE(weights.ok()) << weights.status();
  EXPECT_EQ(weights->digest, kSyntheticDigest);
  const auto file = ParseWeights(*weights);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->network.name, kSyntheticVgg19);
  EXPECT_EQ(file->network.pooling, Pooling::kMax);
  ASSERT_EQ(file->convolutions.size(), 13);
  EXPECT_EQ(file->convolutions[12].kernel.size(), 9 * 512 * 512);
  EXPECT_EQ(file->convolutions[12].kernel.back(), -0.019112851470708847f);
  EXPECT_THAT(file->convolutions[12].bias, Each(0.0f));
}

TEST(ReferenceWeightsTest, ReadsThePublishedSlimNetwork) {
  const std::string path =
      ATELIER_SHARED_DIR "/weights/vgg19-slim16.safetensors";
  if (!std::ifstream(path).good()) {
    GTEST_SKIP() << path << " is not there; the built-in network is read by "
                 << "LoadWeightsTest.CarriesTheBuiltinNetwork";
  }
  const auto weights = LoadWeights(path);
  ASSERT_TRUE(weights.ok()) << weights.status();
  const auto file = ParseWeights(*weights);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->network.padding, Padding::kReflect);
  EXPECT_EQ(file->network.pooling, Pooling::kMax);
  EXPECT_EQ(file->network.preprocessing, "caffe-255-bgr");
  EXPECT_EQ(file->convolutions.size(), 13);
}

}  // namespace
}  // namespace atelier
