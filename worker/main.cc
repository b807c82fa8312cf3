// atelier-worker: renders for a coordinator, or scores or measures pictures
// without one.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/cli/command_line.h"
#include "common/clock.h"
#include "common/digest.h"
#include "common/file.h"
#include "common/image/image.h"
#include "common/log/log.h"
#include "common/output_stream.h"
#include "common/random_id.h"
#include "common/rpc/artifact_client.h"
#include "common/rpc/channel.h"
#include "common/rpc/library_log.h"
#include "common/scratch_folder.h"
#include "common/signals.h"
#include "common/status_macros.h"
#include "common/tls/tls_probe.h"
#include "worker/agent/agent.h"
#include "worker/agent/attempt_note.h"
#include "worker/agent/attempt_runner.h"
#include "worker/agent/checkpoint_carrier.h"
#include "worker/agent/crash_evidence.h"
#include "worker/agent/extras_carrier.h"
#include "worker/agent/input_loader.h"
#include "worker/agent/instance_record.h"
#include "worker/agent/render_batcher.h"
#include "worker/agent/thumbnails.h"
#include "worker/decoder/decoder.h"
#include "worker/engine/version.h"
#include "worker/renderer/measure_command.h"
#include "worker/renderer/score_command.h"
#include "worker/renderer/torch_measurer.h"
#include "worker/renderer/torch_renderer.h"
#include "worker/worker_flags.h"

namespace atelier {
namespace {

constexpr char kProgram[] = "atelier-worker";
// Enough to choose by, and a call stays small.
constexpr size_t kMostHeldInputs = 128;
constexpr absl::Duration kProbeWithin = absl::Seconds(2);

v1::WorkerDescription Describe(const WorkerFlags& flags,
                               const DeviceReport& device) {
  v1::WorkerDescription self;
  self.set_name(flags.name);
  self.set_instance_id(RandomId());
  self.set_device(device.device);
  self.set_device_model(device.model);
  self.set_memory_bytes(device.memory_bytes);
  self.set_threads(device.threads);
  self.set_engine_version(engine::EngineVersion());
  self.set_profile(HexDigest(device.profile_text));
  for (const std::string& tag : flags.tags) self.add_tags(tag);
  return self;
}

void LogStart(const WorkerFlags& flags, const v1::WorkerDescription& self,
              const DeviceReport& device) {
  LogInfo("worker ", self.name(), ": ", self.device(), " (",
          self.device_model(), "), ", self.threads(),
          " threads, engine version ", self.engine_version(), ", profile ",
          self.profile().substr(0, 12), ", coordinator ", flags.coordinator);
  for (absl::string_view line :
       absl::StrSplit(device.profile_text, '\n', absl::SkipWhitespace())) {
    LogDebug("profile ", self.profile().substr(0, 12), ": ", line);
  }
  for (const std::string& warning : device.warnings) LogWarning(warning);
}

// A worker keeps trying for as long as it is wanted; its stop signal ends it.
ArtifactClientOptions PatientTransfers() {
  ArtifactClientOptions options;
  options.retry.give_up_after = absl::InfiniteDuration();
  options.retry.awaits_token = true;
  return options;
}

// What belongs to one slot.
struct WorkerSlot {
  std::unique_ptr<CheckpointCarrier> checkpoints;
  std::unique_ptr<ExtrasCarrier> extras;
  std::unique_ptr<AttemptRunner> runner;
};

// All that a worker works with. Never destroyed: when the agent has ended, a
// render may still be inside its last iteration.
struct Worker {
  TorchRendererSetup setup;
  std::unique_ptr<Measurer> measurer;
  std::unique_ptr<ScratchFolder> scratch;
  std::string folder;  // For all that is on disk.
  std::unique_ptr<InputCache> cache;
  std::unique_ptr<PictureCache> pictures;
  std::unique_ptr<Outbox> outbox;
  std::unique_ptr<AttemptNote> note;       // Null where none can be kept.
  std::unique_ptr<InstanceRecord> record;  // Null: nobody will follow this one.
  std::unique_ptr<ArtifactClient> artifacts;
  std::unique_ptr<Decoder> decoder;
  std::unique_ptr<InputLoader> inputs;
  std::unique_ptr<WorkerMetrics> metrics;
  MadeThumbnails thumbnails;
  std::unique_ptr<RenderBatcher> batcher;
  std::vector<WorkerSlot> slots;
  std::unique_ptr<Agent> agent;
};

// What earlier processes died of goes into the outbox.
void CollectCrashes(const std::string& notes, const Outbox& outbox) {
  const auto crashes = ReportCrashes(notes, outbox);
  if (!crashes.ok()) {
    LogWarning("crashes of earlier processes are not reported: ",
               crashes.status().message());
    return;
  }
  for (const v1::AttemptReport& crash : *crashes) {
    LogWarning("attempt ", ShortName(crash.token()),
               " crashed an earlier process of this worker: ", crash.message());
  }
}

absl::Status OpenFolders(const std::string& folder, const WorkerFlags& flags,
                         Worker& worker) {
  worker.folder = folder;
  ASSIGN_OR_RETURN(
      worker.cache,
      InputCache::Open(absl::StrCat(folder, "/inputs"), flags.cache_bytes));
  ASSIGN_OR_RETURN(Outbox outbox,
                   Outbox::Open(absl::StrCat(folder, "/outbox")));
  worker.outbox = std::make_unique<Outbox>(std::move(outbox));
  CollectCrashes(absl::StrCat(folder, "/running"), *worker.outbox);
  if (IsInMemory(folder)) {
    LogWarning(folder,
               " is in memory: checkpoints take room there that nobody counts; "
               "give --cache a folder on a disk");
  }
  return absl::OkStatus();
}

// Some file systems know no locks: a worker does its work there all the same.
void OpenNote(const v1::WorkerDescription& self, Worker& worker) {
  absl::StatusOr<std::unique_ptr<AttemptNote>> note =
      AttemptNote::Open({absl::StrCat(worker.folder, "/running"),
                         self.instance_id(), self.name()});
  if (note.ok()) {
    worker.note = *std::move(note);
  } else {
    LogWarning("a crash of this worker will count as a loss: ",
               note.status().message());
  }
}

// Not with a folder that goes with the process: nobody could follow.
void ClaimName(const WorkerFlags& flags, Worker& worker,
               AgentOptions& options) {
  if (worker.scratch != nullptr) return;
  auto record = InstanceRecord::Claim(worker.folder, flags.name,
                                      options.self.instance_id());
  if (!record.ok()) {
    LogWarning("after a kill, the name has to wait for the lease: ",
               record.status().message());
    return;
  }
  worker.record = *std::move(record);
  options.predecessors = worker.record->predecessors();
  options.joined = [record = worker.record.get()] {
    if (const absl::Status done = record->ForgetPredecessors(); !done.ok()) {
      LogWarning(done.message());
    }
  };
}

absl::Status OpenScratch(const WorkerFlags& flags, Worker& worker) {
  absl::StatusOr<std::unique_ptr<ScratchFolder>> scratch =
      ScratchFolder::Make("atelier-worker-");
  if (!scratch.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat(scratch.status().message(),
                     "; give --cache a folder that can be written to, or set "
                     "TMPDIR"));
  }
  worker.scratch = *std::move(scratch);
  return OpenFolders(worker.scratch->path(), flags, worker);
}

// A disk that is full or read-only is no reason not to work.
absl::Status OpenCache(const WorkerFlags& flags, Worker& worker) {
  if (flags.cache.empty()) return OpenScratch(flags, worker);
  const absl::Status opened = OpenFolders(flags.cache, flags, worker);
  if (!absl::IsResourceExhausted(opened) && !absl::IsPermissionDenied(opened)) {
    return opened;
  }
  LogWarning("--cache: ", opened.message(),
             "; working without, in a folder that goes at the end");
  return OpenScratch(flags, worker);
}

// Of what strangers made: a process apart, begun before there are threads.
absl::Status SpawnDecoder(const WorkerFlags& flags, Worker& worker) {
  DecoderOptions options;
  ASSIGN_OR_RETURN(const std::string program, DecoderBesideThisProgram());
  options.command = {program};
  options.time_limit = flags.decode_bound;
  options.require_filter = flags.require_sandbox;
  ASSIGN_OR_RETURN(worker.decoder, Decoder::Spawn(std::move(options)));
  return absl::OkStatus();
}

absl::Status AwaitDecoder(Worker& worker) {
  const absl::Status ready = worker.decoder->AwaitReady();
  if (absl::IsUnimplemented(ready)) {
    return absl::FailedPreconditionError(
        absl::StrCat("--require-sandbox: ", ready.message()));
  }
  RETURN_IF_ERROR(ready);
  if (const absl::Status filtered = worker.decoder->filtered();
      !filtered.ok()) {
    LogWarning(
        "pictures and weight files are read with limits on memory and "
        "time alone: ",
        filtered.message());
  }
  return absl::OkStatus();
}

InputReaders ReadersOf(Decoder& decoder) {
  return {[&decoder](absl::string_view bytes, FitFn fit,
                     const DecodeLimits& limits) {
            return decoder.DecodeToFit(bytes, fit, limits);
          },
          [&decoder](const WeightBytes& weights) {
            return decoder.ParseWeights(weights);
          }};
}

// One for each render of a batch.
void AddSlots(const WorkerFlags& flags, const v1::WorkerDescription& self,
              const std::shared_ptr<grpc::Channel>& channel, Worker& worker) {
  for (int i = 0; i < worker.batcher->rows(); ++i) {
    WorkerSlot& slot = worker.slots.emplace_back();
    slot.checkpoints =
        std::make_unique<CheckpointCarrier>(channel, self, worker.folder);
    slot.extras = std::make_unique<ExtrasCarrier>(channel);
    ExtrasParts extras{*slot.extras, worker.thumbnails};
    extras.preview_share /= worker.batcher->rows();  // Each delays all.
    slot.runner = std::make_unique<AttemptRunner>(
        RunnerParts{worker.batcher->row(i), *worker.artifacts, *worker.inputs,
                    *worker.metrics, Clock::Steady(), *slot.checkpoints, extras,
                    flags.checkpoint_interval, worker.measurer.get(),
                    worker.setup.memory_in_use},
        self);
  }
}

absl::Status Assemble(WorkerFlags flags, Worker& worker) {
  RETURN_IF_ERROR(CompleteWorkerFlags(flags));
  TorchRendererOptions renderer;
  renderer.device = flags.device;
  renderer.threads = flags.threads;
  renderer.backend = flags.backend;
  renderer.memory_limit_bytes = flags.memory_limit_bytes;
  renderer.target_cache_bytes = flags.target_cache_bytes;
  renderer.batch = flags.batch;
  worker.pictures = std::make_unique<PictureCache>(flags.picture_cache_bytes);
  renderer.spare = {[&worker] { return worker.inputs->kept_bytes(); },
                    [&worker] { worker.inputs->Forget(); }};
  RETURN_IF_ERROR(SpawnDecoder(flags, worker));
  ASSIGN_OR_RETURN(worker.setup, MakeTorchRenderer(renderer));
  ASSIGN_OR_RETURN(
      worker.measurer,
      MakeTorchMeasurer({flags.device, flags.threads, flags.backend,
                         worker.setup.memory.free_bytes}));
  RETURN_IF_ERROR(InitialiseImages("atelier-worker"));
  RETURN_IF_ERROR(AwaitDecoder(worker));
  if (const absl::Status opened = OpenCache(flags, worker); !opened.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--cache: ", opened.message()));
  }
  AgentOptions options;
  options.last_call_within =
      std::min(options.last_call_within, flags.stop_bound / 2);
  options.stop_within = flags.stop_bound - options.last_call_within;
  options.self = Describe(flags, worker.setup.device);
  options.held_inputs = [cache = worker.cache.get()] {
    return cache->Newest(kMostHeldInputs);
  };
  OpenNote(options.self, worker);
  LogStart(flags, options.self, worker.setup.device);
  const auto channel =
      MakeChannel(flags.coordinator_endpoint, flags.tls, flags.tokens);
  options.reconnect = [channel] { ConnectNow(*channel); };
  options.explain_absence = [to = flags.coordinator_endpoint,
                             files = flags.tls] {
    return ProbeTls(to, files, kProbeWithin);
  };
  options.explain_token = [to = flags.coordinator_endpoint,
                           tokens = flags.tokens] {
    return tokens->Explain(to);
  };
  ClaimName(flags, worker, options);
  worker.artifacts =
      std::make_unique<ArtifactClient>(channel, PatientTransfers());
  worker.inputs = std::make_unique<InputLoader>(
      *worker.artifacts, *worker.cache, *worker.pictures, worker.setup.memory,
      ReadersOf(*worker.decoder));
  worker.metrics = std::make_unique<WorkerMetrics>(flags.batch);
  worker.batcher =
      std::make_unique<RenderBatcher>(*worker.setup.renderer, flags.batch);
  AddSlots(flags, options.self, channel, worker);
  std::vector<AttemptRunner*> runners;
  for (const WorkerSlot& slot : worker.slots) {
    runners.push_back(slot.runner.get());
  }
  worker.agent =
      std::make_unique<Agent>(options, channel, runners,
                              AgentParts{*worker.outbox, *worker.metrics,
                                         Clock::Steady(), worker.note.get()});
  return absl::OkStatus();
}

absl::Status RunWorker(WorkerFlags flags) {
  auto* const worker = new Worker;
  RETURN_IF_ERROR(Assemble(std::move(flags), *worker));
  std::thread([worker] {
    const int signal = WaitForSignal(absl::InfiniteDuration());
    LogInfo(strsignal(signal), ": stopping");
    worker->agent->Stop();
  }).detach();
  const absl::Status ended = worker->agent->Run();
  // What is still in its last iteration was handed back. Nobody notes any more,
  // but the slots' threads may try to.
  if (worker->note != nullptr) worker->note->Close();
  if (worker->record != nullptr && worker->agent->handed_back()) {
    worker->record->Remove().IgnoreError();
  }
  worker->scratch.reset();
  return ended;
}

int ExitCode(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return 0;
    case absl::StatusCode::kInvalidArgument:
      return 2;
    case absl::StatusCode::kUnimplemented:
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kPermissionDenied:
      return 3;
    default:
      return 1;
  }
}

int Fail(int code, absl::string_view message) {
  std::cerr << ErrorLine(kProgram, message) << std::flush;
  return code;
}

int Main(int argc, char** argv) {
  HoldStandardStreams();
  SilenceLibraries();
  OutputStream out(STDOUT_FILENO);
  Command app(kProgram, "Renders for an Atelier coordinator.");
  WorkerFlags flags;
  app.SetVersion(ATELIER_VERSION);
  AddWorkerFlags(app, flags);
  flags.token_variables = TokenVariablesFrom(std::getenv);
  ScoreOptions score;
  const Command& score_command = AddScoreCommand(app, score);
  MeasureOptions measure;
  const Command& measure_command = AddMeasureCommand(app, measure);
  const absl::StatusOr<bool> parsed = app.Parse(ArgumentsOf(argc, argv), out);
  if (!parsed.ok()) return Fail(2, parsed.status().message());
  if (!*parsed) return FinishOutput(out, kProgram, 0);  // --help
  if (score_command.IsChosen()) {
    return FinishOutput(out, kProgram, RunScore(score, out, std::cerr));
  }
  if (measure_command.IsChosen()) {
    return FinishOutput(out, kProgram,
                        RunMeasure(measure, STDIN_FILENO, out, std::cerr));
  }

  umask(S_IRWXG | S_IRWXO);  // What it keeps is nobody else's to read.
  StartLog(kProgram, flags.log_level);
  CatchSignals(StopSignals());
  if (flags.exit_with_parent) ExitWithParent();
  const absl::Status status = RunWorker(std::move(flags));
  if (!status.ok()) return Fail(ExitCode(status), status.message());
  return 0;
}

}  // namespace
}  // namespace atelier

int main(int argc, char** argv) {
  const int code = atelier::Main(argc, argv);
  std::fflush(nullptr);
  // A render may still be inside its last iteration: no thread is waited for,
  // and no destructor pulls the ground from under it.
  std::_Exit(code);
}
