#include "worker/engine/onednn_pass.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <utility>

#include "worker/engine/onednn_api.h"

namespace atelier::engine {
namespace {

using Desc = dnnl::memory::desc;
using Dims = dnnl::memory::dims;

int64_t SizeOf(const Desc& desc) {
  return static_cast<int64_t>(desc.get_size());
}

bool IsAt(const Tap& tap, TapKind kind, size_t convolution) {
  return tap.kind == kind &&
         static_cast<size_t>(tap.convolution) == convolution;
}

bool AnyAt(const std::vector<Tap>& taps, TapKind kind, size_t convolution) {
  return std::any_of(taps.begin(), taps.end(), [&](const Tap& tap) {
    return IsAt(tap, kind, convolution);
  });
}

}  // namespace

OnednnPass::OnednnPass(const NetworkPlan& plan,
                       std::vector<LayerKernel>& kernels, at::IntArrayRef shape)
    : plan_(plan),
      kernels_(kernels),
      shape_(shape.vec()),
      engine_(dnnl::engine::kind::cpu, 0),
      stream_(engine_) {
  AddStages();
  KeepWhatBackwardNeeds();
  features_.Reserve(PlanBlocks());
  for (const auto& stage : stages_) {
    stage->ReserveShared(arena_, workspace_, padded_);
  }
}

void OnednnPass::AddStages() {
  StageShape shape;
  shape.images = shape_[0];
  shape.height = shape_[2];
  shape.width = shape_[3];
  shape.pooling = plan_.options.pooling;
  shape.pooling_scale = static_cast<float>(plan_.options.pooling_scale);
  // Nothing is read of the network where only the total variation counts.
  if (plan_.layers.empty()) return;
  blocks_.push_back({});
  for (size_t k = 0; k < plan_.layers.size(); ++k) {
    const LayerPlan& layer = plan_.layers[k];
    shape.in_channels = layer.weights.in_channels;
    shape.out_channels = layer.weights.out_channels;
    shape.padding = layer.padding;
    shape.first = k == 0;
    shape.relu = layer.relu_after;
    shape.pool = layer.pool_after;
    shape.convolution_is_read = AnyAt(plan_.taps, TapKind::kConvolution, k) ||
                                AnyAt(plan_.grams, TapKind::kConvolution, k);
    stages_.push_back(std::make_unique<OnednnStage>(engine_, shape));
    blocks_.back().last = static_cast<int>(k);
    if (!layer.pool_after) continue;
    shape.height /= 2;
    shape.width /= 2;
    const int next = static_cast<int>(k) + 1;
    if (k + 1 < plan_.layers.size()) blocks_.push_back({next, next, -1});
  }
}

void OnednnPass::KeepWhatBackwardNeeds() {
  for (const Tap& tap : plan_.grams) stages_[tap.convolution]->Keep(tap.kind);
  for (const auto& stage : stages_) {
    if (stage->PoolReadsFeatures()) stage->Keep(TapKind::kRelu);
  }
  if (!plan_.options.recompute) return;
  for (size_t b = 0; b + 1 < blocks_.size(); ++b) {
    stages_[blocks_[b].last]->Keep(TapKind::kPool);
  }
}

// Returns the bytes that the features of the largest block take, where all
// blocks use the same.
int64_t OnednnPass::PlanBlocks() {
  if (!plan_.options.recompute) return 0;
  int64_t largest = 0;
  for (Block& block : blocks_) {
    int64_t sum = 0;
    for (int k = block.first; k <= block.last; ++k) {
      const int64_t kept = stages_[k]->kept(TapKind::kConvolution).bytes() +
                           stages_[k]->kept(TapKind::kRelu).bytes();
      if (kept > 0) block.deepest = k;
      sum += kept;
    }
    largest = std::max(largest, sum);
    int64_t held = 0;
    for (int k = block.first; k <= block.deepest; ++k) {
      held = stages_[k]->ReserveRun(chain_, held);
    }
  }
  return largest;
}

int64_t OnednnPass::bytes() const {
  int64_t sum = arena_.bytes() + chain_.bytes() + features_.bytes() +
                workspace_.bytes() + padded_.bytes();
  for (const auto& stage : stages_) {
    sum += stage->bytes() + stage->kept(TapKind::kPool).bytes();
    if (features_.planned()) continue;
    sum += stage->kept(TapKind::kConvolution).bytes() +
           stage->kept(TapKind::kRelu).bytes();
  }
  for (const Tap& tap : plan_.taps) {
    sum += SizeOf(PlainDesc(DimsOf(stages_[tap.convolution]->At(tap.kind))));
  }
  return sum;
}

void OnednnPass::Allocate() {
  for (Arena* arena : {&arena_, &chain_}) arena->Allocate();
  for (Buffer* buffer : {&features_, &workspace_, &padded_}) buffer->Allocate();
  for (size_t k = 0; k < stages_.size(); ++k) {
    stages_[k]->Allocate(kernels_[k]);
    stages_[k]->kept(TapKind::kPool).Allocate();
  }
  BorrowFeatures();
  for (const Tap& tap : plan_.taps) {
    plain_.push_back(
        at::empty(DimsOf(stages_[tap.convolution]->At(tap.kind)), at::kFloat));
  }
}

void OnednnPass::BorrowFeatures() {
  for (const Block& block : blocks_) {
    int64_t first = 0;
    for (int k = block.first; k <= block.last; ++k) {
      for (TapKind kind : {TapKind::kConvolution, TapKind::kRelu}) {
        Buffer& kept = stages_[k]->kept(kind);
        if (features_.planned()) {
          kept.Borrow(features_, first);
          first += kept.bytes();
        } else {
          kept.Allocate();
        }
      }
    }
  }
}

// Up to the ReLU.
float* OnednnPass::RunStage(size_t k, float* x, Arena& arena) {
  x = stages_[k]->Convolve(x, kernels_[k], WorkIn(arena));
  return stages_[k]->Rectify(x, WorkIn(arena));
}

Features OnednnPass::Forward(const at::Tensor& input, const Regions& regions) {
  input_ = input.contiguous();
  regions_ = regions.grams;
  regions_.resize(plan_.grams.size());
  Features features;
  features.taps = plain_;
  features.grams.resize(plan_.grams.size());
  if (plan_.options.sums) features.sums.resize(plan_.grams.size());
  auto* x = input_.data_ptr<float>();
  for (size_t k = 0; k < stages_.size(); ++k) {
    OnednnStage& stage = *stages_[k];
    const StageWork work = WorkIn(arena_);
    x = stage.Convolve(x, kernels_[k], work);
    Read(TapKind::kConvolution, k, x, features);
    if (!plan_.layers[k].relu_after) continue;
    x = stage.Rectify(x, work);
    stage.StoreSigns(x);
    Read(TapKind::kRelu, k, x, features);
    if (!plan_.layers[k].pool_after) continue;
    x = stage.RunPool(x, work);
    Read(TapKind::kPool, k, x, features);
  }
  return features;
}

void OnednnPass::Read(TapKind kind, size_t k, float* x, Features& features) {
  for (size_t i = 0; i < plan_.taps.size(); ++i) {
    if (!IsAt(plan_.taps[i], kind, k)) continue;
    const Desc& blocked = stages_[k]->At(kind);
    dnnl::memory from(blocked, engine_, x);
    dnnl::memory to(PlainDesc(DimsOf(blocked)), engine_, plain_[i].data_ptr());
    dnnl::reorder(from, to).execute(stream_, from, to);
    stream_.wait();
  }
  for (size_t i = 0; i < plan_.grams.size(); ++i) {
    if (!IsAt(plan_.grams[i], kind, k)) continue;
    const BlockedFeatures read = FeaturesAt(plan_.grams[i], x);
    features.grams[i] = BlockedGramSums(read, regions_[i]);
    if (plan_.options.sums) features.sums[i] = BlockedSums(read, regions_[i]);
  }
}

BlockedFeatures OnednnPass::FeaturesAt(const Tap& tap,
                                       const float* values) const {
  const Dims dims = DimsOf(stages_[tap.convolution]->At(tap.kind));
  return {values, dims[0], dims[1], dims[2] * dims[3], ChannelBlock()};
}

at::Tensor OnednnPass::Backward(const TapGradients& gradients) {
  gradient_ = nullptr;
  // The features of the last block that has any are there still.
  bool there = true;
  for (size_t b = blocks_.size(); b-- > 0;) {
    const Block& block = blocks_[b];
    if (block.deepest >= 0 && !std::exchange(there, false)) MakeAgain(block);
    for (int k = block.last; k >= block.first; --k) {
      OnednnStage& stage = *stages_[k];
      const StageWork work = WorkIn(arena_);
      AddGradients(TapKind::kPool, k, gradients);
      if (gradient_ != nullptr && plan_.layers[k].pool_after) {
        gradient_ = stage.PullThroughPool(gradient_, work);
      }
      AddGradients(TapKind::kRelu, k, gradients);
      if (gradient_ != nullptr) stage.PullThroughRelu(gradient_);
      AddGradients(TapKind::kConvolution, k, gradients);
      if (gradient_ != nullptr) {
        gradient_ = stage.PullThroughConvolution(gradient_, kernels_[k], work);
      }
    }
  }
  input_ = at::Tensor();
  return InputGradient();
}

void OnednnPass::MakeAgain(const Block& block) {
  float* x = block.first == 0
                 ? input_.data_ptr<float>()
                 : stages_[block.first - 1]->kept(TapKind::kPool).floats();
  for (int k = block.first; k <= block.deepest; ++k) x = RunStage(k, x, chain_);
}

void OnednnPass::AddGradients(TapKind kind, size_t k,
                              const TapGradients& gradients) {
  for (size_t i = 0; i < gradients.taps.size(); ++i) {
    if (!gradients.taps[i].defined() || !IsAt(plan_.taps[i], kind, k)) continue;
    AddFeatureGradient(i, gradients.taps[i]);
  }
  for (size_t i = 0; i < gradients.grams.size(); ++i) {
    if (!gradients.grams[i].defined() || !IsAt(plan_.grams[i], kind, k)) {
      continue;
    }
    EnsureGradient(stages_[k]->At(kind));
    AddBlockedGramGradient(
        FeaturesAt(plan_.grams[i], stages_[k]->kept(kind).floats()),
        regions_[i], gradients.grams[i], gradient_);
  }
  for (size_t i = 0; i < gradients.sums.size(); ++i) {
    if (!gradients.sums[i].defined() || !IsAt(plan_.grams[i], kind, k)) {
      continue;
    }
    EnsureGradient(stages_[k]->At(kind));
    AddBlockedSumsGradient(FeaturesAt(plan_.grams[i], nullptr), regions_[i],
                           gradients.sums[i], gradient_);
  }
}

void OnednnPass::AddFeatureGradient(size_t i, const at::Tensor& given) {
  const Tap& tap = plan_.taps[i];
  const Desc& blocked = stages_[tap.convolution]->At(tap.kind);
  EnsureGradient(blocked);
  const at::Tensor plain = given.contiguous();
  dnnl::post_ops sum;
  sum.append_sum(1);
  dnnl::primitive_attr adding;
  adding.set_post_ops(sum);
  dnnl::memory from(PlainDesc(DimsOf(blocked)), engine_, plain.data_ptr());
  dnnl::memory to(blocked, engine_, gradient_);
  dnnl::reorder(from, to, adding).execute(stream_, from, to);
  stream_.wait();
}

void OnednnPass::EnsureGradient(const Desc& desc) {
  if (gradient_ != nullptr) return;
  gradient_ = arena_.Take(SizeOf(desc));
  std::fill_n(gradient_, SizeOf(desc) / sizeof(float), 0.0f);
}

at::Tensor OnednnPass::InputGradient() const {
  if (gradient_ == nullptr) return at::zeros(shape_, at::kFloat);
  at::Tensor result = at::empty(shape_, at::kFloat);
  const Dims dims(shape_.begin(), shape_.end());
  dnnl::memory from(BlockedDesc(dims), engine_, gradient_);
  dnnl::memory to(PlainDesc(dims), engine_, result.data_ptr());
  dnnl::stream stream(engine_);
  dnnl::reorder(from, to).execute(stream, from, to);
  stream.wait();
  return result;
}

}  // namespace atelier::engine
