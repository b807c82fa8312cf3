#include "common/render/layer_list.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace atelier {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

struct Accepted {
  const char* text;
  std::vector<LayerWeight> layers;
};

TEST(LayerListTest, ReadsNamesWeightsAndRanges) {
  const Accepted cases[] = {
      {"conv1_1", {{"conv1_1", 1}}},
      {"conv1_1,conv2_1:0.5", {{"conv1_1", 1}, {"conv2_1", 0.5}}},
      {" relu4_2 , pool3 : 2e-3 ", {{"relu4_2", 1}, {"pool3", 0.002}}},
      {"conv_1-4",
       {{"conv_1", 1}, {"conv_2", 1}, {"conv_3", 1}, {"conv_4", 1}}},
      {"conv4_1-2:3", {{"conv4_1", 3}, {"conv4_2", 3}}},
      {"conv_9-10,conv_13", {{"conv_9", 1}, {"conv_10", 1}, {"conv_13", 1}}},
      {"conv_5-5:0", {{"conv_5", 0}}},
      {"none", {}},
      {" none ", {}},
  };
  for (const Accepted& example : cases) {
    SCOPED_TRACE(example.text);
    const auto layers = ParseLayerList(example.text);
    ASSERT_TRUE(layers.ok()) << layers.status();
    EXPECT_EQ(*layers, example.layers);
  }
}

TEST(LayerListTest, RefusesWhatIsNoListAndNamesTheEntry) {
  const std::pair<const char*, const char*> cases[] = {
      {"", "layer ''"},
      {"conv1_1,", "layer ''"},
      {"conv1_1,none", "layer 'none'"},
      {"conv1_1:", "weight ''"},
      {"conv1_1:heavy", "weight 'heavy'"},
      {"conv1_1:-1", "weight '-1'"},
      {"conv1_1:nan", "weight 'nan'"},
      {"conv1_1:inf", "weight 'inf'"},
      {"conv1_1:1:2", "weight '1:2'"},
      {"conv_4-1", "layer 'conv_4-1'"},
      {"conv_-3", "layer 'conv_-3'"},
      {"conv_1-", "layer 'conv_1-'"},
      {"conv_1-conv_4", "layer 'conv_1-conv_4'"},
      {"conv_1-9999", "at most 64 layers"},
      {"conv_1-99999999999999999999", "at most 64 layers"},
  };
  for (const auto& [text, expected] : cases) {
    SCOPED_TRACE(text);
    const absl::Status status = ParseLayerList(text).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()), HasSubstr(expected));
  }
}

TEST(LayerListTest, FormatsWhatItReadsBack) {
  const std::vector<LayerWeight> layers = {
      {"conv_1", 1}, {"relu2_1", 0.1}, {"pool3", 1.0 / 3}, {"conv5_1", 1e9}};
  const std::string text = FormatLayerList(layers);
  EXPECT_THAT(text, AllOf(HasSubstr("conv_1,"), HasSubstr("relu2_1:0.1,")));
  const auto read = ParseLayerList(text);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, layers);
  EXPECT_EQ(FormatLayerList({}), "none");
}

}  // namespace
}  // namespace atelier
