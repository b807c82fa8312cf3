#include "client/lib/worker_measure.h"

#include <algorithm>
#include <cstdint>
#include <memory>

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

// Of an answer that grows: what has no end yet is none.
std::vector<std::string> WholeLines(const std::string& path) {
  const absl::StatusOr<std::string> text = ReadFile(path, kMaxAnswerBytes);
  if (!text.ok()) return {};
  std::vector<std::string> lines = absl::StrSplit(*text, '\n');
  lines.pop_back();
  return lines;
}

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
  absl::Duration wait = absl::Milliseconds(1);
  int done = 0;
  while (!child->HasEnded()) {
    if (options.is_stopped && options.is_stopped()) {
      return absl::CancelledError("interrupted");
    }
    const int now = static_cast<int>(WholeLines(files.output_path).size());
    if (now > done && options.on_progress) options.on_progress(now);
    done = now;
    absl::SleepFor(wait);
    wait = std::min(wait * 2, absl::Milliseconds(50));
  }
  std::vector<std::string> lines = WholeLines(files.output_path);
  if (static_cast<int>(lines.size()) == pictures) return lines;
  return absl::InternalError(child->ExitSummary());
}

}  // namespace atelier
