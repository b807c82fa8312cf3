// The token of this process: where it comes from, and to whom it may go.
//
//   TokenSource tokens(flags.token_file, TokenVariablesFrom(std::getenv),
//                      Clock::Steady());
//   RETURN_IF_ERROR(tokens.CheckFor(coordinator));
//   const std::string token = tokens.TokenFor(coordinator);  // For each call.
#ifndef ATELIER_COMMON_TOKEN_TOKEN_SOURCE_H_
#define ATELIER_COMMON_TOKEN_TOKEN_SOURCE_H_

#include <functional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "common/endpoint.h"
#include "common/token/port_owner.h"

namespace atelier {

/// Variables of the environment; empty when not set.
struct TokenVariables {
  std::string token;       ///< ATELIER_TOKEN: the token itself.
  std::string token_file;  ///< ATELIER_TOKEN_FILE
  std::string xdg_config_home;
  std::string home;
};

/// `get` is as std::getenv.
TokenVariables TokenVariablesFrom(
    absl::FunctionRef<const char*(const char*)> get);

/// Where a coordinator leaves the token for processes of its user:
/// $XDG_CONFIG_HOME/atelier/token, else $HOME/.config/atelier/token. Empty
/// where neither variable has an absolute path.
std::string DefaultTokenFile(const TokenVariables& variables);

/// The token is that of the first that is given of: --token-file,
/// ATELIER_TOKEN, ATELIER_TOKEN_FILE, the default file. A file is looked at
/// again a second after the last look, when the token is asked for: one that
/// was rotated is taken up. One that can no longer be used leaves the token
/// that was read before.
///
/// A token goes over TLS, over Unix sockets and over loopback, never in the
/// clear beyond that. The default file's is of a coordinator of this machine,
/// and goes over Unix sockets and loopback alone, there only while a program of
/// this user or root, and none of another's, listens at the port: another user
/// might take the port of a coordinator that stopped.
///
/// No message has anything of a token. Lifetime: of the clock. Thread-safe.
class TokenSource {
 public:
  /// `file_flag`: of --token-file; empty when not given. Looks once.
  TokenSource(
      std::string file_flag, const TokenVariables& variables, Clock& clock,
      std::function<PortOwner(const Endpoint&)> owner_of =
          [](const Endpoint& server) { return OwnerOf(server); });

  /// Errors: InvalidArgument (FieldError "token-file", "ATELIER_TOKEN" or
  ///         "ATELIER_TOKEN_FILE") for what was named, would go to `server` and
  ///         cannot be used; for a flag also where it may not go there. The
  ///         default file is none: it may come, and Explain tells of it.
  absl::Status CheckFor(const Endpoint& server);

  /// For the next call to `server`; empty: it goes without one.
  std::string TokenFor(const Endpoint& server);

  /// Each place that was looked at for a call to `server`, and what was found:
  /// "a token was looked for in: --token-file (not given), ...".
  std::string Explain(const Endpoint& server);

 private:
  enum class Place { kFlag, kVariable, kFileVariable, kDefaultFile };

  void Look();
  bool MayGoTo(const Endpoint& server) const;
  // Of the local token: who would be handed it.
  PortOwner OwnerOfServer(const Endpoint& server);
  // Of the place that counts.
  std::string Outcome(const Endpoint& server);

  const Place place_;
  const std::string path_;  // Empty: none, as with kVariable.
  Clock& clock_;
  const std::function<PortOwner(const Endpoint&)> owner_of_;
  absl::Mutex mutex_;
  int port_ ABSL_GUARDED_BY(mutex_) = 0;  // That was looked at last.
  PortOwner port_owner_ ABSL_GUARDED_BY(mutex_) = PortOwner::kNobody;
  absl::Time next_port_look_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  std::string token_ ABSL_GUARDED_BY(mutex_);
  absl::Status found_ ABSL_GUARDED_BY(mutex_);  // At the last look.
  absl::Time next_look_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

}  // namespace atelier

#endif  // ATELIER_COMMON_TOKEN_TOKEN_SOURCE_H_
