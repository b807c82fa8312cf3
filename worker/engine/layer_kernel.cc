#include "worker/engine/layer_kernel.h"

#include <ATen/ATen.h>

namespace atelier::engine {
namespace {

using Desc = dnnl::memory::desc;

at::Tensor Copy(absl::Span<const float> values, at::IntArrayRef shape) {
  return at::from_blob(const_cast<float*>(values.data()), shape, at::kFloat)
      .clone();
}

Desc PlainKernel(const at::Tensor& kernel) {
  return {kernel.sizes().vec(), dnnl::memory::data_type::f32,
          dnnl::memory::format_tag::abcd};
}

at::Tensor Reorder(const dnnl::engine& engine, const at::Tensor& values,
                   const Desc& from_layout, const Desc& to_layout) {
  const auto floats =
      static_cast<int64_t>(to_layout.get_size() / sizeof(float));
  at::Tensor result = at::empty({floats}, at::kFloat);
  dnnl::memory from(from_layout, engine, values.data_ptr<float>());
  dnnl::memory to(to_layout, engine, result.data_ptr<float>());
  dnnl::stream stream(engine);
  dnnl::reorder(from, to).execute(stream, from, to);
  stream.wait();
  return result;
}

}  // namespace

LayerKernel::LayerKernel(const ConvolutionView& from)
    : in_channels_(from.in_channels),
      out_channels_(from.out_channels),
      plain_(Copy(from.kernel, {out_channels_, in_channels_, 3, 3})),
      bias_(Copy(from.bias, {out_channels_})) {}

at::Tensor LayerKernel::Plain(const dnnl::engine& engine) const {
  if (plain_.defined()) return plain_;
  const at::Tensor shaped =
      at::empty({out_channels_, in_channels_, 3, 3}, at::kFloat);
  return Reorder(engine, forward_.values, forward_.layout, PlainKernel(shaped))
      .view_as(shaped);
}

void LayerKernel::Use(const dnnl::engine& engine, const Desc& forward,
                      const Desc& backward) {
  if (!plain_.defined() && forward_.layout == forward &&
      backward_.layout == backward) {
    return;
  }
  const at::Tensor plain = Plain(engine);
  forward_ = {forward, Reorder(engine, plain, PlainKernel(plain), forward)};
  const at::Tensor turned = plain.transpose(0, 1).flip({2, 3}).contiguous();
  backward_ = {backward,
               Reorder(engine, turned, PlainKernel(turned), backward)};
  plain_ = at::Tensor();
}

}  // namespace atelier::engine
