#include <memory>

#include "client/cli/commands.h"
#include "client/cli/flags.h"
#include "client/cli/job_run.h"
#include "client/cli/json.h"
#include "client/lib/client.h"
#include "client/lib/spec.h"
#include "common/cli/parameter_flags.h"
#include "common/quoted_text.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

struct SubmitArguments {
  std::string spec;
  ParameterFlags parameters;
  SchedulingFlags scheduling;
  std::string output;
  bool wait = false;
  int workers = 1;
};

absl::StatusOr<PreparedJob> PrepareSpec(Session& session,
                                        const SubmitArguments& arguments) {
  ASSIGN_OR_RETURN(RenderPatch given, arguments.parameters.Parse());
  const RenderDraft flags{std::move(given)};
  absl::StatusOr<JobDraft> draft = ReadSpec(arguments.spec);
  if (!draft.ok()) {
    return absl::InvalidArgumentError(draft.status().message());
  }
  RETURN_IF_ERROR(OverrideBase(flags, *draft));
  arguments.scheduling.Apply(*draft);
  InputFiles files;
  return PrepareAndWarn(session, *draft, files);
}

absl::Status Wait(Session& session, Client& client, const std::string& job_id,
                  const std::string& output) {
  ASSIGN_OR_RETURN(const v1::Job job, Follow(session, client, job_id));
  FetchReport report;
  if (!output.empty()) {
    ASSIGN_OR_RETURN(report,
                     FetchInto(session, client, job, output, /*force=*/true));
  }
  if (session.flags.json) {
    session.out()
        << (output.empty() ? ToJson(job) : ToJson(job, output, report)).Line();
  }
  RETURN_IF_ERROR(Verdict(job));
  return Verdict(report);
}

absl::Status Run(Session& session, const SubmitArguments& arguments) {
  RETURN_IF_ERROR(session.CheckFlags());
  if (!arguments.output.empty() && !arguments.wait) {
    return absl::InvalidArgumentError(
        "output: needs --wait; without it, use 'atelier fetch' later");
  }
  ASSIGN_OR_RETURN(const PreparedJob prepared, PrepareSpec(session, arguments));
  if (arguments.wait && arguments.output.empty() && !session.HasCoordinator()) {
    return absl::InvalidArgumentError(
        "output: is needed with --wait where no coordinator is named, as the "
        "results go with the cluster that is started");
  }
  if (!arguments.output.empty()) {
    RETURN_IF_ERROR(PrepareOutputFolder(arguments.output));
  }
  ASSIGN_OR_RETURN(Client* const client,
                   arguments.wait ? session.ConnectOrStart(arguments.workers)
                                  : session.Connect());
  ASSIGN_OR_RETURN(const v1::Job job, client->Submit(prepared));
  if (arguments.wait) {
    return Wait(session, *client, job.job_id(), arguments.output);
  }
  if (session.flags.json) {
    session.out() << ToJson(job).Line() << std::flush;
  } else {
    session.out() << EscapedText(job.job_id()) << std::endl;
  }
  if (!session.out()) {
    session.environment().err << "atelier: the job was submitted as "
                              << EscapedText(job.job_id()) << std::endl;
  }
  return absl::OkStatus();
}

}  // namespace

void AddSubmitCommand(Command& app, Session& session) {
  auto arguments = std::make_shared<SubmitArguments>();
  Command& command =
      app.AddCommand("submit", "Submit a job from a spec file; prints its id")
          .Group("Make");
  command
      .AddOption("spec", arguments->spec,
                 "YAML or JSON file, see docs/spec.md; - reads standard input")
      .Type("SPEC")
      .Required();
  arguments->parameters.AddTo(command);
  arguments->scheduling.AddTo(command);
  command.AddFlag("--wait", arguments->wait, "Follow the job to its end");
  command
      .AddOption("-o,--output", arguments->output,
                 "With --wait: folder for the results")
      .Type("DIR");
  AddWorkersFlag(command, arguments->workers);
  AddCommonFlags(command, session,
                 "  JOB=$(atelier submit sweep.yaml)\n"
                 "  atelier submit sweep.yaml --wait --output out "
                 "--workers 2\n");
  command.SetAction([&session, arguments] { return Run(session, *arguments); });
}

}  // namespace atelier
