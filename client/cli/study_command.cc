#include <filesystem>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/cli/commands.h"
#include "client/cli/flags.h"
#include "client/cli/job_run.h"
#include "client/cli/json.h"
#include "client/lib/client.h"
#include "client/studies/studies.h"
#include "common/cli/parameter_flags.h"
#include "common/nearest.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

constexpr char kAll[] = "all";

struct StudyArguments {
  std::string study;
  ParameterFlags parameters;
  SchedulingFlags scheduling;
  std::string output;
  int workers = 2;
};

// One study on its way: where it goes, and the job it became.
struct Running {
  std::string folder;
  PreparedJob prepared;
  std::string job_id;
};

absl::StatusOr<std::vector<absl::string_view>> Chosen(
    const std::string& study) {
  std::vector<absl::string_view> names = StudyNames();
  if (study == kAll) return names;
  for (absl::string_view name : names) {
    if (name == study) return std::vector<absl::string_view>{name};
  }
  names.push_back(kAll);
  return InvalidArgument("study: '", study, "' is unknown",
                         Suggest(study, names));
}

absl::StatusOr<std::vector<Running>> PrepareStudies(
    Session& session, const StudyArguments& arguments) {
  ASSIGN_OR_RETURN(RenderPatch given, arguments.parameters.Parse());
  const RenderDraft flags{std::move(given)};
  ASSIGN_OR_RETURN(const auto names, Chosen(arguments.study));
  // All flags before any file: what is wrong with them is told at once.
  std::vector<JobDraft> drafts;
  for (absl::string_view name : names) {
    ASSIGN_OR_RETURN(JobDraft draft, Study(name));
    RETURN_IF_ERROR(OverrideBase(flags, draft));
    arguments.scheduling.Apply(draft);
    drafts.push_back(std::move(draft));
  }
  std::vector<Running> studies;
  InputFiles files;
  for (const JobDraft& draft : drafts) {
    Running& study = studies.emplace_back();
    study.folder = arguments.output;
    if (arguments.study == kAll) {
      study.folder =
          (std::filesystem::path(study.folder) / draft.study).string();
    }
    ASSIGN_OR_RETURN(study.prepared, PrepareAndWarn(session, draft, files));
  }
  return studies;
}

// Sees one study through; its pictures are kept also where some failed.
absl::Status Finish(Session& session, Client& client, const Running& study) {
  ASSIGN_OR_RETURN(const v1::Job job, Follow(session, client, study.job_id));
  ASSIGN_OR_RETURN(const FetchReport report,
                   FetchInto(session, client, job, study.folder,
                             /*force=*/true));
  if (session.flags.json) {
    session.out() << ToJson(job, study.folder, report).Line();
  }
  RETURN_IF_ERROR(Verdict(job));
  return Verdict(report);
}

absl::Status Run(Session& session, const StudyArguments& arguments) {
  RETURN_IF_ERROR(session.CheckFlags());
  ASSIGN_OR_RETURN(std::vector<Running> studies,
                   PrepareStudies(session, arguments));
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
  absl::Status first_failure;
  for (const Running& study : studies) {
    const absl::Status finished = Finish(session, *client, study);
    if (finished.ok()) continue;
    // A study that failed, or whose results are damaged, does not keep the
    // others from being fetched.
    if (!absl::IsAborted(finished) && !absl::IsDataLoss(finished)) {
      return finished;
    }
    first_failure.Update(finished);
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
                              "; or all"))
      .Type("STUDY")
      .Required();
  arguments->parameters.AddTo(command, {"content", "style"});
  arguments->scheduling.AddTo(command);
  command
      .AddOption("-o,--output", arguments->output,
                 "Folder for the results; 'all' makes one in it for each study")
      .Type("DIR")
      .Required();
  AddWorkersFlag(command, arguments->workers);
  AddCommonFlags(
      command, session,
      "  atelier study all --content A.jpg --style B.jpg --output out\n"
      "  atelier study style-weight --content A.jpg --style B.jpg \\\n"
      "      --output out --size 320 --iterations 300\n");
  command.SetAction([&session, arguments] { return Run(session, *arguments); });
}

}  // namespace atelier
