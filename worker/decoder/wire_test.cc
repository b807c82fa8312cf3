#include "worker/decoder/wire.h"

#include <random>
#include <string>

#include "common/weights/vgg_layout.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;

NetworkDescription Network() {
  NetworkDescription network;
  network.architecture = "vgg11";
  network.preprocessing = "imagenet";
  network.padding = Padding::kReflect;
  network.pooling = Pooling::kAverage;
  network.blocks = {{4}, {8, 8}};
  return network;
}

TEST(WireTest, ANetworkComesBackAsItWas) {
  const auto network = UnpackNetwork(PackNetwork(Network()));
  ASSERT_TRUE(network.ok()) << network.status();
  EXPECT_EQ(network->architecture, "vgg11");
  EXPECT_EQ(network->preprocessing, "imagenet");
  EXPECT_EQ(network->padding, Padding::kReflect);
  EXPECT_EQ(network->pooling, Pooling::kAverage);
  EXPECT_EQ(network->blocks, Network().blocks);
}

TEST(WireTest, TheValuesAreThoseOfTheConvolutions) {
  size_t values = 0;
  for (const ConvolutionWeights& one : EmptyConvolutions(Network())) {
    EXPECT_EQ(one.kernel.size(), size_t{9} * one.in_channels *
                                     static_cast<size_t>(one.out_channels));
    values += one.kernel.size() + one.bias.size();
  }
  EXPECT_EQ(ValueBytes(Network()), values * sizeof(float));
}

void ExpectRefused(const NetworkDescription& network, const char* why) {
  EXPECT_THAT(
      std::string(UnpackNetwork(PackNetwork(network)).status().message()),
      HasSubstr(why));
}

TEST(WireTest, WhatNoFileCouldSayIsRefused) {
  NetworkDescription network = Network();
  network.architecture = std::string(kMaxNoteBytes + 1, 'x');
  ExpectRefused(network, "architecture is ");
  network = Network();
  network.preprocessing = "a\nb";
  ExpectRefused(network, "preprocessing is ");
  network = Network();
  network.padding = Padding{7};
  ExpectRefused(network, "padding is 7");
  network = Network();
  network.pooling = Pooling{3};
  ExpectRefused(network, "pooling is 3");
  network.pooling = Pooling::kMax;
  network.blocks = {};
  ExpectRefused(network, "blocks is 0");
  network.blocks.assign(kMaxBlocks + 1, {4});
  ExpectRefused(network, "blocks is 9");
  network.blocks = {{4}, {}};
  ExpectRefused(network, "a block is ");
  network.blocks = {{4, 0}};
  ExpectRefused(network, "a convolution is 0 channels wide");
  network.blocks = {{kMaxChannels + 1}};
  ExpectRefused(network, "a convolution is 65537 channels wide");
  network.blocks.assign(2, std::vector<int>(kMaxConvolutions, 1));
  ExpectRefused(network, "a convolution is ");
}

TEST(WireTest, EveryCutAndEveryTailIsRefused) {
  const std::string whole = PackNetwork(Network());
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(UnpackNetwork(whole.substr(0, size)).ok()) << size;
  }
  EXPECT_FALSE(UnpackNetwork(whole + "x").ok());
}

TEST(WireTest, AnythingIsANetworkOrAnError) {
  std::mt19937 random(7);
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = PackNetwork(Network());
    for (int i = 0; i < 3; ++i) {
      bytes[random() % bytes.size()] = static_cast<char>(random());
    }
    const auto network = UnpackNetwork(bytes);
    EXPECT_TRUE(!network.ok() || network->blocks.size() <= kMaxBlocks);
  }
}

}  // namespace
}  // namespace atelier
