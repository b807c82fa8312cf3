// report.html: the viewer (common/viewer) and what it shows of one job or of
// several, in one file that opens from disk.
//
//   ReportPictures pictures(job.task_count(), /*inputs=*/2);
//   ... pictures.AddTask(task.index(), png) ...   // An error: a gap.
//   ReportJob report = {/*folder=*/"", results_json, pictures.Json()};
//   WriteOutput("out/report.html", ReportHtml({report}));
#ifndef ATELIER_CLIENT_LIB_REPORT_H_
#define ATELIER_CLIENT_LIB_REPORT_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "common/image/image.h"

namespace atelier {

/// All pictures that stand in a report, as they stand in it.
inline constexpr int64_t kMaxReportPictureBytes = 20'000'000;

/// The small pictures of a job, JPEG as data URIs. They share a bound: the more
/// there are, the smaller is each. One is decoded at a time. Thread-compatible.
class ReportPictures {
 public:
  /// Of as many tasks and inputs at most.
  ReportPictures(int64_t tasks, int64_t inputs,
                 int64_t max_bytes = kMaxReportPictureBytes);

  /// `file` is the picture as it came.
  /// Errors: as Decode; ResourceExhausted where even the smallest takes more
  ///         than its share. Nothing is added then.
  absl::Status AddTask(int64_t index, absl::string_view file);
  absl::Status AddInput(const std::string& digest, absl::string_view file);
  /// The same of one that is decoded, and perhaps smaller, already.
  absl::Status AddTask(int64_t index, const Image& image);

  /// The longer side that a task's picture has in a report at most.
  int task_px() const { return tasks_.most_px; }

  /// {"tasks": {"0": "data:..."}, "inputs": {DIGEST: "data:..."}}
  std::string Json() const;

 private:
  struct Shelf {
    int64_t share_bytes = 0;  // Of one picture.
    int most_px = 0;
    std::map<std::string, std::string> by_name;  // Data URIs.
  };

  static Shelf MakeShelf(int64_t pictures, int64_t bytes);
  static absl::Status AddFile(const std::string& name, absl::string_view file,
                              Shelf& shelf);
  static absl::Status AddImage(const std::string& name, const Image& image,
                               Shelf& shelf);

  Shelf tasks_;
  Shelf inputs_;
};

/// One job of a report.
struct ReportJob {
  std::string folder;    ///< Its pictures', from the report; empty: the same.
  std::string document;  ///< The text of results.json.
  std::string pictures;  ///< As ReportPictures::Json.
};

/// The page. What stands in it, from anybody, no browser takes for markup, and
/// no script runs but the viewer's. It loads nothing but pictures from disk.
std::string ReportHtml(absl::Span<const ReportJob> jobs);

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_REPORT_H_
