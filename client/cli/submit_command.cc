#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "client/cli/commands.h"
#include "client/cli/flags.h"
#include "client/cli/submission.h"
#include "client/lib/spec.h"
#include "common/cli/parameter_flags.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

struct SubmitArguments {
  std::string spec;
  ParameterFlags parameters;
  SubmissionFlags submission;
};

absl::StatusOr<JobDraft> DraftOf(const SubmitArguments& arguments) {
  ASSIGN_OR_RETURN(RenderPatch given, arguments.parameters.Parse());
  const RenderDraft flags{std::move(given)};
  ASSIGN_OR_RETURN(JobDraft draft, ReadSpecArgument(arguments.spec));
  RETURN_IF_ERROR(OverrideBase(flags, draft));
  return draft;
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
  arguments->submission.AddTo(command);
  AddCommonFlags(command, session,
                 "  atelier submit sweep.yaml --dry-run\n"
                 "  JOB=$(atelier submit sweep.yaml)\n"
                 "  atelier submit sweep.yaml --wait --output out "
                 "--workers 2\n");
  command.SetAction([&session, arguments] {
    return Submit(session, arguments->submission,
                  [&] { return DraftOf(*arguments); });
  });
}

}  // namespace atelier
