#include "client/cli/submission.h"

#include <ostream>

#include "client/cli/dry_run.h"
#include "client/cli/job_run.h"
#include "client/cli/json.h"
#include "client/lib/client.h"
#include "client/lib/recorded_render.h"
#include "common/quoted_text.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

absl::Status Wait(Session& session, Client& client, const std::string& job_id,
                  const SubmissionFlags& flags, const StudyNotes& notes) {
  const std::string& output = flags.output;
  ASSIGN_OR_RETURN(
      const v1::Job job,
      Follow(session, client, job_id,
             {flags.sheet.mark, {flags.sheet.rows, flags.sheet.columns}}));
  FetchReport report;
  if (!output.empty()) {
    FetchOptions options;
    options.folder = output;
    options.force = true;
    options.sheet = flags.sheet;
    options.notes = notes;
    ASSIGN_OR_RETURN(report, FetchInto(session, client, job, options));
  }
  if (session.flags.json) {
    session.out()
        << (output.empty() ? ToJson(job) : ToJson(job, output, report)).Line();
  }
  PrintFindings(session, job, report);
  RETURN_IF_ERROR(Verdict(job));
  return Verdict(report);
}

void PrintSubmitted(Session& session, const v1::Job& job) {
  if (session.flags.json) {
    session.out() << ToJson(job).Line() << std::flush;
  } else {
    session.out() << EscapedText(job.job_id()) << std::endl;
  }
  if (!session.out()) {
    session.environment().err << "atelier: the job was submitted as "
                              << EscapedText(job.job_id()) << std::endl;
  }
}

}  // namespace

void SubmissionFlags::AddTo(Command& command) {
  AddToOneWithCoordinator(command);
  measure.AddTo(command);
  AddWorkersFlag(command, workers);
}

void SubmissionFlags::AddToOneWithCoordinator(Command& command) {
  scheduling.AddTo(command);
  command.AddFlag("--wait", wait, "Follow the job to its end");
  command
      .AddOption("-o,--output", output, "With --wait: folder for the results")
      .Type("DIR");
  AddMarkFlag(command, sheet);
  AddDryRunFlag(command, dry_run);
}

absl::Status CheckSubmission(Session& session, const SubmissionFlags& flags) {
  RETURN_IF_ERROR(session.CheckFlags());
  RETURN_IF_ERROR(CheckMark(flags.sheet.mark));
  if (!flags.sheet.mark.empty() && flags.output.empty()) {
    return absl::InvalidArgumentError(
        "--mark: needs --output, which has the sheet that it marks");
  }
  if (flags.output.empty() || flags.wait || flags.dry_run) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      "output: needs --wait; without it, use 'atelier fetch' later");
}

absl::Status SubmitPrepared(Session& session, const SubmissionFlags& flags,
                            Client& client, const PreparedJob& job,
                            const StudyNotes& notes) {
  if (flags.dry_run) return DryRun(session, &client, {&job});
  ASSIGN_OR_RETURN(const v1::Job accepted, client.Submit(job));
  if (flags.wait) {
    return Wait(session, client, accepted.job_id(), flags, notes);
  }
  PrintSubmitted(session, accepted);
  return absl::OkStatus();
}

absl::StatusOr<JobDraft> ReadSpecArgument(const std::string& path) {
  absl::StatusOr<JobDraft> draft =
      IsResultsDocument(path) ? ReadSpecOfResults(path) : ReadSpec(path);
  if (draft.ok()) return draft;
  return absl::InvalidArgumentError(draft.status().message());
}

absl::Status Submit(Session& session, const SubmissionFlags& flags,
                    absl::FunctionRef<absl::StatusOr<JobDraft>()> make_draft) {
  RETURN_IF_ERROR(CheckSubmission(session, flags));
  ASSIGN_OR_RETURN(JobDraft draft, make_draft());
  flags.scheduling.Apply(draft);
  RETURN_IF_ERROR(flags.measure.Apply(draft));
  InputFiles files;
  ASSIGN_OR_RETURN(const PreparedJob prepared,
                   PrepareAndWarn(session, draft, files));
  // The cluster that would be started has rendered nothing: none is needed.
  if (flags.dry_run && flags.wait && !session.HasCoordinator()) {
    return DryRun(session, nullptr, {&prepared});
  }
  if (flags.wait && flags.output.empty() && !session.HasCoordinator()) {
    return absl::InvalidArgumentError(
        "output: is needed with --wait where no coordinator is named, as the "
        "results go with the cluster that is started");
  }
  if (!flags.output.empty() && !flags.dry_run) {
    RETURN_IF_ERROR(PrepareOutputFolder(flags.output));
  }
  ASSIGN_OR_RETURN(
      Client* const client,
      flags.wait ? session.ConnectOrStart(flags.workers) : session.Connect());
  return SubmitPrepared(session, flags, *client, prepared, draft.notes);
}

}  // namespace atelier
