#include "worker/engine/memory.h"

#include <gtest/gtest.h>

namespace atelier::engine {
namespace {

constexpr Grid kSize{64, 48};
constexpr int64_t kImageBytes = int64_t{3} * 64 * 48 * 4;

// On a device that need not be there, and without any size of its own.
class NetworkOn : public Network {
 public:
  explicit NetworkOn(at::DeviceType device) : device_(device) {}
  const NetworkOptions& options() const override { return options_; }
  at::Device device() const override { return device_; }
  Grid GramGrid(size_t /*i*/, Grid input) const override { return input; }
  absl::StatusOr<PassBytes> BytesFor(at::IntArrayRef /*shape*/) override {
    return PassBytes();
  }
  absl::StatusOr<Features> Forward(const at::Tensor& /*input*/,
                                   const Regions& /*regions*/) override {
    return absl::UnimplementedError("never runs");
  }
  absl::StatusOr<at::Tensor> Backward(const TapGradients& /*at*/) override {
    return absl::UnimplementedError("never runs");
  }

 private:
  const NetworkOptions options_;
  const at::Device device_;
};

// What 20 pairs take, in images.
double ImagesFor20Pairs(at::DeviceType device, int scales) {
  NetworkOn network(device);
  RenderShape shape;
  shape.content = kSize;
  RenderParams params;
  params.scales = scales;
  params.lbfgs_history = 20;
  const int64_t of_20 = RenderBytes(network, params, shape).value();
  params.lbfgs_history = 40;
  const int64_t of_40 = RenderBytes(network, params, shape).value();
  return static_cast<double>(of_40 - of_20) / kImageBytes;
}

TEST(MemoryTest, APairIsTwoImagesOnOneScale) {
  EXPECT_EQ(ImagesFor20Pairs(at::kCPU, 1), 40);
  EXPECT_EQ(ImagesFor20Pairs(at::kCUDA, 1), 40);
}

// And what is left of the scale before.
TEST(MemoryTest, OverScalesAPairIsOneImageOnACpuAndTwoOnAGpu) {
  EXPECT_EQ(ImagesFor20Pairs(at::kCPU, 3), 20 + 20 / 4);
  EXPECT_EQ(ImagesFor20Pairs(at::kCUDA, 3), 40 + 40 / 4);
}

TEST(MemoryTest, NoMorePairsAreToldThanThereAreIterations) {
  NetworkOn network(at::kCUDA);
  RenderShape shape;
  shape.content = kSize;
  RenderParams params;
  params.iterations = 15;
  params.lbfgs_history = 15;
  const int64_t of_15 = RenderBytes(network, params, shape).value();
  params.lbfgs_history = 100;
  EXPECT_EQ(RenderBytes(network, params, shape).value(), of_15);
}

}  // namespace
}  // namespace atelier::engine
