#include "client/lib/worker_measure.h"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "client/lib/child_process.h"
#include "common/file.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

constexpr int64_t kMaxAnswerBytes = int64_t{256} << 20;

absl::StatusOr<std::unique_ptr<ChildProcess>> StartWorkerMeasure(
    const WorkerMeasureOptions& options, const ChildFiles& files) {
  std::string programs = options.programs;
  if (programs.empty()) {
    ASSIGN_OR_RETURN(programs, FolderOfThisProgram());
  }
  const std::string worker = absl::StrCat(programs, "/atelier-worker");
  auto child = ChildProcess::Start("atelier-worker", {worker, "measure"},
                                   options.folder + "/log", files);
  if (!absl::IsNotFound(child.status())) return child;
  return absl::NotFoundError(
      absl::StrCat(worker,
                   " is not there, and it is what measures; install "
                   "it beside atelier"));
}

// The lines of a file that grows, of which what is there was read before. A
// line that has no end yet is none.
class GrowingLines {
 public:
  explicit GrowingLines(const std::string& path) : path_(path) {}

  const std::vector<std::string>& Read() {
    if (!file_.is_open()) file_.open(path_, std::ios::binary);
    file_.clear();  // Of the end that there was.
    char piece[4096];
    while (bytes_ < kMaxAnswerBytes &&
           (file_.read(piece, sizeof(piece)), file_.gcount() > 0)) {
      bytes_ += file_.gcount();
      rest_.append(piece, file_.gcount());
    }
    std::vector<std::string> lines = absl::StrSplit(rest_, '\n');
    rest_ = std::move(lines.back());
    lines.pop_back();
    std::move(lines.begin(), lines.end(), std::back_inserter(lines_));
    return lines_;
  }

 private:
  const std::string path_;
  std::ifstream file_;
  int64_t bytes_ = 0;
  std::string rest_;
  std::vector<std::string> lines_;
};

}  // namespace

absl::StatusOr<std::vector<std::string>> RunWorkerMeasure(
    const std::string& request, int pictures,
    const WorkerMeasureOptions& options) {
  ChildFiles files;
  files.input_path = options.folder + "/request.json";
  files.output_path = options.folder + "/answer.jsonl";
  RETURN_IF_ERROR(WriteFile(files.input_path, request, Durability::kAtomic));
  ASSIGN_OR_RETURN(const std::unique_ptr<ChildProcess> child,
                   StartWorkerMeasure(options, files));
  GrowingLines answer(files.output_path);
  absl::Duration wait = absl::Milliseconds(1);
  int done = 0;
  while (!child->HasEnded()) {
    if (options.is_stopped && options.is_stopped()) {
      return absl::CancelledError("interrupted");
    }
    const int now = static_cast<int>(answer.Read().size());
    if (now > done && options.on_progress) options.on_progress(now);
    done = now;
    absl::SleepFor(wait);
    wait = std::min(wait * 2, absl::Milliseconds(50));
  }
  const std::vector<std::string>& lines = answer.Read();
  if (static_cast<int>(lines.size()) == pictures) return lines;
  return absl::InternalError(absl::StrCat("measuring ended at picture ",
                                          lines.size() + 1, " of ", pictures,
                                          ": ", child->ExitSummary()));
}

}  // namespace atelier
