#include "coordinator/api/grpc/job_watch.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/rpc/grpc_status.h"
#include "grpcpp/support/server_callback.h"

namespace atelier {
namespace {

// The call ends once: with what comes first, and after a write that is under
// way.
class WatchReactor : public grpc::ServerWriteReactor<v1::JobSnapshot>,
                     public JobReader,
                     public std::enable_shared_from_this<WatchReactor> {
 public:
  WatchReactor(JobFeed& feed, const CallSupport& support,
               const Admission& admitted)
      : feed_(feed), support_(support), admitted_(admitted) {}

  /// Keeps itself until gRPC is done with it.
  void Begin(const JobId& job, std::shared_ptr<WatchReactor> self) {
    self_ = self;
    // Whose job it is may have to be read.
    support_.pool.Schedule(
        [self = std::move(self), job] { self->Attach(job); });
  }

  void OnCurrent() override {}
  // Whoever calls keeps nothing of what came before: all is said again.
  void OnUpdate(std::shared_ptr<const FeedUpdate> update,
                bool /*has_spec*/) override {
    const bool is_last = update->is_last();
    const v1::JobSnapshot* const view = &update->view();
    {
      absl::MutexLock lock(&mutex_);
      if (finished_) return;
      update_ = std::move(update);
      writing_ = true;
      finished_ = is_last;
    }
    if (is_last) {
      StartWriteAndFinish(view, grpc::WriteOptions(), grpc::Status::OK);
    } else {
      StartWrite(view);
    }
  }
  void OnEnd(const absl::Status& status) override { End(status); }

  void OnWriteDone(bool ok) override {
    size_t bytes = 0;
    {
      absl::MutexLock lock(&mutex_);
      writing_ = false;
      if (finished_) return;
      bytes = update_->view().ByteSizeLong();
      update_.reset();  // Specs are large, and waits long.
    }
    if (!ok) {
      End(absl::CancelledError("the caller is gone"));
    } else if (!FinishIfEnded()) {
      feed_.Ready(this, bytes);
    }
  }
  void OnCancel() override { End(absl::CancelledError("the caller is gone")); }
  void OnDone() override {
    feed_.Detach(this);
    self_.reset();
  }

 private:
  void Attach(const JobId& job) {
    const absl::Status attached =
        feed_.Attach(*admitted_.caller, job, "", shared_from_this());
    if (!attached.ok()) End(attached);
  }

  void End(const absl::Status& status) {
    {
      absl::MutexLock lock(&mutex_);
      if (!end_.has_value()) end_ = status;
    }
    FinishIfEnded();
  }

  bool FinishIfEnded() {
    absl::Status end;
    {
      absl::MutexLock lock(&mutex_);
      if (!end_.has_value() || writing_ || finished_) return finished_;
      finished_ = true;
      end = *end_;
    }
    feed_.Detach(this);
    support_.Note(*admitted_.caller, end);
    Finish(ToGrpc(end));
    return true;
  }

  JobFeed& feed_;
  const CallSupport& support_;
  const Admission admitted_;
  std::shared_ptr<WatchReactor> self_;
  absl::Mutex mutex_;
  // What is being written; gRPC reads it without the lock.
  std::shared_ptr<const FeedUpdate> update_ ABSL_GUARDED_BY(mutex_);
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
  std::optional<absl::Status> end_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace

grpc::ServerWriteReactor<v1::JobSnapshot>* WatchJob(JobFeed& feed,
                                                    const CallSupport& support,
                                                    const Admission& admitted,
                                                    const JobId& job) {
  auto call = std::make_shared<WatchReactor>(feed, support, admitted);
  call->Begin(job, call);
  return call.get();
}

}  // namespace atelier
