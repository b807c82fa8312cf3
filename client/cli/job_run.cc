#include "client/cli/job_run.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "client/cli/findings_text.h"
#include "client/cli/job_view.h"
#include "client/cli/progress.h"
#include "client/cli/session.h"
#include "client/cli/ticker.h"
#include "client/lib/client.h"
#include "client/lib/state_names.h"
#include "common/file.h"
#include "common/image/image.h"
#include "common/quoted_text.h"
#include "common/rpc/denial.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

// More lines than this hide what stands above them; the table has them all.
constexpr size_t kMaxProblemLines = 20;

// Errors, not progress: also with --quiet.
void PrintProblems(Session& session, const FetchReport& report) {
  std::ostream& err = session.environment().err;
  const size_t shown = std::min(kMaxProblemLines, report.problems.size());
  for (size_t i = 0; i < shown; ++i) {
    const FetchProblem& problem = report.problems[i];
    err << "atelier: task " << problem.task_index << " (" << problem.file
        << "): " << ClippedText(problem.why.message(), kMaxErrorBytes)
        << std::endl;
  }
  if (shown < report.problems.size()) {
    err << "atelier: and " << report.problems.size() - shown << " more, see "
        << kResultTableFile << std::endl;
  }
}

// "results.csv, sheet.png and report.html": what a fetch wrote besides
// pictures.
std::string OtherFiles(const FetchReport& report) {
  std::vector<absl::string_view> files = {kResultTableFile,
                                          kResultsDocumentFile};
  if (report.has_sheet) files.push_back(kSheetFile);
  if (report.shown.has_value()) files.push_back(kReportFile);
  const absl::string_view last = files.back();
  files.pop_back();
  return absl::StrCat(absl::StrJoin(files, ", "), " and ", last);
}

// Names the part of the path that is a file.
absl::Status CheckIsNoFile(const std::string& folder,
                           const std::filesystem::path& target) {
  std::filesystem::path part;
  for (const std::filesystem::path& name : target) {
    part /= name;
    std::error_code unknown;
    const std::filesystem::file_status about =
        std::filesystem::status(part, unknown);
    if (!std::filesystem::exists(about)) return absl::OkStatus();
    if (std::filesystem::is_directory(about)) continue;
    return InvalidArgument("output: ", folder, ": ", part.string(),
                           " is a file; name a folder");
  }
  return absl::OkStatus();
}

// Tries it: permissions alone do not tell a read-only or a full file system.
absl::Status CheckTakesFiles(const std::string& folder,
                             const std::string& target) {
  const std::string probe =
      PartName((std::filesystem::path(target) / "atelier").string());
  const absl::Status written = WriteFile(probe, "", Durability::kAtomic);
  std::error_code ignored;
  std::filesystem::remove(probe, ignored);
  if (written.ok()) return absl::OkStatus();
  // The probe's own name says nothing to anybody.
  const absl::string_view why = written.message();
  const size_t reason = why.rfind(": ");
  return InvalidArgument(
      "output: ", folder, ": nothing can be written there: ",
      reason == absl::string_view::npos ? why : why.substr(reason + 2));
}

absl::StatusOr<v1::Job> FollowOnTerminal(Session& session, Client& client,
                                         const std::string& job_id,
                                         const FollowOptions& options) {
  constexpr absl::Duration kFrame = absl::Milliseconds(250);
  const Environment& environment = session.environment();
  JobView view(environment.err, environment.clock, environment.terminal,
               [&](const TaskPage& page) {
                 return client.ListTasks(job_id, page.first, page.count);
               },
               {session.has_own_cluster(), options.by, options.grid});
  absl::StatusOr<v1::Job> job;
  {
    const Ticker ticker(kFrame, [&view] { view.Tick(); });
    job = client.Watch(
        job_id, [&](const v1::JobSnapshot& snapshot) { view.Show(snapshot); });
  }
  view.Finish(job.ok());
  return job;
}

absl::StatusOr<v1::Job> FollowInLines(Session& session, Client& client,
                                      const std::string& job_id) {
  const Environment& environment = session.environment();
  Progress progress(environment.err, environment.clock,
                    {session.flags.quiet, session.has_own_cluster()});
  return client.Watch(job_id, [&](const v1::JobSnapshot& snapshot) {
    progress.Show(snapshot);
  });
}

// Of what: "the sheet".
void AddAxisFlags(Command& command, absl::string_view what, std::string& rows,
                  std::string& columns) {
  command
      .AddOption(
          "--rows", rows,
          absl::StrCat("The axis that goes down ", what, "; else the first"))
      .Type("AXIS");
  command
      .AddOption("--columns", columns,
                 absl::StrCat("The axis that goes across ", what,
                              "; else the last. Further axes make blocks"))
      .Type("AXIS");
}

}  // namespace

void WarnOf(Session& session, const PreparedJob& job) {
  for (const std::string& warning : job.warnings) {
    session.Warn(absl::StrCat("warning: ", warning));
  }
}

absl::StatusOr<PreparedJob> PrepareAndWarn(Session& session,
                                           const JobDraft& draft,
                                           InputFiles& files) {
  ASSIGN_OR_RETURN(PreparedJob job, Prepare(draft, files));
  WarnOf(session, job);
  return job;
}

absl::StatusOr<v1::Job> Follow(Session& session, Client& client,
                               const std::string& job_id,
                               const FollowOptions& options) {
  const absl::StatusOr<v1::Job> job =
      session.status_columns() > 0
          ? FollowOnTerminal(session, client, job_id, options)
          : FollowInLines(session, client, job_id);
  if (!absl::IsCancelled(job.status())) return job;
  if (!session.HasCoordinator()) {
    return absl::CancelledError(
        "interrupted; the cluster that was started for this stops (Ctrl-C "
        "again: at once), and what was not finished is lost");
  }
  return absl::CancelledError(
      absl::StrCat("interrupted; job ", job_id,
                   " goes on, see it again with: atelier watch ", job_id));
}

absl::Status Verdict(const v1::Job& job) {
  if (job.state() == v1::JOB_STATE_SUCCEEDED) return absl::OkStatus();
  return absl::AbortedError(
      absl::StrCat("job ", job.job_id(), " (", job.spec().name(), ") ",
                   StateName(job.state()), job.message().empty() ? "" : ": ",
                   job.message()));
}

absl::StatusOr<FetchReport> FetchInto(Session& session, Client& client,
                                      const v1::Job& job,
                                      const FetchOptions& options) {
  absl::StatusOr<FetchReport> fetched = FetchJob(client, job, options);
  if (absl::IsAlreadyExists(fetched.status())) {
    return InvalidArgument(
        "output: ", fetched.status().message(),
        "; name another folder, or put these beside them with --force");
  }
  ASSIGN_OR_RETURN(FetchReport report, std::move(fetched));
  if (!report.other_results.empty()) {
    session.Warn(absl::StrCat("warning: ", options.folder, " had ",
                              report.other_results,
                              "; files of the same names are replaced"));
  }
  PrintProblems(session, report);
  if (!session.flags.json) {
    session.Tell(absl::StrCat(job.spec().name(), ": ", report.pictures.size(),
                              " pictures, ", OtherFiles(report), " in ",
                              options.folder));
  }
  if (!report.sheet_note.empty()) session.Warn(report.sheet_note);
  return report;
}

void PrintFindings(Session& session, const v1::Job& job,
                   const FetchReport& report) {
  if (session.flags.json) return;
  session.out() << FindingsText({{job.spec().name(), report.findings}})
                << std::flush;
}

void AddSheetAxisFlags(Command& command, SheetOptions& sheet) {
  AddAxisFlags(command, "the sheet", sheet.rows, sheet.columns);
}

void AddGridAxisFlags(Command& command, GridOptions& grid) {
  AddAxisFlags(command, "the terminal", grid.rows, grid.columns);
}

void AddMarkFlag(Command& command, SheetOptions& sheet) {
  command
      .AddOption("--mark", sheet.mark,
                 "Mark the best picture on the sheet by this measure: ssim, "
                 "psnr, style_distance, ...; else none is marked")
      .Type("MEASURE");
}

absl::Status Verdict(const FetchReport& report) {
  if (report.problems.empty()) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat(
      report.problems.size(), " of ",
      report.problems.size() + report.pictures.size(),
      " results could not be fetched whole; the others are there"));
}

JsonObject ToJson(const v1::Job& job, const std::string& output,
                  const FetchReport& report) {
  std::vector<JsonObject> problems;
  for (const FetchProblem& problem : report.problems) {
    problems.push_back(JsonObject()
                           .Add("index", problem.task_index)
                           .Add("file", problem.file)
                           .Add("image_digest", problem.digest)
                           .Add("message", problem.why.message()));
  }
  std::vector<JsonObject> findings;
  for (const Finding& finding : report.findings) {
    findings.push_back(ToJson(finding));
  }
  return ToJson(job)
      .Add("output", output)
      .Add("pictures", report.pictures)
      .Add("downloaded", report.downloaded)
      .Add("problems", problems)
      .Add("findings", findings);
}

absl::Status PrepareOutputFolder(const std::string& folder) {
  const absl::StatusOr<std::string> target = FollowLinks(folder);
  if (!target.ok()) {
    return InvalidArgument("output: ", target.status().message());
  }
  RETURN_IF_ERROR(CheckIsNoFile(folder, *target));
  const absl::Status made = MakeFolders(*target);
  if (!made.ok()) return InvalidArgument("output: ", made.message());
  return CheckTakesFiles(folder, *target);
}

absl::Status CheckNamesAFile(const std::string& path) {
  const std::filesystem::path file(path);
  std::error_code unknown;
  if (file.has_filename() && !std::filesystem::is_directory(file, unknown)) {
    return absl::OkStatus();
  }
  return InvalidArgument("output: ", path,
                         ": is a folder; name a file, such as ",
                         (file / "result.png").string());
}

absl::Status PrepareOutputFile(const std::string& path) {
  std::error_code unknown;
  const absl::StatusOr<std::string> target = FollowLinks(path);
  if (!target.ok()) {
    return InvalidArgument("output: ", target.status().message());
  }
  const bool is_there = std::filesystem::exists(*target, unknown);
  if (unknown == std::errc::filename_too_long) {
    return InvalidArgument("output: ", path, ": ", unknown.message());
  }
  if (is_there && !std::filesystem::is_regular_file(*target, unknown)) {
    return absl::OkStatus();  // A device or a pipe, written as it stands.
  }
  const std::string folder =
      std::filesystem::path(*target).parent_path().string();
  return PrepareOutputFolder(folder.empty() ? "." : folder);
}

absl::StatusOr<std::string> CheckPictureOutput(const std::string& path,
                                               int bits) {
  RETURN_IF_ERROR(CheckNamesAFile(path));
  absl::StatusOr<std::string> format = FormatOfPath(path);
  if (!format.ok()) return Annotate(format.status(), "output");
  RETURN_IF_ERROR(Annotate(CheckEncoding(*format, bits), "output"));
  RETURN_IF_ERROR(PrepareOutputFile(path));
  return format;
}

absl::Status WritePicture(Client& client, const std::string& job_id,
                          const v1::Task& task, const std::string& path,
                          const std::string& format) {
  absl::StatusOr<std::string> downloaded =
      client.Download(task.result().image_digest(), {job_id, task.index()});
  if (IsDenial(downloaded.status())) return downloaded.status();
  if (!downloaded.ok()) return Annotate(downloaded.status(), "the result");
  std::string bytes = *std::move(downloaded);
  const absl::StatusOr<Image> image = Decode(bytes);
  if (!image.ok()) {  // The cluster's fault, not the command line's.
    return absl::DataLossError(
        absl::StrCat("the result, artifact ", task.result().image_digest(),
                     ", is no picture: ", image.status().message()));
  }
  if (format != "png") {
    ASSIGN_OR_RETURN(const std::string description, ReadDescription(bytes));
    ASSIGN_OR_RETURN(bytes,
                     Encode(*image, format, description, task.render().bits()));
  }
  return WriteOutput(path, bytes);
}

}  // namespace atelier
