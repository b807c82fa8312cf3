#include "coordinator/storage.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "common/artifact_kind.h"
#include "common/digest.h"
#include "common/log/log.h"
#include "common/status_macros.h"
#include "coordinator/blobs/open_blobs.h"
#include "coordinator/blobs/posix_file.h"
#include "coordinator/lost_database.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;

constexpr absl::Duration kLookEvery = absl::Seconds(1);
// What a database needs to be opened, with some to spare.
constexpr int64_t kRoomToOpenBytes = int64_t{4} << 20;

void Warn(const char* what, const absl::Status& status) {
  if (!status.ok()) LogWarning(what, ": ", status.message());
}

// Without a database that says which they are: those written longest ago.
void RemoveOldestFiles(const std::string& folder, int64_t bytes) {
  std::vector<std::tuple<fs::file_time_type, std::string, int64_t>> files;
  std::error_code error;
  fs::recursive_directory_iterator file(folder, error), end;
  for (; !error && file != end; file.increment(error)) {
    std::error_code gone;
    const auto size = file->file_size(gone);
    const auto time = file->last_write_time(gone);
    if (gone || !IsHexDigest(file->path().filename().string())) continue;
    files.emplace_back(time, file->path(), static_cast<int64_t>(size));
  }
  std::sort(files.begin(), files.end());
  for (const auto& [time, path, size] : files) {
    if (bytes <= 0) return;
    if (fs::remove(path, error)) bytes -= size;
  }
}

}  // namespace

Storage::Storage(const StorageOptions& options, Clock& clock,
                 CoordinatorMetrics& metrics)
    : options_(options),
      clock_(clock),
      metrics_(metrics),
      disk_(options.folder),
      guard_(disk_, options.reserve_bytes) {}

absl::StatusOr<std::unique_ptr<Storage>> Storage::Open(
    const StorageOptions& options, Clock& clock, CoordinatorMetrics& metrics) {
  auto storage = absl::WrapUnique(new Storage(options, clock, metrics));
  absl::Status opened = storage->OpenFolder();
  if (absl::IsFailedPrecondition(opened)) return Annotate(opened, "--data");
  if (!opened.ok() && storage->FreeRoomToOpen()) {
    opened = storage->OpenFolder();
  }
  if (!opened.ok()) storage->guard_.WriteFailed();
  const bool changed = storage->LookAtDisk();
  // What the state of the disk explains needs no other explanation.
  if (!opened.ok()) {
    RETURN_IF_ERROR(Annotate(storage->MayWrite(), "--data"));
  }
  RETURN_IF_ERROR(Annotate(opened, "--data"));
  if (storage->JobsAreRemote()) {
    RETURN_IF_ERROR(Annotate(storage->OpenJobs(), "--store"));
  }
  storage->OpenArtifacts();
  if (changed) storage->LogDisk();
  return storage;
}

absl::Status Storage::OpenFolder() {
  if (!JobsAreRemote()) {
    RETURN_IF_ERROR(OpenJobs());
  } else if (lock_ == nullptr) {
    // The files are one coordinator's, whatever the database would allow.
    ASSIGN_OR_RETURN(lock_, DataLock::Acquire(options_.folder));
  }
  // Reading goes longer than writing, which an epoch begins with.
  RETURN_IF_ERROR(disk_.TryWriting());
  ASSIGN_OR_RETURN(blobs_,
                   OpenBlobs(absl::StrCat("directory:", options_.folder)));
  return absl::OkStatus();
}

absl::Status Storage::OpenJobs() {
  jobs_ = nullptr;
  if (!JobsAreRemote() && !options_.adopt) {
    RETURN_IF_ERROR(CheckDatabaseIsThere(options_.folder));
  }
  // SQLite's locks the folder; only then may leftovers in it be removed.
  ASSIGN_OR_RETURN(OpenedStore opened,
                   OpenStore(options_.store.empty()
                                 ? absl::StrCat("sqlite:", options_.folder)
                                 : options_.store));
  jobs_ = std::move(opened.store);
  jobs_name_ = std::move(opened.name);
  for (const std::string& lost : opened.rebuilt) {
    LogError(jobs_name_, " had damaged pages; ", lost);
  }
  if (opened.was_used || options_.adopt) return absl::OkStatus();
  return CheckDatabaseWasUsed(options_.folder, jobs_name_);
}

void Storage::OpenArtifacts() {
  ArtifactCatalogOptions options;
  options.max_artifact_bytes = options_.max_artifact_bytes;
  options.verify_after = options_.verify_after;
  options.may_write = [this](ArtifactKind kind) {
    return kind == ArtifactKind::kArtifact ? guard_.MayWrite()
                                           : guard_.MayKeepSpare();
  };
  options.write_failed = [this] { guard_.WriteFailed(); };
  options.on_damage = [this](const BlobKey& key, const absl::Status& why) {
    ++damaged_artifacts_;
    metrics_.CountDamagedArtifact(std::string(Name(key.kind)));
    LogError(Name(key.kind), " ", key.digest,
             " counts as missing: ", why.message());
  };
  artifacts_ = std::make_unique<ArtifactCatalog>(*blobs_, *jobs_, clock_,
                                                 std::move(options));
  scrubber_ = std::make_unique<Scrubber>(*artifacts_, options_.scrub);
  aged_ = std::make_unique<AgedArtifacts>(*artifacts_, options_.aged);
}

bool Storage::FreeRoomToOpen() {
  jobs_ = nullptr;
  const auto has_room = [this] {
    const absl::StatusOr<DiskState> state = disk_.Look();
    return !state.ok() || state->read_only ||
           state->free_bytes >= kRoomToOpenBytes;
  };
  // Not while another coordinator uses the folder.
  absl::StatusOr<std::unique_ptr<DataLock>> lock = std::move(lock_);
  if (*lock == nullptr) lock = DataLock::Acquire(options_.folder);
  if (!lock.ok() || has_room()) return false;
  disk_.Release();
  for (const char* folder :
       {"/artifacts/tmp", "/checkpoints/tmp", "/previews/tmp", "/logs/tmp"}) {
    EmptyFolder(options_.folder + folder).IgnoreError();
  }
  for (const char* folder : {"/previews", "/logs", "/checkpoints"}) {
    if (has_room()) break;
    RemoveOldestFiles(options_.folder + folder, kRoomToOpenBytes);
  }
  return true;
}

void Storage::SweepCheckpoints(CheckpointFiles::IsNamed is_named) {
  checkpoint_files_ = std::make_unique<CheckpointFiles>(
      *artifacts_, std::move(is_named), options_.checkpoint_grace);
}

void Storage::Attach(ControlPlane& control) {
  control_ = &control;
  HoldWorkWhileFull();
}

void Storage::LoadArtifacts() {
  const absl::Status loaded = artifacts_->Load();
  artifacts_are_loaded_ = loaded.ok();
  Warn("not all artifacts have rows", loaded);
}

void Storage::CareForArtifacts() {
  // What a server that is away keeps from being done is said once, and nothing
  // of it makes room on a full disk.
  if (JobsAreRemote() && !database_.Get().ok()) return;
  if (!artifacts_are_loaded_) artifacts_are_loaded_ = artifacts_->Load().ok();
  if (checkpoint_files_ != nullptr) {
    Warn("a checkpoint is not removed", checkpoint_files_->Tick(clock_.Now()));
    const CheckpointFiles::Orphans& orphans = checkpoint_files_->orphans();
    metrics_.SetOrphans(orphans.files, orphans.bytes);
  }
  Warn("a preview or log is not removed", aged_->Tick());
  const ArtifactRows& rows = artifacts_->rows();
  metrics_.SetAged(rows.StoredBytes(ArtifactKind::kPreview),
                   rows.StoredBytes(ArtifactKind::kLog));
  Warn("artifacts are not read through", scrubber_->Tick(clock_.Now()));
  metrics_.SetScrubbedBytes(scrubber_->read_bytes());
}

void Storage::Tick() {
  const absl::Time now = clock_.Now();
  artifacts_->rows().Tick(now);
  if (now < next_look_) return;
  next_look_ = now + kLookEvery;
  LookAtDatabase();
  if (LookAtDisk()) LogDisk();
  HoldWorkWhileFull();
}

void Storage::LookAtDatabase() {
  if (control_ == nullptr) return;
  absl::Status health = control_->Health();
  // Perhaps nothing was to be written since it went away.
  if (health.ok() && JobsAreRemote()) {
    health = jobs_->LastEngineVersion().status();
  }
  const bool failed = !database_.Get().ok();
  database_.Set(health);
  if (!health.ok() && !JobsAreRemote()) guard_.WriteFailed();
  if (health.ok() == !failed) return;
  if (health.ok()) {
    LogInfo(jobs_name_, " takes all again");
  } else {
    LogError(jobs_name_, " takes nothing: ", health.message());
  }
}

bool Storage::LookAtDisk() {
  const bool changed =
      guard_.Tick([this](int64_t bytes) { return ShedSpare(bytes); });
  metrics_.SetDisk(guard_.free_bytes(), !guard_.MayWrite().ok());
  return changed;
}

void Storage::LogDisk() const {
  const absl::Status may_write = guard_.MayWrite();
  if (may_write.ok()) {
    LogInfo(options_.folder, " has room again: everything is accepted");
  } else {
    LogError("nothing new is accepted: ", may_write.message());
  }
}

int64_t Storage::ShedSpare(int64_t bytes) {
  if (control_ == nullptr) return 0;
  const int64_t aged_bytes = aged_->Shed(bytes);
  int64_t checkpoint_bytes = 0;
  if (aged_bytes < bytes) {
    checkpoint_bytes =
        control_->SaveRoom(holds_work_, bytes - aged_bytes).value_or(0);
  }
  if (aged_bytes + checkpoint_bytes > 0) {
    LogWarning(options_.folder, " has little room: previews and logs of ",
               aged_bytes, " bytes and checkpoints of ", checkpoint_bytes,
               " bytes are removed");
  }
  return aged_bytes + checkpoint_bytes;
}

void Storage::HoldWorkWhileFull() {
  if (control_ == nullptr) return;
  const bool is_scarce = !guard_.MayKeepSpare().ok();
  if (is_scarce != holds_previews_ && control_->HoldPreviews(is_scarce).ok()) {
    holds_previews_ = is_scarce;
  }
  const bool is_full = !guard_.MayWrite().ok();
  if (is_full == holds_work_) return;
  if (control_->SaveRoom(is_full, 0).ok()) holds_work_ = is_full;
}

}  // namespace atelier
