#include "client/cli/app.h"

#include <algorithm>

#include "CLI/CLI.hpp"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "client/cli/commands.h"
#include "client/cli/exit_code.h"
#include "client/cli/session.h"
#include "client/cli/version.h"
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
// of being interrupted, unless it was the person at the keyboard.
absl::Status Explain(const absl::Status& status, const Environment& env) {
  const absl::Status why = env.interruption.why();
  if (status.ok() || why.ok() || absl::IsCancelled(why)) return status;
  return why;
}

int Fail(Environment& environment, const absl::Status& status) {
  environment.err << "atelier: "
                  << absl::StrReplaceAll(status.message(), {{"\n", " "}})
                  << std::endl;
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

absl::Status BadCommandLine(absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat(what, " (see 'atelier --help')"));
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

// Reads the arguments. Returns an exit code where there is nothing to run.
absl::StatusOr<bool> Parse(CLI::App& app, std::vector<std::string> arguments,
                           Environment& environment) {
  // CLI11 takes them from the back.
  std::reverse(arguments.begin(), arguments.end());
  try {
    app.parse(std::move(arguments));
  } catch (const CLI::Success& answer) {
    app.exit(answer, environment.out, environment.err);
    return false;
  } catch (const CLI::RequiredError& error) {
    // A misspelt flag is what is wrong, not that it leaves another missing.
    const std::vector<std::string> unknown = app.remaining(/*recurse=*/true);
    if (unknown.empty()) return BadCommandLine(error.what());
    return BadCommandLine(
        CLI::ExtrasError({unknown.rbegin(), unknown.rend()}).what());
  } catch (const CLI::ParseError& error) {
    return BadCommandLine(error.what());
  }
  RETURN_IF_ERROR(CheckText(app));
  return true;
}

}  // namespace

int RunAtelier(std::vector<std::string> arguments, Environment& environment) {
  CLI::App app("Atelier renders neural style transfer, here or on a cluster.",
               "atelier");
  Session session(environment);
  Action action;
  Describe(app, session, action);
  const absl::StatusOr<bool> parsed =
      Parse(app, std::move(arguments), environment);
  if (!parsed.ok()) return Fail(environment, parsed.status());
  if (!*parsed) return Finish(environment, absl::OkStatus());
  if (!action) {
    return Fail(environment, absl::InvalidArgumentError(
                                 "no command given (see 'atelier --help')"));
  }
  return Finish(environment, Explain(action(), environment));
}

}  // namespace atelier
