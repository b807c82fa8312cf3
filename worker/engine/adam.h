// Adam: Kingma and Ba, arXiv:1412.6980, algorithm 1.
#ifndef ATELIER_WORKER_ENGINE_ADAM_H_
#define ATELIER_WORKER_ENGINE_ADAM_H_

#include <ATen/core/Tensor.h>

#include "worker/engine/stepper.h"

namespace atelier::engine {

struct AdamOptions {
  double learning_rate = 0.02;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
};

class Adam : public Stepper {
 public:
  explicit Adam(const AdamOptions& options) : options_(options) {}
  at::Tensor Step(const at::Tensor& image, const at::Tensor& loss,
                  const at::Tensor& gradient) override;

 private:
  const AdamOptions options_;
  int steps_ = 0;
  at::Tensor mean_;    // Running mean of gradients.
  at::Tensor square_;  // Running mean of their squares.
};

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_ADAM_H_
