// A whole coordinator whose callers are whoever a test says, for tests.
#ifndef ATELIER_COORDINATOR_API_GRPC_CALLER_FIXTURE_TESTING_H_
#define ATELIER_COORDINATOR_API_GRPC_CALLER_FIXTURE_TESTING_H_

#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/rpc/grpc_status.h"
#include "coordinator/api/grpc/service_fixture_testing.h"
#include "coordinator/control/caller.h"

namespace atelier {

class CallerFixture : public ServiceFixture {
 protected:
  void Adjust(ServerOptions& options) override {
    options.authenticate = [this](const grpc::CallbackServerContext&) {
      absl::MutexLock lock(&mutex_);
      return caller_;
    };
  }
  // Whoever calls from now on.
  void Become(absl::StatusOr<Caller> caller) {
    absl::MutexLock lock(&mutex_);
    caller_ = std::move(caller);
  }
  // To its end.
  absl::Status Download(const v1::DownloadRequest& request) {
    grpc::ClientContext context;
    const auto stream = files_->Download(&context, request);
    v1::DownloadResponse message;
    while (stream->Read(&message)) continue;
    return FromGrpc(stream->Finish());
  }

 private:
  absl::Mutex mutex_;
  absl::StatusOr<Caller> caller_ ABSL_GUARDED_BY(mutex_) = AnonymousAdmin();
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_GRPC_CALLER_FIXTURE_TESTING_H_
