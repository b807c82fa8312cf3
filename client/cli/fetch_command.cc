#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "client/cli/commands.h"
#include "client/cli/flags.h"
#include "client/cli/job_run.h"
#include "client/cli/json.h"
#include "client/lib/client.h"
#include "client/lib/spec.h"
#include "client/lib/study_notes.h"
#include "client/studies/studies.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

struct FetchArguments {
  std::string job_id;
  FetchOptions fetch;
  bool repair = false;
};

// Tasks whose picture the coordinator lacks, or has damaged.
std::vector<int64_t> LostTasks(const FetchReport& report) {
  std::vector<int64_t> lost;
  for (const FetchProblem& problem : report.problems) {
    if (absl::IsNotFound(problem.why) || absl::IsDataLoss(problem.why)) {
      lost.push_back(problem.task_index);
    }
  }
  return lost;
}

// Has what is lost rendered again, waits for it, and fetches it.
absl::Status Repair(Session& session, Client& client,
                    const FetchArguments& arguments, v1::Job& job,
                    FetchReport& report) {
  const std::vector<int64_t> lost = LostTasks(report);
  if (lost.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<int64_t> queued,
                   client.RepairJob(job.job_id(), lost));
  session.Warn(absl::StrCat(queued.size(), " pictures are rendered again"));
  const SheetOptions& sheet = arguments.fetch.sheet;
  ASSIGN_OR_RETURN(job, Follow(session, client, job.job_id(),
                               {sheet.mark, {sheet.rows, sheet.columns}}));
  ASSIGN_OR_RETURN(report, FetchInto(session, client, job, arguments.fetch));
  return absl::OkStatus();
}

// Of a study that is built in; the coordinator knows its name alone.
StudyNotes NotesOf(const v1::Job& job) {
  const absl::StatusOr<JobDraft> study = Study(job.spec().study());
  return study.ok() ? study->notes : StudyNotes();
}

absl::Status Run(Session& session, FetchArguments& arguments) {
  RETURN_IF_ERROR(session.CheckFlags());
  RETURN_IF_ERROR(CheckMark(arguments.fetch.sheet.mark));
  ASSIGN_OR_RETURN(Client* const client, session.Connect());
  ASSIGN_OR_RETURN(v1::Job job, client->GetJob(arguments.job_id));
  RETURN_IF_ERROR(CheckSheetOptions(job.spec(), arguments.fetch.sheet));
  RETURN_IF_ERROR(PrepareOutputFolder(arguments.fetch.folder));
  arguments.fetch.notes = NotesOf(job);
  ASSIGN_OR_RETURN(FetchReport report,
                   FetchInto(session, *client, job, arguments.fetch));
  if (arguments.repair) {
    RETURN_IF_ERROR(Repair(session, *client, arguments, job, report));
  }
  if (session.flags.json) {
    session.out() << ToJson(job, arguments.fetch.folder, report).Line();
  } else if (report.without_result > 0) {
    session.Warn(absl::StrCat(report.without_result,
                              " tasks have no result; see: atelier show ",
                              arguments.job_id));
  }
  PrintFindings(session, job, report);
  return Verdict(report);
}

}  // namespace

void AddFetchCommand(Command& app, Session& session) {
  auto arguments = std::make_shared<FetchArguments>();
  Command& command =
      app.AddCommand("fetch", "Bring a job's pictures, sheet and table here")
          .Group("Look");
  AddJobArgument(command, arguments->job_id);
  command
      .AddOption("-o,--output", arguments->fetch.folder,
                 "Folder; pictures that are there already stay")
      .Type("DIR")
      .Required();
  command.AddFlag("--force", arguments->fetch.force,
                  "Also into a folder with another job's results; files of "
                  "the same names are replaced");
  command.AddFlag("--repair", arguments->repair,
                  "Have results that are missing or damaged rendered again, "
                  "and wait for them");
  AddSheetAxisFlags(command, arguments->fetch.sheet);
  AddMarkFlag(command, arguments->fetch.sheet);
  AddCommonFlags(command, session,
                 "  atelier fetch JOB --output out\n"
                 "  atelier fetch JOB --output out --rows style_weight --mark "
                 "ssim\n");
  command.SetAction([&session, arguments] { return Run(session, *arguments); });
}

}  // namespace atelier
