// The conversation with workers, in core types (wire: workers.proto).
#ifndef ATELIER_COORDINATOR_STATE_WORKER_H_
#define ATELIER_COORDINATOR_STATE_WORKER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/render/network.h"
#include "common/render/params.h"
#include "coordinator/state/arithmetic.h"
#include "coordinator/state/ids.h"
#include "coordinator/state/job_spec.h"
#include "coordinator/state/records.h"
#include "coordinator/state/task_state.h"

namespace atelier {

struct WorkerDescription {
  WorkerName name;
  InstanceId instance;
  std::string device;
  std::string device_model;
  int64_t memory_bytes = 0;
  int threads = 0;
  Arithmetic arithmetic;
  int slots = 1;                  ///< Attempts it can run at once, at least 1.
  std::vector<std::string> tags;  ///< Sorted.
  std::vector<std::string> held_inputs;  ///< Digests, sorted.
  bool batches = false;  ///< Renders together what one answer gives it.
};

/// The stored state of a render after an iteration.
struct Checkpoint {
  std::string digest;
  int iteration = 0;  ///< At least 1.
  Arithmetic arithmetic;
  int64_t size_bytes = 0;  ///< Of what is in the store.
};

struct AttemptProgress {
  AttemptToken token;
  int iteration = 0;
  Losses losses;
  std::optional<Checkpoint> checkpoint;       ///< The last one.
  std::vector<PicturePreview> previews = {};  ///< Kept so far, by iteration.
  std::string log_digest = {};  ///< Of its log so far; empty: none.
};

/// The end of an attempt.
struct AttemptReport {
  AttemptToken token;
  Outcome outcome = Outcome::kInternal;
  std::string message;
  TaskResult result;  ///< Read only with Outcome::kSucceeded.
  std::optional<Checkpoint> checkpoint;
  std::string log_digest = {};  ///< Empty: what was told last.
  /// Not what the worker said, which could not be taken: the attempt ends, and
  /// the worker hears that its report was ignored.
  bool refused = false;
};

struct SyncRequest {
  WorkerDescription worker;
  std::vector<AttemptProgress> running;
  std::vector<AttemptReport> finished;
  bool draining = false;  ///< The worker wants nothing new.
};

/// An attempt to start.
struct Assignment {
  AttemptToken token;
  Render render;
  TaskId task;
  NetworkDescription network;
  std::optional<Checkpoint> resume_from;
  PictureSizes picture_sizes;  ///< Of the pictures that the render reads.
  MeasureChoice measure = {};  ///< The job's.
};

enum class Disposition { kCommitted, kIgnored };

struct ReportAcknowledgement {
  AttemptToken token;
  Disposition disposition = Disposition::kIgnored;
};

struct SyncResponse {
  std::vector<Assignment> start;
  std::vector<AttemptToken> stop;
  std::vector<ReportAcknowledgement> acknowledged;
  absl::Duration call_again_after;
  int64_t epoch = 0;
  bool drain = false;
  /// No preview of a render sooner than this after the last; absent: none.
  std::optional<absl::Duration> preview_every = {};
};

/// A live attempt, for people.
struct RunningAttempt {
  TaskId task;
  AttemptToken token;
  WorkerName worker;
  int iteration = 0;
  Losses losses;
  std::optional<PicturePreview> preview = {};  ///< The last.
  std::string log_digest = {};                 ///< Empty: none.
};

/// A live worker, for people.
struct WorkerView {
  WorkerDescription description;
  bool draining = false;
  bool quarantined = false;
  absl::Time last_seen_at;
  std::vector<RunningAttempt> running;  ///< By job and index.
  int stopping = 0;  ///< Attempts it was told to stop, and still runs.
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_STATE_WORKER_H_
