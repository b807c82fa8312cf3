// What one thinks of a job's pictures: stars, or the worst of a few.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "atelier/v1/ratings.pb.h"
#include "client/cli/commands.h"
#include "client/cli/flags.h"
#include "client/cli/json.h"
#include "client/lib/client.h"
#include "common/quoted_text.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

constexpr int64_t kLastTask = int64_t{1} << 40;
// As ratings.proto has them.
constexpr int kMostStars = 5;
constexpr size_t kFewestJudged = 2;
constexpr size_t kMostJudged = 4;

struct RateArguments {
  std::string job_id;
  std::optional<int64_t> task;
  std::optional<int> stars;
  std::optional<int64_t> worst;
  std::string of;
};

absl::StatusOr<std::vector<int64_t>> ReadJudged(const std::string& text) {
  std::vector<int64_t> tasks;
  for (const absl::string_view number : absl::StrSplit(text, ',')) {
    int64_t task = 0;
    if (!absl::SimpleAtoi(number, &task) || task < 0 || task > kLastTask) {
      return InvalidArgument("--of: ", Quoted(text),
                             " is not allowed; numbers of tasks, as 1,2,3,4");
    }
    if (std::find(tasks.begin(), tasks.end(), task) != tasks.end()) {
      return InvalidArgument("--of: ", task, " is there twice");
    }
    tasks.push_back(task);
    if (tasks.size() > kMostJudged) break;
  }
  if (tasks.size() >= kFewestJudged && tasks.size() <= kMostJudged) {
    return tasks;
  }
  return InvalidArgument("--of: ", Quoted(text), " is not allowed; from ",
                         kFewestJudged, " to ", kMostJudged, " tasks");
}

absl::StatusOr<std::vector<v1::TaskRating>> Star(
    Session& session, const RateArguments& arguments) {
  v1::StarTaskRequest request;
  request.set_job_id(arguments.job_id);
  request.set_task_index(*arguments.task);
  request.set_stars(*arguments.stars);
  ASSIGN_OR_RETURN(Client* const client, session.Connect());
  ASSIGN_OR_RETURN(const v1::TaskRating rating, client->StarTask(request));
  return std::vector<v1::TaskRating>{rating};
}

absl::StatusOr<std::vector<v1::TaskRating>> Judge(
    Session& session, const RateArguments& arguments) {
  ASSIGN_OR_RETURN(const std::vector<int64_t> tasks, ReadJudged(arguments.of));
  if (std::find(tasks.begin(), tasks.end(), *arguments.worst) == tasks.end()) {
    return InvalidArgument("--worst: ", *arguments.worst,
                           " is not allowed; one of --of ", arguments.of);
  }
  v1::JudgeTasksRequest request;
  request.set_job_id(arguments.job_id);
  for (const int64_t task : tasks) request.add_task_indexes(task);
  request.set_worst(*arguments.worst);
  ASSIGN_OR_RETURN(Client* const client, session.Connect());
  return client->JudgeTasks(request);
}

// "task 7: 3.5 stars by 2, worst in 1 of 5"
std::string ShownRating(const v1::TaskRating& rating) {
  return absl::StrCat("task ", rating.task_index(), ": ",
                      rating.people() > 0 ? absl::StrFormat("%.3g stars by %d",
                                                            rating.mean_stars(),
                                                            rating.people())
                                          : "no stars",
                      rating.times_shown() > 0
                          ? absl::StrCat(", worst in ", rating.times_worst(),
                                         " of ", rating.times_shown())
                          : "");
}

absl::StatusOr<std::vector<v1::TaskRating>> Send(
    Session& session, const RateArguments& arguments) {
  const bool stars = arguments.task.has_value() && arguments.stars.has_value();
  const bool judges = arguments.worst.has_value() && !arguments.of.empty();
  const bool begins_stars =
      arguments.task.has_value() || arguments.stars.has_value();
  const bool begins_judging =
      arguments.worst.has_value() || !arguments.of.empty();
  if (stars && !begins_judging) return Star(session, arguments);
  if (judges && !begins_stars) return Judge(session, arguments);
  return absl::InvalidArgumentError(
      begins_stars && begins_judging
          ? "TASK and --stars rate one task, --worst and --of judge several: "
            "give one of both"
          : "give TASK and --stars, or --worst and --of");
}

absl::Status RunRate(Session& session, const RateArguments& arguments) {
  ASSIGN_OR_RETURN(const std::vector<v1::TaskRating> ratings,
                   Send(session, arguments));
  if (session.flags.json) {
    session.out() << JsonObject().Add("ratings", ToJsonList(ratings)).Line();
    return absl::OkStatus();
  }
  for (const v1::TaskRating& rating : ratings) {
    session.Tell(ShownRating(rating));
  }
  return absl::OkStatus();
}

}  // namespace

void AddRateCommand(Command& app, Session& session) {
  auto arguments = std::make_shared<RateArguments>();
  Command& command =
      app.AddCommand("rate",
                     "Give a task stars, or say which of a few is worst")
          .Group("Look");
  AddJobArgument(command, arguments->job_id);
  command
      .AddOption("task", arguments->task,
                 "The number of the task that --stars is about")
      .Type("TASK")
      .Range(int64_t{0}, kLastTask);
  command
      .AddOption("--stars", arguments->stars,
                 "What the task gets; 0 takes yours away. Only with TASK")
      .Type("N")
      .Range(0, kMostStars);
  command
      .AddOption("--worst", arguments->worst,
                 "The task that is the worst of --of")
      .Type("TASK")
      .Range(int64_t{0}, kLastTask);
  command
      .AddOption("--of", arguments->of,
                 "The tasks that were compared: 2 to 4. Only with --worst")
      .Type("N,N");
  AddCommonFlags(command, session,
                 "  atelier rate JOB 7 --stars 4\n"
                 "  atelier rate JOB --worst 3 --of 1,2,3,4\n");
  command.SetAction(
      [&session, arguments] { return RunRate(session, *arguments); });
}

}  // namespace atelier
