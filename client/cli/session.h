// What all commands share: their common flags, and the way to a coordinator.
#ifndef ATELIER_CLIENT_CLI_SESSION_H_
#define ATELIER_CLIENT_CLI_SESSION_H_

#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "client/cli/environment.h"

namespace atelier {

class Client;

/// One run of one command. Thread-compatible.
class Session {
 public:
  explicit Session(Environment& environment);
  ~Session();

  /// Filled by flags before the command runs.
  struct Flags {
    std::string coordinator;  ///< Empty: not given.
    std::string ca;           ///< Empty: not given.
    std::string token_file;   ///< Empty: not given.
    bool json = false;
    bool quiet = false;
  } flags;

  /// The coordinator given, or the one on this machine's default port.
  /// Errors: InvalidArgument (not HOST:PORT; no CA or token in a file that was
  ///         named), Unavailable (none there), Unauthenticated (as ProbeTls, or
  ///         the coordinator does not know who calls).
  absl::StatusOr<Client*> Connect();
  /// The coordinator given, or else a cluster of our own for this session.
  absl::StatusOr<Client*> ConnectOrStart(int workers);
  /// Who asks for a link at `http`; empty: at the port for HTTP where the
  /// coordinator given is, or of this machine.
  /// Errors: InvalidArgument (as Connect), Unauthenticated (there is no token
  ///         for it: where one was looked for).
  absl::StatusOr<LoginLinkRequest> LoginTo(const std::string& http);
  /// Checks --coordinator, --ca and --token-file without using them.
  absl::Status CheckFlags();

  /// Where the coordinator does not know who calls, the same with where a token
  /// was looked for; else `status`.
  absl::Status ExplainDenial(const absl::Status& status);

  /// Of a cluster that stops with this session, and interrupts it where it
  /// fails.
  LocalClusterOptions ClusterOptions(int workers);

  /// Whether a coordinator was named, by flag or environment.
  bool HasCoordinator() const { return !CoordinatorGiven().empty(); }

  /// Whether ConnectOrStart has started a cluster.
  bool has_own_cluster() const { return cluster_ != nullptr; }

  Environment& environment() { return environment_; }
  /// Standard output.
  std::ostream& out() { return environment_.out; }
  /// For a StatusLine: columns of the terminal; 0 where there is none, and with
  /// --quiet.
  int status_columns() const {
    return flags.quiet ? 0 : environment_.terminal.columns();
  }
  /// "atelier: line" on standard error, unless --quiet.
  void Warn(absl::string_view line);
  /// What was done, as a line on standard error, unless --quiet. Both escape
  /// what a line may quote.
  void Tell(absl::string_view line);

 private:
  std::string CoordinatorGiven() const;
  const char* CoordinatorSource() const;
  TlsClientFiles TlsFiles() const;
  // What every call to a coordinator that was named takes its token from.
  const std::shared_ptr<TokenSource>& Tokens();
  absl::StatusOr<Endpoint> CheckEndpoint(const std::string& coordinator);
  // `tokens`: null for none.
  absl::StatusOr<Client*> ConnectTo(const Endpoint& endpoint,
                                    std::shared_ptr<TokenSource> tokens);

  Environment& environment_;
  std::shared_ptr<TokenSource> tokens_;  // Null until Tokens.
  std::optional<Endpoint> shows_token_to_;
  std::unique_ptr<Cluster> cluster_;
  std::unique_ptr<Client> client_;  // Gone before its cluster.
};

}  // namespace atelier

#endif  // ATELIER_CLIENT_CLI_SESSION_H_
