// What optimizers share in taking over a state that came from outside.
#ifndef ATELIER_WORKER_ENGINE_STEPPER_STATE_H_
#define ATELIER_WORKER_ENGINE_STEPPER_STATE_H_

#include <ATen/core/Tensor.h>

#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "worker/engine/stepper.h"

namespace atelier::engine {

/// Takes the parts of a state one after the other, in the order of State().
///
///   StateReader reader(std::move(state));
///   RETURN_IF_ERROR(reader.Take("mean", at::kFloat, {1, values}, &mean_));
///   RETURN_IF_ERROR(reader.ExpectEnd());
///
/// Errors: FailedPrecondition (names the part that is there and the one that
/// was
///         to be, with their types and shapes).
/// Lifetime: the state outlives it.
class StateReader {
 public:
  explicit StateReader(const std::vector<NamedTensor>& state) : state_(state) {}

  bool AtEnd() const { return next_ == state_.size(); }
  absl::Status Take(absl::string_view name, at::ScalarType type,
                    at::IntArrayRef shape, at::Tensor* out);
  absl::Status ExpectEnd() const;

 private:
  const std::vector<NamedTensor>& state_;
  size_t next_ = 0;
};

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_STEPPER_STATE_H_
