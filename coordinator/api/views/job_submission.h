// How a job comes in, whichever face it comes by.
//
//   JobSubmission submission({control, artifacts, access, pool}, limits);
//   const absl::Status begun =
//       submission.Submit(caller, request, response, done);
//   if (!begun.ok()) done(begun);
#ifndef ATELIER_COORDINATOR_API_VIEWS_JOB_SUBMISSION_H_
#define ATELIER_COORDINATOR_API_VIEWS_JOB_SUBMISSION_H_

#include <functional>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "common/work_pool.h"
#include "coordinator/api/views/job_validation.h"
#include "coordinator/artifacts/artifact_catalog.h"
#include "coordinator/control/artifact_access.h"
#include "coordinator/control/caller.h"
#include "coordinator/control/control_plane.h"

namespace atelier {

namespace v1 {
class Job;
class PreviewJobRequest;
class PreviewJobResponse;
class SubmitJobRequest;
}  // namespace v1

/// SubmitJob and PreviewJob of jobs.proto. Thread-safe.
class JobSubmission {
 public:
  /// Lifetime: all outlive it.
  struct Rooms {
    ControlPlane& control;
    ArtifactCatalog& artifacts;
    ArtifactAccess& access;
    WorkPool& pool;  ///< For what waits for the store.
  };
  /// Called once, perhaps on another thread, with the response filled in.
  using Done = std::function<void(const absl::Status&)>;

  /// `may_write`: whether there is room for more jobs; null: there is.
  JobSubmission(const Rooms& rooms, const JobLimits& limits,
                std::function<absl::Status()> may_write = nullptr);
  /// Returns once every call has ended.
  ~JobSubmission();

  // Each returns an error, and does not call `done`, for what it refuses at
  // once; else `done` is called. Request and response outlive the call.
  // Errors: InvalidArgument (begins with the field's path), PermissionDenied,
  // ResourceExhausted, FailedPrecondition (inputs are missing; the built-in
  // network never is), AlreadyExists, Unavailable.

  absl::Status Submit(const Caller& caller, const v1::SubmitJobRequest& request,
                      v1::Job& response, Done done);
  /// Writes nothing.
  absl::Status Preview(const Caller& caller,
                       const v1::PreviewJobRequest& request,
                       v1::PreviewJobResponse& response, Done done);

 private:
  // Counts the call as one that goes on until `done` was called, or dropped.
  Done Counted(Done done);
  bool IsIdle() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return running_ == 0;
  }

  const Rooms rooms_;
  const JobLimits limits_;
  const std::function<absl::Status()> may_write_;
  absl::Mutex mutex_;
  int running_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_VIEWS_JOB_SUBMISSION_H_
