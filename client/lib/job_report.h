// The report of one job, made while its tasks are fetched.
//
//   JobReport report(client, job, kMaxReportPictureBytes);
//   for (...) report.AddTask(task, png);
//   ASSIGN_OR_RETURN(ReportJob shown, report.Finish(results_json));
#ifndef ATELIER_CLIENT_LIB_JOB_REPORT_H_
#define ATELIER_CLIENT_LIB_JOB_REPORT_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/lib/report.h"

namespace atelier {

namespace v1 {
class Job;
class Task;
}  // namespace v1

class Client;

/// Lifetime: of the client and the job. Thread-compatible.
class JobReport {
 public:
  JobReport(Client& client, const v1::Job& job, int64_t max_bytes);

  /// `file` is the task's picture as it came; what cannot be shown is a gap.
  void AddTask(const v1::Task& task, absl::string_view file);

  /// Brings the inputs of those tasks, one at a time and the first hundred of
  /// them; one that is not to be had is a gap. `document` is the text of
  /// results.json.
  /// Errors: Cancelled, where the client's stop signal said so.
  absl::StatusOr<ReportJob> Finish(std::string document);

 private:
  void AddInput(const std::string& digest, int64_t task_index);

  Client& client_;
  const v1::Job& job_;
  const int64_t most_inputs_;
  ReportPictures pictures_;
  std::map<std::string, int64_t> inputs_;  // A task that has it, by digest.
};

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_JOB_REPORT_H_
