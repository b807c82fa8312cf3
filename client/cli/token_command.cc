// Who may speak to the coordinator: its tokens.
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "client/cli/commands.h"
#include "client/cli/flags.h"
#include "client/cli/json.h"
#include "client/cli/table.h"
#include "client/lib/client.h"
#include "client/lib/state_names.h"
#include "common/duration_text.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

constexpr absl::Duration kLongestLife = absl::Hours(24 * 36500);

struct CreateArguments {
  std::string role;
  std::string user;
  std::string worker;
  std::string expires;
  int max_slots = 0;
};

absl::StatusOr<v1::CreateTokenRequest> Request(
    const CreateArguments& arguments) {
  v1::CreateTokenRequest request;
  for (const v1::TokenRole role : {v1::TOKEN_ROLE_READ, v1::TOKEN_ROLE_SUBMIT,
                                   v1::TOKEN_ROLE_WORK, v1::TOKEN_ROLE_ADMIN}) {
    if (arguments.role == RoleName(role)) request.set_role(role);
  }
  request.set_user(arguments.user);
  request.set_worker_pattern(arguments.worker);
  request.set_max_slots(arguments.max_slots);
  if (arguments.expires.empty()) return request;
  ASSIGN_OR_RETURN(const absl::Duration life,
                   ParseBetween("--expires", arguments.expires,
                                absl::Seconds(1), kLongestLife));
  request.mutable_expires_in()->set_seconds(absl::ToInt64Seconds(life));
  return request;
}

std::string TimeOr(bool has_one, const google::protobuf::Timestamp& time,
                   const char* otherwise) {
  return has_one ? FormatTimestamp(time) : otherwise;
}

// When it ends or ended.
std::string EndOf(const v1::Token& token) {
  if (token.has_revoked_at()) {
    return absl::StrCat("revoked ", FormatTimestamp(token.revoked_at()));
  }
  return TimeOr(token.has_expires_at(), token.expires_at(), "");
}

absl::Status Create(Session& session, const CreateArguments& arguments) {
  ASSIGN_OR_RETURN(const v1::CreateTokenRequest request, Request(arguments));
  ASSIGN_OR_RETURN(Client* const client, session.Connect());
  ASSIGN_OR_RETURN(const v1::CreateTokenResponse made,
                   client->CreateToken(request));
  if (session.flags.json) {
    session.out() << JsonObject()
                         .Add("token", made.token())
                         .Add(ToJson(made.description()))
                         .Line();
    return absl::OkStatus();
  }
  session.out() << made.token() << std::endl;
  session.Tell(absl::StrCat("its accessor is ", made.description().accessor(),
                            "; the token is shown only now"));
  return absl::OkStatus();
}

absl::Status List(Session& session) {
  ASSIGN_OR_RETURN(Client* const client, session.Connect());
  ASSIGN_OR_RETURN(const std::vector<v1::Token> tokens, client->ListTokens());
  if (session.flags.json) {
    session.out() << JsonObject().Add("tokens", ToJsonList(tokens)).Line();
    return absl::OkStatus();
  }
  Table table({"ACCESSOR", "ROLE", "USER", "WORKERS", "SLOTS", "CREATED",
               "LAST USED", "ENDS"});
  for (const v1::Token& token : tokens) {
    table.Add({token.accessor(), RoleName(token.role()), token.user(),
               token.worker_pattern(),
               token.max_slots() == 0 ? "" : absl::StrCat(token.max_slots()),
               FormatTimestamp(token.created_at()),
               TimeOr(token.has_last_used_at(), token.last_used_at(), "never"),
               EndOf(token)});
  }
  session.out() << table.TakeText() << std::flush;
  return absl::OkStatus();
}

absl::Status Revoke(Session& session, const std::string& accessor) {
  ASSIGN_OR_RETURN(Client* const client, session.Connect());
  ASSIGN_OR_RETURN(const v1::Token token, client->RevokeToken(accessor));
  if (session.flags.json) {
    session.out() << ToJson(token).Line();
  } else {
    session.Tell(absl::StrCat(accessor, ": ", EndOf(token)));
  }
  return absl::OkStatus();
}

void AddCreate(Command& token, Session& session) {
  auto arguments = std::make_shared<CreateArguments>();
  Command& command = token.AddCommand(
      "create", "Make a token, and print it: the only time it is seen");
  command.AddOption("--role", arguments->role, "What its holder may do")
      .Type("ROLE")
      .OneOf({"read", "submit", "work", "admin"})
      .Required();
  command
      .AddOption("--user", arguments->user,
                 "Whose jobs it submits; needed for submit, else nobody's")
      .Type("NAME");
  command
      .AddOption("--worker", arguments->worker,
                 "The names that a worker with it may have, as gpu-*; "
                 "any without this")
      .Type("PATTERN");
  command
      .AddOption(
          "--max-slots", arguments->max_slots,
          "How many slots a worker with it may offer; any number without "
          "this")
      .Type("N")
      .Range(1, 1024);
  command
      .AddOption("--expires", arguments->expires,
                 "How long it is good for, as 30d, 1s to 36500d; for good "
                 "without this")
      .Type("TIME");
  AddCommonFlags(command, session,
                 "  atelier token create --role submit --user anna\n"
                 "  atelier token create --role work --worker 'gpu-*' "
                 "--max-slots 4 --expires 365d\n");
  command.SetAction(
      [&session, arguments] { return Create(session, *arguments); });
}

}  // namespace

void AddTokenCommand(Command& app, Session& session) {
  Command& token =
      app.AddCommand("token", "Make, list and revoke tokens").Group("Steer");
  AddCreate(token, session);
  Command& list = token.AddCommand(
      "list", "List tokens, by accessor, also those that ended of late");
  AddCommonFlags(list, session, "  atelier token list\n");
  list.SetAction([&session] { return List(session); });
  auto accessor = std::make_shared<std::string>();
  Command& revoke =
      token.AddCommand("revoke", "End a token, and what its holder has open");
  revoke.AddOption("accessor", *accessor, "As 'atelier token list' shows it")
      .Type("ACCESSOR")
      .Required();
  AddCommonFlags(revoke, session, "  atelier token revoke 0a1b2c3d4e5f\n");
  revoke.SetAction([&session, accessor] { return Revoke(session, *accessor); });
}

}  // namespace atelier
