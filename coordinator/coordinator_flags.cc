#include "coordinator/coordinator_flags.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/cli/command_line.h"
#include "common/duration_text.h"
#include "common/field_error.h"
#include "common/quoted_text.h"
#include "common/status_macros.h"
#include "coordinator/api/grpc/server.h"
#include "coordinator/api/views/text_rules.h"
#include "coordinator/store/open_store.h"

namespace atelier {
namespace {

void AddBounds(Command& app, CoordinatorFlags& flags) {
  constexpr char kGroup[] = "Bounds";
  constexpr int64_t kMany = int64_t{1} << 40;
  constexpr int kMillion = 1'000'000;
  const auto add = [&](const char* name, auto& value, int64_t most,
                       const char* help) {
    app.AddOption(name, value, help).Range(1, most).Group(kGroup).ShowDefault();
  };
  const auto add_bytes = [&](const char* name, int64_t& value,
                             const char* help) {
    app.AddOption(name, value, help).Bytes().Group(kGroup).ShowDefault();
  };
  JobLimits& jobs = flags.jobs;
  add("--max-tasks-per-job", jobs.max_tasks, kMany, "Tasks of one job");
  add("--max-axis-values", jobs.max_axis_values, 10 * kMillion,
      "Values of all axes of a job together");
  add_bytes(
      "--max-spec-bytes", jobs.max_spec_bytes,
      "Memory that a job's spec may take while it is open, as 128MB; at least "
      "1");
  add_bytes(
      "--max-open-spec-bytes", flags.state.open_spec_bytes,
      "Memory that the specs of all unfinished jobs may take, as 4GB; at least "
      "1");
  add("--max-workers", flags.state.max_workers, kMillion,
      "Workers that are live at once");
  add("--max-watches", flags.max_watches, kMillion,
      "Calls and event streams that watch a job at once");
  add("--max-http-connections", flags.http_bounds.max_connections, kMillion,
      "Connections to --http at once");
  add("--max-size", jobs.renders.max_size_px, 65'536,
      "Longer side of a result, in pixels");
  add("--max-iterations", jobs.renders.max_iterations, 1000 * kMillion,
      "Iterations of one render");
  add("--max-layers", jobs.renders.max_layers, 1'000,
      "Layers of one term of the loss");
  add("--max-image-pixels", jobs.max_pixels, kMany,
      "Pixels of one picture, input or result");
  add_bytes("--max-artifact-bytes", flags.storage.max_artifact_bytes,
            "Bytes of one artifact, as 500MB or 4GB; at least 1");
  add_bytes("--checkpoint-bytes", flags.state.checkpoint_bytes,
            "Bytes of all checkpoints, as 8GB, at least 0: the oldest go "
            "first; 0 keeps "
            "none");
  add_bytes("--preview-bytes", flags.storage.aged.preview_bytes,
            "Bytes of all previews of renders and thumbnails of pictures, as "
            "1GB, at least 0: the oldest go first; 0 keeps none");
  add_bytes("--log-bytes", flags.storage.aged.log_bytes,
            "Bytes of all logs of attempts, as 256MB, at least 0: the oldest "
            "go first; 0 keeps none");
}

// Of one caller: a token, or an address where there is none.
void AddCallLimits(Command& app, CoordinatorFlags& flags) {
  const auto add = [&](const char* name, auto& value, const char* help) {
    return app.AddOption(name, value, help).Group("Bounds").ShowDefault();
  };
  CallLimitsOptions& limits = flags.call_limits;
  add("--max-requests-per-second", limits.requests_per_second,
      "Requests of one caller a second, ten seconds' worth at once; 0 for any "
      "number")
      .Range(0, 1'000'000'000);
  add("--max-bytes-per-second", limits.bytes_per_second,
      "Bytes of one caller's uploads and downloads a second, ten seconds' "
      "worth at once, as 100MB, at least 0; 0 for any number")
      .Bytes();
  add("--max-streams-per-caller", limits.max_streams,
      "Downloads, watches and event streams of one caller at once; 0 for any "
      "number")
      .Range(0, 1'000'000);
  add("--max-uploads-per-caller", limits.max_uploads,
      "Uploads of one caller at once; 0 for any number")
      .Range(0, 1'000'000);
}

// SQLite's database is locked and guarded with the folder that it is in.
absl::Status CompleteStore(CoordinatorFlags& flags) {
  flags.storage.store.clear();
  if (flags.store.empty()) return absl::OkStatus();
  RETURN_IF_ERROR(RenamedField(CheckStoreUrl(flags.store), "--store"));
  if (IsRemoteStore(flags.store)) {
    flags.storage.store = flags.store;
    return absl::OkStatus();
  }
  if (flags.store == absl::StrCat("sqlite:", flags.data)) {
    return absl::OkStatus();
  }
  return InvalidArgument("--store: ", Quoted(flags.store),
                         " is not allowed; SQLite's database is in the folder "
                         "of --data, so sqlite:",
                         flags.data);
}

void AddStorage(Command& app, CoordinatorFlags& flags) {
  constexpr char kGroup[] = "Storage";
  const auto add = [&](const char* name, auto& value, const char* help) {
    return app.AddOption(name, value, help).Group(kGroup).ShowDefault();
  };
  add("--verify-after", flags.verify_after,
      "What is stored is read and compared with its digest before it is used "
      "again, if the last time was so long ago, 1s to 8760h")
      .Type("TIME");
  add("--scrub-every", flags.scrub_every,
      "How often all that is stored is read through, 1s to 8760h; 0s never")
      .Type("TIME");
  add("--scrub-bytes-per-second", flags.storage.scrub.bytes_per_second,
      "How fast it is read through, as 16MB; at least 1")
      .Bytes();
  add("--keep-jobs", flags.keep_jobs,
      "How long after its end a job is deleted, as 90d, 1h to 3650d; forever: "
      "never")
      .Type("TIME");
  add("--reserve-bytes", flags.storage.reserve_bytes,
      "Set aside on the disk for when it is full, as 64MB, at least 0; less on "
      "a small disk")
      .Bytes();
  app.AddFlag("--adopt", flags.storage.adopt,
              "Begin without jobs where the database is lost and artifacts "
              "are there")
      .Group(kGroup);
}

absl::Status CheckLeast(const char* flag, int64_t bytes, int64_t least) {
  if (bytes >= least) return absl::OkStatus();
  return InvalidArgument(flag, ": ", bytes, " is not allowed; at least ",
                         least);
}

absl::Status CompleteStorage(CoordinatorFlags& flags) {
  constexpr absl::Duration kYear = absl::Hours(8760);
  StorageOptions& storage = flags.storage;
  storage.folder = flags.data;
  RETURN_IF_ERROR(CompleteStore(flags));
  storage.checkpoint_grace =
      std::max({CheckpointFiles::kLeastGrace, 2 * flags.state.lease,
                2 * flags.state.sync_interval});
  ASSIGN_OR_RETURN(storage.verify_after,
                   ParseBetween("--verify-after", flags.verify_after,
                                absl::Seconds(1), kYear));
  if (flags.scrub_every == "0" || flags.scrub_every == "0s") {
    storage.scrub.every = absl::InfiniteDuration();
  } else {
    ASSIGN_OR_RETURN(storage.scrub.every,
                     ParseBetween("--scrub-every", flags.scrub_every,
                                  absl::Seconds(1), kYear));
  }
  if (flags.keep_jobs != "forever") {
    ASSIGN_OR_RETURN(flags.keep_jobs_for,
                     ParseBetween("--keep-jobs", flags.keep_jobs,
                                  absl::Hours(1), 10 * kYear));
  }
  ASSIGN_OR_RETURN(flags.audit.keep,
                   ParseBetween("--keep-audit", flags.keep_audit,
                                absl::Hours(1), 10 * kYear));
  RETURN_IF_ERROR(CheckLeast("--reserve-bytes", storage.reserve_bytes, 0));
  RETURN_IF_ERROR(CheckLeast("--max-artifact-bytes-per-user",
                             flags.state.default_quota.max_artifact_bytes, 0));
  return CheckLeast("--scrub-bytes-per-second", storage.scrub.bytes_per_second,
                    1);
}

void AddTls(Command& app, CoordinatorFlags& flags) {
  constexpr char kGroup[] = "TLS";
  app.AddOption(
         "--tls-cert", flags.tls_cert,
         "PEM file of the certificate of --listen and --http, with those "
         "that lead to its authority; taken up again when it changes")
      .Type("FILE")
      .Group(kGroup);
  app.AddOption("--tls-key", flags.tls_key,
                "PEM file of its private key, without a passphrase")
      .Type("FILE")
      .Group(kGroup);
  app.AddOption("--worker-ca", flags.worker_ca,
                "PEM file of the authority of workers' certificates: a worker "
                "has to show one for its --name")
      .Type("FILE")
      .Group(kGroup);
}

void AddAccess(Command& app, CoordinatorFlags& flags) {
  constexpr char kGroup[] = "Access";
  app.AddFlag("--insecure", flags.insecure,
              "Ask nobody for a token, and listen beyond loopback although "
              "nothing is encrypted; turns TLS off")
      .Group(kGroup);
  app.AddOption("--local-token", flags.local_token,
                "File of an admin's token for this user's own programs, made "
                "if need be, or none (default: "
                "$XDG_CONFIG_HOME/atelier/token)")
      .Type("FILE")
      .Group(kGroup);
  app.AddFlag("--open-metrics", flags.open_metrics,
              "Serve /metrics to whoever asks, without a token")
      .Group(kGroup);
  app.AddFlag("--private-jobs", flags.private_jobs,
              "Show a job and its pictures to its owner and to admins alone, "
              "and share nothing across owners: no results, checkpoints or "
              "uploads")
      .Group(kGroup);
  app.AddOption("--keep-audit", flags.keep_audit,
                "How long an entry of the audit log is kept, 1h to 3650d")
      .Type("TIME")
      .Group(kGroup)
      .ShowDefault();
  app.AddOption("--max-audit-entries", flags.audit.max_rows,
                "Entries of the audit log; a quarter of them for refusals at "
                "most")
      .Range(1000, int64_t{1} << 40)
      .Group(kGroup)
      .ShowDefault();
}

// A pair of files, or neither. --insecure turns TLS off.
absl::Status CompleteTls(CoordinatorFlags& flags) {
  if (flags.tls_cert.empty() != flags.tls_key.empty()) {
    return InvalidArgument(flags.tls_cert.empty() ? "--tls-cert" : "--tls-key",
                           ": not given; --tls-cert and --tls-key go together");
  }
  if (flags.tls_cert.empty() && !flags.worker_ca.empty()) {
    return InvalidArgument("--worker-ca: needs --tls-cert and --tls-key");
  }
  if (flags.tls_cert.empty() || flags.insecure) return absl::OkStatus();
  absl::StatusOr<std::unique_ptr<ServerCertificateFiles>> files =
      ServerCertificateFiles::Open(
          {flags.tls_cert, flags.tls_key, flags.worker_ca});
  if (!files.ok()) {
    return RenamedField(files.status(),
                        absl::StrCat("--", FieldOf(files.status())));
  }
  flags.certificate = *std::move(files);
  return absl::OkStatus();
}

absl::StatusOr<Endpoint> CheckListen(absl::string_view flag,
                                     absl::StatusOr<Endpoint> parsed,
                                     const CoordinatorFlags& flags) {
  if (!parsed.ok()) return Annotate(parsed.status(), flag);
  parsed->tls = flags.certificate != nullptr && parsed->unix_path.empty();
  RETURN_IF_ERROR(CheckMayListen(flag, *parsed, flags.insecure));
  return parsed;
}

absl::Status CompleteListening(CoordinatorFlags& flags) {
  RETURN_IF_ERROR(CompleteTls(flags));
  ASSIGN_OR_RETURN(
      flags.listen_endpoint,
      CheckListen("--listen", ParseListenEndpoint(flags.listen), flags));
  if (!flags.worker_ca.empty() && !flags.listen_endpoint.unix_path.empty()) {
    return InvalidArgument("--worker-ca: ", HostAndPort(flags.listen_endpoint),
                           " is without TLS; give --listen HOST:PORT");
  }
  flags.wants_tokens =
      !flags.insecure &&
      (flags.http != "none" || flags.listen_endpoint.unix_path.empty());
  if (flags.http == "none") return absl::OkStatus();
  ASSIGN_OR_RETURN(
      flags.http_endpoint,
      CheckListen("--http", ParseTcpListenEndpoint(flags.http), flags));
  return absl::OkStatus();
}

void AddScheduling(Command& app, CoordinatorFlags& flags) {
  const auto add = [&](const char* name, auto& value, const char* help) {
    return app.AddOption(name, value, help).Group("Scheduling");
  };
  add("--user-weight", flags.user_weights,
      "Gets so many times, 0.001 to 1000, the share of another user; may be "
      "given several times")
      .Type("USER=WEIGHT");
  add("--share-half-life", flags.share_half_life,
      "Use so long ago counts half, 1m to 720h")
      .Type("TIME")
      .ShowDefault();
  UserQuota& quota = flags.state.default_quota;
  add("--max-queued-per-user", quota.max_queued_tasks,
      "Queued tasks of a user without a quota of its own, 0 for any number")
      .Range(0, int64_t{1} << 40)
      .ShowDefault();
  add("--max-running-per-user", quota.max_running_tasks,
      "Tasks of such a user at once, 0 for any number")
      .Range(0, int64_t{1} << 40)
      .ShowDefault();
  add("--max-artifact-bytes-per-user", quota.max_artifact_bytes,
      "Bytes of such a user's inputs and results, as 100GB, at least 0; 0 for "
      "any "
      "number")
      .Bytes()
      .ShowDefault();
  add("--quarantine-after", flags.state.quarantine_after,
      "A worker that failed so many tasks which others completed gets nothing "
      "more")
      .Range(1, 1'000'000)
      .ShowDefault();
}

absl::Status ParseUserWeights(CoordinatorFlags& flags) {
  for (const std::string& text : flags.user_weights) {
    const std::pair<std::string, std::string> parts =
        absl::StrSplit(text, absl::MaxSplits('=', 1));
    double weight = 0;
    if (!absl::SimpleAtod(parts.second, &weight) || !(weight >= 1e-3) ||
        weight > 1e3) {
      return InvalidArgument(
          "--user-weight: \"", text,
          "\" is not allowed; USER=WEIGHT, the weight from 0.001 "
          "to 1000");
    }
    RETURN_IF_ERROR(CheckSlug("--user-weight", parts.first, 1));
    flags.state.shares.weights[parts.first] = weight;
  }
  return absl::OkStatus();
}

}  // namespace

void AddCoordinatorFlags(Command& app, CoordinatorFlags& flags) {
  app.SetVersion(ATELIER_VERSION);
  const auto add = [&](const char* name, auto& value, const char* help) {
    return app.AddOption(name, value, help).ShowDefault();
  };
  add("--listen", flags.listen,
      "HOST:PORT for gRPC, where port 0 lets the system choose, or unix:PATH")
      .Type("HOST:PORT");
  add("--http", flags.http,
      "HOST:PORT for /healthz, /readyz, /metrics and /api/v1, or none")
      .Type("HOST:PORT");
  app.AddOption("--data", flags.data,
                "Required: folder for artifacts and, without --store, jobs, "
                "made if need be; one coordinator uses it at a time")
      .Type("DIR");
  app.AddOption("--store", flags.store,
                "Database for jobs, postgresql://USER@HOST/DATABASE without a "
                "password (PGPASSWORD or ~/.pgpass has it); else SQLite's, "
                "sqlite:DIR with the DIR of --data")
      .Type("URL");
  AddAccess(app, flags);
  AddTls(app, flags);
  add("--lease", flags.lease,
      "How long a silent worker keeps its attempts, 1s to 1h")
      .Type("TIME");
  add("--long-poll", flags.long_poll,
      "How long an idle worker's call is held, 100ms to 5m")
      .Type("TIME");
  add("--sync-interval", flags.sync_interval,
      "How often a rendering worker calls, 50ms to half a lease")
      .Type("TIME");
  add("--stall-after", flags.stall_after,
      "How long a render may stay at its iteration while its worker calls, 1s "
      "to 720h, and at least 50 of its usual iterations; then it is tried "
      "elsewhere. never: for ever")
      .Type("TIME");
  add("--preview-every", flags.preview_every,
      "How often a worker brings a preview of each render, 1s to 1h, and less "
      "often where many run; 0: never")
      .Type("TIME");
  AddScheduling(app, flags);
  AddBounds(app, flags);
  AddCallLimits(app, flags);
  AddStorage(app, flags);
  app.AddOption("--ready-file", flags.ready_file,
                "Written once calls are served: where, and the process id, "
                "as JSON")
      .Type("FILE");
  app.AddFlag("--exit-with-parent", flags.exit_with_parent,
              "Stop when the process that started this one ends");
  add("--log-level", flags.log_level, "How much to say")
      .Type("LEVEL")
      .OneOf({"debug", "info", "warning", "error"});
}

absl::Status CompleteCoordinatorFlags(CoordinatorFlags& flags) {
  if (flags.data.empty()) {
    return absl::InvalidArgumentError(
        "--data: not given; the folder for jobs and artifacts");
  }
  RETURN_IF_ERROR(CompleteListening(flags));
  ASSIGN_OR_RETURN(
      flags.state.lease,
      ParseBetween("--lease", flags.lease, absl::Seconds(1), absl::Hours(1)));
  ASSIGN_OR_RETURN(flags.state.long_poll,
                   ParseBetween("--long-poll", flags.long_poll,
                                absl::Milliseconds(100), absl::Minutes(5)));
  ASSIGN_OR_RETURN(flags.state.sync_interval,
                   ParseBetween("--sync-interval", flags.sync_interval,
                                absl::Milliseconds(50), flags.state.lease / 2));
  if (flags.stall_after == "never") {
    flags.state.stall_after = absl::InfiniteDuration();
  } else {
    ASSIGN_OR_RETURN(flags.state.stall_after,
                     ParseBetween("--stall-after", flags.stall_after,
                                  absl::Seconds(1), absl::Hours(720)));
  }
  flags.state.preview_every = absl::ZeroDuration();
  if (flags.preview_every != "0" && flags.preview_every != "0s") {
    ASSIGN_OR_RETURN(const absl::Duration every,
                     ParseBetween("--preview-every", flags.preview_every,
                                  absl::Seconds(1), absl::Hours(1)));
    if (flags.storage.aged.preview_bytes > 0) flags.state.preview_every = every;
  }
  ASSIGN_OR_RETURN(flags.state.shares.half_life,
                   ParseBetween("--share-half-life", flags.share_half_life,
                                absl::Minutes(1), absl::Hours(720)));
  RETURN_IF_ERROR(ParseUserWeights(flags));
  RETURN_IF_ERROR(CompleteStorage(flags));
  flags.state.renders = flags.jobs.renders;
  RETURN_IF_ERROR(
      CheckLeast("--checkpoint-bytes", flags.state.checkpoint_bytes, 0));
  RETURN_IF_ERROR(
      CheckLeast("--preview-bytes", flags.storage.aged.preview_bytes, 0));
  RETURN_IF_ERROR(CheckLeast("--log-bytes", flags.storage.aged.log_bytes, 0));
  RETURN_IF_ERROR(CheckLeast("--max-spec-bytes", flags.jobs.max_spec_bytes, 1));
  RETURN_IF_ERROR(
      CheckLeast("--max-open-spec-bytes", flags.state.open_spec_bytes, 1));
  RETURN_IF_ERROR(CheckLeast("--max-bytes-per-second",
                             flags.call_limits.bytes_per_second, 0));
  return CheckLeast("--max-artifact-bytes", flags.storage.max_artifact_bytes,
                    1);
}

}  // namespace atelier
