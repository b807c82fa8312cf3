#include <memory>

#include "client/cli/commands.h"
#include "client/cli/flags.h"
#include "client/cli/job_run.h"
#include "client/cli/json.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

struct Arguments {
  std::string job_id;
  std::string output;
  bool force = false;
};

absl::Status Run(Session& session, const Arguments& arguments) {
  RETURN_IF_ERROR(session.CheckFlags());
  ASSIGN_OR_RETURN(Client* const client, session.Connect());
  ASSIGN_OR_RETURN(const v1::Job job, client->GetJob(arguments.job_id));
  RETURN_IF_ERROR(PrepareOutputFolder(arguments.output));
  ASSIGN_OR_RETURN(
      const FetchReport report,
      FetchInto(session, *client, job, arguments.output, arguments.force));
  if (session.flags.json) {
    Json json = ToJson(job);
    json["output"] = arguments.output;
    AddReport(report, json);
    session.environment().out << Line(json);
  } else if (report.without_result > 0) {
    session.Warn(absl::StrCat(report.without_result,
                              " tasks have no result; see: atelier show ",
                              arguments.job_id));
  }
  return Verdict(report);
}

}  // namespace

void AddFetchCommand(CLI::App& app, Session& session, Action& action) {
  auto arguments = std::make_shared<Arguments>();
  CLI::App& command =
      *app.add_subcommand("fetch",
                          "Bring a job's pictures, sheet and table here")
           ->group("Look");
  command.add_option("job", arguments->job_id, "As 'atelier jobs' lists it")
      ->type_name("JOB")
      ->required();
  command
      .add_option("-o,--output", arguments->output,
                  "Folder; pictures that are there already stay")
      ->type_name("DIR")
      ->required();
  command.add_flag("--force", arguments->force,
                   "Also into a folder with another job's results; files of "
                   "the same names are replaced");
  AddCommonFlags(command, session, "  atelier fetch JOB --output out\n");
  command.callback([&session, &action, arguments] {
    action = [&session, arguments] { return Run(session, *arguments); };
  });
}

}  // namespace atelier
