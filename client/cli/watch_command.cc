#include <memory>

#include "client/cli/commands.h"
#include "client/cli/flags.h"
#include "client/cli/job_run.h"
#include "client/cli/json.h"
#include "client/lib/client.h"
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

absl::Status Run(Session& session, const std::string& job_id) {
  ASSIGN_OR_RETURN(Client* const client, session.Connect());
  ASSIGN_OR_RETURN(const v1::Job job,
                   session.flags.json ? WatchAsJson(session, *client, job_id)
                                      : Follow(session, *client, job_id));
  return Verdict(job);
}

}  // namespace

void AddWatchCommand(Command& app, Session& session) {
  auto job_id = std::make_shared<std::string>();
  Command& command =
      app.AddCommand("watch", "Follow a job to its end").Group("Look");
  AddJobArgument(command, *job_id);
  AddCommonFlags(command, session,
                 "  atelier watch JOB\n"
                 "  atelier watch JOB --json    # one line for each change\n");
  command.SetAction([&session, job_id] { return Run(session, *job_id); });
}

}  // namespace atelier
