#include "client/cli/app.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/cli/commands.h"
#include "client/cli/exit_code.h"
#include "client/cli/session.h"
#include "common/cli/command_line.h"
#include "common/output_stream.h"

namespace atelier {
namespace {

constexpr char kName[] = "atelier";
constexpr char kAbout[] =
    "Atelier renders neural style transfer, here or on a cluster.";
constexpr char kExamples[] =
    "Examples:\n"
    "  atelier render --content A.jpg --style B.jpg --output out.png\n"
    "  atelier study all --content A.jpg --style B.jpg --output out\n"
    "  atelier up --workers 2      # a cluster on this machine\n"
    "  atelier COMMAND --help      # flags of a command\n\n";

void Describe(Command& app, Session& session) {
  app.SetVersion("atelier " ATELIER_VERSION);
  app.SetFooter(absl::StrCat(kExamples, kExitCodesHelp));
  for (auto* add : {AddRenderCommand,    AddStudyCommand,  AddSubmitCommand,
                    AddSweepCommand,     AddExtendCommand, AddRerunCommand,
                    AddCompareCommand,   AddJobsCommand,   AddShowCommand,
                    AddLogCommand,       AddWatchCommand,  AddFetchCommand,
                    AddLoginLinkCommand, AddRateCommand,   AddWorkersCommand,
                    AddWeightsCommand,   AddSteerCommands, AddGcCommand,
                    AddTokenCommand,     AddQuotaCommand,  AddAuditCommand,
                    AddUpCommand}) {
    add(app, session);
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

}  // namespace

CommandHelp AtelierHelp(Environment& environment) {
  Command app(kName, kAbout);
  Session session(environment);
  Describe(app, session);
  return app.Help();
}

int RunAtelier(const std::vector<std::string>& arguments,
               Environment& environment) {
  Command app(kName, kAbout);
  Session session(environment);
  Describe(app, session);
  const absl::StatusOr<bool> parsed = app.Parse(arguments, environment.out);
  if (!parsed.ok()) return Fail(environment, parsed.status());
  // It goes into messages, which are UTF-8.
  if (const absl::Status text = app.CheckText(); !text.ok()) {
    return Fail(environment, text);
  }
  if (!*parsed) return Finish(environment, absl::OkStatus());
  const Command::Action action = app.ChosenAction();
  if (!action) {
    return Fail(environment, absl::InvalidArgumentError(
                                 "no command given (see 'atelier --help')"));
  }
  const absl::Status done = Explain(action(), environment);
  return Finish(environment, session.ExplainDenial(done));
}

}  // namespace atelier
