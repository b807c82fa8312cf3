// A backend that takes its time keeps only those waiting who need it.
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/digest.h"
#include "coordinator/api/grpc/service_fixture_testing.h"
#include "coordinator/blobs/bounded_blob_store.h"
#include "coordinator/blobs/memory/in_memory_blob_store.h"
#include "gmock/gmock.h"

namespace atelier {
namespace {

constexpr int kMostBlobCalls = 4;

class SlowBlobsTest : public ServiceFixture {
 protected:
  // More calls than there are threads are under way while it hangs.
  static constexpr int kWorkThreads = 2;
  static constexpr int kCalls = 20;

  void Adjust(ServerOptions& options) override {
    options.work_threads = kWorkThreads;
  }
  std::unique_ptr<BlobStore> MakeBlobs() override {
    auto memory = std::make_unique<InMemoryBlobStore>();
    backend_ = memory.get();
    return std::make_unique<BoundedBlobStore>(std::move(memory),
                                              kMostBlobCalls);
  }
  void TearDown() override {
    backend_->Hang(false);
    for (std::thread& caller : callers_) caller.join();
    callers_.clear();
    ServiceFixture::TearDown();
  }

  void Begin(std::function<void()> call) {
    callers_.emplace_back(std::move(call));
  }
  void BeginCallsThatNeedIt() {
    for (int i = 0; i < kCalls; ++i) {
      Begin([this, i] { Put(absl::StrCat("upload ", i)); });
      Begin([this] {
        grpc::ClientContext context;
        v1::FindMissingRequest request;
        request.add_digests(HexDigest("content"));
        v1::FindMissingResponse response;
        EXPECT_TRUE(files_->FindMissing(&context, request, &response).ok());
        EXPECT_EQ(response.missing_size(), 0);
      });
      Begin([this] {
        grpc::ClientContext context;
        v1::DownloadRequest request;
        request.set_digest(HexDigest("style"));
        const auto stream = files_->Download(&context, request);
        v1::DownloadResponse message;
        std::string bytes;
        while (stream->Read(&message)) bytes += message.chunk();
        EXPECT_TRUE(stream->Finish().ok());
        EXPECT_EQ(bytes, "style");
      });
      Begin([this] { MustSubmit(SmallJob()); });
    }
    backend_->AwaitCalls(kMostBlobCalls);
  }

  InMemoryBlobStore* backend_ = nullptr;
  std::vector<std::thread> callers_;
};

TEST_F(SlowBlobsTest, HeartbeatsAndListsAreAnsweredWhileItHangs) {
  PutInputs();
  MustSubmit(SmallJob());
  v1::SynchronizeResponse started;
  ASSERT_TRUE(Sync(Worker("w"), &started).ok());
  ASSERT_EQ(started.start_size(), 1);
  v1::SynchronizeRequest done = Worker("w");
  *done.add_finished() = Succeeded(started.start(0));

  backend_->Hang(true);
  BeginCallsThatNeedIt();
  // Each has far more time than it needs, and none is answered by waiting.
  const auto soon = [](grpc::ClientContext& context) {
    context.set_deadline(std::chrono::system_clock::now() +
                         std::chrono::seconds(60));
  };
  for (int i = 0; i < 10; ++i) {
    v1::SynchronizeRequest heartbeat = Worker("w");
    v1::AttemptProgress& running = *heartbeat.add_running();
    *running.mutable_token() = started.start(0).token();
    v1::SynchronizeResponse answer;
    grpc::ClientContext beat, list, workers;
    soon(beat);
    soon(list);
    soon(workers);
    EXPECT_TRUE(workers_->Synchronize(&beat, heartbeat, &answer).ok());
    v1::ListJobsResponse jobs;
    EXPECT_TRUE(jobs_->ListJobs(&list, {}, &jobs).ok());
    EXPECT_GE(jobs.jobs_size(), 1);
    v1::ListWorkersResponse names;
    EXPECT_TRUE(workers_->ListWorkers(&workers, {}, &names).ok());
    EXPECT_EQ(names.workers_size(), 1);
  }
  EXPECT_EQ(backend_->calls(), kMostBlobCalls) << "and no more at once";

  // A result waits for its picture to be found, and then counts.
  Begin([this, done] {
    v1::SynchronizeResponse answer;
    EXPECT_TRUE(Sync(done, &answer).ok());
    ASSERT_EQ(answer.acknowledged_size(), 1);
    EXPECT_EQ(answer.acknowledged(0).disposition(), v1::DISPOSITION_COMMITTED);
  });
}

}  // namespace
}  // namespace atelier
