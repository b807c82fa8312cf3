// A Jobs service in memory that can be told to misbehave. For tests.
#ifndef ATELIER_CLIENT_LIB_FAKE_JOBS_H_
#define ATELIER_CLIENT_LIB_FAKE_JOBS_H_

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "atelier/v1/jobs.grpc.pb.h"

namespace atelier {

/// Jobs end the moment they are watched. Thread-safe.
class FakeJobs : public v1::Jobs::Service {
 public:
  /// The next `n` submits are stored, but answered with UNAVAILABLE.
  void LoseAnswers(int n) { Set(lost_answers_, n); }
  /// The next submit is refused.
  void FailNextSubmit(grpc::StatusCode code) { Set(refusal_, code); }
  /// The next `n` watches break after a first snapshot.
  void BreakWatches(int n,
                    grpc::StatusCode code = grpc::StatusCode::UNAVAILABLE) {
    Set(broken_watches_, n);
    Set(broken_watch_code_, code);
  }
  /// Calls that steer a job are denied from now on.
  void DenySteering() { Set(denies_steering_, true); }
  void SetTaskCount(int64_t n) { Set(task_count_, n); }
  /// Every job has these tasks, one for each index.
  void SetTasks(std::vector<v1::Task> tasks) {
    SetTaskCount(static_cast<int64_t>(tasks.size()));
    Set(tasks_, std::move(tasks));
  }
  /// Every task has these.
  void SetAttempts(std::vector<v1::Attempt> attempts) {
    Set(attempts_, std::move(attempts));
  }

  /// What previews say of tasks by index; others have neither result nor time.
  void SetPreview(std::vector<v1::TaskPreview> tasks, int64_t task_count) {
    Set(previewed_, std::move(tasks));
    SetTaskCount(task_count);
  }
  /// Every preview is refused.
  void RefusePreviews(grpc::StatusCode code) { Set(preview_refusal_, code); }
  /// Inputs that previews say are missing.
  void SetMissing(std::vector<std::string> digests) {
    Set(missing_, std::move(digests));
  }

  std::vector<int64_t> previews() const { return Get(previews_); }
  int submits() const { return Get(submits_); }
  size_t size() const {
    absl::MutexLock lock(&mutex_);
    return jobs_.size();
  }

  grpc::Status SubmitJob(grpc::ServerContext*,
                         const v1::SubmitJobRequest* request,
                         v1::Job* response) override {
    absl::MutexLock lock(&mutex_);
    ++submits_;
    if (refusal_ != grpc::StatusCode::OK) {
      const grpc::StatusCode code = refusal_;
      refusal_ = grpc::StatusCode::OK;
      return {code, "refused"};
    }
    v1::Job& job = jobs_[request->request_id()];
    job.set_job_id(request->request_id());
    *job.mutable_spec() = request->spec();
    job.set_state(v1::JOB_STATE_RUNNING);
    if (lost_answers_ > 0) {
      --lost_answers_;
      return {grpc::StatusCode::UNAVAILABLE, "answer lost"};
    }
    *response = job;
    return grpc::Status::OK;
  }

  grpc::Status PreviewJob(grpc::ServerContext*,
                          const v1::PreviewJobRequest* request,
                          v1::PreviewJobResponse* response) override {
    absl::MutexLock lock(&mutex_);
    if (preview_refusal_ != grpc::StatusCode::OK) {
      return {preview_refusal_, "refused"};
    }
    previews_.push_back(request->first_index());
    response->set_task_count(task_count_);
    const int64_t end =
        std::min(task_count_, request->first_index() + request->page_size());
    for (int64_t i = request->first_index(); i < end; ++i) {
      v1::TaskPreview& task = *response->add_tasks();
      if (i < static_cast<int64_t>(previewed_.size())) task = previewed_[i];
      task.set_index(i);
    }
    response->mutable_missing_digests()->Assign(missing_.begin(),
                                                missing_.end());
    return grpc::Status::OK;
  }

  grpc::Status GetJob(grpc::ServerContext*, const v1::GetJobRequest* request,
                      v1::Job* response) override {
    absl::MutexLock lock(&mutex_);
    const auto found = jobs_.find(request->job_id());
    if (found == jobs_.end()) return NotFound(request->job_id());
    *response = found->second;
    response->set_task_count(task_count_);
    return grpc::Status::OK;
  }

  grpc::Status ListJobs(grpc::ServerContext*, const v1::ListJobsRequest*,
                        v1::ListJobsResponse* response) override {
    absl::MutexLock lock(&mutex_);
    for (const auto& [id, job] : jobs_) *response->add_jobs() = job;
    return grpc::Status::OK;
  }

  grpc::Status CancelJob(grpc::ServerContext*,
                         const v1::CancelJobRequest* request,
                         v1::Job* response) override {
    absl::MutexLock lock(&mutex_);
    if (denies_steering_) {
      return {grpc::StatusCode::PERMISSION_DENIED,
              absl::StrCat("job ", request->job_id(), ": it is bob's")};
    }
    const auto found = jobs_.find(request->job_id());
    if (found == jobs_.end()) return NotFound(request->job_id());
    found->second.set_state(v1::JOB_STATE_CANCELLED);
    *response = found->second;
    return grpc::Status::OK;
  }

  grpc::Status ListTasks(grpc::ServerContext*,
                         const v1::ListTasksRequest* request,
                         v1::ListTasksResponse* response) override {
    absl::MutexLock lock(&mutex_);
    int64_t index = request->first_index();
    if (!request->page_token().empty())
      index = std::stoll(request->page_token());
    const int64_t end = std::min(task_count_, index + request->page_size());
    for (; index < end; ++index) {
      v1::Task& task = *response->add_tasks();
      if (!tasks_.empty()) task = tasks_[index];
      task.set_index(index);
    }
    if (end < task_count_) response->set_next_page_token(absl::StrCat(end));
    return grpc::Status::OK;
  }

  grpc::Status ListAttempts(grpc::ServerContext*,
                            const v1::ListAttemptsRequest*,
                            v1::ListAttemptsResponse* response) override {
    absl::MutexLock lock(&mutex_);
    for (const v1::Attempt& attempt : attempts_) {
      *response->add_attempts() = attempt;
    }
    return grpc::Status::OK;
  }

  grpc::Status WatchJob(grpc::ServerContext*,
                        const v1::WatchJobRequest* request,
                        grpc::ServerWriter<v1::JobSnapshot>* writer) override {
    absl::MutexLock lock(&mutex_);
    const auto found = jobs_.find(request->job_id());
    if (found == jobs_.end()) return NotFound(request->job_id());
    v1::JobSnapshot snapshot;
    *snapshot.mutable_job() = found->second;
    if (broken_watches_ > 0) {
      --broken_watches_;
      writer->Write(snapshot);
      return {broken_watch_code_, "connection lost"};
    }
    snapshot.mutable_job()->set_state(v1::JOB_STATE_SUCCEEDED);
    writer->Write(snapshot);
    return grpc::Status::OK;
  }

 private:
  static grpc::Status NotFound(const std::string& id) {
    return {grpc::StatusCode::NOT_FOUND, absl::StrCat("no job '", id, "'")};
  }
  template <typename T>
  void Set(T& field, T value) {
    absl::MutexLock lock(&mutex_);
    field = value;
  }
  template <typename T>
  T Get(const T& field) const {
    absl::MutexLock lock(&mutex_);
    return field;
  }

  mutable absl::Mutex mutex_;
  std::map<std::string, v1::Job> jobs_;  // By request id, which is their id.
  int submits_ = 0;
  int lost_answers_ = 0;
  int broken_watches_ = 0;
  grpc::StatusCode broken_watch_code_ = grpc::StatusCode::UNAVAILABLE;
  bool denies_steering_ = false;
  grpc::StatusCode refusal_ = grpc::StatusCode::OK;
  int64_t task_count_ = 0;
  std::vector<v1::Task> tasks_;
  std::vector<v1::Attempt> attempts_;
  std::vector<v1::TaskPreview> previewed_;
  std::vector<std::string> missing_;
  std::vector<int64_t> previews_;  // First indices, as they came.
  grpc::StatusCode preview_refusal_ = grpc::StatusCode::OK;
};

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_FAKE_JOBS_H_
