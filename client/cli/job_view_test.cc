#include "client/cli/job_view.h"

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/cli/terminal_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;

class JobViewTest : public testing::Test {
 protected:
  JobViewTest() {
    terminal_.size = [this] { return size_; };
  }

  // A job of a grid, `seeds` across; none for a job of so many tasks alone.
  static v1::Job Job(int64_t tasks, int seeds) {
    v1::Job job;
    job.mutable_spec()->set_name("job");
    job.set_state(v1::JOB_STATE_RUNNING);
    job.set_task_count(tasks);
    if (seeds == 0) return job;
    for (const auto& [name, length] :
         {std::pair("size", static_cast<int>(tasks / seeds)),
          std::pair("seed", seeds)}) {
      v1::Axis& axis = *job.mutable_spec()->add_axes();
      axis.set_name(name);
      for (int i = 0; i < length; ++i) {
        axis.add_values()->set_label(absl::StrCat(i));
      }
    }
    return job;
  }

  v1::JobSnapshot Snapshot(int64_t succeeded, const std::vector<int>& running) {
    v1::JobSnapshot snapshot;
    *snapshot.mutable_job() = job_;
    v1::TaskCounts& counts = *snapshot.mutable_job()->mutable_tasks();
    counts.set_succeeded(succeeded);
    counts.set_leased(static_cast<int>(running.size()));
    counts.set_queued(job_.task_count() - succeeded - counts.leased());
    for (int index : running) {
      v1::Task& task = *snapshot.add_running();
      task.set_index(index);
      task.set_state(v1::TASK_STATE_LEASED);
      task.mutable_render()->set_iterations(100);
      task.set_iteration(42);
      task.set_worker("w");
    }
    if (succeeded == job_.task_count()) {
      snapshot.mutable_job()->set_state(v1::JOB_STATE_SUCCEEDED);
    }
    done_ = succeeded;
    return snapshot;
  }

  // The first `done_` tasks have succeeded, the others are queued.
  absl::StatusOr<v1::ListTasksResponse> Read(const TaskPage& page) {
    pages_.push_back(page);
    if (is_lost_) return absl::UnavailableError("lost");
    v1::ListTasksResponse response;
    for (int64_t i = page.first; i < page.first + page.count; ++i) {
      v1::Task& task = *response.add_tasks();
      task.set_index(i);
      task.set_state(i < done_ ? v1::TASK_STATE_SUCCEEDED
                               : v1::TASK_STATE_QUEUED);
      task.set_attempts(1);
      task.add_labels("0");
      task.add_labels(absl::StrCat(i));
      if (i < done_) task.mutable_result()->mutable_losses()->set_total(i + 1);
    }
    return response;
  }

  // A quarter of a second later.
  std::vector<std::string> Tick() {
    clock_.Advance(absl::Milliseconds(250));
    view_.Tick();
    return Seen();
  }
  std::vector<std::string> Seen() {
    screen_.Write(err_.str());
    err_.str("");
    return screen_.Lines();
  }

  v1::Job job_ = Job(6, 3);
  int64_t done_ = 0;
  bool is_lost_ = false;
  std::vector<TaskPage> pages_;
  TerminalSize size_ = {60, 24};
  Terminal terminal_;
  FakeClock clock_{absl::UnixEpoch()};
  std::ostringstream err_;
  FakeTerminal screen_{60, 24};
  JobView view_{err_, clock_, terminal_,
                [this](const TaskPage& page) { return Read(page); },
                JobViewOptions{}};
};

TEST_F(JobViewTest, ShowsTheGridAsItFills) {
  EXPECT_THAT(Tick(), IsEmpty());
  view_.Show(Snapshot(0, {0}));
  EXPECT_THAT(Tick(), IsSupersetOf({"rows size, columns seed", "0  42% .   .",
                                    "% 1 running  . 5 queued", "1 worker"}));
  EXPECT_THAT(pages_, IsEmpty());
  view_.Show(Snapshot(2, {2}));
  EXPECT_THAT(Tick(),
              IsSupersetOf({"0  *   #   42%",
                            "* best total_loss 1: size 0, seed 0 (task 0)"}));
  view_.Show(Snapshot(6, {}));
  view_.Finish(/*has_ended=*/true);
  EXPECT_THAT(Seen(),
              ElementsAre("rows size, columns seed", "   0   1   2",
                          "0  *   #   #", "1  #   #   #", "# 6 done",
                          "* best total_loss 1: size 0, seed 0 (task 0)",
                          "job: succeeded; 6 tasks"));
}

TEST_F(JobViewTest, ReadsAtMostOnePageInASecond) {
  job_ = Job(2000, 40);
  view_.Show(Snapshot(1500, {}));
  for (int i = 0; i < 4; ++i) Tick();
  EXPECT_EQ(pages_.size(), 1);
  for (int i = 0; i < 8; ++i) Tick();
  EXPECT_EQ(pages_.size(), 3);
  for (int i = 0; i < 40; ++i) Tick();
  EXPECT_EQ(pages_.size(), 4) << "all is known";
  for (int i = 0; i < 40; ++i) {
    view_.Show(Snapshot(1500 + i, {1500 + i}));
    Tick();
  }
  EXPECT_LE(pages_.size(), 4 + 10);
  // In the end what is not known is read at once.
  view_.Show(Snapshot(2000, {}));
  pages_.clear();
  view_.Finish(true);
  EXPECT_GE(pages_.size(), 1);
  EXPECT_LE(pages_.size(), 4);
  EXPECT_THAT(Seen(), Contains("# 2000 done"));
}

TEST_F(JobViewTest, ALostCoordinatorIsAskedNoMoreOften) {
  is_lost_ = true;
  view_.Show(Snapshot(3, {}));
  for (int i = 0; i < 12; ++i) Tick();
  EXPECT_EQ(pages_.size(), 3);
  EXPECT_THAT(Seen(), Contains("0  ?   ?   ?"));
  pages_.clear();
  view_.Finish(true);
  EXPECT_LE(pages_.size(), 8);
}

TEST_F(JobViewTest, OfAMillionTasksThereIsALineAndNothingIsRead) {
  job_ = Job(1'000'000, 0);
  view_.Show(Snapshot(500'000, {3}));
  EXPECT_THAT(Tick(),
              ElementsAre("job [########--------] 500000/1000000 tasks, "
                          "1 running, 50%"));
  view_.Show(Snapshot(1'000'000, {}));
  Tick();
  view_.Finish(true);
  EXPECT_THAT(Seen(), IsEmpty()) << "as after any status line";
  EXPECT_THAT(pages_, IsEmpty());
}

TEST_F(JobViewTest, AJobOfOneTaskIsALine) {
  job_ = Job(1, 0);
  view_.Show(Snapshot(0, {0}));
  EXPECT_THAT(Tick(), ElementsAre(HasSubstr("0/1 tasks, 1 running, 42%")));
}

TEST_F(JobViewTest, AJobWhoseAxesAreNotUnderstoodIsAListOfTasks) {
  job_.mutable_spec()->mutable_axes(1)->clear_values();
  view_.Show(Snapshot(0, {1}));
  EXPECT_THAT(Tick(), IsSupersetOf({"task 0  .", "task 1  42%"}));
}

TEST_F(JobViewTest, FollowsTheTerminalsSize) {
  view_.Show(Snapshot(0, {0}));
  EXPECT_THAT(Tick(), Contains("0  42% .   ."));
  size_ = {60, 3};
  screen_.Resize(60, 3);
  EXPECT_THAT(Tick(), Contains("0  4..  0/3"));
  size_ = {15, 24};
  screen_.Resize(15, 24);
  EXPECT_THAT(Tick(), Not(Contains(HasSubstr(".."))));
  size_ = {60, 24};
  screen_.Resize(60, 24);
  EXPECT_THAT(Tick(), Contains("0  42% .   ."));
}

TEST_F(JobViewTest, WhoInterruptsKeepsWhatIsShown) {
  view_.Show(Snapshot(1, {2}));
  Tick();
  pages_.clear();
  view_.Finish(/*has_ended=*/false);
  EXPECT_THAT(Seen(), AllOf(Contains("0  *   .   42%"),
                            Contains(HasSubstr("1/6 tasks"))));
  EXPECT_THAT(pages_, IsEmpty());
}

TEST_F(JobViewTest, SaysWhyAJobWaits) {
  job_.set_state(v1::JOB_STATE_QUEUED);
  job_.set_wait_message("no\x1b[2J\nworker");
  view_.Show(Snapshot(0, {}));
  EXPECT_THAT(Tick().back(), HasSubstr("queued: no\\x1b[2J\\nworker"));
}

}  // namespace
}  // namespace atelier
