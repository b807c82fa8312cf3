// How long a device is held for a render, judged by what such renders took.
//
//   std::optional<RenderClass> render = ClassOf(task, spec);
//   times.Add({*render, profile, iterations, fixed, iterating});
//   times.Expect(*ClassOf(other, spec), /*profile=*/"");
#ifndef ATELIER_COORDINATOR_STATE_RENDER_TIMES_H_
#define ATELIER_COORDINATOR_STATE_RENDER_TIMES_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/lru_map.h"
#include "common/render/scale_plan.h"
#include "coordinator/state/job_spec.h"
#include "coordinator/state/records.h"

namespace atelier {

/// What says how long a render takes: what kind it is, and how much there is to
/// do.
struct RenderClass {
  /// Renders of one network that are scored alike, whatever their size.
  std::string akin;
  /// Of these, those of one optimizer, about one size and one depth of layers:
  /// their pixels take equally long.
  std::string alike;
  /// Of those akin, those that end by the same measure of progress and begin
  /// alike; empty where all iterations are done.
  std::string ends_early;
  std::vector<Scale> plan;
  int iterations = 0;  ///< At most so many.
};

/// Nothing where the job does not say how large the content is. Classes of
/// other scopes (JobSpec::scope) are others.
std::optional<RenderClass> ClassOf(const TaskRender& task, const JobSpec& spec);

/// A render that was done.
struct TimedRender {
  RenderClass render;
  std::string profile;       ///< Of its worker.
  int iterations = 0;        ///< That were done.
  absl::Duration fixed;      ///< Of the device, however many there are.
  absl::Duration iterating;  ///< The rest: of the iterations.
};

/// Of an attempt that held its worker's device for `held`, with `batch`
/// renders at once: without what it waited for the device. What the worker says
/// of its time counts up to that. Nothing of a result without an iteration, or
/// of one that was waited for all the time.
std::optional<TimedRender> TimedOf(RenderClass render, const TaskResult& result,
                                   absl::Duration held, int batch = 1);

/// A bounded memory of what renders took, in which the last ones count most.
/// Thread-compatible.
class RenderTimes {
 public:
  static constexpr size_t kMost = 4096;  ///< Kinds of renders.
  static constexpr absl::Duration kLongest = absl::Hours(24 * 365 * 1000);

  void Add(const TimedRender& done);
  /// By those alike, else by those akin; of a profile alone where one is given.
  /// Nothing where no such render was done. At most kLongest.
  std::optional<absl::Duration> Expect(const RenderClass& render,
                                       const std::string& profile);
  /// Takes over what is known there and not here, while there is room.
  void FillFrom(const RenderTimes& other);
  size_t size() const { return kinds_.entries().size(); }

 private:
  // Sums over the renders of a kind, each new one of which fades the others.
  struct Sums {
    double renders = 0;
    double fixed_seconds = 0;
    double iterating_seconds = 0;
    double done = 0;     // Pixels times iterations.
    double planned = 0;  // The same, had it not ended early.
  };

  Sums* Find(const std::string& kind, const std::string& profile);
  void AddTo(const std::string& kind, const TimedRender& done);

  LruMap<Sums> kinds_;  // Each of size 1.
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STATE_RENDER_TIMES_H_
