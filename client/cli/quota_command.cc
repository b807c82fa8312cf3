// What users may have at once: queued and running tasks, bytes of artifacts.
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "atelier/v1/access.pb.h"
#include "client/cli/commands.h"
#include "client/cli/flags.h"
#include "client/cli/json.h"
#include "client/cli/table.h"
#include "client/lib/client.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

// As access.proto has them.
constexpr int64_t kAnyAmount = 0;
constexpr int64_t kByDefault = -1;

struct SetArguments {
  std::string user;
  std::optional<std::string> max_queued;
  std::optional<std::string> max_running;
  std::optional<std::string> max_bytes;
};

// "10GB" is 10 * 2^30, as flags of the coordinator take it.
std::optional<int64_t> ReadSize(absl::string_view text) {
  constexpr absl::string_view kUnits = "kmgt";
  std::string lower = absl::AsciiStrToLower(text);
  if (absl::EndsWith(lower, "b")) lower.pop_back();
  int64_t unit = 1;
  const size_t at =
      lower.empty() ? std::string::npos : kUnits.find(lower.back());
  if (at != std::string::npos) {
    unit = int64_t{1} << (10 * (at + 1));
    lower.pop_back();
  }
  int64_t count = 0;
  if (!absl::SimpleAtoi(lower, &count) || count < 1 ||
      count > std::numeric_limits<int64_t>::max() / unit) {
    return std::nullopt;
  }
  return count * unit;
}

absl::StatusOr<int64_t> ReadBound(absl::string_view flag,
                                  const std::string& text, bool is_size) {
  if (text == "none") return kAnyAmount;
  if (text == "default") return kByDefault;
  int64_t count = 0;
  const std::optional<int64_t> bound =
      is_size                                        ? ReadSize(text)
      : absl::SimpleAtoi(text, &count) && count >= 1 ? std::optional(count)
                                                     : std::nullopt;
  if (bound.has_value()) return *bound;
  return InvalidArgument(flag, ": '", text, "' is not allowed; ",
                         is_size ? "a size, as 10GB" : "a number from 1 on",
                         ", none, or default");
}

absl::StatusOr<v1::SetQuotaRequest> QuotaRequest(
    const SetArguments& arguments) {
  v1::SetQuotaRequest request;
  request.set_user(arguments.user);
  if (arguments.max_queued.has_value()) {
    ASSIGN_OR_RETURN(const int64_t bound,
                     ReadBound("--max-queued", *arguments.max_queued, false));
    request.set_max_queued_tasks(bound);
  }
  if (arguments.max_running.has_value()) {
    ASSIGN_OR_RETURN(const int64_t bound,
                     ReadBound("--max-running", *arguments.max_running, false));
    request.set_max_running_tasks(bound);
  }
  if (arguments.max_bytes.has_value()) {
    ASSIGN_OR_RETURN(const int64_t bound,
                     ReadBound("--max-bytes", *arguments.max_bytes, true));
    request.set_max_artifact_bytes(bound);
  }
  if (request.has_max_queued_tasks() || request.has_max_running_tasks() ||
      request.has_max_artifact_bytes()) {
    return request;
  }
  return absl::InvalidArgumentError(
      "nothing to set: give --max-queued, --max-running or --max-bytes");
}

// "90 of 100", "90 of any".
std::string ShownBound(const v1::QuotaBound& bound) {
  return absl::StrCat(
      bound.used(), " of ",
      bound.most() == kAnyAmount ? "any" : absl::StrCat(bound.most()),
      bound.is_set() ? "" : " (default)");
}

std::string ShownUser(const v1::Quota& quota) {
  return quota.user().empty() ? "(none)" : quota.user();
}

absl::Status SetQuota(Session& session, const SetArguments& arguments) {
  ASSIGN_OR_RETURN(const v1::SetQuotaRequest request, QuotaRequest(arguments));
  ASSIGN_OR_RETURN(Client* const client, session.Connect());
  ASSIGN_OR_RETURN(const v1::Quota quota, client->SetQuota(request));
  if (session.flags.json) {
    session.out() << ToJson(quota).Line();
    return absl::OkStatus();
  }
  session.Tell(absl::StrCat(
      quota.user(), ": queued tasks ", ShownBound(quota.queued_tasks()),
      ", running tasks ", ShownBound(quota.running_tasks()),
      ", artifact bytes ", ShownBound(quota.artifact_bytes())));
  return absl::OkStatus();
}

absl::Status ListQuotas(Session& session) {
  ASSIGN_OR_RETURN(Client* const client, session.Connect());
  ASSIGN_OR_RETURN(const std::vector<v1::Quota> quotas, client->ListQuotas());
  if (session.flags.json) {
    session.out() << JsonObject().Add("quotas", ToJsonList(quotas)).Line();
    return absl::OkStatus();
  }
  Table table({"USER", "QUEUED TASKS", "RUNNING TASKS", "ARTIFACT BYTES"});
  for (const v1::Quota& quota : quotas) {
    table.Add({ShownUser(quota), ShownBound(quota.queued_tasks()),
               ShownBound(quota.running_tasks()),
               ShownBound(quota.artifact_bytes())});
  }
  session.out() << table.TakeText() << std::flush;
  return absl::OkStatus();
}

void AddSet(Command& quota, Session& session) {
  auto arguments = std::make_shared<SetArguments>();
  Command& command = quota.AddCommand(
      "set", "Bound what a user may have at once; what is not given stays");
  command.AddOption("--user", arguments->user, "Whose jobs and artifacts")
      .Type("NAME")
      .Required();
  command
      .AddOption(
          "--max-queued", arguments->max_queued,
          "Queued tasks: at least 1, none for any number, or default for "
          "what the coordinator's flag says; as it is when not given")
      .Type("N");
  command
      .AddOption(
          "--max-running", arguments->max_running,
          "Tasks that workers hold: at least 1, none, default, likewise; "
          "as it is when not given")
      .Type("N");
  command
      .AddOption("--max-bytes", arguments->max_bytes,
                 "Bytes of its inputs and results: at least 1, as 10GB, none, "
                 "default, likewise; as it is when not given")
      .Type("SIZE");
  AddCommonFlags(command, session,
                 "  atelier quota set --user anna --max-queued 10000 "
                 "--max-bytes 10GB\n"
                 "  atelier quota set --user anna --max-running none\n");
  command.SetAction(
      [&session, arguments] { return SetQuota(session, *arguments); });
}

}  // namespace

void AddQuotaCommand(Command& app, Session& session) {
  Command& quota =
      app.AddCommand("quota", "Set and list what users may have at once")
          .Group("Steer");
  quota.RequireCommand();
  AddSet(quota, session);
  Command& list = quota.AddCommand(
      "list",
      "List quotas beside what is used of them; without an admin's "
      "token, one's own");
  AddCommonFlags(list, session, "  atelier quota list\n");
  list.SetAction([&session] { return ListQuotas(session); });
}

}  // namespace atelier
