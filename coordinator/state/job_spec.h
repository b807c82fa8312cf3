// What a person asked for: a base render and the axes it is varied along.
//
//   ASSIGN_OR_RETURN(int64_t tasks, TaskCount(spec));
//   ASSIGN_OR_RETURN(TaskRender task, MakeTask(spec, 17, limits));
#ifndef ATELIER_COORDINATOR_STATE_JOB_SPEC_H_
#define ATELIER_COORDINATOR_STATE_JOB_SPEC_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "common/render/measure.h"
#include "common/render/network.h"
#include "common/render/params.h"
#include "common/render/resolve.h"
#include "common/sweep/sweep.h"
#include "coordinator/state/ids.h"

namespace atelier {

/// One value of an axis: what it is called, and the fields it sets.
struct AxisValue {
  std::string label;
  RenderPatch set;
};

struct Axis {
  std::string name;
  std::vector<AxisValue> values;
};

/// What a worker must have to take a job's tasks.
struct WorkerNeeds {
  std::vector<std::string> tags;  ///< All of these, sorted.
  int64_t memory_bytes = 0;       ///< At least this much.
  std::string profile;            ///< Exactly this one; empty: any.

  friend bool operator<(const WorkerNeeds& a, const WorkerNeeds& b) {
    return std::tie(a.memory_bytes, a.tags, a.profile) <
           std::tie(b.memory_bytes, b.tags, b.profile);
  }
};

struct JobSpec {
  std::string name;
  std::string study;  ///< The one it belongs to; empty for others.
  RenderPatch base;
  std::vector<Axis> axes;  ///< None makes a job of one task.
  SweepMode mode = SweepMode::kGrid;
  int64_t sample_count = 0;
  uint64_t sample_seed = 0;
  std::shared_ptr<const KeptPoints> kept;    ///< As SweepShape has it.
  std::vector<NetworkDescription> networks;  ///< One for each weights_digest.
  PictureSizes picture_sizes;  ///< As described; the job was checked by them.
  std::string user;            ///< Whose share it uses; "" is somebody, too.
  int priority = 0;            ///< At its start.
  int max_running = 0;         ///< Tasks at once; 0 for any number.
  WorkerNeeds needs;
  bool no_cache = false;  ///< Every task is an attempt of its own.
  MeasureChoice measure;  ///< By what its results are measured.
  /// Results, checkpoints and attempts are shared with jobs of the same scope
  /// alone. Of the coordinator that reads the spec; not in its bytes.
  std::string scope = {};
};

/// A point of a job, before it is resolved. Later axes win over earlier ones,
/// and every axis over the base.
struct Point {
  std::vector<std::string> labels;  ///< One for each axis.
  RenderPatch patch;
};

/// A task ready to be done.
struct TaskRender {
  Render render;
  RenderKey key;
  const NetworkDescription* network = nullptr;  ///< The spec's own.
};

/// What these take in memory, in bytes: near enough for a bound.
int64_t MemoryBytes(const RenderPatch& patch);
int64_t MemoryBytes(const AxisValue& value);
int64_t MemoryBytes(const JobSpec& spec);

SweepShape ShapeOf(const JobSpec& spec);

/// How many tasks the job has.
/// Errors: InvalidArgument, as SweepSize.
absl::StatusOr<int64_t> TaskCount(const JobSpec& spec);

/// REQUIRES: TaskCount(spec) is OK and 0 <= index < its value.
Point PointAt(const JobSpec& spec, int64_t index);

/// The digests of everything that the patch has a worker fetch.
/// Lifetime: the answers point into `patch`.
std::vector<const std::string*> NamedInputs(const RenderPatch& patch);
/// The same of the job itself, base and axes, and of what it measures by.
std::vector<const std::string*> NamedInputs(const JobSpec& spec);

/// What the job says of the pictures that a render of it reads.
PictureSizes SizesOf(const JobSpec& spec, const RenderInputs& inputs);

/// Resolves a point against the spec's network.
/// Errors: FieldError, as Resolve; also when the spec describes no network
///         for the point's weights_digest.
/// Lifetime: the answer points into `spec`.
absl::StatusOr<TaskRender> MakeTask(const JobSpec& spec, const Point& point,
                                    const RenderLimits& limits);

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STATE_JOB_SPEC_H_
