// Adam: Kingma and Ba, arXiv:1412.6980, algorithm 1.
#ifndef ATELIER_WORKER_ENGINE_ADAM_H_
#define ATELIER_WORKER_ENGINE_ADAM_H_

#include <ATen/core/Tensor.h>

#include <vector>

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
  void Restart(const at::Tensor& which) override;
  void Forget() override;
  std::vector<NamedTensor> State() const override;
  absl::Status SetState(std::vector<NamedTensor> state,
                        const at::Tensor& image) override;

 private:
  const AdamOptions options_;
  at::Tensor mean_;    // [n, values]: running mean of gradients.
  at::Tensor square_;  // [n, values]: running mean of their squares.
  // [n, 1], float64: what is left in them of their start, beta^steps; and the
  // learning rate.
  at::Tensor mean_decay_;
  at::Tensor square_decay_;
  at::Tensor rate_;
};

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_ADAM_H_
