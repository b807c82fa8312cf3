#include "coordinator/api/views/job_feed.h"

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "coordinator/api/views/control_fixture_testing.h"
#include "gmock/gmock.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Keeps what it is told. Thread-safe.
class RecordingReader : public JobReader {
 public:
  void OnCurrent() override {
    absl::MutexLock lock(&mutex_);
    is_current_ = true;
  }
  void OnUpdate(std::shared_ptr<const FeedUpdate> update,
                bool has_spec) override {
    absl::MutexLock lock(&mutex_);
    had_spec_.push_back(has_spec);
    updates_.push_back(std::move(update));
  }
  void OnEnd(const absl::Status& status) override {
    absl::MutexLock lock(&mutex_);
    end_ = status;
  }

  void AwaitCurrent() {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&is_current_));
  }
  /// The n-th update, from 1.
  std::shared_ptr<const FeedUpdate> Await(size_t n) {
    const auto has_come = [this, n]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
      return updates_.size() >= n;
    };
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&has_come));
    return updates_[n - 1];
  }
  absl::Status AwaitEnd() {
    const auto has_ended = [this]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
      return end_.has_value();
    };
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&has_ended));
    return *end_;
  }
  /// Whether it was told that it has the spec, update by update.
  std::vector<bool> had_spec() {
    absl::MutexLock lock(&mutex_);
    return had_spec_;
  }
  size_t count() {
    absl::MutexLock lock(&mutex_);
    return updates_.size();
  }

 private:
  absl::Mutex mutex_;
  bool is_current_ ABSL_GUARDED_BY(mutex_) = false;
  std::vector<std::shared_ptr<const FeedUpdate>> updates_
      ABSL_GUARDED_BY(mutex_);
  std::vector<bool> had_spec_ ABSL_GUARDED_BY(mutex_);
  std::optional<absl::Status> end_ ABSL_GUARDED_BY(mutex_);
};

class JobFeedTest : public ControlFixture {
 protected:
  void SetUp() override {
    feed_ = std::make_unique<JobFeed>(*control_, Clock::Real(), limits_);
    ticker_ = std::thread([this] {
      while (!stop_.WaitForNotificationWithTimeout(absl::Milliseconds(10))) {
        control_->Tick();
        feed_->Tick();
      }
    });
  }
  void TearDown() override {
    stop_.Notify();
    ticker_.join();
    feed_->Stop();
    control_->Stop();
    feed_.reset();
  }

  std::shared_ptr<RecordingReader> MustAttach(const std::string& job,
                                              const std::string& seen = "") {
    auto reader = std::make_shared<RecordingReader>();
    EXPECT_TRUE(feed_->Attach(AnonymousAdmin(), JobId(job), seen, reader).ok());
    return reader;
  }

  JobFeed::Limits limits_{RenderLimits(), 3};
  std::unique_ptr<JobFeed> feed_;
  absl::Notification stop_;
  std::thread ticker_;
};

TEST_F(JobFeedTest, BringsWhatIsAndThenWhatChanges) {
  const std::string job = Submit();
  const auto reader = MustAttach(job);
  EXPECT_EQ(reader->Await(1)->view().job().state(), v1::JOB_STATE_QUEUED);
  CallForTask("anna");
  feed_->Ready(reader.get(), 0);
  const auto second = reader->Await(2);
  EXPECT_EQ(second->view().job().state(), v1::JOB_STATE_RUNNING);
  EXPECT_EQ(second->view().running_size(), 1);
  EXPECT_NE(second->id(), reader->Await(1)->id());
  EXPECT_FALSE(second->is_last());
}

TEST_F(JobFeedTest, ARunningTaskHasItsLastPreviewAlone) {
  const std::string job = Submit();
  CallForTask("anna");
  const std::vector<RunningAttempt> running =
      control_->ListRunning(AnonymousAdmin(), JobId(job), 1).value();
  ASSERT_EQ(running.size(), 1u);
  SyncRequest request;
  request.worker.name = WorkerName("anna");
  request.worker.instance = InstanceId("instance-of-anna");
  AttemptProgress progress{running[0].token, 2, {}, {}};
  progress.previews = {{1, "first"}, {2, "last"}};
  progress.log_digest = "log";
  request.running = {progress};
  control_->Synchronize(AnonymousAdmin(), request,
                        [](const absl::StatusOr<SyncResponse>&) {});
  const auto snapshot = MustAttach(job)->Await(1);
  ASSERT_EQ(snapshot->view().running_size(), 1);
  const v1::Task& task = snapshot->view().running(0);
  ASSERT_EQ(task.previews_size(), 1);
  EXPECT_EQ(task.previews(0).iteration(), 2);
  EXPECT_EQ(task.previews(0).digest(), "last");
  EXPECT_EQ(task.log_digest(), "log");
}

TEST_F(JobFeedTest, EndsWithTheLastUpdate) {
  const std::string job = Submit();
  const auto reader = MustAttach(job);
  reader->Await(1);
  feed_->Ready(reader.get(), 0);
  ASSERT_TRUE(control_->Cancel(AnonymousAdmin(), JobId(job)).ok());
  EXPECT_TRUE(reader->Await(2)->is_last());
  EXPECT_EQ(reader->Await(2)->view().job().state(), v1::JOB_STATE_CANCELLED);
  feed_->Ready(reader.get(), 0);  // Has no effect any more.
}

TEST_F(JobFeedTest, NothingComesBeforeTheReaderIsReady) {
  const std::string job = Submit();
  const auto slow = MustAttach(job);
  const auto quick = MustAttach(job);
  slow->Await(1);
  quick->Await(1);
  feed_->Ready(quick.get(), 0);
  ASSERT_TRUE(control_->Pause(AnonymousAdmin(), JobId(job)).ok());
  quick->Await(2);
  feed_->Ready(quick.get(), 0);
  ASSERT_TRUE(control_->Cancel(AnonymousAdmin(), JobId(job)).ok());
  EXPECT_TRUE(quick->Await(3)->is_last());
  EXPECT_EQ(slow->count(), 1u);
  feed_->Ready(slow.get(), 0);
  // What came between is left out.
  EXPECT_TRUE(slow->Await(2)->is_last());
}

TEST_F(JobFeedTest, ReadersOfAJobShareItsUpdates) {
  const std::string job = Submit();
  const auto first = MustAttach(job);
  const std::string id = first->Await(1)->id();
  const auto second = MustAttach(job);
  EXPECT_EQ(second->Await(1)->id(), id);
  const auto render = [](const std::string& known_as,
                         const v1::JobSnapshot& snapshot) {
    return absl::StrCat(known_as, " ", snapshot.job().has_spec());
  };
  const FeedUpdate& update = *first->Await(1);
  EXPECT_EQ(update.RenderedView(render), update.RenderedView(render));
  EXPECT_EQ(*update.RenderedView(render), absl::StrCat(id, " 1"));
  EXPECT_EQ(update.RenderedNews(render), update.RenderedNews(render));
  EXPECT_EQ(*update.RenderedNews(render), absl::StrCat(id, " 0"));
}

TEST_F(JobFeedTest, WhoComesBackWithTheLastIdWaitsForNews) {
  const std::string job = Submit();
  std::string id;
  {
    const auto reader = MustAttach(job);
    id = reader->Await(1)->id();
    feed_->Detach(reader.get());
  }
  const auto back = MustAttach(job, id);
  back->AwaitCurrent();
  EXPECT_EQ(back->count(), 0u);
  ASSERT_TRUE(control_->Pause(AnonymousAdmin(), JobId(job)).ok());
  EXPECT_TRUE(back->Await(1)->view().job().paused());
  EXPECT_THAT(back->had_spec(), ElementsAre(true));
}

TEST_F(JobFeedTest, TheSpecIsToldOnce) {
  const std::string job = Submit();
  const auto reader = MustAttach(job);
  EXPECT_TRUE(reader->Await(1)->view().job().has_spec());
  feed_->Ready(reader.get(), 0);
  ASSERT_TRUE(control_->Pause(AnonymousAdmin(), JobId(job)).ok());
  const auto second = reader->Await(2);
  EXPECT_TRUE(second->news().job().paused());
  EXPECT_FALSE(second->news().job().has_spec());
  EXPECT_THAT(reader->had_spec(), ElementsAre(false, true));
}

TEST_F(JobFeedTest, WhoWasToldMuchWaitsLonger) {
  const std::string job = Submit();
  const auto much = MustAttach(job);
  const auto little = MustAttach(job);
  much->Await(1);
  little->Await(1);
  feed_->Ready(much.get(), 3600 * JobFeed::kBytesPerSecond);
  feed_->Ready(little.get(), 1);
  ASSERT_TRUE(control_->Pause(AnonymousAdmin(), JobId(job)).ok());
  little->Await(2);
  EXPECT_EQ(much->count(), 1u);
}

TEST_F(JobFeedTest, WhoMissedSomethingGetsAFreshSnapshot) {
  const std::string job = Submit();
  const auto reader = MustAttach(job);
  const std::string id = reader->Await(1)->id();
  feed_->Detach(reader.get());
  ASSERT_TRUE(control_->Pause(AnonymousAdmin(), JobId(job)).ok());
  EXPECT_TRUE(MustAttach(job, id)->Await(1)->view().job().paused());
  EXPECT_NE(MustAttach(job, "no id of ours")->Await(1)->id(), id);
}

TEST_F(JobFeedTest, WhoHasSeenTheEndHearsThatItWasThat) {
  const std::string job = Submit();
  ASSERT_TRUE(control_->Cancel(AnonymousAdmin(), JobId(job)).ok());
  const auto reader = MustAttach(job);
  const std::string id = reader->Await(1)->id();
  EXPECT_TRUE(MustAttach(job, id)->AwaitEnd().ok());
}

TEST_F(JobFeedTest, AJobThatIsNotThereEndsTheReader) {
  EXPECT_TRUE(absl::IsNotFound(MustAttach("none")->AwaitEnd()));
}

TEST_F(JobFeedTest, ReadersAreBounded) {
  const std::string job = Submit();
  const auto first = MustAttach(job);
  const auto second = MustAttach(job);
  const auto third = MustAttach(job);
  auto last = std::make_shared<RecordingReader>();
  const absl::Status refused =
      feed_->Attach(AnonymousAdmin(), JobId(job), "", last);
  EXPECT_TRUE(absl::IsResourceExhausted(refused));
  EXPECT_THAT(std::string(refused.message()), HasSubstr("(--max-watches)"));
  feed_->Detach(first.get());
  EXPECT_TRUE(feed_->Attach(AnonymousAdmin(), JobId(job), "", last).ok());
}

TEST_F(JobFeedTest, AStopEndsAllReaders) {
  const auto waits = MustAttach(Submit());
  waits->Await(1);
  feed_->Stop();
  EXPECT_TRUE(absl::IsUnavailable(waits->AwaitEnd()));
  auto late = std::make_shared<RecordingReader>();
  EXPECT_TRUE(absl::IsUnavailable(
      feed_->Attach(AnonymousAdmin(), JobId("x"), "", late)));
}

}  // namespace
}  // namespace atelier
