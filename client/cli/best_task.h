// The best task of a job so far, by a measure.
//
//   RETURN_IF_ERROR(CheckBestBy("ssim"));
//   BestTask best(job.spec(), "ssim", job.task_count());
//   for (const v1::Task& task : page.tasks()) best.Take(task);
#ifndef ATELIER_CLIENT_CLI_BEST_TASK_H_
#define ATELIER_CLIENT_CLI_BEST_TASK_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace atelier {

namespace v1 {
class JobSpec;
class Task;
}  // namespace v1

/// What a task may be best by: losses, and known measures of which more or less
/// is better.
std::vector<std::string> BestByNames();

/// Errors: InvalidArgument ("--by: ...") for a name that is none of these.
/// Empty
///         is allowed.
absl::Status CheckBestBy(const std::string& name);

/// Where nothing is named: "total_loss" where all tasks of the job minimise the
/// same loss, "ssim" where axes change what the loss is made of.
std::string UsualBestBy(const v1::JobSpec& spec);

/// Thread-compatible.
class BestTask {
 public:
  /// `by`: a measure or a loss; empty: UsualBestBy. REQUIRES: CheckBestBy.
  /// Lifetime: of the spec.
  BestTask(const v1::JobSpec& spec, const std::string& by, size_t tasks);

  /// As the task is now. Ignores an index outside the job.
  void Take(const v1::Task& task);

  /// Forgets all tasks.
  void Clear();

  /// Nullopt as long as no task has a value.
  std::optional<size_t> index() const;
  /// "best ssim 0.812: conv_2, style_weight 1500 (task 12)"; or empty.
  std::string Text() const;

 private:
  struct Entry {
    std::string label;
    std::optional<double> value;
  };

  const v1::JobSpec& spec_;
  const std::string by_;
  std::vector<Entry> tasks_;
};

}  // namespace atelier

#endif  // ATELIER_CLIENT_CLI_BEST_TASK_H_
