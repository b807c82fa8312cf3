// What L-BFGS has learned of the curvature: its last steps, and how much the
// gradient changed along each.
#ifndef ATELIER_WORKER_ENGINE_CURVATURE_PAIRS_H_
#define ATELIER_WORKER_ENGINE_CURVATURE_PAIRS_H_

#include <ATen/core/Tensor.h>

#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "worker/engine/stepper.h"
#include "worker/engine/stepper_state.h"

namespace atelier::engine {

/// A step and the change of gradient along it, both zero where the curvature
/// was not positive, or the image restarted since.
/// Lifetime: the values are good until the next pair is added.
struct CurvaturePair {
  at::Tensor step;     // [n, coordinates], of the type of gradients.
  at::Tensor change;   // [n, coordinates]
  at::Tensor inverse;  // [n, 1]: 1/(step·change), or 0.
};

/// A pair and what was measured of it before parts were refused: all [n, 1].
struct LearnedPair {
  CurvaturePair pair;
  at::Tensor accepted;        // bool
  at::Tensor curvature;       // step·change
  at::Tensor change_squared;  // |change|²
};

/// The youngest pairs, so many at most, of a batch of images that do not see
/// each other. Nothing but TakeState waits for the device. Thread-compatible.
/// May throw what Torch throws.
class CurvaturePairs {
 public:
  /// Writes a step and a change into the memory of a pair, [n, coordinates].
  using Writer = absl::FunctionRef<void(at::Tensor& step, at::Tensor& change)>;
  /// Rows, [n, coordinates], times the initial inverse Hessian. May change its
  /// argument.
  using InitialHessian = absl::FunctionRef<at::Tensor(at::Tensor rows)>;

  virtual ~CurvaturePairs() = default;

  /// Takes a pair in, in place of the oldest once there are as many as there
  /// may be; refuses it in each image where the curvature along the step is not
  /// positive.
  /// Shapes: like [n, coordinates], of the type and on the device of gradients.
  virtual LearnedPair Add(const at::Tensor& like, Writer write) = 0;

  /// Each row times the inverse Hessian: the initial one, bent by the pairs.
  /// Shapes: rows [n, coordinates], which may be changed; result likewise.
  virtual at::Tensor TimesInverse(at::Tensor rows,
                                  InitialHessian initial) const = 0;

  /// As if all pairs had been refused where `which`, [n, 1] of bool, holds.
  virtual void Clear(const at::Tensor& which) = 0;

  /// Lets go of all pairs; rows may be of another size next.
  virtual void Forget() = 0;

  /// From the oldest to the youngest, one at a time: in the type of `like` all
  /// may be twice as large as they are kept.
  virtual void ForEach(
      const at::Tensor& like,
      absl::FunctionRef<void(const CurvaturePair&)> visit) const = 0;

  /// Parts of a Stepper's state; none while there are no pairs.
  virtual std::vector<NamedTensor> State() const = 0;
  /// Takes over the rest of a state, in place of what was learned.
  /// Errors: as StateReader.
  virtual absl::Status TakeState(StateReader& reader,
                                 const at::Tensor& like) = 0;
};

/// Makes rows zero where `which`, [n, 1] of bool, holds.
void ZeroRows(const at::Tensor& rows, const at::Tensor& which);

/// Measures the pair, of which step·change is `curvature`, and makes it zero
/// where it is refused.
LearnedPair AcceptOrRefuse(const at::Tensor& step, const at::Tensor& change,
                           const at::Tensor& curvature);

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_CURVATURE_PAIRS_H_
