#include "coordinator/first_token.h"

#include <pwd.h>
#include <unistd.h>

#include <cstdlib>

#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "common/log/log.h"
#include "common/status_macros.h"
#include "common/token/token_source.h"
#include "coordinator/access/local_token.h"

namespace atelier {
namespace {

// As a job's user is written.
std::string UserOfProcess() {
  const passwd* const entry = getpwuid(geteuid());
  std::string user = entry == nullptr ? "" : entry->pw_name;
  for (char& c : user) {
    c = absl::ascii_tolower(static_cast<unsigned char>(c));
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) && c != '-') {
      c = '_';
    }
  }
  return user.empty() ? "admin" : user.substr(0, 64);
}

}  // namespace

absl::Status MakeLocalToken(const std::string& flag, TokenRegistry& tokens,
                            absl::Time now) {
  if (flag == "none") return absl::OkStatus();
  const std::string path =
      flag.empty() ? DefaultTokenFile(TokenVariablesFrom(std::getenv)) : flag;
  if (path.empty()) {
    LogWarning(
        "no token is made for this user: neither XDG_CONFIG_HOME nor HOME is "
        "set; give --local-token FILE");
    return absl::OkStatus();
  }
  const absl::StatusOr<TokenRecord> token =
      AdoptLocalToken(tokens, path, UserOfProcess());
  if (!token.ok()) return Annotate(token.status(), "--local-token");
  if (IsOver(*token, now)) {
    LogWarning("the token in ", path,
               " was revoked, or has expired; remove the file, and the next "
               "start makes one");
  } else {
    LogInfo("the admin's token of this user is in ", path);
  }
  return absl::OkStatus();
}

}  // namespace atelier
