#include "worker/engine/onednn_convolution.h"

#include <ATen/ATen.h>

#include <algorithm>

namespace atelier::engine {
namespace {

using Dims = dnnl::memory::dims;
using Tag = dnnl::memory::format_tag;

constexpr auto kFloat = dnnl::memory::data_type::f32;
const Dims kStride = {1, 1};
const Dims kNoDilation = {0, 0};

bool HasAvx512() { return Supports(dnnl::cpu_isa::avx512_core); }

// Measured once, on VGG's shapes from 16 to 512 channels: F(4x4) wins wherever
// oneDNN has it, which is whole vectors of channels on AVX-512.
bool UseWinograd(const ConvolutionShape& shape) {
  constexpr int kVector = 16;
  return HasAvx512() && shape.in_channels % kVector == 0 &&
         shape.out_channels % kVector == 0;
}

dnnl::primitive_attr Attributes(bool relu) {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  if (relu) {
    dnnl::post_ops after;
    after.append_eltwise(1, dnnl::algorithm::eltwise_relu, 0, 0);
    attributes.set_post_ops(after);
  }
  return attributes;
}

// Of the algorithms that may serve, the first that oneDNN has for this shape.
template <typename Make>
auto FirstAvailable(const ConvolutionShape& shape, Make make) {
  if (UseWinograd(shape)) {
    auto winograd = make(dnnl::algorithm::convolution_winograd,
                         /*allow_empty=*/true);
    if (winograd) return winograd;
  }
  return make(dnnl::algorithm::convolution_direct, /*allow_empty=*/false);
}

}  // namespace

// The sets are bit masks: AVX2-VNNI is a larger number than AVX-512.
bool Supports(dnnl::cpu_isa instructions) {
  const auto wanted = static_cast<unsigned>(instructions);
  const auto here = static_cast<unsigned>(dnnl::get_effective_cpu_isa());
  return (here & wanted) == wanted;
}

int ChannelBlock() { return HasAvx512() ? 16 : 8; }

dnnl::memory::desc BlockedDesc(const Dims& dims) {
  return {dims, kFloat, HasAvx512() ? Tag::aBcd16b : Tag::aBcd8b};
}

dnnl::memory::desc PlainDesc(const Dims& dims) {
  return {dims, kFloat, Tag::abcd};
}

at::Tensor BufferFor(const dnnl::memory::desc& desc) {
  return at::empty({static_cast<int64_t>(desc.get_size() / sizeof(float))},
                   at::kFloat);
}

OnednnConvolution::OnednnConvolution(const dnnl::engine& engine,
                                     const ConvolutionShape& shape,
                                     const float* kernel, const float* bias)
    : engine_(engine),
      kernel_desc_({shape.out_channels, shape.in_channels, 3, 3}, kFloat,
                   Tag::abcd),
      bias_desc_({shape.out_channels}, kFloat, Tag::a) {
  const int64_t border = shape.zero_padded ? 0 : 2;
  const Dims input = {shape.images, shape.in_channels, shape.height + border,
                      shape.width + border};
  input_ = shape.plain_input ? PlainDesc(input) : BlockedDesc(input);
  input_gradient_ = BlockedDesc(input);
  output_ = BlockedDesc(
      {shape.images, shape.out_channels, shape.height, shape.width});
  bias_ = BufferFor(bias_desc_);
  std::copy_n(bias, shape.out_channels, bias_.data_ptr<float>());
  MakeForward(shape);
  MakeBackward(shape);
  Load(forward_, kernel);
  Load(backward_, kernel);
  scratch_bytes_ = std::max(forward_.scratch_desc.get_size(),
                            backward_.scratch_desc.get_size());
}

void OnednnConvolution::MakeForward(const ConvolutionShape& shape) {
  const Dims padding(2, shape.zero_padded ? 1 : 0);
  const dnnl::memory::desc weights(kernel_desc_.dims(), kFloat, Tag::any);
  const auto description =
      FirstAvailable(shape, [&](dnnl::algorithm algorithm, bool allow_empty) {
        return dnnl::convolution_forward::primitive_desc(
            {dnnl::prop_kind::forward_inference, algorithm, input_, weights,
             bias_desc_, output_, kStride, kNoDilation, padding, padding},
            Attributes(shape.relu), engine_, allow_empty);
      });
  forward_ = {dnnl::convolution_forward(description),
              description.weights_desc(),
              description.scratchpad_desc(),
              {}};
}

void OnednnConvolution::MakeBackward(const ConvolutionShape& shape) {
  const Dims padding(2, shape.zero_padded ? 1 : 0);
  const dnnl::memory::desc weights(kernel_desc_.dims(), kFloat, Tag::any);
  const auto description =
      FirstAvailable(shape, [&](dnnl::algorithm algorithm, bool allow_empty) {
        const dnnl::convolution_forward::primitive_desc hint(
            {dnnl::prop_kind::forward_training, algorithm, input_gradient_,
             weights, output_, kStride, kNoDilation, padding, padding},
            engine_, allow_empty);
        if (!hint) return dnnl::convolution_backward_data::primitive_desc();
        return dnnl::convolution_backward_data::primitive_desc(
            {algorithm, input_gradient_, weights, output_, kStride, kNoDilation,
             padding, padding},
            Attributes(/*relu=*/false), engine_, hint, allow_empty);
      });
  backward_ = {dnnl::convolution_backward_data(description),
               description.weights_desc(),
               description.scratchpad_desc(),
               {}};
}

void OnednnConvolution::Load(Direction& direction, const float* kernel) {
  direction.weights = BufferFor(direction.weights_desc);
  dnnl::memory from(kernel_desc_, engine_, const_cast<float*>(kernel));
  dnnl::memory to(direction.weights_desc, engine_,
                  direction.weights.data_ptr<float>());
  dnnl::stream stream(engine_);
  dnnl::reorder(from, to).execute(stream, from, to);
  stream.wait();
}

void OnednnConvolution::Forward(dnnl::stream& stream, float* input,
                                float* output, float* scratch) const {
  forward_.primitive.execute(
      stream,
      {{DNNL_ARG_SRC, {input_, engine_, input}},
       {DNNL_ARG_WEIGHTS,
        {forward_.weights_desc, engine_, forward_.weights.data_ptr<float>()}},
       {DNNL_ARG_BIAS, {bias_desc_, engine_, bias_.data_ptr<float>()}},
       {DNNL_ARG_DST, {output_, engine_, output}},
       {DNNL_ARG_SCRATCHPAD, {forward_.scratch_desc, engine_, scratch}}});
}

void OnednnConvolution::Backward(dnnl::stream& stream, float* output_gradient,
                                 float* input_gradient, float* scratch) const {
  backward_.primitive.execute(
      stream,
      {{DNNL_ARG_DIFF_DST, {output_, engine_, output_gradient}},
       {DNNL_ARG_WEIGHTS,
        {backward_.weights_desc, engine_, backward_.weights.data_ptr<float>()}},
       {DNNL_ARG_DIFF_SRC, {input_gradient_, engine_, input_gradient}},
       {DNNL_ARG_SCRATCHPAD, {backward_.scratch_desc, engine_, scratch}}});
}

}  // namespace atelier::engine
