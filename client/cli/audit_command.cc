// Who asked for which change, and who was refused.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "client/cli/commands.h"
#include "client/cli/flags.h"
#include "client/cli/json.h"
#include "client/cli/table.h"
#include "client/lib/client.h"
#include "common/duration_text.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

constexpr int kMaxPage = 1000;

struct AuditArguments {
  std::string user;
  std::string job;
  std::string since;
  int limit = 100;
};

// "7d": so long ago; or a time as the list shows it.
absl::StatusOr<absl::Time> ParseSince(const std::string& text) {
  absl::Duration age;
  if (ReadDuration(text, &age) && age >= absl::ZeroDuration() &&
      age <= absl::Hours(24 * 36500)) {
    return std::max(absl::Now() - age, absl::UnixEpoch());
  }
  absl::Time time;
  std::string why;
  if (absl::ParseTime(absl::RFC3339_full, text, &time, &why) &&
      time >= absl::UnixEpoch()) {
    return time;
  }
  return InvalidArgument("--since: ", text,
                         " is not allowed; how long ago, as 7d or 90m, or a "
                         "time, as 2030-01-31T12:00:00Z");
}

absl::StatusOr<v1::ListAuditRequest> Request(const AuditArguments& arguments) {
  v1::ListAuditRequest request;
  request.set_user(arguments.user);
  request.set_job_id(arguments.job);
  if (arguments.since.empty()) return request;
  ASSIGN_OR_RETURN(const absl::Time since, ParseSince(arguments.since));
  request.mutable_since()->set_seconds(absl::ToUnixSeconds(since));
  return request;
}

absl::StatusOr<std::vector<v1::AuditEntry>> Read(Client& client,
                                                 v1::ListAuditRequest request,
                                                 int limit) {
  std::vector<v1::AuditEntry> entries;
  while (static_cast<int>(entries.size()) < limit) {
    request.set_page_size(
        std::min(limit - static_cast<int>(entries.size()), kMaxPage));
    ASSIGN_OR_RETURN(const v1::ListAuditResponse page,
                     client.ListAudit(request));
    entries.insert(entries.end(), page.entries().begin(), page.entries().end());
    if (page.next_page_token().empty()) break;
    request.set_page_token(page.next_page_token());
  }
  return entries;
}

absl::Status Run(Session& session, const AuditArguments& arguments) {
  ASSIGN_OR_RETURN(const v1::ListAuditRequest request, Request(arguments));
  ASSIGN_OR_RETURN(Client* const client, session.Connect());
  ASSIGN_OR_RETURN(const std::vector<v1::AuditEntry> entries,
                   Read(*client, request, arguments.limit));
  if (session.flags.json) {
    session.out() << JsonObject().Add("entries", ToJsonList(entries)).Line();
    return absl::OkStatus();
  }
  Table table({"AT", "USER", "TOKEN", "ADDRESS", "ACTION", "ON", "COUNT",
               "OUTCOME", "MESSAGE"});
  for (const v1::AuditEntry& one : entries) {
    table.Add({FormatTimestamp(one.at()), one.user(), one.accessor(),
               one.address(), one.action(),
               one.job_id().empty() ? one.target() : one.job_id(),
               absl::StrCat(one.count()), one.outcome(), one.message()});
  }
  session.out() << table.TakeText() << std::flush;
  return absl::OkStatus();
}

}  // namespace

void AddAuditCommand(Command& app, Session& session) {
  auto arguments = std::make_shared<AuditArguments>();
  Command& command =
      app.AddCommand("audit",
                     "List the changes that were asked for, and who was "
                     "refused, newest first")
          .Group("Look");
  command.AddOption("--user", arguments->user, "Only this user's").Type("NAME");
  command.AddOption("--job", arguments->job, "Only what was done to this job")
      .Type("JOB");
  command
      .AddOption("--since", arguments->since,
                 "Only from then on: how long ago, as 7d, 0 to 36500d, or a "
                 "time, as 2030-01-31T12:00:00Z")
      .Type("TIME");
  command.AddOption("--limit", arguments->limit, "How many at most")
      .Range(1, 1'000'000)
      .ShowDefault();
  AddCommonFlags(command, session,
                 "  atelier audit --since 7d\n"
                 "  atelier audit --user anna --json\n");
  command.SetAction([&session, arguments] { return Run(session, *arguments); });
}

}  // namespace atelier
