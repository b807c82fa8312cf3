// A job on a terminal, as it goes on.
//
//   JobView view(err, clock, terminal, read_tasks, options);
//   {
//     const Ticker ticker([&] { view.Tick(); });
//     job = client.Watch(id, [&](const auto& snapshot) { view.Show(snapshot);
//     });
//   }
//   view.Finish(job.ok());
#ifndef ATELIER_CLIENT_CLI_JOB_VIEW_H_
#define ATELIER_CLIENT_CLI_JOB_VIEW_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <ostream>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "atelier/v1/jobs.pb.h"
#include "client/cli/environment.h"
#include "client/cli/grid_drawing.h"
#include "client/cli/progress.h"
#include "client/cli/screen.h"
#include "client/cli/speed_meter.h"
#include "client/cli/task_states.h"
#include "client/lib/task_grid.h"
#include "common/clock.h"

namespace atelier {

/// More tasks are not drawn, and not read.
inline constexpr int64_t kMostDrawnTasks = 2000;

struct JobViewOptions {
  /// As ProgressOptions.own_workers.
  bool own_workers = false;
  std::string by;    ///< As BestTask's.
  GridOptions grid;  ///< One that does not fit the job is as if not given.
};

/// Draws its tasks as a grid where there are 2 to kMostDrawnTasks of them and
/// the terminal has room, else a line. Thread-safe, but for Tick and Finish:
/// one at a time.
class JobView {
 public:
  /// One page, in one try.
  using ReadTasks =
      std::function<absl::StatusOr<v1::ListTasksResponse>(const TaskPage&)>;

  /// Lifetime: of all that it takes.
  JobView(std::ostream& err, Clock& clock, const Terminal& terminal,
          ReadTasks read_tasks, JobViewOptions options);
  ~JobView();
  JobView(const JobView&) = delete;
  JobView& operator=(const JobView&) = delete;

  void Show(const v1::JobSnapshot& snapshot);
  /// Draws what is new, and reads a page of tasks that are in doubt: at most
  /// one in a second. To be called some times a second.
  void Tick();
  /// Leaves the last picture: where the job has ended, of all its tasks, for
  /// which those in doubt are read at once. A line alone is taken away.
  void Finish(bool has_ended);

 private:
  // A job whose tasks are drawn.
  struct Grid;

  static std::unique_ptr<Grid> GridOf(const v1::Job& job,
                                      const JobViewOptions& options);
  std::optional<TaskPage> PageToRead() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Read(const TaskPage& page);
  GridDrawing Drawing(const TerminalLook& look, bool has_ended)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  GridPicture PictureOf(const Grid& grid, bool has_ended)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Whether more than a line is on the terminal.
  bool Draw(bool has_ended);

  Clock& clock_;
  const Terminal& terminal_;
  const ReadTasks read_tasks_;
  const JobViewOptions options_;
  Screen screen_;

  absl::Mutex mutex_;
  v1::JobSnapshot snapshot_ ABSL_GUARDED_BY(mutex_);
  bool has_snapshot_ ABSL_GUARDED_BY(mutex_) = false;
  std::unique_ptr<Grid> grid_ ABSL_GUARDED_BY(mutex_);
  SpeedMeter speed_ ABSL_GUARDED_BY(mutex_);
  TimeLeft time_left_ ABSL_GUARDED_BY(mutex_);
  absl::Time read_at_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

}  // namespace atelier

#endif  // ATELIER_CLIENT_CLI_JOB_VIEW_H_
