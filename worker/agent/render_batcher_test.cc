#include "worker/agent/render_batcher.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/synchronization/notification.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;

// Each result has the iterations that its job asks for. Knows the sizes of the
// batches it was given; holds the first until told to go on.
class CountingRenderer : public Renderer {
 public:
  void RenderAll(std::vector<RenderRequest> requests) override {
    if (batches.empty()) may_begin.WaitForNotification();
    batches.push_back(requests.size());
    for (const RenderRequest& request : requests) {
      if (request.job.params.iterations == 0) {
        request.done(absl::InvalidArgumentError("no iterations"));
        continue;
      }
      RenderedImage rendered;
      rendered.iterations = request.job.params.iterations;
      request.done(std::move(rendered));
    }
  }

  absl::Notification may_begin;
  std::vector<size_t> batches;  // Read once all renders are done.
};

class RenderBatcherTest : public ::testing::Test {
 protected:
  static absl::StatusOr<RenderedImage> Render(RenderBatcher& batcher, int seat,
                                              int iterations) {
    RenderJob job;
    job.params.iterations = iterations;
    return batcher.seat(seat).Render(job, [](const LossAt&) { return true; });
  }

  // On a thread of its own, joined by Join.
  void Begin(RenderBatcher& batcher, int seat) {
    threads_.emplace_back([&batcher, seat] {
      const auto rendered = Render(batcher, seat, seat + 1);
      ASSERT_TRUE(rendered.ok()) << rendered.status();
      EXPECT_EQ(rendered->iterations, seat + 1);
    });
  }
  void Join() {
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

  CountingRenderer renderer_;
  std::vector<std::thread> threads_;
};

TEST_F(RenderBatcherTest, ThoseAnnouncedTogetherAreRenderedTogether) {
  RenderBatcher batcher(renderer_, 3, absl::InfiniteDuration());
  for (int seat = 0; seat < 3; ++seat) batcher.seat(seat).Announce();
  renderer_.may_begin.Notify();
  for (int seat = 0; seat < 3; ++seat) Begin(batcher, seat);
  Join();
  EXPECT_THAT(renderer_.batches, ElementsAre(3));
}

TEST_F(RenderBatcherTest, OneThatWithdrawsIsNotWaitedFor) {
  RenderBatcher batcher(renderer_, 3, absl::InfiniteDuration());
  for (int seat = 0; seat < 3; ++seat) batcher.seat(seat).Announce();
  renderer_.may_begin.Notify();
  Begin(batcher, 0);
  Begin(batcher, 2);
  batcher.seat(1).Withdraw();
  batcher.seat(1).Withdraw();  // As after any attempt.
  Join();
  EXPECT_THAT(renderer_.batches, ElementsAre(2));
}

TEST_F(RenderBatcherTest, OneThatIsSlowToComeIsNotWaitedForTooLong) {
  RenderBatcher batcher(renderer_, 2, absl::Milliseconds(1));
  batcher.seat(0).Announce();
  batcher.seat(1).Announce();
  renderer_.may_begin.Notify();
  Begin(batcher, 0);
  Join();
  Begin(batcher, 1);
  Join();
  EXPECT_THAT(renderer_.batches, ElementsAre(1, 1));
}

TEST_F(RenderBatcherTest, OneThatComesAgainIsRenderedAlone) {
  RenderBatcher batcher(renderer_, 2, absl::InfiniteDuration());
  renderer_.may_begin.Notify();
  batcher.seat(0).Announce();
  Begin(batcher, 0);
  Join();
  Begin(batcher, 0);
  Join();
  EXPECT_THAT(renderer_.batches, ElementsAre(1, 1));
}

TEST_F(RenderBatcherTest, EachHasItsOwnError) {
  RenderBatcher batcher(renderer_, 2, absl::InfiniteDuration());
  batcher.seat(0).Announce();
  batcher.seat(1).Announce();
  renderer_.may_begin.Notify();
  Begin(batcher, 0);
  const absl::Status status = Render(batcher, 1, 0).status();
  EXPECT_EQ(status, absl::InvalidArgumentError("no iterations"));
  Join();
  EXPECT_THAT(renderer_.batches, ElementsAre(2));
}

}  // namespace
}  // namespace atelier
