#include "common/render/network.h"

#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

NetworkDescription Vgg19ToConv51() {
  NetworkDescription network;
  network.name = "vgg19";
  network.blocks = {
      {64, 64}, {128, 128}, {256, 256, 256, 256}, {512, 512, 512, 512}, {512}};
  return network;
}

TEST(FindTapTest, FindsEverySpelling) {
  const struct {
    absl::string_view name;
    TapKind kind;
    int convolution, block, channels;
  } kTaps[] = {
      {"conv1_1", TapKind::kConvolution, 0, 0, 64},
      {"conv4_2", TapKind::kConvolution, 9, 3, 512},
      {"conv_10", TapKind::kConvolution, 9, 3, 512},
      {"conv_13", TapKind::kConvolution, 12, 4, 512},
      {"relu4_2", TapKind::kRelu, 9, 3, 512},
      {"pool3", TapKind::kPool, 7, 2, 256},
  };
  for (const auto& want : kTaps) {
    SCOPED_TRACE(want.name);
    const Tap tap = FindTap(Vgg19ToConv51(), want.name).value();
    EXPECT_EQ(tap.kind, want.kind);
    EXPECT_EQ(tap.convolution, want.convolution);
    EXPECT_EQ(tap.block, want.block);
    EXPECT_EQ(tap.channels, want.channels);
  }
}

TEST(FindTapTest, RefusesWhatTheNetworkLacksAndSaysWhatItHas) {
  for (absl::string_view name :
       {"", "conv", "conv_", "conv_0", "conv_14", "conv_01", "conv1_3",
        "conv6_1", "conv5_2", "conv-1", "conv_+1", "conv_99999999999", "relu_3",
        "pool0", "pool5", "pool", "fc6", "CONV1_1", "conv1_1 "}) {
    SCOPED_TRACE(name);
    const absl::Status status = FindTap(Vgg19ToConv51(), name).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(status.message(),
                AllOf(HasSubstr(name), HasSubstr("conv1_1 to conv5_1"),
                      HasSubstr("conv_13"), HasSubstr("pool4")));
  }
}

TEST(SmallestSideTest, IsOfTheSmallestScale) {
  RenderParams params;
  params.content_layers = {{"relu4_2", 1}};
  params.scales = 3;
  EXPECT_EQ(SmallestSide(Vgg19ToConv51(), params).value(), 32);
}

TEST(SmallestSideTest, DoublesWithEveryPoolAndOnceMoreUnderReflection) {
  NetworkDescription network = Vgg19ToConv51();
  RenderParams params;
  EXPECT_EQ(SmallestSide(network, params).value(), 1);
  params.content_layers = {{"relu4_2", 1}};
  EXPECT_EQ(SmallestSide(network, params).value(), 8);
  params.style_layers = {{"conv1_1", 1}, {"pool4", 1}};
  EXPECT_EQ(SmallestSide(network, params).value(), 16);
  network.padding = Padding::kReflect;
  EXPECT_EQ(SmallestSide(network, params).value(), 32);
}

}  // namespace
}  // namespace atelier
