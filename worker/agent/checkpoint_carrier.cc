#include "worker/agent/checkpoint_carrier.h"

#include <fstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "atelier/v1/artifacts.pb.h"
#include "common/digest.h"
#include "common/log/log.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

ArtifactClientOptions WithPatience(absl::Duration patience) {
  ArtifactClientOptions options;
  options.kind = v1::ARTIFACT_KIND_CHECKPOINT;
  options.retry.give_up_after = patience;
  return options;
}

void Warn(const CheckpointCarrier::LineCallback& tell,
          const std::string& line) {
  LogWarning(line);
  if (tell) tell(absl::StrCat("warning: ", line));
}

void WarnOfLoss(const CheckpointCarrier::LineCallback& tell, int iteration,
                const absl::Status& status) {
  Warn(tell, absl::StrCat("the checkpoint of iteration ", iteration,
                          " is not kept: ", status.message()));
}

absl::Status NoRoomIn(const std::string& folder) {
  return absl::ResourceExhaustedError(
      absl::StrCat("cannot be written in ", folder));
}

absl::StatusOr<std::unique_ptr<ScratchFile>> WriteAside(
    const std::string& folder, absl::FunctionRef<void(std::ostream&)> write) {
  ASSIGN_OR_RETURN(std::unique_ptr<ScratchFile> file,
                   ScratchFile::Make(folder));
  std::ofstream out(file->path(), std::ios::binary);
  if (out) write(out);
  out.close();
  if (out) return file;
  return NoRoomIn(folder);
}

}  // namespace

CheckpointCarrier::CheckpointCarrier(
    const std::shared_ptr<grpc::Channel>& channel,
    const v1::WorkerDescription& self, std::string folder,
    absl::Duration patience)
    : retrying_client_(channel, WithPatience(absl::InfiniteDuration())),
      fail_fast_client_(channel, WithPatience(patience)),
      engine_version_(self.engine_version()),
      profile_(self.profile()),
      folder_(std::move(folder)),
      thread_([this] { Run(); }) {}

CheckpointCarrier::~CheckpointCarrier() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  giving_up_.Stop();
  thread_.join();
}

void CheckpointCarrier::Begin(const ArtifactScope& attempt, LineCallback tell) {
  absl::MutexLock lock(&mutex_);
  ++attempt_;
  scope_ = attempt;
  tell_ = std::move(tell);
  waiting_.reset();
  arrived_.reset();
}

absl::StatusOr<std::unique_ptr<std::istream>> CheckpointCarrier::Fetch(
    const v1::Checkpoint& from, StopSignal& stop,
    const ArtifactScope& attempt) {
  LineCallback tell;
  {
    absl::MutexLock lock(&mutex_);
    tell = tell_;
  }
  // A coordinator from before versions were announced may give any.
  if (from.engine_version() != engine_version_) {
    Warn(tell, absl::StrCat("beginning anew, as the checkpoint of iteration ",
                            from.iteration(), " is of engine version ",
                            from.engine_version() == 0
                                ? "unknown"
                                : absl::StrCat(from.engine_version()),
                            ", not ", engine_version_));
    return nullptr;
  }
  const auto file = ScratchFile::Make(folder_);
  absl::Status fetched = file.status();
  if (file.ok()) {
    std::ofstream out((*file)->path(), std::ios::binary);
    fetched =
        out ? retrying_client_.DownloadTo(from.digest(), out, &stop, attempt)
            : NoRoomIn(folder_);
  }
  if (fetched.ok()) {
    // Has the file open when `file` is gone.
    return std::make_unique<std::ifstream>((*file)->path(), std::ios::binary);
  }
  if (stop.stopped()) return absl::CancelledError("told to stop");
  Warn(tell,
       absl::StrCat("beginning anew, without the checkpoint of iteration ",
                    from.iteration(), ": ", fetched.message()));
  return nullptr;
}

bool CheckpointCarrier::idle() const {
  absl::MutexLock lock(&mutex_);
  return IsIdle();
}

void CheckpointCarrier::Send(int iteration,
                             absl::FunctionRef<void(std::ostream&)> write) {
  auto file = WriteAside(folder_, write);
  LineCallback tell;
  {
    absl::MutexLock lock(&mutex_);
    tell = tell_;
    if (file.ok()) {
      waiting_ =
          PendingUpload{attempt_, scope_, tell, iteration, *std::move(file)};
      return;
    }
  }
  WarnOfLoss(tell, iteration, file.status());
}

std::optional<v1::Checkpoint> CheckpointCarrier::arrived() const {
  absl::MutexLock lock(&mutex_);
  return arrived_;
}

std::optional<v1::Checkpoint> CheckpointCarrier::AwaitArrival() const {
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(this, &CheckpointCarrier::IsIdle));
  return arrived_;
}

bool CheckpointCarrier::HasWork() const {
  return stopping_ || waiting_.has_value();
}

bool CheckpointCarrier::IsIdle() const {
  return !busy_ && !waiting_.has_value();
}

void CheckpointCarrier::Run() {
  while (true) {
    PendingUpload upload;
    {
      absl::MutexLock lock(&mutex_);
      busy_ = false;
      mutex_.Await(absl::Condition(this, &CheckpointCarrier::HasWork));
      if (stopping_) return;
      upload = *std::exchange(waiting_, std::nullopt);
      busy_ = true;
    }
    Deliver(upload);
  }
}

absl::StatusOr<std::string> CheckpointCarrier::Upload(
    const PendingUpload& upload) {
  const std::string& path = upload.file->path();
  ASSIGN_OR_RETURN(std::string digest, HexDigestOfFile(path));
  RETURN_IF_ERROR(
      fail_fast_client_.UploadFile(path, digest, &giving_up_, upload.scope));
  return digest;
}

void CheckpointCarrier::Deliver(const PendingUpload& upload) {
  const absl::StatusOr<std::string> digest = Upload(upload);
  if (!digest.ok()) {
    WarnOfLoss(upload.tell, upload.iteration, digest.status());
    return;
  }
  LogDebug("kept the checkpoint of iteration ", upload.iteration, ": ",
           *digest);
  if (upload.tell) {
    upload.tell(
        absl::StrCat("kept the checkpoint of iteration ", upload.iteration));
  }
  absl::MutexLock lock(&mutex_);
  if (upload.attempt != attempt_) return;
  arrived_.emplace();
  arrived_->set_digest(*digest);
  arrived_->set_iteration(upload.iteration);
  arrived_->set_engine_version(engine_version_);
  arrived_->set_profile(profile_);
}

}  // namespace atelier
