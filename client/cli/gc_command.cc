#include <memory>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "client/cli/commands.h"
#include "client/cli/flags.h"
#include "client/cli/json.h"
#include "client/lib/client.h"
#include "common/duration_text.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

struct GcArguments {
  std::optional<std::string> keep;
  std::optional<int64_t> max_bytes;
  bool dry_run = false;
};

absl::StatusOr<absl::Duration> ParseAge(absl::string_view text) {
  absl::Duration age;
  if (!ReadDuration(text, &age)) age = -absl::InfiniteDuration();
  constexpr absl::Duration kMost = absl::Hours(24 * 365 * 100);
  if (age >= absl::ZeroDuration() && age <= kMost) return age;
  return InvalidArgument(
      "--keep: ", text,
      " is not allowed; 0 to 36500d, such as 30d, 12h or 90m");
}

absl::StatusOr<v1::CollectGarbageRequest> Request(
    const GcArguments& arguments) {
  v1::CollectGarbageRequest request;
  if (arguments.keep.has_value()) {
    ASSIGN_OR_RETURN(const absl::Duration keep, ParseAge(*arguments.keep));
    request.mutable_keep()->set_seconds(absl::ToInt64Seconds(keep));
  }
  if (arguments.max_bytes.has_value()) {
    if (*arguments.max_bytes < 0) {
      return InvalidArgument("--max-bytes: ", *arguments.max_bytes,
                             " is not allowed; at least 0, as 50G");
    }
    request.set_max_bytes(*arguments.max_bytes);
  }
  request.set_dry_run(arguments.dry_run);
  return request;
}

absl::Status Run(Session& session, const GcArguments& arguments) {
  ASSIGN_OR_RETURN(const v1::CollectGarbageRequest request, Request(arguments));
  ASSIGN_OR_RETURN(Client* const client, session.Connect());
  ASSIGN_OR_RETURN(const v1::CollectGarbageResponse answer,
                   client->CollectGarbage(request));
  if (session.flags.json) {
    session.out() << JsonObject()
                         .Add("removed_artifacts", answer.removed_artifacts())
                         .Add("removed_bytes", answer.removed_bytes())
                         .Add("kept_artifacts", answer.kept_artifacts())
                         .Add("kept_bytes", answer.kept_bytes())
                         .Add("dry_run", arguments.dry_run)
                         .Line();
  } else {
    session.out() << (arguments.dry_run ? "would remove " : "removed ")
                  << answer.removed_artifacts() << " artifacts of "
                  << answer.removed_bytes() << " bytes; "
                  << answer.kept_artifacts() << " of " << answer.kept_bytes()
                  << " bytes stay" << std::endl;
  }
  return absl::OkStatus();
}

}  // namespace

void AddGcCommand(Command& app, Session& session) {
  auto arguments = std::make_shared<GcArguments>();
  Command& command =
      app.AddCommand("gc",
                     "Remove pictures and inputs that no job names and "
                     "nobody used for an hour")
          .Group("Steer");
  command
      .AddOption("--keep", arguments->keep,
                 "A job that ended longer ago, 0 to 36500d, names nothing any "
                 "more; without this every job does, for good")
      .Type("AGE");
  command
      .AddOption(
          "--max-bytes", arguments->max_bytes,
          "Stop when no more than this is left, at least 0, such as 50G; "
          "else nothing is left that may go")
      .Bytes();
  command.AddFlag("--dry-run", arguments->dry_run,
                  "Remove nothing, tell what would be");
  AddCommonFlags(command, session,
                 "  atelier gc --dry-run\n"
                 "  atelier gc --keep 30d --max-bytes 50G\n");
  command.SetAction([&session, arguments] { return Run(session, *arguments); });
}

}  // namespace atelier
