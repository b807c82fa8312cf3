// The loss curve of one image, and what it says of the render. Plain numbers:
// nothing here knows of tensors or devices.
#ifndef ATELIER_WORKER_ENGINE_PROGRESS_H_
#define ATELIER_WORKER_ENGINE_PROGRESS_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "common/render/params.h"
#include "worker/engine/by_term.h"

namespace atelier::engine {

/// One iteration's losses.
struct CurvePoint {
  int iteration = 0;     ///< From 1.
  ByTerm<double> terms;  ///< Before their weights.
  double total = 0;
  int scale = 1;  ///< From 1, the coarsest. Losses compare within one only.
};

/// Times that a render may go back to its best image.
inline constexpr int kMaxRestarts = 3;
/// A loss explodes where it is over `kExplosion` times the best for
/// `kExplosionPatience` iterations in a row: a single overshoot comes back by
/// itself.
inline constexpr double kExplosion = 1e3;
inline constexpr int kExplosionPatience = 10;

/// Judges each point as it comes. A value: copy it to remember it.
class Progress {
 public:
  enum class Verdict {
    kGoOn,
    kRestart,   ///< From the best image, with shorter steps.
    kDiverged,  ///< Restarted too often, or never finite.
  };

  /// What a checkpoint keeps.
  struct State {
    CurvePoint best;  ///< Of this scale; iteration 0 if none was finite.
    int restarts = 0;
    int exploded = 0;  ///< Points in a row.
    /// Best totals after the last iterations of this scale, oldest first; at
    /// most kProgressWindow + 1.
    std::vector<double> window;

    /// Errors: FailedPrecondition for what Judge never leaves (names it).
    absl::Status Check() const;
  };

  Progress() = default;
  explicit Progress(State state) : state_(std::move(state)) {}

  /// REQUIRES: points in the order of their iterations, none after kDiverged.
  Verdict Judge(const CurvePoint& at);

  /// Losses begin anew, at a new scale or draw; restarts are counted over the
  /// whole render.
  void BeginAnew();

  /// Whether the last kProgressWindow iterations lowered the best total by less
  /// than this share of it. Never while there are fewer, nor for a share of 0.
  bool StalledBelow(double least_progress) const;

  const CurvePoint& best() const { return state_.best; }
  const State& state() const { return state_; }

 private:
  Verdict Restart();

  State state_;
};

/// "content loss 1.2, style loss inf, ...": for messages.
std::string DescribeLosses(const CurvePoint& at);
/// "iteration 37: " and the losses.
std::string Describe(const CurvePoint& at);

}  // namespace atelier::engine

#endif  // ATELIER_WORKER_ENGINE_PROGRESS_H_
