#include <memory>
#include <utility>

#include "client/cli/commands.h"
#include "client/cli/flags.h"
#include "client/cli/json.h"
#include "client/lib/login_link.h"
#include "common/endpoint.h"
#include "common/output_stream.h"
#include "common/quoted_text.h"
#include "common/status_macros.h"
#include "common/token/token_source.h"

namespace atelier {
namespace {

struct UpArguments {
  int workers = 2;
  std::string listen = "127.0.0.1:7070";
  std::string http = "127.0.0.1:7071";
  std::string data;
};

// This command is for one machine: what the coordinator would say of an address
// that others reach names a flag that is not here.
absl::StatusOr<Endpoint> ParseLocal(absl::string_view flag,
                                    const std::string& text) {
  const absl::StatusOr<Endpoint> endpoint = ParseTcpListenEndpoint(text);
  if (!endpoint.ok()) return Annotate(endpoint.status(), flag);
  if (IsLoopback(*endpoint)) return endpoint;
  const Endpoint local{"127.0.0.1", endpoint->port};
  return InvalidArgument(
      flag, ": ", Quoted(text), " can be reached from other machines; 'up' ",
      "serves this one: write ", ToString(local),
      ", or run 'atelier-coordinator' and 'atelier-worker' for a cluster");
}

absl::Status CheckEndpoints(const UpArguments& arguments) {
  ASSIGN_OR_RETURN(const Endpoint listen,
                   ParseLocal("listen", arguments.listen));
  ASSIGN_OR_RETURN(const Endpoint http, ParseLocal("http", arguments.http));
  if (listen.port == 0 || ToString(listen) != ToString(http)) {
    return absl::OkStatus();
  }
  return InvalidArgument("http: ", Quoted(arguments.http),
                         " is what --listen has too");
}

// Of a cluster that was just started: a link that logs in once, for a terminal
// alone, since what else takes standard error may be a log; else, and where no
// token is asked for, the page's plain address.
std::string PageLink(Session& session, const Cluster& cluster) {
  Environment& environment = session.environment();
  const absl::StatusOr<Endpoint> http = ParseEndpoint(cluster.http());
  if (!http.ok()) return "";
  LoginLinkRequest request;
  request.http = *http;
  // A token that a variable has is another coordinator's.
  TokenVariables variables;
  variables.home = environment.token_variables.home;
  variables.xdg_config_home = environment.token_variables.xdg_config_home;
  request.token = TokenSource("", variables, environment.clock).TokenFor(*http);
  if (environment.terminal.columns() == 0 || request.token.empty()) {
    return PageUrl(*http);
  }
  return environment.make_login_link(request, environment.interruption.stop())
      .value_or(PageUrl(*http));
}

void PrintUse(Session& session, const Cluster& cluster) {
  Environment& environment = session.environment();
  if (session.flags.json) {
    environment.out << JsonObject()
                           .Add("coordinator", cluster.coordinator())
                           .Add("http", cluster.http())
                           .Line()
                    << std::flush;
  } else if (!session.flags.quiet) {
    environment.err << "The cluster is up; Ctrl-C stops it.\n"
                    << "  export ATELIER_COORDINATOR=" << cluster.coordinator()
                    << "\n  atelier submit SPEC.yaml\n"
                    << PageLink(session, cluster) << std::endl;
  }
}

absl::Status Run(Session& session, const UpArguments& arguments) {
  RETURN_IF_ERROR(CheckEndpoints(arguments));
  Environment& environment = session.environment();
  LocalClusterOptions options = session.ClusterOptions(arguments.workers);
  options.listen = arguments.listen;
  options.http = arguments.http;
  options.data = arguments.data;
  ASSIGN_OR_RETURN(const std::unique_ptr<Cluster> cluster,
                   environment.start_cluster(std::move(options)));
  PrintUse(session, *cluster);
  RETURN_IF_ERROR(FlushOutput(environment.out));
  environment.interruption.stop().WaitFor(absl::InfiniteDuration());
  const absl::Status why = environment.interruption.why();
  if (absl::IsCancelled(why)) {
    session.Tell("The cluster stops; Ctrl-C again ends it at once.");
  }
  // Ctrl-C is how this command is meant to end.
  return absl::IsCancelled(why) ? absl::OkStatus() : why;
}

}  // namespace

void AddUpCommand(Command& app, Session& session) {
  auto arguments = std::make_shared<UpArguments>();
  Command& command =
      app.AddCommand("up", "Run a cluster on this machine until Ctrl-C")
          .Group("Steer");
  AddWorkersFlag(command, arguments->workers);
  command.AddOption("--listen", arguments->listen, "For gRPC; port 0: any")
      .Type("HOST:PORT")
      .ShowDefault();
  command
      .AddOption("--http", arguments->http,
                 "For metrics, health and the JSON API")
      .Type("HOST:PORT")
      .ShowDefault();
  command
      .AddOption("--data", arguments->data,
                 "Folder that keeps jobs and results; one that is removed at "
                 "the end when not given")
      .Type("DIR");
  AddCommonFlags(command, session,
                 "  atelier up --workers 2\n"
                 "  atelier up --workers 4 --data ~/atelier\n");
  command.SetAction([&session, arguments] { return Run(session, *arguments); });
}

}  // namespace atelier
