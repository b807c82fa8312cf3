#include "client/lib/fetch.h"

#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "atelier/v1/jobs.pb.h"
#include "client/lib/client.h"
#include "client/lib/findings.h"
#include "client/lib/job_report.h"
#include "client/lib/job_sheet.h"
#include "client/lib/report.h"
#include "client/lib/result_table.h"
#include "client/lib/results_document.h"
#include "client/lib/sheet_layout.h"
#include "client/lib/state_names.h"
#include "common/digest.h"
#include "common/file.h"
#include "common/file_names.h"
#include "common/image/image.h"
#include "common/quoted_text.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

// The axes, as names of files are made from them.
std::vector<NamedAxis> AxesOf(const v1::JobSpec& spec) {
  std::vector<NamedAxis> axes;
  for (const v1::Axis& axis : spec.axes()) {
    NamedAxis& named = axes.emplace_back();
    named.name = axis.name();
    for (const v1::AxisValue& value : axis.values()) {
      named.labels.push_back(value.label());
    }
  }
  return axes;
}

constexpr int64_t kMaxPictureBytes = int64_t{4} << 30;
// No browser shows more of it.
constexpr int64_t kMaxReportDocumentBytes = int64_t{200} << 20;

std::string PathOf(const FetchOptions& options, const std::string& name) {
  return (std::filesystem::path(options.folder) / name).string();
}

// Whose results the folder has, where they are not those of the job.
std::string OtherResults(const FetchOptions& options,
                         const std::string& job_id) {
  constexpr int64_t kMaxMarkerBytes = 4096;
  const absl::StatusOr<std::string> marker =
      ReadFile(PathOf(options, kMarkerFile), kMaxMarkerBytes);
  if (marker.ok()) {
    const absl::string_view owner = absl::StripAsciiWhitespace(*marker);
    return owner == job_id ? ""
                           : absl::StrCat("the results of job ", Quoted(owner));
  }
  // Of an older build, or of something else that nobody wants to lose.
  std::error_code unknown;
  return std::filesystem::exists(PathOf(options, kResultTableFile), unknown)
             ? absl::StrCat("a ", kResultTableFile,
                            " that is not known to be this job's")
             : "";
}

// Whether an error of one download says that the next would fail as well.
bool EndsFetch(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kCancelled:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kUnavailable:
      return true;
    default:
      return false;
  }
}

// What a gap on the sheet says of its task.
const char* ProblemName(const absl::Status& why) {
  if (absl::IsNotFound(why)) return "missing";
  if (absl::IsDataLoss(why)) return "damaged";
  return absl::IsInvalidArgument(why) ? "unreadable" : "not fetched";
}

// Collects what the folder gets while the tasks go by.
class Fetcher {
 public:
  Fetcher(Client& client, const v1::Job& job, const FetchOptions& options)
      : client_(client),
        job_(job),
        options_(options),
        namer_(AxesOf(job.spec())),
        table_(job.spec()),
        document_(job, PathOf(options, kResultsDocumentFile), options.notes),
        wants_sheet_(job.task_count() <= options.max_sheet_tasks),
        sheet_(job, options.sheet),
        findings_(job.spec(), options.notes) {
    if (job.task_count() <= options.max_report_tasks) {
      job_report_.emplace(client, job, options.max_report_bytes);
    }
  }

  absl::StatusOr<FetchReport> Run() {
    RETURN_IF_ERROR(CheckSheetOptions(job_.spec(), options_.sheet));
    RETURN_IF_ERROR(MakeFolders(options_.folder));
    RETURN_IF_ERROR(ClaimFolder());
    RETURN_IF_ERROR(client_.ForEachTask(
        job_.job_id(), [this](const v1::Task& task) { return Take(task); }));
    RETURN_IF_ERROR(
        WriteOutput(PathOf(options_, kResultTableFile), table_.csv()));
    RETURN_IF_ERROR(document_.Finish());
    if (report_.without_result < tasks_) RETURN_IF_ERROR(WriteSheet());
    if (job_report_.has_value()) RETURN_IF_ERROR(WriteReport());
    report_.findings = findings_.Findings();
    return std::move(report_);
  }

 private:
  // Before the first picture, so that an unfinished fetch is known again.
  absl::Status ClaimFolder() {
    report_.other_results = OtherResults(options_, job_.job_id());
    if (!report_.other_results.empty() && !options_.force) {
      return absl::AlreadyExistsError(
          absl::StrCat(options_.folder, " has ", report_.other_results));
    }
    return WriteOutput(PathOf(options_, kMarkerFile),
                       absl::StrCat(job_.job_id(), "\n"));
  }

  absl::Status Take(const v1::Task& task) {
    const std::string name =
        namer_.Name(task.index(), {task.labels().begin(), task.labels().end()});
    SheetTask cell;
    cell.labels.assign(task.labels().begin(), task.labels().end());
    cell.state = StateName(task.state());
    absl::Status why_not;
    if (task.has_result()) {
      RETURN_IF_ERROR(Bring(task, name, cell, why_not));
    } else {
      ++report_.without_result;
    }
    ++tasks_;
    if (job_.task_count() <= options_.max_report_tasks) findings_.Add(task);
    cell.note = NoteOfTask(options_.notes, job_.spec(), task);
    if (IsChosen(options_.notes, job_.spec(), task)) {
      cell.chosen = ChosenText(options_.notes.chosen_by);
    }
    if (wants_sheet_) sheet_.Add(task, std::move(cell));
    return AddRow(task, name, why_not);
  }

  // Brings one picture to the folder and its cell, or says why not.
  // Errors: the next one could not be brought either.
  absl::Status Bring(const v1::Task& task, const std::string& name,
                     SheetTask& cell, absl::Status& why_not) {
    why_not = BringTo(PathOf(options_, name), task, cell);
    if (why_not.ok()) {
      report_.pictures.push_back(name);
      return absl::OkStatus();
    }
    if (EndsFetch(why_not) || is_disk_full_) return why_not;
    cell.state = ProblemName(why_not);
    AddProblem(task, name, why_not);
    return absl::OkStatus();
  }

  absl::Status BringTo(const std::string& path, const v1::Task& task,
                       SheetTask& cell) {
    const std::string& digest = task.result().image_digest();
    std::error_code ignored;
    absl::StatusOr<std::string> bytes = absl::NotFoundError("");
    if (std::filesystem::is_regular_file(path, ignored)) {
      bytes = ReadFile(path, kMaxPictureBytes);
    }
    const bool is_there = bytes.ok() && HexDigest(*bytes) == digest;
    if (!is_there) {
      ASSIGN_OR_RETURN(bytes,
                       client_.Download(digest, {job_.job_id(), task.index()}));
    }
    if (wants_sheet_ || !is_there) {
      ASSIGN_OR_RETURN(cell.image,
                       Thumbnail(*bytes, ThumbnailPx(job_.task_count())));
    }
    if (job_report_.has_value()) job_report_->AddTask(task, *bytes);
    if (is_there) return absl::OkStatus();
    const absl::Status written = WriteOutput(path, *bytes);
    is_disk_full_ = absl::IsResourceExhausted(written);
    if (written.ok()) ++report_.downloaded;
    return written;
  }

  absl::Status AddRow(const v1::Task& task, const std::string& name,
                      const absl::Status& why_not) {
    const bool is_here = task.has_result() && why_not.ok();
    const std::string message =
        why_not.ok()
            ? task.message()
            : absl::StrCat("no picture: ",
                           ClippedText(why_not.message(), kMaxErrorBytes));
    const absl::Status row = table_.Add(task, is_here ? name : "", message);
    if (!row.ok()) AddProblem(task, name, row);
    return document_.Add(task, is_here ? name : "", message);
  }

  void AddProblem(const v1::Task& task, const std::string& name,
                  const absl::Status& why) {
    report_.problems.push_back(
        {task.index(), name, task.result().image_digest(), why});
  }

  // What cannot be drawn takes nothing else away.
  absl::Status WriteSheet() {
    if (!wants_sheet_) {
      report_.sheet_note =
          absl::StrCat("no ", kSheetFile, ": the job has ", job_.task_count(),
                       " tasks, and sheets at most ", options_.max_sheet_tasks);
      return absl::OkStatus();
    }
    const absl::StatusOr<std::string> png = sheet_.Png(client_);
    if (absl::IsCancelled(png.status())) return png.status();
    if (!png.ok()) {
      report_.sheet_note =
          absl::StrCat("no ", kSheetFile, ": ", png.status().message());
      return absl::OkStatus();
    }
    report_.has_sheet = true;
    report_.sheet_note = sheet_.Note();
    return WriteOutput(PathOf(options_, kSheetFile), *png);
  }

  absl::Status WriteReport() {
    absl::StatusOr<std::string> document = ReadFile(
        PathOf(options_, kResultsDocumentFile), kMaxReportDocumentBytes);
    if (!document.ok()) return absl::OkStatus();
    ASSIGN_OR_RETURN(report_.shown, job_report_->Finish(*std::move(document)));
    return WriteOutput(PathOf(options_, kReportFile),
                       ReportHtml({*report_.shown}));
  }

  Client& client_;
  const v1::Job& job_;
  const FetchOptions& options_;
  FileNamer namer_;
  ResultTable table_;
  ResultsDocument document_;
  const bool wants_sheet_;
  bool is_disk_full_ = false;
  int64_t tasks_ = 0;
  JobSheet sheet_;
  FindingsReader findings_;
  std::optional<JobReport> job_report_;
  FetchReport report_;
};

}  // namespace

absl::StatusOr<FetchReport> FetchJob(Client& client, const v1::Job& job,
                                     const FetchOptions& options) {
  return Fetcher(client, job, options).Run();
}

}  // namespace atelier
