#include "worker/engine/onednn_stage.h"

#include <algorithm>
#include <unordered_map>

#include "worker/engine/blocked_planes.h"
#include "worker/engine/onednn_api.h"

namespace atelier::engine {
namespace {

using Desc = dnnl::memory::desc;
using Dims = dnnl::memory::dims;

int64_t SizeOf(const Desc& desc) {
  return static_cast<int64_t>(desc.get_size());
}

int64_t FloatsOf(const Desc& desc) {
  return SizeOf(desc) / static_cast<int64_t>(sizeof(float));
}

Planes PlanesOf(const Desc& desc) {
  const Dims dims = DimsOf(desc);
  const int64_t block = desc == PlainDesc(dims) ? 1 : ChannelBlock();
  return {dims[0] * ((dims[1] + block - 1) / block), dims[2], dims[3], block};
}

ConvolutionShape ForwardShape(const StageShape& stage) {
  // A border of other than zeros is made before.
  const int border = stage.padding == Padding::kZeros ? 0 : 2;
  ConvolutionShape shape;
  shape.images = stage.images;
  shape.in_channels = stage.in_channels;
  shape.out_channels = stage.out_channels;
  shape.height = stage.height + border;
  shape.width = stage.width + border;
  shape.padding = border == 0 ? 1 : 0;
  shape.plain_input = stage.first;
  shape.bias = true;
  shape.relu = stage.relu && !stage.convolution_is_read;
  return shape;
}

// The gradient of a convolution is one too, by the turned kernel.
ConvolutionShape BackwardShape(const StageShape& stage) {
  ConvolutionShape shape;
  shape.images = stage.images;
  shape.in_channels = stage.out_channels;
  shape.out_channels = stage.in_channels;
  shape.height = stage.height;
  shape.width = stage.width;
  shape.padding = stage.padding == Padding::kZeros ? 1 : 2;
  return shape;
}

}  // namespace

OnednnStage::OnednnStage(const dnnl::engine& engine, const StageShape& shape)
    : engine_(engine),
      shape_(shape),
      own_relu_(shape.relu && shape.convolution_is_read),
      bordered_(shape.padding != Padding::kZeros),
      forward_(engine, ForwardShape(shape)),
      backward_(engine, BackwardShape(shape)),
      input_gradient_(BlockedDesc(
          {shape.images, shape.in_channels, shape.height, shape.width})) {
  if (shape.relu) signs_.Reserve(FloatsOf(forward_.output()) / 8);
  if (shape.pool) pool_ = MakePool();
}

OnednnStage::Pool OnednnStage::MakePool() const {
  const Desc& input = forward_.output();
  Dims dims = DimsOf(input);
  dims[2] /= 2;
  dims[3] /= 2;
  Pool pool;
  pool.output = BlockedDesc(dims);
  if (shape_.pooling == Pooling::kL2) return pool;
  const bool max = shape_.pooling == Pooling::kMax;
  const auto algorithm = max ? dnnl::algorithm::pooling_max
                             : dnnl::algorithm::pooling_avg_exclude_padding;
  const PoolDescs descs = PoolByTwo(engine_, algorithm, input, pool.output);
  pool.forward = dnnl::pooling_forward(descs.forward);
  pool.backward = dnnl::pooling_backward(descs.backward);
  if (max) {
    pool.workspace_desc = descs.forward.workspace_desc();
    pool.workspace.Reserve(SizeOf(pool.workspace_desc));
  }
  return pool;
}

const Desc& OnednnStage::At(TapKind kind) const {
  return kind == TapKind::kPool ? pool_->output : forward_.output();
}

void OnednnStage::Keep(TapKind kind) { kept(kind).Reserve(SizeOf(At(kind))); }

void OnednnStage::ReserveShared(Arena& arena, Buffer& workspace,
                                Buffer& padded) const {
  workspace.Reserve(
      std::max(forward_.workspace_bytes(), backward_.workspace_bytes()));
  const int64_t output = SizeOf(forward_.output());
  const int64_t input = SizeOf(input_gradient_);
  bool in_place = forward_.in_place() && backward_.in_place();
  if (bordered_) {
    padded.Reserve(
        std::max(SizeOf(forward_.input()), SizeOf(backward_.output())));
    in_place = input == output;
  }
  arena.Reserve(in_place ? output : input + output);
  if (pool_.has_value()) arena.Reserve(output + SizeOf(pool_->output));
}

int64_t OnednnStage::ReserveRun(Arena& arena, int64_t held) const {
  const int64_t output = SizeOf(forward_.output());
  if (kept(ConvolvedTo()).planned()) {
    held = 0;
  } else {
    arena.Reserve(held + output);
    held = output;
  }
  if (!own_relu_) return held;
  if (kept(TapKind::kRelu).planned()) return 0;
  arena.Reserve(output);
  return output;
}

int64_t OnednnStage::bytes() const {
  return signs_.bytes() + (pool_.has_value() ? pool_->workspace.bytes() : 0);
}

void OnednnStage::Allocate(LayerKernel& kernel) {
  kernel.Use(engine_, forward_.kernel(), backward_.kernel());
  signs_.Allocate();
  if (pool_.has_value()) pool_->workspace.Allocate();
}

// Where a step's result goes that was made from x.
float* OnednnStage::Place(TapKind kind, float* x, bool may_replace,
                          const StageWork& work) {
  if (kept(kind).planned()) return kept(kind).floats();
  if (may_replace && work.arena.Holds(x)) return x;
  return work.arena.Take(SizeOf(At(kind)));
}

float* OnednnStage::Convolve(float* x, const LayerKernel& kernel,
                             const StageWork& work) {
  const bool same_size = input_gradient_ == forward_.output();
  const bool may_replace =
      !shape_.first && same_size && (bordered_ || forward_.in_place());
  float* const to = Place(ConvolvedTo(), x, may_replace, work);
  if (bordered_) {
    PadInto(PlanesOf(forward_.input()), shape_.padding, x,
            work.padded.floats());
    x = work.padded.floats();
  }
  forward_.Run(work.stream,
               {x, to, kernel.forward(), kernel.bias(), work.workspace.data()});
  return to;
}

float* OnednnStage::Rectify(float* x, const StageWork& work) {
  if (!own_relu_) return x;
  float* const to = Place(TapKind::kRelu, x, /*may_replace=*/true, work);
  engine::Rectify(x, to, FloatsOf(forward_.output()));
  return to;
}

void OnednnStage::StoreSigns(const float* x) {
  engine::StoreSigns(x, reinterpret_cast<uint8_t*>(signs_.data()),
                     FloatsOf(forward_.output()));
}

float* OnednnStage::RunPool(float* x, const StageWork& work) {
  float* const to = Place(TapKind::kPool, x, /*may_replace=*/false, work);
  if (shape_.pooling == Pooling::kL2) {
    PoolRootOfSquares(PlanesOf(forward_.output()), x, to);
  } else {
    RunPrimitivePool(x, to, work);
  }
  if (shape_.pooling_scale != 1) {
    Multiply(to, FloatsOf(pool_->output), shape_.pooling_scale);
  }
  return to;
}

void OnednnStage::RunPrimitivePool(float* x, float* to, const StageWork& work) {
  std::unordered_map<int, dnnl::memory> arguments = {
      {DNNL_ARG_SRC, {forward_.output(), engine_, x}},
      {DNNL_ARG_DST, {pool_->output, engine_, to}}};
  if (pool_->workspace.planned()) {
    arguments.emplace(
        DNNL_ARG_WORKSPACE,
        dnnl::memory(pool_->workspace_desc, engine_, pool_->workspace.data()));
  }
  pool_->forward.execute(work.stream, arguments);
  work.stream.wait();
}

float* OnednnStage::PullThroughPool(float* gradient, const StageWork& work) {
  float* const to = work.arena.Take(SizeOf(forward_.output()));
  if (shape_.pooling_scale != 1) {
    Multiply(gradient, FloatsOf(pool_->output), shape_.pooling_scale);
  }
  if (shape_.pooling == Pooling::kL2) {
    PullThroughRootOfSquares(PlanesOf(forward_.output()),
                             kept(TapKind::kRelu).floats(), gradient, to);
    return to;
  }
  std::unordered_map<int, dnnl::memory> arguments = {
      {DNNL_ARG_DIFF_DST, {pool_->output, engine_, gradient}},
      {DNNL_ARG_DIFF_SRC, {forward_.output(), engine_, to}}};
  if (pool_->workspace.planned()) {
    arguments.emplace(
        DNNL_ARG_WORKSPACE,
        dnnl::memory(pool_->workspace_desc, engine_, pool_->workspace.data()));
  }
  pool_->backward.execute(work.stream, arguments);
  work.stream.wait();
  return to;
}

void OnednnStage::PullThroughRelu(float* gradient) {
  if (!shape_.relu) return;
  ZeroWhereNotPositive(reinterpret_cast<const uint8_t*>(signs_.data()),
                       gradient, FloatsOf(forward_.output()));
}

float* OnednnStage::PullThroughConvolution(float* gradient,
                                           const LayerKernel& kernel,
                                           const StageWork& work) {
  const bool same_size = input_gradient_ == forward_.output();
  const bool may_replace = same_size && (bordered_ || backward_.in_place());
  float* const to =
      may_replace ? gradient : work.arena.Take(SizeOf(input_gradient_));
  backward_.Run(work.stream,
                {gradient, bordered_ ? work.padded.floats() : to,
                 kernel.backward(), nullptr, work.workspace.data()});
  if (bordered_) {
    FoldBorder(PlanesOf(backward_.output()), shape_.padding,
               work.padded.floats(), to);
  }
  return to;
}

}  // namespace atelier::engine
