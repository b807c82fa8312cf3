#include "worker/engine/border_pad.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

namespace atelier::engine {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr int64_t kRows = 2;
constexpr int64_t kColumns = 3;

at::Tensor Inner(const at::Tensor& padded) {
  return padded.narrow(kRows, 1, padded.size(kRows) - 2)
      .narrow(kColumns, 1, padded.size(kColumns) - 2);
}

// A line of the border, and the one whose values it has.
struct BorderLine {
  int64_t border;
  int64_t inside;
};
std::array<BorderLine, 2> BorderLines(const at::Tensor& padded,
                                      int64_t dimension, int64_t away) {
  const int64_t last = padded.size(dimension) - 1;
  return {{{0, away}, {last, last - away}}};
}

class PadBorderFunction : public torch::autograd::Function<PadBorderFunction> {
 public:
  // `away`: lines from the border to the one whose values it has.
  static at::Tensor forward(AutogradContext* context, const at::Tensor& input,
                            int64_t away) {
    context->saved_data["away"] = away;
    at::Tensor padded =
        at::empty({input.size(0), input.size(1), input.size(kRows) + 2,
                   input.size(kColumns) + 2},
                  input.options(), input.suggest_memory_format());
    Inner(padded).copy_(input);
    // Rows last and whole, so that they carry the corners.
    for (int64_t dimension : {kColumns, kRows}) {
      for (const BorderLine& line : BorderLines(padded, dimension, away)) {
        padded.select(dimension, line.border)
            .copy_(padded.select(dimension, line.inside));
      }
    }
    return padded;
  }

  static variable_list backward(AutogradContext* context,
                                variable_list gradients) {
    const int64_t away = context->saved_data["away"].toInt();
    at::Tensor gradient = gradients[0].clone();
    for (int64_t dimension : {kRows, kColumns}) {
      for (const BorderLine& line : BorderLines(gradient, dimension, away)) {
        gradient.select(dimension, line.inside)
            .add_(gradient.select(dimension, line.border));
      }
    }
    return {Inner(gradient).contiguous(), at::Tensor()};
  }
};

}  // namespace

at::Tensor PadBorder(const at::Tensor& input, Padding padding) {
  return PadBorderFunction::apply(input, padding == Padding::kReflect ? 2 : 1);
}

}  // namespace atelier::engine
