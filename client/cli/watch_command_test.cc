// `atelier watch` on a pseudo-terminal, in this process.
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <functional>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/synchronization/notification.h"
#include "client/cli/app.h"
#include "client/cli/environment_testing.h"
#include "client/cli/exit_code.h"
#include "client/cli/terminal_testing.h"
#include "client/lib/fake_jobs.h"
#include "common/output_stream.h"
#include "common/terminal.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/in_process_server.h"
#include "tests/testing/scoped_variable.h"

namespace atelier {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;

constexpr int kColumns = 100;
constexpr int kRows = 20;

// One job of 2 x 3 tasks: one runs until the test lets the job end.
class WatchedJobs : public FakeJobs {
 public:
  WatchedJobs() {
    std::vector<v1::Task> tasks(6);
    for (int i = 0; i < 6; ++i) {
      tasks[i].set_state(v1::TASK_STATE_SUCCEEDED);
      tasks[i].set_attempts(i == 5 ? 0 : 1);
      tasks[i].add_labels(i < 3 ? "64" : "96");
      tasks[i].add_labels(absl::StrCat(i % 3));
      tasks[i].mutable_result()->mutable_losses()->set_total(10 - i);
    }
    SetTasks(std::move(tasks));
  }

  grpc::Status GetJob(grpc::ServerContext*, const v1::GetJobRequest*,
                      v1::Job* response) override {
    *response = Snapshot(0).job();
    return grpc::Status::OK;
  }
  grpc::Status WatchJob(grpc::ServerContext*, const v1::WatchJobRequest*,
                        grpc::ServerWriter<v1::JobSnapshot>* writer) override {
    writer->Write(Snapshot(0));
    may_end.WaitForNotification();
    v1::JobSnapshot last = Snapshot(6 - failed);
    last.mutable_job()->mutable_tasks()->set_failed(failed);
    last.mutable_job()->set_state(failed > 0 ? v1::JOB_STATE_FAILED
                                             : v1::JOB_STATE_SUCCEEDED);
    writer->Write(last);
    return grpc::Status::OK;
  }

  absl::Notification may_end;
  int failed = 0;

 private:
  static v1::JobSnapshot Snapshot(int succeeded) {
    v1::JobSnapshot snapshot;
    v1::Job& job = *snapshot.mutable_job();
    job.set_job_id("J");
    job.mutable_spec()->set_name("job");
    job.set_task_count(6);
    job.set_state(v1::JOB_STATE_RUNNING);
    for (const auto& [name, labels] :
         {std::pair("size", std::vector<std::string>{"64", "96"}),
          std::pair("seed", std::vector<std::string>{"0", "1", "2"})}) {
      v1::Axis& axis = *job.mutable_spec()->add_axes();
      axis.set_name(name);
      for (const std::string& label : labels) {
        axis.add_values()->set_label(label);
      }
    }
    job.mutable_tasks()->set_succeeded(succeeded);
    if (succeeded > 0) return snapshot;
    job.mutable_tasks()->set_leased(1);
    job.mutable_tasks()->set_queued(5);
    v1::Task& task = *snapshot.add_running();
    task.set_index(1);
    task.mutable_render()->set_iterations(100);
    task.set_iteration(42);
    task.set_worker("w");
    return snapshot;
  }
};

class WatchCommandTest : public testing::Test {
 protected:
  WatchCommandTest() {
    master_ = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    EXPECT_EQ(grantpt(master_) + unlockpt(master_), 0);
    slave_ = open(ptsname(master_), O_RDWR | O_NOCTTY | O_CLOEXEC);
    Resize(kColumns, kRows);
  }
  ~WatchCommandTest() override {
    if (!jobs_.may_end.HasBeenNotified()) jobs_.may_end.Notify();
    if (command_.joinable()) command_.join();
    close(slave_);
    close(master_);
  }

  void Resize(int columns, int rows) {
    winsize size{};
    size.ws_col = static_cast<unsigned short>(columns);
    size.ws_row = static_cast<unsigned short>(rows);
    EXPECT_EQ(ioctl(slave_, TIOCSWINSZ, &size), 0);
    screen_.Resize(columns, rows);
  }

  // Runs on the pseudo-terminal, as `main` would.
  void Start(std::vector<std::string> arguments) {
    command_ = std::thread([this, arguments = std::move(arguments)] {
      OutputStream terminal(slave_);
      Environment environment =
          EnvironmentOver(server_, out_, terminal, interruption_,
                          Clock::Steady(), /*columns=*/0);
      environment.terminal = {[this] { return SizeOfTerminal(slave_); },
                              TakesEscapes(slave_), HasUtf8Locale()};
      code_ = RunAtelier(arguments, environment);
    });
  }
  int End() {
    command_.join();
    ReadWhat([] { return false; }, /*patience_ms=*/0);
    return code_;
  }

  // Reads what is written to the terminal until it looks so.
  void WaitFor(const std::string& line) {
    const bool has_come = ReadWhat(
        [&] {
          const std::vector<std::string> lines = screen_.Lines();
          return std::find(lines.begin(), lines.end(), line) != lines.end();
        },
        /*patience_ms=*/30'000);
    EXPECT_TRUE(has_come) << line << "\nis not in\n"
                          << absl::StrJoin(screen_.Lines(), "\n");
  }

  bool ReadWhat(const std::function<bool()>& is_there, int patience_ms) {
    while (!is_there()) {
      pollfd ready = {master_, POLLIN, 0};
      if (poll(&ready, 1, patience_ms) <= 0) return false;
      char bytes[4096];
      const ssize_t size = read(master_, bytes, sizeof(bytes));
      if (size <= 0) return false;
      written_.append(bytes, static_cast<size_t>(size));
      screen_.Write({bytes, static_cast<size_t>(size)});
    }
    return true;
  }

  const ScopedVariable term_{"TERM", "xterm"};
  const ScopedVariable locale_{"LC_ALL", "C"};
  const ScopedVariable no_color_{"NO_COLOR", std::nullopt};
  int master_ = -1;
  int slave_ = -1;
  std::string written_;
  FakeTerminal screen_{kColumns, kRows};
  WatchedJobs jobs_;
  InProcessServer server_{&jobs_};
  std::ostringstream out_;
  Interruption interruption_;
  int code_ = -1;
  std::thread command_;
};

TEST_F(WatchCommandTest, TheGridFillsAndStays) {
  Start({"watch", "J", "--by", "total_loss"});
  WaitFor("64  .   42% .");
  jobs_.may_end.Notify();
  EXPECT_EQ(End(), kExitOk);
  EXPECT_THAT(screen_.Lines(),
              testing::ElementsAre(
                  "rows size, columns seed", "    0   1   2", "64  #   #   #",
                  "96  #   #   *", "# 5 done  = 1 cached",
                  "* best total_loss 5: size 96, seed 2 (task 5)",
                  "job: succeeded; 6 tasks"));
  EXPECT_THAT(written_, HasSubstr("\x1b[0;32m#")) << "in colours";
  EXPECT_THAT(out_.str(), IsEmpty());
}

TEST_F(WatchCommandTest, TheVerdictOfAJobThatFailedStandsBelow) {
  jobs_.failed = 1;
  Start({"watch", "J"});
  jobs_.may_end.Notify();
  EXPECT_EQ(End(), kExitFailed);
  EXPECT_THAT(screen_.Lines(),
              IsSupersetOf({"job: failed; 5 of 6 tasks succeeded, 1 failed, "
                            "0 cancelled"}));
  EXPECT_EQ(screen_.Lines().back(), "atelier: job J (job) failed");
}

TEST_F(WatchCommandTest, FollowsTheTerminal) {
  Start({"watch", "J", "--rows", "seed"});
  WaitFor("1  42% .");
  Resize(60, 3);
  WaitFor("0 to 1  ..4.  0/4");
  Resize(60, 1);
  WaitFor("job [##--------------------------] 0/6 tasks, 1 running, 6%");
  Resize(60, 20);
  WaitFor("1  42% .");
}

TEST_F(WatchCommandTest, WhoInterruptsKeepsTheGrid) {
  Start({"watch", "J", "--coordinator", "127.0.0.1:1"});
  WaitFor("64  .   42% .");
  interruption_.Interrupt(absl::CancelledError("interrupted"));
  EXPECT_EQ(End(), kExitInterrupted);
  EXPECT_THAT(screen_.Lines(), Contains("64  .   42% ."));
  EXPECT_THAT(screen_.Lines().back(), HasSubstr("interrupted; job J goes on"));
}

TEST_F(WatchCommandTest, NoColorIsHeeded) {
  const ScopedVariable no_color("NO_COLOR", "1");
  Start({"watch", "J"});
  WaitFor("64  .   42% .");
  jobs_.may_end.Notify();
  End();
  EXPECT_THAT(written_, Not(HasSubstr("\x1b[0")));
}

TEST_F(WatchCommandTest, ADumbTerminalGetsLines) {
  const ScopedVariable dumb("TERM", "dumb");
  Start({"watch", "J"});
  WaitFor("job: 0/6 tasks, 1 running, 6%");
  jobs_.may_end.Notify();
  EXPECT_EQ(End(), kExitOk);
  EXPECT_THAT(written_, Not(HasSubstr("\x1b")));
  EXPECT_EQ(screen_.Lines().size(), 2);
}

TEST_F(WatchCommandTest, WhatDoesNotFitTheJobIsRefused) {
  const struct {
    std::vector<std::string> flags;
    const char* message;
  } kCases[] = {
      {{"--by", "sssim"}, "--by: 'sssim' is no measure; did you mean 'ssim'?"},
      {{"--rows", "style"}, "--rows: 'style' is no axis of job 'job'"},
      {{"--rows", "seed", "--columns", "seed"}, "is what --rows names"},
  };
  for (const auto& c : kCases) {
    std::vector<std::string> arguments = {"watch", "J"};
    arguments.insert(arguments.end(), c.flags.begin(), c.flags.end());
    std::ostringstream err;
    Environment environment = EnvironmentOver(server_, out_, err, interruption_,
                                              Clock::Steady(), /*columns=*/0);
    EXPECT_EQ(RunAtelier(arguments, environment), kExitUsage);
    EXPECT_THAT(err.str(), HasSubstr(c.message));
  }
}

}  // namespace
}  // namespace atelier
