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
  EXPECT_EQ(found->convolutions[4].kernel, "features.10.weight");
  EXPECT_EQ(found->convolutions[4].bias, "features.10.bias");
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
  EXPECT_TRUE(FindVgg(file).ok());
}

TEST(VggLayoutTest, NamesAMissingBias) {
  NamedTensors file = Vgg({2});
  file.tensors.erase("features.2.bias");
  EXPECT_EQ(ErrorOf(file),
            "tensor 'features.2.bias' is missing: every convolution needs a "
            "weight and a bias");
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
  EXPECT_THAT(ErrorOf(NamedTensors()), HasSubstr("'features.0.weight'"));
}

TEST(VggLayoutTest, RefusesBatchNormalisation) {
  NamedTensors file = Vgg({1});
  file.tensors["features.1.running_mean"] = {"F32", {4}, ""};
  EXPECT_THAT(ErrorOf(file), HasSubstr("'features.1.running_mean'"));
  EXPECT_THAT(ErrorOf(file), HasSubstr("batch normalisation"));
}

TEST(VggLayoutTest, BoundsDepth) {
  EXPECT_THAT(ErrorOf(Vgg(std::vector<int>(9, 1))), HasSubstr("at most 8"));
  EXPECT_THAT(ErrorOf(Vgg({65})), HasSubstr("at most 64"));
}

}  // namespace
}  // namespace atelier
