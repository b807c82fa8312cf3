#include "coordinator/state/heartbeat.h"

#include <functional>
#include <string>

#include "gtest/gtest.h"

namespace atelier {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'000'000);
constexpr absl::Duration kStallAfter = absl::Minutes(30);

AttemptToken Token(int64_t number) { return {RenderKey("k"), number, 1}; }

// A worker of two slots that runs two attempts, and says so.
class HeartbeatTest : public testing::Test {
 protected:
  HeartbeatTest() {
    request_.worker.name = WorkerName("w");
    request_.worker.instance = InstanceId("w-1");
    request_.worker.slots = 2;
    worker_ = *registry_.Admit(request_.worker, kNow);
    for (int64_t number : {1, 2}) Hold(number);
  }

  void Hold(int64_t number) {
    Attempt& attempt = attempts_.Begin(Token(number), kNow + kStallAfter);
    attempt.instance = request_.worker.instance;
    attempt.pace = IterationPace(kNow);
    worker_->held.insert(Token(number));
    request_.running.push_back({Token(number), 1, {}, {}});
  }
  bool Is(absl::Time now = kNow) const {
    return IsHeartbeat(request_, registry_, attempts_, kStallAfter, now);
  }

  WorkerRegistry registry_{/*max_workers=*/2};
  AttemptTable attempts_;
  SyncRequest request_;
  Worker* worker_;
};

TEST_F(HeartbeatTest, WhoeverGoesOnWithAllThatItHolds) { EXPECT_TRUE(Is()); }

TEST_F(HeartbeatTest, ADrainingWorkerWithFreeSlotsWaitsForNothing) {
  request_.worker.slots = 3;
  EXPECT_FALSE(Is());
  worker_->told_to_drain = true;
  EXPECT_TRUE(Is());
  request_.draining = true;
  EXPECT_FALSE(Is()) << "that is news";
}

TEST_F(HeartbeatTest, NothingJoinsABatch) {
  request_.worker.slots = 3;
  request_.worker.batches = true;
  EXPECT_TRUE(Is());
}

TEST_F(HeartbeatTest, NotWhatMustBeDurable) {
  request_.finished.emplace_back();
  EXPECT_FALSE(Is());
  request_.finished.clear();
  request_.running[0].checkpoint = Checkpoint{"digest", 3, {}, 1};
  EXPECT_FALSE(Is()) << "a new checkpoint";
  attempts_.At(Token(1)).checkpoint = "digest";
  EXPECT_TRUE(Is()) << "each call tells of the last again";
}

TEST_F(HeartbeatTest, NewPreviewsAndLogsAreForLooksAlone) {
  request_.running[0].previews = {{3, "digest"}};
  request_.running[0].log_digest = "digest";
  EXPECT_TRUE(Is());
}

TEST_F(HeartbeatTest, NotWhatIsAnsweredWithSomethingToDo) {
  const SyncRequest whole = request_;
  request_.running.pop_back();
  EXPECT_FALSE(Is()) << "it lacks one that it holds";
  request_.running.push_back(request_.running.front());
  EXPECT_FALSE(Is()) << "the same twice";
  request_ = whole;
  request_.running[1].token = Token(3);
  EXPECT_FALSE(Is()) << "one that it is to stop";
  request_ = whole;
  attempts_.At(Token(2)).instance = InstanceId("w-0");
  EXPECT_FALSE(Is()) << "another process holds it";
}

TEST_F(HeartbeatTest, NotOfAWorkerThatIsNotKnownOrStillWaits) {
  request_.worker.instance = InstanceId("w-2");
  EXPECT_FALSE(Is());
  request_.worker.instance = InstanceId("w-1");
  request_.worker.name = WorkerName("v");
  EXPECT_FALSE(Is());
  request_.worker.name = WorkerName("w");
  worker_->waiting_call = 1;
  EXPECT_FALSE(Is()) << "its earlier call has to end";
  worker_->waiting_call.reset();
  EXPECT_TRUE(Is());
}

TEST_F(HeartbeatTest, NotOfAnAttemptThatHasStalled) {
  EXPECT_TRUE(Is(kNow + kStallAfter - absl::Seconds(1)));
  EXPECT_FALSE(Is(kNow + 10 * kStallAfter));
}

}  // namespace
}  // namespace atelier
