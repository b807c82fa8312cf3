#include "common/weights/vgg_layout.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

void Add(NamedTensors& file, int index, int64_t in, int64_t out) {
  file.tensors[absl::StrCat("features.", index, ".weight")] = {
      "F32", {out, in, 3, 3}, ""};
  file.tensors[absl::StrCat("features.", index, ".bias")] = {"F32", {out}, ""};
}

void AddNamed(NamedTensors& file, const std::string& name, int64_t in,
              int64_t out) {
  file.tensors[name + ".weight"] = {"F32", {out, in, 3, 3}, ""};
  file.tensors[name + ".bias"] = {"F32", {out}, ""};
}

void AddNorm(NamedTensors& file, int index, int64_t channels) {
  const std::string stem = absl::StrCat("features.", index, ".");
  for (const char* leaf : {"weight", "bias", "running_mean", "running_var"}) {
    file.tensors[stem + leaf] = {"F32", {channels}, ""};
  }
  file.tensors[stem + "num_batches_tracked"] = {"I64", {}, ""};
}

// Blocks of sizes as given, 4 channels everywhere, numbered as torchvision
// does.
NamedTensors Vgg(const std::vector<int>& block_sizes) {
  NamedTensors file;
  int index = 0;
  int in = 3;
  for (int size : block_sizes) {
    for (int i = 0; i < size; ++i, index += 2, in = 4) Add(file, index, in, 4);
    ++index;
  }
  return file;
}

std::string ErrorOf(const NamedTensors& file) {
  const absl::Status status = FindVgg(file).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
  return std::string(status.message());
}

TEST(VggLayoutTest, PoolsShowAsGapsInTheNumbering) {
  NamedTensors file;
  Add(file, 0, 3, 8);
  Add(file, 2, 8, 6);
  Add(file, 5, 6, 16);
  Add(file, 8, 16, 12);
  Add(file, 10, 12, 10);
  const auto found = FindVgg(file);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_THAT(
      found->network.blocks,
      ElementsAre(ElementsAre(8, 6), ElementsAre(16), ElementsAre(12, 10)));
  ASSERT_EQ(found->convolutions.size(), 5);
  EXPECT_EQ(found->convolutions[4].keys.kernel, "features.10.weight");
  EXPECT_EQ(found->convolutions[4].keys.bias, "features.10.bias");
  EXPECT_EQ(found->convolutions[4].in_channels, 12);
  EXPECT_EQ(found->convolutions[4].out_channels, 10);
}

TEST(VggLayoutTest, GuessesTheArchitectureOnlyWhereItIsPlain) {
  struct Case {
    std::vector<int> blocks;
    const char* architecture;
  };
  const Case cases[] = {
      {{1, 1, 2, 2, 2}, "vgg11"},
      {{2, 2, 2, 2, 2}, "vgg13"},
      {{2, 2, 3, 3, 3}, "vgg16"},
      {{2, 2, 4, 4, 4}, "vgg19"},
      {{2, 2, 4, 4, 1}, "vgg19"},
      {{2, 2}, "vgg"},
      {{5}, "vgg"},
  };
  for (const Case& c : cases) {
    const auto found = FindVgg(Vgg(c.blocks));
    ASSERT_TRUE(found.ok()) << found.status();
    EXPECT_EQ(found->network.architecture, c.architecture);
  }
}

TEST(VggLayoutTest, SaysZerosAndMaxWhereTheMetadataSaysNothing) {
  const auto found = FindVgg(Vgg({2, 1}));
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->network.padding, Padding::kZeros);
  EXPECT_EQ(found->network.pooling, Pooling::kMax);
  EXPECT_EQ(found->network.preprocessing, "");
}

TEST(VggLayoutTest, BelievesTheMetadata) {
  NamedTensors file = Vgg({2, 1});
  file.metadata = {{"architecture", "mine"},
                   {"padding", "reflect"},
                   {"pooling", "avg"},
                   {"preprocessing", "caffe-255-bgr"},
                   {"license", "MIT"}};
  const auto found = FindVgg(file);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->network.architecture, "mine");
  EXPECT_EQ(found->network.padding, Padding::kReflect);
  EXPECT_EQ(found->network.pooling, Pooling::kAverage);
  EXPECT_EQ(found->network.preprocessing, "caffe-255-bgr");
}

TEST(VggLayoutTest, RefusesMetadataItCannotUse) {
  NamedTensors file = Vgg({2});
  file.metadata = {{"padding", "mirror"}};
  EXPECT_THAT(ErrorOf(file), HasSubstr("'mirror'"));
  file.metadata = {{"pooling", "sum"}};
  EXPECT_THAT(ErrorOf(file), HasSubstr("'sum'"));
  file.metadata = {{"architecture", "a\nb"}};
  EXPECT_THAT(ErrorOf(file), HasSubstr("metadata 'architecture' is 'a\\nb'"));
  file.metadata = {{"preprocessing", std::string(65, 'x')}};
  EXPECT_THAT(ErrorOf(file), HasSubstr("metadata 'preprocessing'"));
}

TEST(VggLayoutTest, LeavesTheClassifierAlone) {
  NamedTensors file = Vgg({2});
  file.tensors["classifier.0.weight"] = {"I64", {7}, ""};
  const auto found = FindVgg(file);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_THAT(found->ignored, ElementsAre("classifier.0.weight"));
  EXPECT_THAT(found->dtypes, ElementsAre("F32"));
}

TEST(VggLayoutTest, NamesAMissingBias) {
  NamedTensors file = Vgg({2});
  file.tensors.erase("features.2.bias");
  EXPECT_EQ(ErrorOf(file),
            "tensor 'features.2.bias' is missing: every convolution needs a "
            "weight and a bias, or a whole batch normalisation");
}

TEST(VggLayoutTest, NamesATensorOfAnotherType) {
  NamedTensors file = Vgg({2});
  file.tensors["features.2.weight"].dtype = "F64";
  EXPECT_EQ(ErrorOf(file),
            "tensor 'features.2.weight' is of type 'F64'; F32, F16 and BF16 "
            "are read");
}

TEST(VggLayoutTest, RefusesShapesThatDoNotChain) {
  NamedTensors file = Vgg({2});
  Add(file, 2, 5, 4);
  EXPECT_THAT(ErrorOf(file), HasSubstr("'features.2.weight' has shape [4, 5, "
                                       "3, 3]; [out, 4, 3, 3] is expected"));
  Add(file, 2, 4, 4);
  file.tensors["features.2.bias"].shape = {3};
  EXPECT_THAT(ErrorOf(file), HasSubstr("'features.2.bias' has shape [3]; [4]"));
  file.tensors["features.0.weight"].shape = {4, 3, 5, 5};
  EXPECT_THAT(ErrorOf(file), HasSubstr("[4, 3, 5, 5]"));
  file.tensors["features.0.weight"].shape = {0, 3, 3, 3};
  EXPECT_THAT(ErrorOf(file), HasSubstr("with out from 1 to"));
}

TEST(VggLayoutTest, RefusesNumberingThatIsNotTorchvisions) {
  NamedTensors file = Vgg({2});
  Add(file, 6, 4, 4);
  EXPECT_THAT(ErrorOf(file),
              HasSubstr("'features.6.weight' follows features.2.weight; "
                        "features.4.weight is expected, or features.5.weight "
                        "after a pool"));
  NamedTensors late;
  Add(late, 2, 3, 4);
  EXPECT_THAT(ErrorOf(late), HasSubstr("'features.2.weight' comes first; "
                                       "'features.0.weight' is expected"));
}

TEST(VggLayoutTest, SaysWhatItLooksForWhereThereIsNoVgg) {
  EXPECT_THAT(ErrorOf(NamedTensors()), HasSubstr("there are no tensors"));
  NamedTensors file;
  file.tensors["layer1.0.conv1.weight"] = {"F32", {1}, ""};
  EXPECT_THAT(ErrorOf(file),
              HasSubstr("'features.0.weight' (torchvision, timm), '0.weight' "
                        "(its features alone) or 'conv1_1.weight' (Gatys)"));
  EXPECT_THAT(ErrorOf(file), HasSubstr("its first is 'layer1.0.conv1.weight'"));
  file = Vgg({2});
  file.tensors["features.4.conv.weight"] = {"F32", {1}, ""};
  EXPECT_THAT(ErrorOf(file),
              HasSubstr("'features.4.conv.weight' has no place"));
}

TEST(VggLayoutTest, FollowsBatchNormalisationBetweenConvolutionAndRelu) {
  NamedTensors file;
  Add(file, 0, 3, 4);
  AddNorm(file, 1, 4);
  Add(file, 3, 4, 4);
  AddNorm(file, 4, 4);
  Add(file, 7, 4, 8);  // After a pool.
  AddNorm(file, 8, 8);
  file.tensors.erase("features.7.bias");  // A normalisation has its own.
  const auto found = FindVgg(file);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_THAT(found->network.blocks,
              ElementsAre(ElementsAre(4, 4), ElementsAre(8)));
  EXPECT_TRUE(found->batch_norm);
  EXPECT_EQ(found->network.architecture, "vgg_bn");
  ASSERT_EQ(found->convolutions.size(), 3);
  EXPECT_EQ(found->convolutions[1].keys.norm->running_var,
            "features.4.running_var");
  EXPECT_TRUE(found->convolutions[1].has_bias);
  EXPECT_FALSE(found->convolutions[2].has_bias);
  EXPECT_THAT(found->ignored, ElementsAre("features.1.num_batches_tracked",
                                          "features.4.num_batches_tracked",
                                          "features.8.num_batches_tracked"));
}

TEST(VggLayoutTest, RefusesBatchNormalisationThatIsNotWhole) {
  NamedTensors file = Vgg({1});
  AddNorm(file, 1, 4);
  file.tensors.erase("features.1.running_var");
  EXPECT_THAT(ErrorOf(file), HasSubstr("'features.1.running_var' is missing"));
  AddNorm(file, 1, 5);
  EXPECT_THAT(ErrorOf(file),
              HasSubstr("'features.1.weight' has shape [5]; [4]"));
  AddNorm(file, 1, 4);
  AddNorm(file, 2, 4);
  EXPECT_THAT(ErrorOf(file), HasSubstr("does not follow a convolution"));
  file = Vgg({2});
  AddNorm(file, 3, 4);
  EXPECT_THAT(ErrorOf(file), HasSubstr("after some convolutions only"));
  EXPECT_THAT(ErrorOf(file), HasSubstr("'features.0.weight'"));
}

TEST(VggLayoutTest, TellsTimmByItsClassifier) {
  NamedTensors file = Vgg({2});
  EXPECT_EQ(FindVgg(file)->naming, KeyNaming::kTorchvision);
  file.tensors["pre_logits.fc1.weight"] = {"F32", {1}, ""};
  file.tensors["head.fc.weight"] = {"F32", {1}, ""};
  const auto found = FindVgg(file);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->naming, KeyNaming::kTimm);
  EXPECT_EQ(found->ignored.size(), 2);
}

TEST(VggLayoutTest, ReadsGatysBlocksFromTheirNames) {
  NamedTensors file;
  AddNamed(file, "conv1_1", 3, 4);
  AddNamed(file, "conv1_2", 4, 4);
  AddNamed(file, "conv2_1", 4, 8);
  file.tensors["fc6.weight"] = {"F32", {1}, ""};
  const auto found = FindVgg(file);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->naming, KeyNaming::kGatys);
  EXPECT_THAT(found->network.blocks,
              ElementsAre(ElementsAre(4, 4), ElementsAre(8)));
  EXPECT_EQ(found->convolutions[2].keys.bias, "conv2_1.bias");
  EXPECT_THAT(found->ignored, ElementsAre("fc6.weight"));
}

TEST(VggLayoutTest, OrdersTenPlacesByNumberNotByName) {
  NamedTensors file;
  for (int i = 1; i <= 11; ++i) {
    AddNamed(file, absl::StrCat("conv1_", i), i == 1 ? 3 : 4, 4);
  }
  const auto found = FindVgg(file);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->convolutions[9].keys.kernel, "conv1_10.weight");
}

TEST(VggLayoutTest, RefusesGatysNamesWithGaps) {
  NamedTensors file;
  AddNamed(file, "conv1_1", 3, 4);
  AddNamed(file, "conv1_3", 4, 4);
  EXPECT_THAT(ErrorOf(file), HasSubstr("'conv1_3.bias' does not follow "
                                       "conv1_1"));
  file = {};
  AddNamed(file, "conv2_1", 3, 4);
  EXPECT_THAT(ErrorOf(file), HasSubstr("'conv2_1.bias' does not follow"));
  file = {};
  AddNamed(file, "conv1_1", 3, 4);
  file.tensors["conv1_1.running_mean"] = {"F32", {4}, ""};
  EXPECT_THAT(ErrorOf(file), HasSubstr("'conv1_1.running_mean' has no place"));
}

TEST(VggLayoutTest, ReadsThroughOnePrefix) {
  for (const char* prefix : {"module.", "vgg.", "model.encoder."}) {
    NamedTensors file;
    for (const auto& [name, tensor] : Vgg({1, 1}).tensors) {
      file.tensors[prefix + name] = tensor;
    }
    const auto found = FindVgg(file);
    ASSERT_TRUE(found.ok()) << found.status();
    EXPECT_EQ(found->prefix, prefix);
    EXPECT_EQ(found->convolutions[1].keys.kernel,
              absl::StrCat(prefix, "features.3.weight"));
  }
}

// The features of a network, or a part of it, as they are saved.
TEST(VggLayoutTest, ReadsFeaturesAloneAndWhatWrapsThem) {
  NamedTensors plain;
  Add(plain, 0, 3, 8);
  AddNorm(plain, 1, 8);
  Add(plain, 3, 8, 6);
  AddNorm(plain, 4, 6);
  Add(plain, 7, 6, 16);
  AddNorm(plain, 8, 16);
  struct Case {
    std::string stem;
    KeyNaming naming;
    std::string prefix;
  };
  const Case cases[] = {
      {"", KeyNaming::kFeatures, ""},
      {"module.", KeyNaming::kFeatures, "module."},
      {"_orig_mod.module.", KeyNaming::kFeatures, "_orig_mod.module."},
      {"features.module.", KeyNaming::kTorchvision, "features.module."},
      {"features._orig_mod.", KeyNaming::kTorchvision, "features._orig_mod."},
      {"module.features.", KeyNaming::kTorchvision, "module."},
      {"_orig_mod.features.module.", KeyNaming::kTorchvision,
       "_orig_mod.features.module."},
  };
  for (const Case& tested : cases) {
    SCOPED_TRACE(tested.stem);
    NamedTensors file;
    for (const auto& [name, tensor] : plain.tensors) {
      file.tensors[tested.stem + name.substr(std::string("features.").size())] =
          tensor;
    }
    const auto found = FindVgg(file);
    ASSERT_TRUE(found.ok()) << found.status();
    EXPECT_EQ(found->naming, tested.naming);
    EXPECT_EQ(found->prefix, tested.prefix);
    EXPECT_TRUE(found->batch_norm);
    EXPECT_THAT(found->network.blocks,
                ElementsAre(ElementsAre(8, 6), ElementsAre(16)));
    EXPECT_EQ(found->convolutions[2].keys.kernel,
              absl::StrCat(tested.stem, "7.weight"));
    // The counters of the normalisations alone.
    EXPECT_THAT(found->ignored,
                ElementsAre(tested.stem + "1.num_batches_tracked",
                            tested.stem + "4.num_batches_tracked",
                            tested.stem + "8.num_batches_tracked"));
  }
}

TEST(VggLayoutTest, NumbersThatAreNoFeaturesAreRefused) {
  // A classifier, saved alone; and names that only look alike.
  NamedTensors classifier;
  classifier.tensors["0.weight"] = {"F32", {10, 20}, ""};
  classifier.tensors["0.bias"] = {"F32", {10}, ""};
  EXPECT_THAT(ErrorOf(classifier), HasSubstr("0.weight"));
  NamedTensors residual;
  residual.tensors["layer1.0.downsample.0.weight"] = {"F32", {4, 3, 3, 3}, ""};
  residual.tensors["0.conv.weight"] = {"F32", {4, 3, 3, 3}, ""};
  EXPECT_THAT(ErrorOf(residual), HasSubstr("holds no VGG"));
}

// Beside "features.", a number of its own is another tensor.
TEST(VggLayoutTest, FeaturesByTheirNameComeFirst) {
  NamedTensors file = Vgg({1, 1});
  file.tensors["0.weight"] = {"F32", {10, 20}, ""};
  const auto found = FindVgg(file);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->naming, KeyNaming::kTorchvision);
  EXPECT_THAT(found->ignored, ElementsAre("0.weight"));
}

TEST(VggLayoutTest, NamesATensorOfEachOfTwoNetworks) {
  NamedTensors file = Vgg({2});
  AddNamed(file, "conv1_1", 3, 4);
  EXPECT_THAT(ErrorOf(file),
              HasSubstr("more than one network, or one named in two ways: "
                        "tensors 'conv1_1.bias' and 'features.0.bias'"));
  file = Vgg({2});
  file.tensors["teacher.features.0.weight"] = {"F32", {4, 3, 3, 3}, ""};
  EXPECT_THAT(ErrorOf(file), HasSubstr("'teacher.features.0.weight'"));
}

TEST(VggLayoutTest, BoundsDepth) {
  EXPECT_THAT(ErrorOf(Vgg(std::vector<int>(9, 1))), HasSubstr("at most 8"));
  EXPECT_THAT(ErrorOf(Vgg({65})), HasSubstr("at most 64"));
}

}  // namespace
}  // namespace atelier
