#include "client/cli/app.h"

#include "CLI/CLI.hpp"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/cli/commands.h"
#include "client/cli/exit_code.h"
#include "client/cli/session.h"
#include "client/cli/version.h"
#include "common/cli/command_line.h"
#include "common/output_stream.h"
#include "common/quoted_text.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

constexpr char kExamples[] =
    "Examples:\n"
    "  atelier render --content A.jpg --style B.jpg --output out.png\n"
    "  atelier study all --content A.jpg --style B.jpg --output out\n"
    "  atelier up --workers 2      # a cluster on this machine\n"
    "  atelier COMMAND --help      # flags of a command\n\n";

void Describe(CLI::App& app, Session& session, Action& action) {
  app.set_version_flag("--version", absl::StrCat("atelier ", kVersion));
  app.footer(absl::StrCat(kExamples, kExitCodesHelp));
  // As everywhere: of a flag given twice, the last counts. Scripts rely on it.
  app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  for (auto* add :
       {AddRenderCommand, AddStudyCommand, AddSubmitCommand, AddJobsCommand,
        AddShowCommand, AddWatchCommand, AddFetchCommand, AddWorkersCommand,
        AddWeightsCommand, AddCancelCommand, AddRetryCommand, AddPauseCommand,
        AddResumeCommand, AddPriorityCommand, AddDrainCommand,
        AddReleaseCommand, AddGcCommand, AddUpCommand}) {
    add(app, session, action);
  }
}

// The reason that the command was interrupted for is better than what it says
// of being interrupted; and of what breaks once somebody has pressed Ctrl-C
// nobody wants to hear.
absl::Status Explain(const absl::Status& status, const Environment& env) {
  const absl::Status why = env.interruption.why();
  if (status.ok() || why.ok()) return status;
  if (!absl::IsCancelled(why)) return why;
  const bool is_about_it = absl::IsCancelled(status) &&
                           absl::StartsWith(status.message(), why.message());
  const bool is_an_echo = absl::IsCancelled(status) ||
                          absl::IsUnavailable(status) ||
                          absl::IsDeadlineExceeded(status);
  return is_an_echo && !is_about_it ? why : status;
}

int Fail(Environment& environment, const absl::Status& status) {
  environment.err << ErrorLine("atelier", status.message()) << std::flush;
  return ExitCodeOf(status);
}

// What was done counts for nothing where what it printed is lost.
int Finish(Environment& environment, const absl::Status& done) {
  const absl::Status arrived = FlushOutput(environment.out);
  const bool is_the_output = done.ok() || done == arrived;
  if (!arrived.ok() && is_the_output && ReaderIsGone(environment.out)) {
    return kExitBrokenPipe;
  }
  const absl::Status& status = is_the_output ? arrived : done;
  return status.ok() ? kExitOk : Fail(environment, status);
}

// What is no path goes into messages, which are UTF-8.
absl::Status CheckText(const CLI::App& app) {
  for (const CLI::Option* option : app.get_options()) {
    const std::string type = option->get_type_name();
    if (absl::StrContains(type, "FILE") || type == "DIR" || type == "SPEC") {
      continue;
    }
    for (const std::string& text : option->results()) {
      if (IsUtf8(text)) continue;
      return absl::InvalidArgumentError(absl::StrCat(
          option->get_name(), ": ", Quoted(text), " is not text in UTF-8"));
    }
  }
  for (const CLI::App* command : app.get_subcommands()) {
    RETURN_IF_ERROR(CheckText(*command));
  }
  return absl::OkStatus();
}

}  // namespace

int RunAtelier(const std::vector<std::string>& arguments,
               Environment& environment) {
  CLI::App app("Atelier renders neural style transfer, here or on a cluster.",
               "atelier");
  Session session(environment);
  Action action;
  Describe(app, session, action);
  const absl::StatusOr<bool> parsed =
      ParseCommandLine(app, arguments, environment.out);
  if (!parsed.ok()) return Fail(environment, parsed.status());
  if (const absl::Status text = CheckText(app); !text.ok()) {
    return Fail(environment, text);
  }
  if (!*parsed) return Finish(environment, absl::OkStatus());
  if (!action) {
    return Fail(environment, absl::InvalidArgumentError(
                                 "no command given (see 'atelier --help')"));
  }
  return Finish(environment, Explain(action(), environment));
}

}  // namespace atelier
