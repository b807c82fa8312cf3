// A link that logs a browser in: what `up` prints once, at any time.
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "client/cli/commands.h"
#include "client/cli/flags.h"
#include "client/cli/json.h"
#include "client/lib/login_link.h"
#include "common/endpoint.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

absl::Status Run(Session& session, const std::string& http) {
  Environment& environment = session.environment();
  ASSIGN_OR_RETURN(const LoginLinkRequest request, session.LoginTo(http));
  ASSIGN_OR_RETURN(
      const std::string link,
      environment.make_login_link(request, environment.interruption.stop()));
  if (session.flags.json) {
    session.out() << JsonObject().Add("link", link).Line();
  } else {
    session.out() << link << "\n";
  }
  return absl::OkStatus();
}

}  // namespace

void AddLoginLinkCommand(Command& app, Session& session) {
  auto http = std::make_shared<std::string>();
  Command& command =
      app.AddCommand("login-link",
                     "Print a link to the page that logs a browser in once, "
                     "within ten minutes")
          .Group("Look");
  command
      .AddOption("--http", *http,
                 "Where the coordinator serves its page; without it port 7071 "
                 "where --coordinator is, or of this machine")
      .Type("HOST:PORT");
  AddCommonFlags(command, session,
                 "  atelier login-link\n"
                 "  xdg-open \"$(atelier login-link)\"\n");
  command.SetAction([&session, http] { return Run(session, *http); });
}

}  // namespace atelier
