#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/commands.h"
#include "client/cli/dry_run.h"
#include "client/cli/findings_text.h"
#include "client/cli/flags.h"
#include "client/cli/job_run.h"
#include "client/cli/json.h"
#include "client/cli/study_list.h"
#include "client/cli/submission.h"
#include "client/lib/client.h"
#include "client/lib/fetch.h"
#include "client/lib/report.h"
#include "client/lib/spec.h"
#include "client/lib/study_notes.h"
#include "client/studies/studies.h"
#include "common/cli/command_line.h"
#include "common/cli/parameter_flags.h"
#include "common/file.h"
#include "common/quoted_text.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

constexpr char kAll[] = "all";

struct StudyArguments {
  std::string study;
  bool list = false;
  std::string show;
  ParameterFlags parameters;
  SchedulingFlags scheduling;
  MeasureFlags measure;
  std::string output;
  SheetOptions sheet;
  int workers = 2;
  bool dry_run = false;
};

// One study on its way: where it goes, and the job it became.
struct Running {
  std::string folder;
  StudyNotes notes;
  PreparedJob prepared;
  std::string job_id;
};

bool IsBuiltIn(const std::string& study) {
  const std::vector<absl::string_view> names = StudyNames();
  return std::find(names.begin(), names.end(), study) != names.end();
}

bool IsSpecFile(const std::string& study) {
  std::error_code unknown;
  const std::filesystem::file_status status =
      std::filesystem::status(study, unknown);
  return !IsBuiltIn(study) && study != kAll &&
         std::filesystem::exists(status) &&
         !std::filesystem::is_directory(status);
}

// Those that a word stands for: a study, all of them, or a spec file.
absl::StatusOr<std::vector<JobDraft>> Chosen(const std::string& study) {
  std::vector<JobDraft> drafts;
  if (IsSpecFile(study)) {
    ASSIGN_OR_RETURN(drafts.emplace_back(), ReadSpecArgument(study));
    return drafts;
  }
  std::vector<absl::string_view> names = StudyNames();
  if (study != kAll) names = {study};
  for (absl::string_view name : names) {
    ASSIGN_OR_RETURN(JobDraft draft, Study(name));
    drafts.push_back(std::move(draft));
  }
  return drafts;
}

absl::Status CheckKnown(const std::string& study) {
  if (study == kAll || IsBuiltIn(study) || IsSpecFile(study)) {
    return absl::OkStatus();
  }
  std::vector<absl::string_view> names = StudyNames();
  names.push_back(kAll);
  return InvalidArgument(UnknownStudy(study, names).message(),
                         "; or give a spec file that exists");
}

// A spec file may name its pictures itself.
absl::Status CheckGiven(const StudyArguments& arguments,
                        const RenderPatch& given) {
  if (!arguments.study.empty()) RETURN_IF_ERROR(CheckKnown(arguments.study));
  std::vector<std::string> missing;
  if (arguments.study.empty()) missing.emplace_back("study");
  if (!IsSpecFile(arguments.study)) {
    if (!given.content_digest.has_value()) missing.emplace_back("--content");
    if (!given.style_digests.has_value()) missing.emplace_back("--style");
  }
  if (arguments.output.empty() && !arguments.dry_run) {
    missing.emplace_back("--output");
  }
  if (missing.empty()) return absl::OkStatus();
  return InvalidArgument(MissingArguments(std::move(missing)).message(),
                         " (see 'atelier study --help')");
}

absl::StatusOr<std::vector<Running>> PrepareStudies(
    Session& session, const StudyArguments& arguments) {
  RETURN_IF_ERROR(CheckMark(arguments.sheet.mark));
  ASSIGN_OR_RETURN(RenderPatch given, arguments.parameters.Parse());
  RETURN_IF_ERROR(CheckGiven(arguments, given));
  const RenderDraft flags{std::move(given)};
  ASSIGN_OR_RETURN(std::vector<JobDraft> drafts, Chosen(arguments.study));
  // All flags before any picture: what is wrong with them is told at once.
  for (JobDraft& draft : drafts) {
    RETURN_IF_ERROR(OverrideBase(flags, draft));
    arguments.scheduling.Apply(draft);
    RETURN_IF_ERROR(arguments.measure.Apply(draft));
  }
  std::vector<Running> studies;
  InputFiles files;
  for (const JobDraft& draft : drafts) {
    Running& study = studies.emplace_back();
    study.folder = arguments.output;
    study.notes = draft.notes;
    if (arguments.study == kAll) {
      study.folder =
          (std::filesystem::path(study.folder) / draft.study).string();
    }
    ASSIGN_OR_RETURN(study.prepared, PrepareAndWarn(session, draft, files));
    RETURN_IF_ERROR(CheckSheetOptions(study.prepared.spec, arguments.sheet));
  }
  return studies;
}

// What all studies end with.
struct Conclusion {
  std::vector<ReportJob> shown;
  std::vector<StudyFindings> findings;
};

// Sees one study through; its pictures are kept also where some failed. Adds
// its part of the report of all and of what they show.
absl::Status Finish(Session& session, Client& client, const Running& study,
                    const FetchOptions& common, Conclusion& conclusion) {
  ASSIGN_OR_RETURN(const v1::Job job, Follow(session, client, study.job_id));
  FetchOptions options = common;
  options.folder = study.folder;
  options.notes = study.notes;
  ASSIGN_OR_RETURN(FetchReport report,
                   FetchInto(session, client, job, options));
  if (session.flags.json) {
    session.out() << ToJson(job, study.folder, report).Line();
  }
  conclusion.findings.push_back(
      {job.spec().name(), std::move(report.findings)});
  if (report.shown.has_value()) {
    conclusion.shown.push_back(*std::move(report.shown));
    conclusion.shown.back().folder =
        std::filesystem::path(study.folder).filename().string();
  }
  RETURN_IF_ERROR(Verdict(job));
  return Verdict(report);
}

// One page over all studies, above their folders.
absl::Status WriteCommonReport(Session& session,
                               const StudyArguments& arguments,
                               const std::vector<ReportJob>& shown) {
  if (arguments.study != kAll || shown.empty()) return absl::OkStatus();
  const std::string path =
      (std::filesystem::path(arguments.output) / kReportFile).string();
  RETURN_IF_ERROR(WriteOutput(path, ReportHtml(shown)));
  if (!session.flags.json) {
    session.Tell(absl::StrCat("All studies side by side: ", path));
  }
  return absl::OkStatus();
}

// The cluster that would be started has rendered nothing: none is needed.
absl::Status DryRunOf(Session& session, const std::vector<Running>& studies) {
  std::vector<const PreparedJob*> jobs;
  for (const Running& study : studies) jobs.push_back(&study.prepared);
  if (!session.HasCoordinator()) return DryRun(session, nullptr, jobs);
  ASSIGN_OR_RETURN(Client* const client, session.Connect());
  return DryRun(session, client, jobs);
}

// --list and --show.
absl::Status Look(Session& session, const StudyArguments& arguments) {
  const char* const flag = arguments.list ? "--list" : "--show";
  if (!arguments.study.empty()) {
    return InvalidArgument(flag, ": renders nothing; ", Quoted(arguments.study),
                           " was given, too");
  }
  if (!arguments.list) return ShowStudy(session, arguments.show);
  if (arguments.show.empty()) return ListStudies(session);
  return InvalidArgument("--list: --show was given, too");
}

absl::Status Run(Session& session, const StudyArguments& arguments) {
  RETURN_IF_ERROR(session.CheckFlags());
  if (arguments.list || !arguments.show.empty())
    return Look(session, arguments);
  ASSIGN_OR_RETURN(std::vector<Running> studies,
                   PrepareStudies(session, arguments));
  if (arguments.dry_run) return DryRunOf(session, studies);
  for (const Running& study : studies) {
    RETURN_IF_ERROR(PrepareOutputFolder(study.folder));
  }
  ASSIGN_OR_RETURN(Client* const client,
                   session.ConnectOrStart(arguments.workers));
  // All at once, so that no worker waits for the last task of a study.
  for (Running& study : studies) {
    ASSIGN_OR_RETURN(const v1::Job job, client->Submit(study.prepared));
    study.job_id = job.job_id();
  }
  FetchOptions options;
  options.force = true;
  options.sheet = arguments.sheet;
  options.max_report_bytes /= static_cast<int64_t>(studies.size());
  Conclusion conclusion;
  absl::Status first_failure;
  for (const Running& study : studies) {
    const absl::Status finished =
        Finish(session, *client, study, options, conclusion);
    if (finished.ok()) continue;
    // A study that failed, or whose results are damaged, does not keep the
    // others from being fetched.
    if (!absl::IsAborted(finished) && !absl::IsDataLoss(finished)) {
      return finished;
    }
    first_failure.Update(finished);
  }
  RETURN_IF_ERROR(WriteCommonReport(session, arguments, conclusion.shown));
  if (!session.flags.json) {
    session.out() << FindingsText(conclusion.findings) << std::flush;
  }
  return first_failure;
}

}  // namespace

void AddStudyCommand(Command& app, Session& session) {
  auto arguments = std::make_shared<StudyArguments>();
  Command& command =
      app.AddCommand("study", "Render a study: pictures, a sheet and a table")
          .Group("Make");
  command
      .AddOption("study", arguments->study,
                 absl::StrCat("One of ", absl::StrJoin(StudyNames(), ", "),
                              "; or all; all these need --content and --style. "
                              "Or a spec file, see docs/spec.md"))
      .Type("STUDY|FILE");
  command.AddFlag("--list", arguments->list,
                  "List the studies that are built in, and render nothing");
  command
      .AddOption("--show", arguments->show,
                 "Print the spec of one, as 'atelier submit' reads it, and "
                 "render nothing")
      .Type("STUDY");
  arguments->parameters.AddTo(command);
  arguments->scheduling.AddTo(command);
  arguments->measure.AddTo(command);
  command
      .AddOption("-o,--output", arguments->output,
                 "Folder for the results; 'all' makes one in it for each study")
      .Type("DIR");
  AddSheetAxisFlags(command, arguments->sheet);
  AddMarkFlag(command, arguments->sheet);
  AddDryRunFlag(command, arguments->dry_run);
  AddWorkersFlag(command, arguments->workers);
  AddCommonFlags(
      command, session,
      "  atelier study all --content A.jpg --style B.jpg --output out\n"
      "  atelier study style-weight --content A.jpg --style B.jpg \\\n"
      "      --output out --size 320 --iterations 300\n"
      "  atelier study all --content A.jpg --style B.jpg --dry-run\n"
      "  atelier study --list\n"
      "  atelier study --show style-weight > my.yaml\n"
      "  atelier study my.yaml --content A.jpg --style B.jpg --output out\n");
  command.SetAction([&session, arguments] { return Run(session, *arguments); });
}

}  // namespace atelier
