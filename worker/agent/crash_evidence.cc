#include "worker/agent/crash_evidence.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <optional>
#include <set>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "common/signals.h"
#include "common/status_macros.h"
#include "worker/agent/attempt_book.h"

namespace atelier {
namespace {

constexpr char kSuffix[] = ".note";
constexpr int64_t kMaxNoteBytes = 1 << 20;

// A note whose process has ended, locked so that nobody else reports it.
class EndedNote {
 public:
  // Nothing when its process lives, or another has just dealt with it.
  static std::optional<EndedNote> Lock(const std::string& path) {
    const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return std::nullopt;
    EndedNote note(descriptor);
    struct stat status {};
    if (flock(descriptor, LOCK_EX | LOCK_NB) != 0 ||
        fstat(descriptor, &status) != 0 || status.st_nlink == 0) {
      return std::nullopt;
    }
    return note;
  }
  EndedNote(EndedNote&& other) noexcept
      : descriptor_(std::exchange(other.descriptor_, -1)) {}
  EndedNote& operator=(EndedNote&&) = delete;
  ~EndedNote() {
    if (descriptor_ >= 0) close(descriptor_);
  }

 private:
  explicit EndedNote(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

std::vector<v1::AttemptReport> ReportsOf(const NotedAttempts& noted,
                                         const std::set<AttemptId>& reported) {
  std::vector<v1::AttemptReport> reports;
  const std::string cause = CauseOfDeath(noted);
  if (cause.empty()) return reports;
  for (const v1::AttemptToken& token : noted.attempts) {
    if (reported.count(IdOf(token)) > 0) continue;
    v1::AttemptReport& report = reports.emplace_back();
    *report.mutable_token() = token;
    report.set_outcome(v1::OUTCOME_CRASHED);
    report.set_message(cause);
  }
  return reports;
}

absl::StatusOr<std::vector<std::string>> NotesIn(const std::string& folder) {
  std::vector<std::string> paths;
  std::error_code error;
  for (std::filesystem::directory_iterator file(folder, error), end;
       !error && file != end; file.increment(error)) {
    if (absl::EndsWith(file->path().string(), kSuffix)) {
      paths.push_back(file->path().string());
    }
  }
  if (error && error != std::errc::no_such_file_or_directory) {
    return absl::ErrnoToStatus(error.value(), absl::StrCat("list ", folder));
  }
  return paths;
}

}  // namespace

std::string CauseOfDeath(const NotedAttempts& noted) {
  if (noted.fault_signal != 0) return NameOfSignal(noted.fault_signal);
  if (noted.cgroup.folder.empty() || noted.boot_id.empty() ||
      noted.boot_id != BootId()) {
    return "";
  }
  const std::optional<CgroupMemory> now = ReadCgroupMemory(noted.cgroup.folder);
  if (!now.has_value() || now->id != noted.cgroup.id ||
      now->oom_kills <= noted.cgroup.oom_kills) {
    return "";
  }
  const std::string limit =
      now->limit_bytes > 0 ? absl::StrCat("limit ", now->limit_bytes, " bytes")
                           : "without a limit of its own";
  return absl::StrCat("killed by the kernel for want of memory (cgroup ",
                      now->folder, ", ", limit, ")");
}

absl::StatusOr<std::vector<v1::AttemptReport>> ReportCrashes(
    const std::string& folder, const Outbox& outbox) {
  ASSIGN_OR_RETURN(const std::vector<v1::AttemptReport> waiting, outbox.Load());
  std::set<AttemptId> reported;
  for (const v1::AttemptReport& report : waiting) {
    reported.insert(IdOf(report.token()));
  }
  std::vector<v1::AttemptReport> all;
  ASSIGN_OR_RETURN(const std::vector<std::string> paths, NotesIn(folder));
  for (const std::string& path : paths) {
    const std::optional<EndedNote> note = EndedNote::Lock(path);
    if (!note.has_value()) continue;
    ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path, kMaxNoteBytes));
    // One that was cut short by a full disk tells nothing.
    const absl::StatusOr<NotedAttempts> noted = ParseNote(bytes);
    if (noted.ok()) {
      for (v1::AttemptReport& report : ReportsOf(*noted, reported)) {
        RETURN_IF_ERROR(outbox.Put(report));
        all.push_back(std::move(report));
      }
    }
    unlink(path.c_str());
  }
  return all;
}

}  // namespace atelier
