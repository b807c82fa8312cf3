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
#include "client/lib/study_notes.h"

namespace atelier {

inline constexpr char kResultsFormat[] = "atelier-results";
inline constexpr int kResultsVersion = 1;

/// The document as text, piece by piece, so that nobody need hold all tasks:
/// what Add returned for each task and then Finish, joined, is the document.
/// The notes stand in its spec. Lifetime: of the job. Thread-compatible.
///
///   ResultsText results(job);
///   for (...) absl::StrAppend(&text, results.Add(task, file, message));
///   absl::StrAppend(&text, results.Finish());
class ResultsText {
 public:
  explicit ResultsText(const v1::Job& job, StudyNotes notes = {});

  /// `file` is the picture's name, empty where there is none.
  /// REQUIRES: tasks come by their index.
  std::string Add(const v1::Task& task, absl::string_view file,
                  absl::string_view message);
  std::string Finish();

 private:
  // What stands before the tasks, once; then nothing.
  std::string Beginning();

  const v1::Job& job_;
  const StudyNotes notes_;
  InputNames names_;
  v1::Measures measured_by_;  // Of the first result that has any: no values.
  bool is_begun_ = false;
  bool has_tasks_ = false;
};

/// The document as a file, which appears whole or not at all. No more than one
/// task is held. Lifetime: of the job. Thread-compatible.
class ResultsDocument {
 public:
  ResultsDocument(const v1::Job& job, const std::string& path,
                  StudyNotes notes = {});

  /// As ResultsText::Add. Errors: as OutputFile.
  absl::Status Add(const v1::Task& task, absl::string_view file,
                   absl::string_view message);
  /// The file is there from now on. Errors: as OutputFile.
  absl::Status Finish();

 private:
  ResultsText text_;
  OutputFile file_;
};

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_RESULTS_DOCUMENT_H_
