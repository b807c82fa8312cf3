#include "worker/engine/onednn_pass.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <utility>

#include "worker/engine/blocked_planes.h"
#include "worker/engine/gram.h"

namespace atelier::engine {
namespace {

using Desc = dnnl::memory::desc;
using Dims = dnnl::memory::dims;

Planes PlanesOf(const Desc& desc, bool blocked) {
  const Dims dims = desc.dims();
  const int64_t block = blocked ? ChannelBlock() : 1;
  return {dims[0] * ((dims[1] + block - 1) / block), dims[2], dims[3], block};
}

bool IsPlain(const Desc& desc) { return desc == PlainDesc(desc.dims()); }

at::Tensor Larger(const at::Tensor& buffer, const Desc& desc) {
  const auto values = static_cast<int64_t>(desc.get_size() / sizeof(float));
  if (buffer.defined() && buffer.numel() >= values) return buffer;
  return BufferFor(desc);
}

}  // namespace

OnednnPass::OnednnPass(const NetworkPlan& plan,
                       const std::vector<LayerWeights>& weights,
                       at::IntArrayRef shape)
    : plan_(plan),
      shape_(shape.vec()),
      engine_(dnnl::engine::kind::cpu, 0),
      stream_(engine_) {
  places_ = plan_.taps;
  places_.insert(places_.end(), plan_.grams.begin(), plan_.grams.end());
  int64_t height = shape[2];
  int64_t width = shape[3];
  for (size_t k = 0; k < plan_.layers.size(); ++k) {
    AddStage(k, weights[k], height, width);
  }
  for (const Tap& tap : places_) taps_.push_back(MakeTapPort(tap));
  MakeGradientBuffers();
}

void OnednnPass::AddStage(size_t k, const LayerWeights& weights,
                          int64_t& height, int64_t& width) {
  const LayerPlan& layer = plan_.layers[k];
  const bool tapped = HasTap(TapKind::kConvolution, k);
  ConvolutionShape shape;
  shape.images = shape_[0];
  shape.in_channels = layer.weights.in_channels;
  shape.out_channels = layer.weights.out_channels;
  shape.height = height;
  shape.width = width;
  shape.zero_padded = plan_.options.padding == Padding::kZeros;
  shape.plain_input = k == 0;
  shape.relu = layer.relu_after && !tapped;

  Stage stage;
  stage.convolution = std::make_unique<OnednnConvolution>(
      engine_, shape, weights.kernel.data(), weights.bias.data());
  stage.output = BufferFor(stage.convolution->output());
  if (layer.relu_after && tapped) {
    stage.before_relu = BufferFor(stage.convolution->output());
  }
  if (layer.pool_after) {
    stage.pool = MakePool(stage.convolution->output());
    height /= 2;
    width /= 2;
  }
  stages_.push_back(std::move(stage));
}

OnednnPass::Pool OnednnPass::MakePool(const Desc& input) const {
  Dims dims = input.dims();
  dims[2] /= 2;
  dims[3] /= 2;
  Pool pool;
  pool.output_desc = BlockedDesc(dims);
  const auto algorithm = plan_.options.pooling == Pooling::kMax
                             ? dnnl::algorithm::pooling_max
                             : dnnl::algorithm::pooling_avg_exclude_padding;
  const Dims two = {2, 2};
  const Dims none = {0, 0};
  const dnnl::pooling_forward::primitive_desc forward(
      {dnnl::prop_kind::forward_training, algorithm, input, pool.output_desc,
       two, two, none, none},
      engine_);
  const dnnl::pooling_backward::primitive_desc backward(
      {algorithm, input, pool.output_desc, two, two, none, none}, engine_,
      forward);
  pool.forward = dnnl::pooling_forward(forward);
  pool.backward = dnnl::pooling_backward(backward);
  pool.output = BufferFor(pool.output_desc);
  if (plan_.options.pooling == Pooling::kMax) {
    pool.workspace_desc = forward.workspace_desc();
    pool.workspace = at::empty(
        {static_cast<int64_t>(pool.workspace_desc.get_size())}, at::kByte);
  }
  return pool;
}

OnednnPass::TapPort OnednnPass::MakeTapPort(const Tap& tap) const {
  const Stage& stage = stages_[tap.convolution];
  TapPort port;
  port.blocked_desc = tap.kind == TapKind::kPool ? stage.pool->output_desc
                                                 : stage.convolution->output();
  switch (tap.kind) {
    case TapKind::kConvolution:
      port.blocked =
          stage.before_relu.defined() ? stage.before_relu : stage.output;
      break;
    case TapKind::kRelu:
      port.blocked = stage.output;
      break;
    case TapKind::kPool:
      port.blocked = stage.pool->output;
      break;
  }
  const Dims dims = port.blocked_desc.dims();
  port.plain_desc = PlainDesc(dims);
  port.plain = at::empty(dims, at::kFloat);
  dnnl::post_ops sum;
  sum.append_sum(1);
  dnnl::primitive_attr adding;
  adding.set_post_ops(sum);
  port.read =
      dnnl::reorder({engine_, port.blocked_desc, engine_, port.plain_desc});
  port.set_gradient =
      dnnl::reorder({engine_, port.plain_desc, engine_, port.blocked_desc});
  port.add_gradient = dnnl::reorder(
      {engine_, port.plain_desc, engine_, port.blocked_desc, adding});
  return port;
}

void OnednnPass::MakeGradientBuffers() {
  size_t scratch_bytes = 0;
  for (const Stage& stage : stages_) {
    const OnednnConvolution& convolution = *stage.convolution;
    scratch_bytes = std::max(scratch_bytes, convolution.scratch_bytes());
    for (at::Tensor* buffer : {&gradient_, &next_gradient_}) {
      *buffer = Larger(*buffer, convolution.output());
      *buffer = Larger(*buffer, convolution.input_gradient());
    }
    if (plan_.options.padding == Padding::kReflect) {
      padded_ = Larger(padded_, convolution.input_gradient());
    }
  }
  scratch_ = at::empty({static_cast<int64_t>(scratch_bytes)}, at::kByte);
}

bool OnednnPass::HasTap(TapKind kind, size_t convolution) const {
  return std::any_of(places_.begin(), places_.end(), [&](const Tap& tap) {
    return tap.kind == kind &&
           static_cast<size_t>(tap.convolution) == convolution;
  });
}

dnnl::memory OnednnPass::Memory(const Desc& desc, const at::Tensor& at) {
  return {desc, engine_, at.data_ptr()};
}

Features OnednnPass::Forward(const at::Tensor& input, const Regions& regions) {
  regions_ = regions.grams;
  regions_.resize(plan_.grams.size());
  const at::Tensor plain = input.contiguous();
  auto* const scratch = reinterpret_cast<float*>(scratch_.data_ptr());
  auto* x = plain.data_ptr<float>();
  for (const Stage& stage : stages_) {
    const bool own_relu = stage.before_relu.defined();
    const at::Tensor& convolved = own_relu ? stage.before_relu : stage.output;
    stage.convolution->Forward(stream_, ConvolutionInput(stage, x),
                               convolved.data_ptr<float>(), scratch);
    if (own_relu) {
      Rectify(convolved.data_ptr<float>(), stage.output.data_ptr<float>(),
              stage.output.numel());
    }
    x = stage.output.data_ptr<float>();
    if (stage.pool.has_value()) {
      RunPool(*stage.pool, stage.convolution->output(), x);
      x = stage.pool->output.data_ptr<float>();
    }
  }
  Features features;
  for (const TapPort& port : taps_) {
    dnnl::memory from = Memory(port.blocked_desc, port.blocked);
    dnnl::memory to = Memory(port.plain_desc, port.plain);
    port.read.execute(stream_, from, to);
    features.taps.push_back(port.plain);
  }
  stream_.wait();
  for (size_t i = 0; i < plan_.grams.size(); ++i) {
    features.grams.push_back(
        GramSums(taps_[plan_.taps.size() + i].plain, regions_[i]));
  }
  features.taps.resize(plan_.taps.size());
  return features;
}

float* OnednnPass::ConvolutionInput(const Stage& stage, float* x) {
  if (plan_.options.padding == Padding::kZeros) return x;
  const Desc& input = stage.convolution->input();
  ReflectInto(PlanesOf(input, !IsPlain(input)), x, padded_.data_ptr<float>());
  return padded_.data_ptr<float>();
}

void OnednnPass::RunPool(const Pool& pool, const Desc& input_desc,
                         float* input) {
  std::unordered_map<int, dnnl::memory> arguments = {
      {DNNL_ARG_SRC, {input_desc, engine_, input}},
      {DNNL_ARG_DST, Memory(pool.output_desc, pool.output)}};
  if (pool.workspace.defined()) {
    arguments.emplace(DNNL_ARG_WORKSPACE,
                      Memory(pool.workspace_desc, pool.workspace));
  }
  pool.forward.execute(stream_, arguments);
}

at::Tensor OnednnPass::Backward(const TapGradients& gradients) {
  TapGradients at;
  at.taps = gradients.taps;
  at.taps.resize(plan_.taps.size());
  for (size_t i = 0; i < plan_.grams.size(); ++i) {
    const bool given =
        i < gradients.grams.size() && gradients.grams[i].defined();
    at.taps.push_back(given
                          ? GramSumsGradient(taps_[plan_.taps.size() + i].plain,
                                             regions_[i], gradients.grams[i])
                          : at::Tensor());
  }
  has_gradient_ = false;
  for (size_t k = stages_.size(); k-- > 0;) {
    const Stage& stage = stages_[k];
    AddTapGradients(at, TapKind::kPool, k);
    if (has_gradient_ && stage.pool.has_value()) PullThroughPool(stage);
    AddTapGradients(at, TapKind::kRelu, k);
    if (has_gradient_ && plan_.layers[k].relu_after) {
      ZeroWhereNotPositive(stage.output.data_ptr<float>(),
                           gradient_.data_ptr<float>(), stage.output.numel());
    }
    AddTapGradients(at, TapKind::kConvolution, k);
    if (has_gradient_) PullThroughConvolution(stage);
  }
  return InputGradient();
}

void OnednnPass::AddTapGradients(const TapGradients& at, TapKind kind,
                                 size_t convolution) {
  for (size_t i = 0; i < taps_.size(); ++i) {
    const Tap& tap = places_[i];
    if (tap.kind != kind ||
        static_cast<size_t>(tap.convolution) != convolution ||
        !at.taps[i].defined()) {
      continue;
    }
    const at::Tensor given = at.taps[i].contiguous();
    dnnl::memory from = Memory(taps_[i].plain_desc, given);
    dnnl::memory to = Memory(taps_[i].blocked_desc, gradient_);
    const TapPort& port = taps_[i];
    (has_gradient_ ? port.add_gradient : port.set_gradient)
        .execute(stream_, from, to);
    stream_.wait();
    has_gradient_ = true;
  }
}

void OnednnPass::PullThroughPool(const Stage& stage) {
  const Pool& pool = *stage.pool;
  std::unordered_map<int, dnnl::memory> arguments = {
      {DNNL_ARG_DIFF_DST, Memory(pool.output_desc, gradient_)},
      {DNNL_ARG_DIFF_SRC, Memory(stage.convolution->output(), next_gradient_)}};
  if (pool.workspace.defined()) {
    arguments.emplace(DNNL_ARG_WORKSPACE,
                      Memory(pool.workspace_desc, pool.workspace));
  }
  pool.backward.execute(stream_, arguments);
  std::swap(gradient_, next_gradient_);
}

void OnednnPass::PullThroughConvolution(const Stage& stage) {
  const OnednnConvolution& convolution = *stage.convolution;
  const bool reflect = plan_.options.padding == Padding::kReflect;
  const at::Tensor& to = reflect ? padded_ : next_gradient_;
  convolution.Backward(stream_, gradient_.data_ptr<float>(),
                       to.data_ptr<float>(),
                       reinterpret_cast<float*>(scratch_.data_ptr()));
  if (reflect) {
    FoldReflection(PlanesOf(convolution.input_gradient(), /*blocked=*/true),
                   padded_.data_ptr<float>(), next_gradient_.data_ptr<float>());
  }
  std::swap(gradient_, next_gradient_);
}

at::Tensor OnednnPass::InputGradient() {
  if (!has_gradient_) return at::zeros(shape_, at::kFloat);
  at::Tensor result = at::empty(shape_, at::kFloat);
  const Dims dims(shape_.begin(), shape_.end());
  dnnl::memory from = Memory(BlockedDesc(dims), gradient_);
  dnnl::memory to = Memory(PlainDesc(dims), result);
  dnnl::reorder(from, to).execute(stream_, from, to);
  stream_.wait();
  return result;
}

}  // namespace atelier::engine
