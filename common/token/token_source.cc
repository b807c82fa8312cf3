#include "common/token/token_source.h"

#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/field_error.h"
#include "common/token/token_file.h"

namespace atelier {
namespace {

constexpr absl::Duration kBetweenLooks = absl::Seconds(1);
constexpr absl::Duration kBetweenPortLooks = absl::Milliseconds(50);
constexpr char kNoFolder[] = "neither XDG_CONFIG_HOME nor HOME names a folder";

// By place, as messages call them.
constexpr const char* kFields[] = {"token-file", "ATELIER_TOKEN",
                                   "ATELIER_TOKEN_FILE"};

}  // namespace

TokenVariables TokenVariablesFrom(
    absl::FunctionRef<const char*(const char*)> get) {
  const auto value = [&](const char* name) {
    const char* const text = get(name);
    return std::string(text == nullptr ? "" : text);
  };
  return {value("ATELIER_TOKEN"), value("ATELIER_TOKEN_FILE"),
          value("XDG_CONFIG_HOME"), value("HOME")};
}

std::string DefaultTokenFile(const TokenVariables& variables) {
  constexpr char kFile[] = "/atelier/token";
  // The XDG specification has relative paths ignored.
  if (absl::StartsWith(variables.xdg_config_home, "/")) {
    return absl::StrCat(variables.xdg_config_home, kFile);
  }
  if (!absl::StartsWith(variables.home, "/")) return "";
  return absl::StrCat(variables.home, "/.config", kFile);
}

TokenSource::TokenSource(std::string file_flag, const TokenVariables& variables,
                         Clock& clock,
                         std::function<PortOwner(const Endpoint&)> owner_of)
    : place_(!file_flag.empty()              ? Place::kFlag
             : !variables.token.empty()      ? Place::kVariable
             : !variables.token_file.empty() ? Place::kFileVariable
                                             : Place::kDefaultFile),
      path_(place_ == Place::kFlag           ? std::move(file_flag)
            : place_ == Place::kVariable     ? ""
            : place_ == Place::kFileVariable ? variables.token_file
                                             : DefaultTokenFile(variables)),
      clock_(clock),
      owner_of_(std::move(owner_of)) {
  if (place_ == Place::kVariable && IsToken(variables.token)) {
    token_ = variables.token;
  } else if (place_ == Place::kVariable) {
    found_ = absl::InvalidArgumentError(
        absl::StrCat("it is no token: 1 to ", kMaxTokenBytes,
                     " characters of [A-Za-z0-9_] are allowed"));
  } else if (path_.empty()) {
    found_ = absl::NotFoundError(kNoFolder);
  }
  Look();
}

void TokenSource::Look() {
  if (path_.empty()) return;
  {
    absl::MutexLock lock(&mutex_);
    const absl::Time now = clock_.Now();
    if (now < next_look_) return;
    // A coordinator that starts may be about to write it.
    next_look_ = now + (token_.empty() ? kBetweenPortLooks : kBetweenLooks);
  }
  absl::StatusOr<std::string> token = ReadTokenFile(path_);
  absl::MutexLock lock(&mutex_);
  found_ = token.status();
  if (token.ok()) token_ = *std::move(token);
}

bool TokenSource::MayGoTo(const Endpoint& server) const {
  if (place_ == Place::kDefaultFile) return IsLoopback(server);
  return server.tls || IsLoopback(server);
}

absl::Status TokenSource::CheckFor(const Endpoint& server) {
  if (place_ == Place::kDefaultFile) return absl::OkStatus();
  const char* const field = kFields[static_cast<int>(place_)];
  if (!MayGoTo(server)) {
    if (place_ != Place::kFlag) return absl::OkStatus();
    return FieldError(
        field, absl::StrCat("a token does not go to ", ToString(server),
                            ", which is without TLS; write grpcs://HOST:PORT"));
  }
  Look();
  absl::MutexLock lock(&mutex_);
  if (!token_.empty()) return absl::OkStatus();
  return FieldError(field, found_.message());
}

std::string TokenSource::TokenFor(const Endpoint& server) {
  if (!MayGoTo(server)) return "";
  Look();
  if (OwnerOfServer(server) != PortOwner::kUs) return "";
  absl::MutexLock lock(&mutex_);
  return token_;
}

// Kept for moments: a coordinator may end, and another take its port.
PortOwner TokenSource::OwnerOfServer(const Endpoint& server) {
  if (place_ != Place::kDefaultFile || !server.unix_path.empty()) {
    return PortOwner::kUs;
  }
  {
    absl::MutexLock lock(&mutex_);
    if (server.port == port_ && clock_.Now() < next_port_look_) {
      return port_owner_;
    }
  }
  const absl::Time now = clock_.Now();
  const PortOwner owner = owner_of_(server);
  absl::MutexLock lock(&mutex_);
  port_ = server.port;
  port_owner_ = owner;
  next_port_look_ = now + kBetweenPortLooks;
  return owner;
}

std::string TokenSource::Outcome(const Endpoint& server) {
  if (!MayGoTo(server)) {
    return place_ == Place::kDefaultFile
               ? "not sent: it is for coordinators of this machine"
               : absl::StrCat("not sent: ", ToString(server),
                              " is without TLS");
  }
  Look();
  {
    absl::MutexLock lock(&mutex_);
    if (!found_.ok()) {
      return absl::StrCat(
          found_.message(),
          token_.empty() ? "" : "; what was read before is used");
    }
  }
  const PortOwner owner = OwnerOfServer(server);
  if (owner == PortOwner::kUs) return "used";
  return absl::StrCat("not sent: at port ", server.port,
                      owner == PortOwner::kNobody
                          ? " no program of this machine listens"
                          : " another user's program listens",
                      "; a file that is named is sent all the same");
}

std::string TokenSource::Explain(const Endpoint& server) {
  const auto found = [&](Place place, const char* absent) -> std::string {
    if (place == place_) return Outcome(server);
    return place > place_ ? "not needed" : absent;
  };
  return absl::StrCat(
      "a token was looked for in: --token-file (",
      found(Place::kFlag, "not given"), "), ATELIER_TOKEN (",
      found(Place::kVariable, "not set"), "), ATELIER_TOKEN_FILE (",
      found(Place::kFileVariable, "not set"), "), the default file (",
      found(Place::kDefaultFile, ""), ")");
}

}  // namespace atelier
