// results.csv: what was rendered, with which parameters, and how it ended.
#ifndef ATELIER_CLIENT_LIB_RESULT_TABLE_H_
#define ATELIER_CLIENT_LIB_RESULT_TABLE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "atelier/v1/jobs.pb.h"
#include "client/lib/input_names.h"

namespace atelier {

/// Fields of a record of RFC 4180, joined: those that hold a comma, a quote or
/// a line break are quoted.
std::string CsvFields(const std::vector<std::string>& fields);

/// Rows of tasks in RFC 4180. Columns: index, axis_NAME for each axis, file,
/// every parameter, then content_loss, style_loss, tv_loss, the losses of other
/// terms that some task has, total_loss, every known measure, other measures
/// that some task has, iterations_done, seconds, worker, profile, state,
/// message. Losses are before their weights, but for the total.
/// What a task does not have is empty. Lifetime: of the spec.
/// Thread-compatible.
class ResultTable {
 public:
  explicit ResultTable(const v1::JobSpec& spec);

  /// `file` is the picture's name, empty where there is none.
  /// Errors: Internal for a task whose render this build cannot read. Its row
  ///         is added without parameters and says so after `message`.
  absl::Status Add(const v1::Task& task, absl::string_view file,
                   absl::string_view message);

  std::string csv() const;

 private:
  struct Row {
    std::string before;  // The losses of the terms, and these.
    size_t terms = 0;    // Later rows may know more.
    std::string middle;  // The total loss and the measures.
    size_t measures = 0;
    std::string after;
  };

  // The losses of the terms, each after a comma.
  std::string LossesOf(const v1::Task& task);
  // The measures, each after a comma.
  std::string MeasureFields(const v1::Task& task);

  InputNames names_;
  std::string header_;  // Before the terms.
  std::vector<std::string> terms_;
  v1::MeasureSpec measure_;
  std::vector<std::string> measures_;
  std::vector<Row> rows_;
};

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_RESULT_TABLE_H_
