#include <memory>

#include "absl/strings/str_cat.h"
#include "client/cli/commands.h"
#include "client/cli/flags.h"
#include "client/cli/json.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

constexpr int kMaxPriority = 1000;

struct Wish {
  std::string job_id;
  int priority = 0;
};

absl::Status Run(Session& session, const Wish& wish) {
  ASSIGN_OR_RETURN(Client* const client, session.Connect());
  ASSIGN_OR_RETURN(const v1::Job job,
                   client->SetJobPriority(wish.job_id, wish.priority));
  if (session.flags.json) {
    session.environment().out << Line(ToJson(job));
  } else {
    session.Tell(absl::StrCat(wish.job_id, ": priority ", job.priority()));
  }
  return absl::OkStatus();
}

}  // namespace

void AddPriorityCommand(CLI::App& app, Session& session, Action& action) {
  auto wish = std::make_shared<Wish>();
  CLI::App& command =
      *app.add_subcommand("priority",
                          "Change a job's place among its user's jobs")
           ->group("Steer");
  command.add_option("job", wish->job_id, "As 'atelier jobs' lists it")
      ->type_name("JOB")
      ->required();
  command
      .add_option("priority", wish->priority,
                  "-1000 to 1000; the highest goes first, then the oldest")
      ->type_name("N")
      ->check(CLI::Range(-kMaxPriority, kMaxPriority))
      ->required();
  AddCommonFlags(command, session,
                 "  atelier priority JOB 10\n  atelier priority JOB -10\n");
  command.callback([&session, &action, wish] {
    action = [&session, wish] { return Run(session, *wish); };
  });
}

}  // namespace atelier
