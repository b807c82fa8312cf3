#include "worker/agent/render_batcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <new>
#include <thread>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;

// Each result has the iterations that its job asks for; none is an error, and
// less than none lacks memory. Renders nothing while it is held up.
class CountingRenderer : public Renderer {
 public:
  void RenderAll(std::vector<RenderRequest> requests) override {
    {
      absl::MutexLock lock(&mutex_);
      batches_.push_back(requests.size());
      const auto free = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
        return !held_up_;
      };
      mutex_.Await(absl::Condition(&free));
    }
    for (const RenderRequest& request : requests) {
      const int iterations = request.job.params.iterations;
      if (iterations < 0) throw std::bad_alloc();
      if (iterations == 0) {
        request.done(absl::InvalidArgumentError("no iterations"));
        continue;
      }
      RenderedImage rendered;
      rendered.iterations = iterations;
      request.done(std::move(rendered));
    }
  }

  void HoldUp(bool held_up) {
    absl::MutexLock lock(&mutex_);
    held_up_ = held_up;
  }
  void AwaitBatches(size_t count) {
    const auto begun = [this, count]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
      return batches_.size() >= count;
    };
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&begun));
  }
  std::vector<size_t> batches() {
    absl::MutexLock lock(&mutex_);
    return batches_;
  }

 private:
  absl::Mutex mutex_;
  bool held_up_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<size_t> batches_ ABSL_GUARDED_BY(mutex_);
};

class RenderBatcherTest : public ::testing::Test {
 protected:
  absl::StatusOr<RenderedImage> Render(RenderBatcher& batcher, int row,
                                       int iterations) {
    RenderJob job;
    job.params.iterations = iterations;
    return batcher.row(row).Render(
        job, [](const LossAt&) { return true; }, stop_);
  }

  static void AnnounceAll(RenderBatcher& batcher) {
    for (int row = 0; row < batcher.rows(); ++row) {
      batcher.row(row).Announce();
    }
  }

  // On a thread of its own, joined by Join.
  void Begin(RenderBatcher& batcher, int row) {
    threads_.emplace_back([this, &batcher, row] {
      const auto rendered = Render(batcher, row, row + 1);
      ASSERT_TRUE(rendered.ok()) << rendered.status();
      EXPECT_EQ(rendered->iterations, row + 1);
    });
  }
  // The first row's, which does not end before the renderer may go on.
  void BeginAndHoldUp(RenderBatcher& batcher) {
    renderer_.HoldUp(true);
    Begin(batcher, 0);
    renderer_.AwaitBatches(1);
  }
  void Join() {
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

  CountingRenderer renderer_;
  StopSignal stop_;
  std::vector<std::thread> threads_;
};

TEST_F(RenderBatcherTest, ThoseAnnouncedTogetherAreRenderedTogether) {
  RenderBatcher batcher(renderer_, 3, absl::InfiniteDuration());
  AnnounceAll(batcher);
  for (int row = 0; row < 3; ++row) Begin(batcher, row);
  Join();
  EXPECT_THAT(renderer_.batches(), ElementsAre(3));
}

TEST_F(RenderBatcherTest, OneThatWithdrawsIsNotWaitedFor) {
  RenderBatcher batcher(renderer_, 3, absl::InfiniteDuration());
  AnnounceAll(batcher);
  Begin(batcher, 0);
  Begin(batcher, 2);
  batcher.row(1).Withdraw();
  batcher.row(1).Withdraw();  // As after any attempt.
  Join();
  EXPECT_THAT(renderer_.batches(), ElementsAre(2));
}

TEST_F(RenderBatcherTest, OneThatIsSlowToComeIsNotWaitedForTooLong) {
  RenderBatcher batcher(renderer_, 2, absl::Milliseconds(1));
  AnnounceAll(batcher);
  Begin(batcher, 0);
  Join();
  Begin(batcher, 1);
  Join();
  EXPECT_THAT(renderer_.batches(), ElementsAre(1, 1));
}

TEST_F(RenderBatcherTest, ThoseThatComeMeanwhileAreTheNextBatch) {
  RenderBatcher batcher(renderer_, 3, absl::InfiniteDuration());
  BeginAndHoldUp(batcher);
  batcher.row(1).Announce();
  batcher.row(2).Announce();
  Begin(batcher, 1);
  Begin(batcher, 2);
  renderer_.HoldUp(false);
  Join();
  EXPECT_THAT(renderer_.batches(), ElementsAre(1, 2));
}

TEST_F(RenderBatcherTest, OneThatIsStoppedWhileItWaitsIsNotRendered) {
  RenderBatcher batcher(renderer_, 2, absl::InfiniteDuration());
  BeginAndHoldUp(batcher);
  stop_.Stop();
  EXPECT_EQ(Render(batcher, 1, 1).status().code(),
            absl::StatusCode::kCancelled);
  renderer_.HoldUp(false);
  Join();
  EXPECT_THAT(renderer_.batches(), ElementsAre(1));
}

TEST_F(RenderBatcherTest, EachHasItsOwnError) {
  RenderBatcher batcher(renderer_, 2, absl::InfiniteDuration());
  AnnounceAll(batcher);
  Begin(batcher, 0);
  EXPECT_EQ(Render(batcher, 1, 0).status(),
            absl::InvalidArgumentError("no iterations"));
  Join();
  EXPECT_THAT(renderer_.batches(), ElementsAre(2));
}

TEST_F(RenderBatcherTest, NoMemoryIsAnErrorAndNotTheEnd) {
  RenderBatcher batcher(renderer_, 1);
  EXPECT_EQ(Render(batcher, 0, -1).status().code(),
            absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(Render(batcher, 0, 1).ok());
}

}  // namespace
}  // namespace atelier
