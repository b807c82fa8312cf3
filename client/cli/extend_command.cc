#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/cli/commands.h"
#include "client/cli/flags.h"
#include "client/cli/job_run.h"
#include "client/cli/session.h"
#include "client/cli/submission.h"
#include "client/cli/sweep_parameters.h"
#include "client/lib/client.h"
#include "client/lib/extend.h"
#include "client/lib/input_files.h"
#include "client/lib/sweep_flags.h"
#include "common/cli/command_line.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

constexpr char kExtendHelp[] =
    "  atelier extend JOB --style-weight 4000,5000\n"
    "  atelier extend JOB --content 'more/*.jpg' --wait --output out\n"
    "  atelier extend JOB --init content,noise --name 'and from noise'\n"
    "  atelier extend JOB --seed 4-9 --dry-run\n"
    "\n"
    "The new job has the tasks of JOB and those of the new values; what JOB\n"
    "has rendered is not rendered again. Values are written as for 'atelier\n"
    "sweep'. A parameter that is no axis of JOB becomes its last axis, with\n"
    "the present value first. Files of JOB need not be on this machine.\n";

struct ExtendArguments {
  std::string job_id;
  SweepFlags sweep;
  SubmissionFlags submission;
};

absl::StatusOr<PreparedJob> Enlarged(Client& client,
                                     const ExtendArguments& arguments,
                                     const std::vector<AxisDraft>& values) {
  ASSIGN_OR_RETURN(const v1::Job job, client.GetJob(arguments.job_id));
  InputFiles files;
  ASSIGN_OR_RETURN(PreparedJob larger, ExtendJob(job.spec(), values, files));
  if (!arguments.sweep.name.empty()) {
    larger.spec.set_name(arguments.sweep.name);
  }
  arguments.submission.scheduling.Apply(larger.spec);
  return larger;
}

absl::Status Extend(Session& session, const ExtendArguments& arguments) {
  RETURN_IF_ERROR(CheckSubmission(session, arguments.submission));
  if (arguments.sweep.parameters.empty()) {
    return absl::InvalidArgumentError(
        "extend: needs a flag of a parameter with values that are new, such as "
        "--style-weight 4000,5000");
  }
  // Wrong values are told before anything is asked for.
  ASSIGN_OR_RETURN(const std::vector<AxisDraft> values,
                   ReadSweepAxes(arguments.sweep));
  ASSIGN_OR_RETURN(Client* const client, session.Connect());
  ASSIGN_OR_RETURN(const PreparedJob larger,
                   Enlarged(*client, arguments, values));
  WarnOf(session, larger);
  if (!arguments.submission.output.empty() && !arguments.submission.dry_run) {
    RETURN_IF_ERROR(PrepareOutputFolder(arguments.submission.output));
  }
  return SubmitPrepared(session, arguments.submission, *client, larger);
}

}  // namespace

void AddExtendCommand(Command& app, Session& session) {
  auto arguments = std::make_shared<ExtendArguments>();
  Command& command =
      app.AddCommand("extend",
                     "Submit a job again with more values; prints the new id")
          .Group("Make");
  AddJobArgument(command, arguments->job_id);
  AddSweepParameters(command, arguments->sweep, /*needs_content=*/false);
  command
      .AddOption("--name", arguments->sweep.name,
                 "Of the new job; else that of JOB")
      .Type("NAME")
      .Group("Sweep");
  arguments->submission.AddToOneWithCoordinator(command);
  AddCommonFlags(command, session, kExtendHelp);
  command.SetAction([&session, &command, arguments] {
    SortAsGiven(command, arguments->sweep);
    return Extend(session, *arguments);
  });
}

}  // namespace atelier
