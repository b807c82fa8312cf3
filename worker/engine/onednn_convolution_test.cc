#include "worker/engine/onednn_convolution.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "hwy/targets.h"
#include "worker/engine/layer_kernel.h"
#include "worker/engine/onednn_network.h"
#include "worker/engine/runtime.h"
#include "worker/engine/test_networks.h"

namespace atelier::engine {
namespace {

// Convolves one picture of 16 channels both by oneDNN and by Torch.
class OnednnConvolutionTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ConfigureTorch(2);
    if (const std::string why = WhyNoOnednn(); !why.empty()) {
      GTEST_SKIP() << "THE ONEDNN BACKEND IS NOT TESTED: " << why;
    }
  }

  at::Tensor ToBlocked(const at::Tensor& plain) {
    return Reorder(plain, PlainDesc(plain.sizes().vec()),
                   BlockedDesc(plain.sizes().vec()));
  }
  at::Tensor ToPlain(const at::Tensor& blocked, at::IntArrayRef shape) {
    return Reorder(blocked, BlockedDesc(shape.vec()), PlainDesc(shape.vec()))
        .view(shape);
  }

  void ExpectLikeTorch(const ConvolutionShape& shape) {
    const TestNetwork network({{shape.in_channels, shape.out_channels}}, 7);
    const at::Tensor kernel = network.kernels()[1];
    const at::Tensor bias = network.biases()[1];
    const OnednnConvolution convolution(engine_, shape);
    LayerKernel layer(network.weights().convolutions[1]);
    const dnnl::memory::desc unused(
        {shape.in_channels, shape.out_channels, 3, 3},
        dnnl::memory::data_type::f32, dnnl::memory::format_tag::abcd);
    layer.Use(engine_, convolution.kernel(), unused);

    const at::Tensor x =
        at::sin(at::arange(shape.images * shape.in_channels * shape.height *
                               shape.width,
                           at::kFloat))
            .view({shape.images, shape.in_channels, shape.height, shape.width});
    at::Tensor expected = at::conv2d(x, kernel, bias, 1, shape.padding).relu();
    at::Tensor input = ToBlocked(x);
    at::Tensor output =
        convolution.in_place() ? input : ToBlocked(at::zeros_like(expected));
    const at::Tensor workspace =
        at::empty({convolution.workspace_bytes() + 1}, at::kByte);
    convolution.Run(stream_, {input.data_ptr<float>(), output.data_ptr<float>(),
                              layer.forward(), layer.bias(),
                              static_cast<char*>(workspace.data_ptr())});
    EXPECT_LT((ToPlain(output, expected.sizes()) - expected)
                  .abs()
                  .max()
                  .item<double>(),
              1e-4);
  }

  dnnl::engine engine_{dnnl::engine::kind::cpu, 0};

 private:
  at::Tensor Reorder(const at::Tensor& values, const dnnl::memory::desc& from,
                     const dnnl::memory::desc& to) {
    const auto floats = static_cast<int64_t>(to.get_size() / sizeof(float));
    at::Tensor result = at::empty({floats}, at::kFloat);
    dnnl::memory source(from, engine_, values.data_ptr());
    dnnl::memory target(to, engine_, result.data_ptr());
    dnnl::reorder(source, target).execute(stream_, source, target);
    stream_.wait();
    return result;
  }

  dnnl::stream stream_{engine_};
};

TEST_F(OnednnConvolutionTest, StripesGiveWhatOneCallGives) {
  for (const int padding : {0, 1, 2}) {
    for (const int64_t stripe_bytes : {int64_t{0}, int64_t{64} << 20}) {
      for (const auto& [height, width] : {std::make_pair(8, 5), {37, 50}}) {
        SCOPED_TRACE(absl::StrCat("padding ", padding, ", stripes of ",
                                  stripe_bytes, " bytes, ", height, " x ",
                                  width));
        ConvolutionShape shape;
        shape.images = 2;
        shape.in_channels = 32;
        shape.out_channels = 48;
        shape.height = height;
        shape.width = width;
        shape.padding = padding;
        shape.bias = true;
        shape.relu = true;
        shape.stripe_bytes = stripe_bytes;
        ExpectLikeTorch(shape);
      }
    }
  }
}

TEST_F(OnednnConvolutionTest, StripesMayReplaceTheirInput) {
  ConvolutionShape shape;
  shape.images = 2;
  shape.in_channels = 32;
  shape.out_channels = 32;
  shape.height = 61;
  shape.width = 43;
  shape.bias = true;
  shape.relu = true;
  EXPECT_FALSE(OnednnConvolution(engine_, shape).in_place());
  shape.stripe_bytes = 0;
  EXPECT_TRUE(OnednnConvolution(engine_, shape).in_place());
  ExpectLikeTorch(shape);
}

TEST_F(OnednnConvolutionTest, StripesBoundTheWorkspace) {
  ConvolutionShape shape;
  shape.in_channels = 128;
  shape.out_channels = 128;
  shape.height = 1024;
  shape.width = 768;
  ConvolutionShape uncut = shape;
  uncut.height = uncut.width = 128;
  EXPECT_LE(
      OnednnConvolution(engine_, shape).workspace_bytes(),
      shape.stripe_bytes + OnednnConvolution(engine_, uncut).workspace_bytes());
}

TEST_F(OnednnConvolutionTest, LeavesOutTheInstructionsThatOnednnLeavesOut) {
  const bool wide = Supports(dnnl::cpu_isa::avx512_core);
  EXPECT_EQ(ChannelBlock(), wide ? 16 : 8);
  EXPECT_EQ((hwy::SupportedTargets() & HWY_AVX3) != 0, wide);
}

}  // namespace
}  // namespace atelier::engine
