#include "worker/engine/onednn_convolution.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <unordered_map>

#include "absl/functional/function_ref.h"
#include "worker/engine/onednn_api.h"
#include "worker/engine/winograd.h"

namespace atelier::engine {
namespace {

using Desc = dnnl::memory::desc;
using Dims = dnnl::memory::dims;
using Tag = dnnl::memory::format_tag;

constexpr auto kFloat = dnnl::memory::data_type::f32;

// Rows of one Winograd tile: stripes are whole tiles.
constexpr int64_t kTileRows = 4;
constexpr int64_t kAlignment = 64;

bool HasAvx512() { return Supports(dnnl::cpu_isa::avx512_core); }

// Measured on two threads, both ways: for fewer channels or fewer pixels the
// direct convolution is faster. Channels are the fewer of input's and output's.
struct WinogradRule {
  int least_channels;
  int64_t least_pixels;
};
constexpr WinogradRule kWinogradRules[] = {
    {128, 24 * 24}, {64, 28 * 28}, {32, 40 * 40}, {16, 96 * 96}};

// For whole blocks of channels.
bool UseWinograd(const ConvolutionShape& shape) {
  if (shape.plain_input || shape.in_channels % ChannelBlock() != 0 ||
      shape.out_channels % ChannelBlock() != 0) {
    return false;
  }
  const int channels = std::min(shape.in_channels, shape.out_channels);
  for (const WinogradRule& rule : kWinogradRules) {
    if (channels >= rule.least_channels) {
      return shape.height * shape.width >= rule.least_pixels;
    }
  }
  return false;
}

// [out, in, 3, 3], blocks of output channels innermost.
Desc WinogradKernel(const Dims& dims) {
  switch (WinogradConvolution::KernelBlock(ChannelBlock())) {
    case 32:
      return {dims, kFloat, Tag::Acdb32a};
    case 16:
      return {dims, kFloat, Tag::Acdb16a};
    default:
      return {dims, kFloat, Tag::Acdb8a};
  }
}

void InParallel(int64_t count, absl::FunctionRef<void(int64_t i)> work) {
  at::parallel_for(0, count, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) work(i);
  });
}

dnnl::primitive_attr Attributes(bool relu) {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  if (relu) {
    dnnl::post_ops after;
    AppendRelu(after);
    attributes.set_post_ops(after);
  }
  return attributes;
}

int64_t Aligned(int64_t bytes) {
  return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

int64_t SizeOf(const Desc& desc) {
  return static_cast<int64_t>(desc.get_size());
}

int64_t BlocksOf(int channels) {
  return (channels + ChannelBlock() - 1) / ChannelBlock();
}

}  // namespace

// The sets are bit masks: AVX2-VNNI is a larger number than AVX-512.
bool Supports(dnnl::cpu_isa instructions) {
  const auto wanted = static_cast<unsigned>(instructions);
  const auto here = static_cast<unsigned>(dnnl::get_effective_cpu_isa());
  return (here & wanted) == wanted;
}

int ChannelBlock() {
  static const int block = [] {
    // oneDNN may have been told to leave it out; then so do we.
    if (!HasAvx512()) WinogradConvolution::DisableAvx512();
    return HasAvx512() ? 16 : 8;
  }();
  return block;
}

Desc BlockedDesc(const Dims& dims) {
  return {dims, kFloat, HasAvx512() ? Tag::aBcd16b : Tag::aBcd8b};
}

Desc PlainDesc(const Dims& dims) { return {dims, kFloat, Tag::abcd}; }

OnednnConvolution::OnednnConvolution(const dnnl::engine& engine,
                                     const ConvolutionShape& shape)
    : engine_(engine), shape_(shape) {
  const int64_t border = 2 * shape.padding - 2;
  const Dims input = {shape.images, shape.in_channels, shape.height,
                      shape.width};
  input_ = shape.plain_input ? PlainDesc(input) : BlockedDesc(input);
  output_ = BlockedDesc({shape.images, shape.out_channels,
                         shape.height + border, shape.width + border});
  if (shape.bias) bias_ = Desc({shape.out_channels}, kFloat, Tag::a);
  CutIntoStripes();
  if (!call_.winograd) primitive_ = dnnl::convolution_forward(call_.direct);
}

OnednnConvolution::Call OnednnConvolution::MakeCall(int64_t images,
                                                    int64_t height,
                                                    int64_t width,
                                                    const Dims& padding) const {
  const Dims input = {images, shape_.in_channels, height, width};
  Call call;
  call.input = shape_.plain_input ? PlainDesc(input) : BlockedDesc(input);
  call.output =
      BlockedDesc({images, shape_.out_channels, height + 2 * padding[0] - 2,
                   width + 2 * padding[1] - 2});
  if (UseWinograd(shape_)) {
    MakeWinograd(padding, call);
  } else {
    MakeDirect(padding, call);
  }
  return call;
}

void OnednnConvolution::MakeWinograd(const Dims& padding, Call& call) const {
  const Dims dims = DimsOf(call.input);
  WinogradShape shape;
  shape.images = dims[0];
  shape.in_channels = shape_.in_channels;
  shape.out_channels = shape_.out_channels;
  shape.height = dims[2];
  shape.width = dims[3];
  shape.row_padding = padding[0];
  shape.column_padding = padding[1];
  shape.block = ChannelBlock();
  shape.bias = shape_.bias;
  shape.relu = shape_.relu;
  call.winograd.emplace(shape, at::get_num_threads());
  call.kernel = WinogradKernel({shape_.out_channels, shape_.in_channels, 3, 3});
  call.workspace_bytes = call.winograd->workspace_bytes();
  call.fixed_bytes = call.workspace_bytes;
}

void OnednnConvolution::MakeDirect(const Dims& padding, Call& call) const {
  const Desc kernel({shape_.out_channels, shape_.in_channels, 3, 3}, kFloat,
                    Tag::any);
  call.direct =
      DirectConvolution(engine_, call.input, kernel, bias_, call.output,
                        padding, Attributes(shape_.relu));
  call.kernel = call.direct.weights_desc();
  call.workspace_bytes = SizeOf(call.direct.scratchpad_desc());
}

// `rows` of output: rows of zeros, and columns beyond the first, are in the
// stripe itself.
OnednnConvolution::Call OnednnConvolution::MakeStripe(int64_t rows) const {
  const int64_t side = std::min(shape_.padding, 1);
  const int64_t own_columns = 2 * (shape_.padding - side);
  return MakeCall(1, rows + 2, shape_.width + own_columns, {0, side});
}

void OnednnConvolution::CutIntoStripes() {
  const bool same_size = input_ == output_;
  const int64_t height = DimsOf(output_)[2];
  if (shape_.padding < 2 || UseWinograd(shape_)) {
    call_ = MakeCall(shape_.images, shape_.height, shape_.width,
                     {shape_.padding, shape_.padding});
    workspace_bytes_ = call_.workspace_bytes;
    const int64_t replaced = same_size ? SizeOf(output_) : 0;
    if (std::max(workspace_bytes_ - call_.fixed_bytes, replaced) <=
            shape_.stripe_bytes ||
        height <= kTileRows || shape_.plain_input) {
      return;
    }
  }
  in_place_ = same_size;
  for (int64_t stripes = shape_.padding < 2 ? 2 : 1;; ++stripes) {
    const int64_t tiles =
        (height + kTileRows * stripes - 1) / (kTileRows * stripes);
    stripe_rows_ = tiles * kTileRows;
    call_ = MakeStripe(stripe_rows_);
    const int64_t halo = DimsOf(input_)[3] * ChannelBlock() *
                         BlocksOf(shape_.in_channels) *
                         static_cast<int64_t>(sizeof(float));
    const int64_t copies = Aligned(SizeOf(call_.input)) +
                           Aligned(SizeOf(call_.output)) + Aligned(halo);
    workspace_bytes_ = Aligned(call_.workspace_bytes) + copies;
    if (workspace_bytes_ - call_.fixed_bytes <= shape_.stripe_bytes ||
        tiles == 1) {
      return;
    }
  }
}

void OnednnConvolution::Execute(dnnl::stream& stream,
                                const Operands& operands) const {
  if (call_.winograd) {
    call_.winograd->Run(
        InParallel,
        {operands.input, operands.output, operands.kernel, operands.bias,
         reinterpret_cast<float*>(operands.workspace)});
    return;
  }
  std::unordered_map<int, dnnl::memory> arguments = {
      {DNNL_ARG_SRC, {call_.input, engine_, operands.input}},
      {DNNL_ARG_WEIGHTS, {call_.kernel, engine_, operands.kernel}},
      {DNNL_ARG_DST, {call_.output, engine_, operands.output}},
      {DNNL_ARG_SCRATCHPAD,
       {call_.direct.scratchpad_desc(), engine_, operands.workspace}}};
  if (shape_.bias) {
    arguments.emplace(DNNL_ARG_BIAS,
                      dnnl::memory(bias_, engine_, operands.bias));
  }
  primitive_.execute(stream, arguments);
  stream.wait();
}

void OnednnConvolution::Run(dnnl::stream& stream,
                            const Operands& operands) const {
  if (stripe_rows_ == 0) {
    Execute(stream, operands);
    return;
  }
  Operands stripe = operands;
  char* rest = operands.workspace + Aligned(call_.workspace_bytes);
  stripe.input = reinterpret_cast<float*>(rest);
  stripe.output =
      reinterpret_cast<float*>(rest += Aligned(SizeOf(call_.input)));
  auto* const halo =
      reinterpret_cast<float*>(rest += Aligned(SizeOf(call_.output)));
  const int64_t in_image = SizeOf(input_) / sizeof(float) / shape_.images;
  const int64_t out_image = SizeOf(output_) / sizeof(float) / shape_.images;
  for (int64_t image = 0; image < shape_.images; ++image) {
    for (int64_t row = 0; row < DimsOf(output_)[2]; row += stripe_rows_) {
      FillStripe(operands.input + image * in_image, row, stripe.input, halo);
      Execute(stream, stripe);
      StoreStripe(stripe.output, row, operands.output + image * out_image);
    }
  }
}

// Copies the input rows of the output rows from `first_row` on, zeros where
// there are none. `halo` keeps the row that the next stripe needs again, for it
// may have been replaced by then.
void OnednnConvolution::FillStripe(const float* image, int64_t first_row,
                                   float* stripe, float* halo) const {
  const Dims to = DimsOf(call_.input);
  const int64_t block = ChannelBlock();
  const int64_t row_size = shape_.width * block;
  const int64_t own_columns = (to[3] - shape_.width) / 2 * block;
  const int64_t first_input = first_row - shape_.padding;
  const int64_t last_of_stripe = first_row + stripe_rows_ - 1;
  at::parallel_for(
      0, BlocksOf(shape_.in_channels), 1, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
          const float* const plane = image + i * shape_.height * row_size;
          float* out = stripe + i * to[2] * to[3] * block;
          float* const kept = halo + i * row_size;
          for (int64_t y = first_input; y < first_input + to[2]; ++y) {
            const bool inside = y >= 0 && y < shape_.height;
            const float* const row =
                in_place_ && y == first_input ? kept : plane + y * row_size;
            if (!inside || own_columns > 0)
              std::fill_n(out, to[3] * block, 0.f);
            if (inside) std::copy_n(row, row_size, out + own_columns);
            out += to[3] * block;
          }
          if (in_place_ && last_of_stripe < shape_.height) {
            std::copy_n(plane + last_of_stripe * row_size, row_size, kept);
          }
        }
      });
}

void OnednnConvolution::StoreStripe(const float* stripe, int64_t first_row,
                                    float* image) const {
  const Dims dims = DimsOf(output_);
  const int64_t row_size = dims[3] * ChannelBlock();
  const int64_t rows = std::min(stripe_rows_, dims[2] - first_row);
  at::parallel_for(
      0, BlocksOf(shape_.out_channels), 1, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
          std::copy_n(stripe + i * stripe_rows_ * row_size, rows * row_size,
                      image + (i * dims[2] + first_row) * row_size);
        }
      });
}

}  // namespace atelier::engine
