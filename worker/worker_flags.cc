#include "worker/worker_flags.h"

#include <unistd.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/cli/command_line.h"
#include "common/clock.h"
#include "common/duration_text.h"
#include "common/endpoint.h"
#include "common/field_error.h"
#include "common/quoted_text.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

constexpr size_t kMaxNameLength = 64;
constexpr int kMaxThreads = 1024;
constexpr int kMaxBatch = 16;

bool InTag(char c) {
  return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '_' ||
         c == '-';
}

bool InName(char c) {
  return absl::ascii_isalnum(c) || c == '.' || c == '_' || c == '-';
}

absl::Status CheckAtLeastZero(const char* flag, int64_t bytes) {
  if (bytes >= 0) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat(flag, ": ", bytes, " has to be at least 0"));
}

void AddDeviceFlags(Command& app, WorkerFlags& flags) {
  app.AddOption("--device", flags.device, "cpu or cuda:N")
      .Type("DEVICE")
      .ShowDefault();
  app.AddOption("--threads", flags.threads,
                "Threads of one render, 0 for all cores")
      .Range(0, kMaxThreads)
      .ShowDefault();
  app.AddOption("--backend", flags.backend,
                "auto (the fastest there is), onednn, reference, or "
                "reference-tf32 or reference-bf16 (for GPUs: faster, and less "
                "exact)")
      .Type("NAME")
      .ShowDefault();
  app.AddOption("--batch", flags.batch,
                "Most renders that step together, which differ in seed, "
                "initial picture and weights of terms at most. For GPUs and "
                "sweeps: a GPU computes as many even for one render")
      .Range(1, kMaxBatch)
      .ShowDefault();
}

void AddMemoryFlags(Command& app, WorkerFlags& flags) {
  app.AddOption("--cache", flags.cache,
                "Folder for inputs and for reports that were not delivered "
                "yet (default: one for the life of the process)")
      .Type("DIR");
  const auto add = [&](const char* name, int64_t& bytes, const char* help) {
    app.AddOption(name, bytes, help).Bytes().ShowDefault();
  };
  add("--cache-bytes", flags.cache_bytes,
      "Most bytes of inputs kept there, as 500MB or 10GB; at least 0");
  add("--picture-cache-bytes", flags.picture_cache_bytes,
      "Most bytes of decoded pictures kept in memory between renders, as 500MB "
      "or 1GB, at least 0; 0 keeps none");
  add("--target-cache-bytes", flags.target_cache_bytes,
      "Most bytes of content features and style Grams kept on the device "
      "between renders, as 500MB or 1GB, at least 0; 0 keeps none");
  add("--memory-limit", flags.memory_limit_bytes,
      "Most memory of this worker (on a GPU: of the device's that renders "
      "take), as 4GB, at least 0; a render that needs more computes parts of "
      "itself again, "
      "or is refused; 0: all there is");
}

void AddTlsFlags(Command& app, WorkerFlags& flags) {
  app.AddOption("--ca", flags.tls.ca,
                "PEM file of the authorities to trust in TLS; else the "
                "system's")
      .EnvironmentVariable("ATELIER_CA")
      .Type("FILE");
  app.AddOption("--tls-cert", flags.tls.tls_cert,
                "PEM file of this worker's certificate, for a coordinator with "
                "--worker-ca: of --name")
      .Type("FILE");
  app.AddOption("--tls-key", flags.tls.tls_key,
                "PEM file of its private key, without a passphrase")
      .Type("FILE");
}

void AddTokenFlag(Command& app, WorkerFlags& flags) {
  app.AddOption("--token-file", flags.token_file,
                "File with this worker's token, of mode 0600 or 0400 (or "
                "ATELIER_TOKEN, the token itself, or ATELIER_TOKEN_FILE); "
                "else, on this machine, $XDG_CONFIG_HOME/atelier/token or "
                "~/.config/atelier/token")
      .Type("FILE");
}

// An error of a field that is a flag's names the flag.
absl::Status OfFlag(const absl::Status& status) {
  const std::string field = FieldOf(status);
  const bool is_variable = absl::StartsWith(field, "ATELIER_");
  return is_variable ? status : RenamedField(status, absl::StrCat("--", field));
}

absl::Status CompleteCoordinator(WorkerFlags& flags) {
  const absl::StatusOr<Endpoint> endpoint = ParseEndpoint(flags.coordinator);
  if (!endpoint.ok()) return Annotate(endpoint.status(), "--coordinator");
  flags.coordinator_endpoint = *endpoint;
  const absl::Status files = CheckTlsClientFiles(*endpoint, flags.tls);
  if (!files.ok()) return OfFlag(files);
  flags.tokens = std::make_shared<TokenSource>(
      flags.token_file, flags.token_variables, Clock::Steady());
  const absl::Status token = flags.tokens->CheckFor(*endpoint);
  return token.ok() ? token : OfFlag(token);
}

}  // namespace

void AddWorkerFlags(Command& app, WorkerFlags& flags) {
  app.AddOption("--coordinator", flags.coordinator,
                "HOST:PORT of the coordinator, with TLS but on loopback; "
                "grpcs://HOST:PORT is with TLS anywhere, grpc://HOST:PORT "
                "without; or unix:PATH")
      .EnvironmentVariable("ATELIER_COORDINATOR")
      .Type("HOST:PORT")
      .ShowDefault();
  AddTlsFlags(app, flags);
  AddTokenFlag(app, flags);
  AddDeviceFlags(app, flags);
  app.AddOption("--name", flags.name,
                "Unique among live workers: 1 to 64 of [A-Za-z0-9._-] "
                "(default: the host's name and the process id)")
      .Type("NAME");
  app.AddOption("--tag", flags.tags,
                "What jobs may ask for (worker_tags): 1 to 64 of [a-z0-9_-]; "
                "may be given several times")
      .Type("TAG");
  AddMemoryFlags(app, flags);
  app.AddOption("--checkpoint-every", flags.checkpoint_every,
                "How often the state of a render is stored, 10ms to 24h; 0 or "
                "never: not at all")
      .Type("TIME")
      .ShowDefault();
  app.AddOption("--stop-within", flags.stop_within,
                "How long SIGTERM may take, 1s to 1h: the end of an "
                "iteration, a checkpoint, a last word to the coordinator")
      .Type("TIME")
      .ShowDefault();
  app.AddOption("--decode-within", flags.decode_within,
                "How long the reading of one picture or weight file may take, "
                "1s to 1h; one that takes longer is invalid input")
      .Type("TIME")
      .ShowDefault();
  app.AddFlag("--require-sandbox", flags.require_sandbox,
              "Do not work where the process that reads pictures and weight "
              "files can't be kept from system calls (seccomp)");
  app.AddFlag("--exit-with-parent", flags.exit_with_parent,
              "Stop when the process that started this one ends");
  app.AddOption("--log-level", flags.log_level, "How much to say")
      .Type("LEVEL")
      .OneOf({"debug", "info", "warning", "error"})
      .ShowDefault();
}

absl::Status CompleteWorkerFlags(WorkerFlags& flags) {
  RETURN_IF_ERROR(CompleteCoordinator(flags));
  if (flags.name.empty()) flags.name = DefaultWorkerName();
  if (flags.name.size() > kMaxNameLength ||
      !std::all_of(flags.name.begin(), flags.name.end(), InName)) {
    return absl::InvalidArgumentError(
        absl::StrCat("--name: ", Quoted(flags.name),
                     " has to be 1 to 64 characters of [A-Za-z0-9._-]"));
  }
  for (const std::string& tag : flags.tags) {
    if (!tag.empty() && tag.size() <= kMaxNameLength &&
        std::all_of(tag.begin(), tag.end(), InTag)) {
      continue;
    }
    return absl::InvalidArgumentError(absl::StrCat(
        "--tag: ", Quoted(tag), " has to be 1 to 64 of [a-z0-9_-]"));
  }
  RETURN_IF_ERROR(CheckAtLeastZero("--cache-bytes", flags.cache_bytes));
  RETURN_IF_ERROR(
      CheckAtLeastZero("--picture-cache-bytes", flags.picture_cache_bytes));
  RETURN_IF_ERROR(
      CheckAtLeastZero("--target-cache-bytes", flags.target_cache_bytes));
  RETURN_IF_ERROR(CheckAtLeastZero("--memory-limit", flags.memory_limit_bytes));
  absl::Duration every;
  const bool none = absl::ParseDuration(flags.checkpoint_every, &every) &&
                    every == absl::ZeroDuration();
  if (none || flags.checkpoint_every == "never") {
    flags.checkpoint_interval = absl::InfiniteDuration();
  } else {
    ASSIGN_OR_RETURN(flags.checkpoint_interval,
                     ParseBetween("--checkpoint-every", flags.checkpoint_every,
                                  absl::Milliseconds(10), absl::Hours(24)));
  }
  ASSIGN_OR_RETURN(flags.stop_bound,
                   ParseBetween("--stop-within", flags.stop_within,
                                absl::Seconds(1), absl::Hours(1)));
  ASSIGN_OR_RETURN(flags.decode_bound,
                   ParseBetween("--decode-within", flags.decode_within,
                                absl::Seconds(1), absl::Hours(1)));
  return absl::OkStatus();
}

std::string DefaultWorkerName() {
  char host[256] = {};
  if (gethostname(host, sizeof(host) - 1) != 0) host[0] = '\0';
  const std::string suffix = absl::StrCat("-", getpid());
  std::string name(host);
  std::replace_if(
      name.begin(), name.end(), [](char c) { return !InName(c); }, '-');
  if (name.empty()) name = "worker";
  return name.substr(0, kMaxNameLength - suffix.size()) + suffix;
}

}  // namespace atelier
