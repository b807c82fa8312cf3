// results.json: a job's results, and all that it takes to render them again.
// Its keys: docs/user-guide.md and docs/schema/results.schema.json.
#ifndef ATELIER_CLIENT_LIB_RESULTS_DOCUMENT_H_
#define ATELIER_CLIENT_LIB_RESULTS_DOCUMENT_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "atelier/v1/jobs.pb.h"
#include "client/lib/input_names.h"
#include "client/lib/output_file.h"

namespace atelier {

inline constexpr char kResultsFormat[] = "atelier-results";
inline constexpr int kResultsVersion = 1;

/// Written task by task: no more than one is held. Lifetime: of the job.
/// Thread-compatible.
class ResultsDocument {
 public:
  ResultsDocument(const v1::Job& job, const std::string& path);

  /// `file` is the picture's name, empty where there is none.
  /// REQUIRES: tasks come by their index.
  /// Errors: as OutputFile.
  absl::Status Add(const v1::Task& task, absl::string_view file,
                   absl::string_view message);
  /// The file is there from now on. Errors: as OutputFile.
  absl::Status Finish();

 private:
  absl::Status Begin();

  const v1::Job& job_;
  OutputFile file_;
  InputNames names_;
  v1::Measures measured_by_;  // Of the first result that has any: no values.
  bool is_begun_ = false;
  bool has_tasks_ = false;
};

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_RESULTS_DOCUMENT_H_
