// What is known of each task of a job that is watched, and which tasks have to
// be read: a watch counts those that ended, and names only those that run.
//
//   states.Apply(snapshot);
//   if (const auto page = states.NextPage()) states.Apply(*page, Read(*page));
#ifndef ATELIER_CLIENT_CLI_TASK_STATES_H_
#define ATELIER_CLIENT_CLI_TASK_STATES_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "atelier/v1/jobs.pb.h"
#include "client/cli/best_task.h"
#include "client/cli/task_cells.h"

namespace atelier {

/// Tasks to read.
struct TaskPage {
  int64_t first = 0;
  int count = 0;
};

/// Thread-compatible.
class TaskStates {
 public:
  static constexpr int kMostInPage = 500;

  /// `by`: as BestTask's. Lifetime: of the spec.
  TaskStates(const v1::JobSpec& spec, const std::string& by, size_t tasks);

  void Apply(const v1::JobSnapshot& snapshot);
  /// What was read of the page; nothing where that failed.
  void Apply(const TaskPage& page, const v1::ListTasksResponse& read);

  /// Tasks of which it is not known what they are; nullopt for none. After a
  /// page that said nothing new of them others come first.
  std::optional<TaskPage> NextPage() const;

  const std::vector<TaskCell>& cells() const { return cells_; }
  /// As the coordinator has them; of those that are done, which are cached is
  /// known as far as they were read.
  std::map<CellState, int64_t> Counts() const;
  const BestTask& best() const { return best_; }

 private:
  void Run(const v1::Task& task);
  void Take(const v1::Task& task);
  int64_t Count(CellState state) const;
  void Doubt(CellState state);
  // Whom to ask where the coordinator's counts are others than ours.
  void DoubtByCounts();

  BestTask best_;
  std::vector<TaskCell> cells_;
  std::vector<bool> in_doubt_;  // To be read.
  std::vector<bool> runs_;      // In the last snapshot.
  v1::TaskCounts counts_;
  bool had_too_many_ = false;  // More ended ones than the coordinator.
  size_t next_ = 0;            // Where reading goes on.
};

}  // namespace atelier

#endif  // ATELIER_CLIENT_CLI_TASK_STATES_H_
