#include <memory>
#include <string>

#include "client/cli/best_task.h"
#include "client/cli/commands.h"
#include "client/cli/flags.h"
#include "client/cli/job_run.h"
#include "client/cli/json.h"
#include "client/lib/client.h"
#include "client/lib/task_grid.h"
#include "common/output_stream.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

absl::StatusOr<v1::Job> WatchAsJson(Session& session, Client& client,
                                    const std::string& job_id) {
  return client.Watch(job_id, [&](const v1::JobSnapshot& snapshot) {
    Environment& environment = session.environment();
    environment.out << ToJson(snapshot.job())
                           .Add("running", ToJsonList(snapshot.running()))
                           .Line();
    // Nobody reads on: there is nothing left to watch for.
    const absl::Status written = FlushOutput(environment.out);
    if (!written.ok()) environment.interruption.Interrupt(written);
  });
}

struct WatchArguments {
  std::string job_id;
  FollowOptions follow;
};

absl::Status CheckAxes(Client& client, const WatchArguments& arguments) {
  const GridOptions& grid = arguments.follow.grid;
  if (grid.rows.empty() && grid.columns.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const v1::Job job, client.GetJob(arguments.job_id));
  return CheckGridOptions(job.spec(), grid);
}

absl::Status Run(Session& session, const WatchArguments& arguments) {
  RETURN_IF_ERROR(CheckBestBy(arguments.follow.by));
  ASSIGN_OR_RETURN(Client* const client, session.Connect());
  RETURN_IF_ERROR(CheckAxes(*client, arguments));
  ASSIGN_OR_RETURN(
      const v1::Job job,
      session.flags.json
          ? WatchAsJson(session, *client, arguments.job_id)
          : Follow(session, *client, arguments.job_id, arguments.follow));
  return Verdict(job);
}

}  // namespace

void AddWatchCommand(Command& app, Session& session) {
  auto arguments = std::make_shared<WatchArguments>();
  Command& command =
      app.AddCommand("watch", "Follow a job to its end").Group("Look");
  AddJobArgument(command, arguments->job_id);
  command
      .AddOption("--by", arguments->follow.by,
                 "On a terminal, show the best task so far by this measure or "
                 "loss: ssim, psnr, style_distance, total_loss, ...; else "
                 "total_loss where all tasks minimise the same loss, or ssim")
      .Type("MEASURE")
      .Suggest(BestByNames());
  AddGridAxisFlags(command, arguments->follow.grid);
  AddCommonFlags(command, session,
                 "  atelier watch JOB\n"
                 "  atelier watch JOB --by style_distance --rows content\n"
                 "  atelier watch JOB --json    # one line for each change\n");
  command.SetAction([&session, arguments] { return Run(session, *arguments); });
}

}  // namespace atelier
