#include "worker/agent/checkpoint_carrier.h"

#include <utility>

#include "spdlog/spdlog.h"

namespace atelier {
namespace {

ArtifactClientOptions WithPatience(absl::Duration patience) {
  ArtifactClientOptions options;
  options.kind = v1::ARTIFACT_KIND_CHECKPOINT;
  options.retry.give_up_after = patience;
  return options;
}

}  // namespace

CheckpointCarrier::CheckpointCarrier(
    const std::shared_ptr<grpc::ChannelInterface>& channel, std::string profile,
    absl::Duration patience)
    : patient_(channel, WithPatience(absl::InfiniteDuration())),
      hasty_(channel, WithPatience(patience)),
      profile_(std::move(profile)),
      thread_([this] { Run(); }) {}

CheckpointCarrier::~CheckpointCarrier() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  giving_up_.Stop();
  thread_.join();
}

void CheckpointCarrier::Begin() {
  absl::MutexLock lock(&mutex_);
  ++attempt_;
  waiting_.reset();
  arrived_.reset();
}

absl::StatusOr<std::string> CheckpointCarrier::Fetch(const v1::Checkpoint& from,
                                                     StopSignal& stop) {
  absl::StatusOr<std::string> bytes = patient_.Download(from.digest(), &stop);
  if (bytes.ok()) return bytes;
  if (stop.stopped()) return absl::CancelledError("told to stop");
  spdlog::warn("beginning anew, without the checkpoint of iteration {}: {}",
               from.iteration(), std::string(bytes.status().message()));
  return "";
}

bool CheckpointCarrier::idle() const {
  absl::MutexLock lock(&mutex_);
  return IsIdle();
}

void CheckpointCarrier::Send(int iteration, std::string bytes) {
  absl::MutexLock lock(&mutex_);
  waiting_ = Parcel{attempt_, iteration, std::move(bytes)};
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
    Parcel parcel;
    {
      absl::MutexLock lock(&mutex_);
      busy_ = false;
      mutex_.Await(absl::Condition(this, &CheckpointCarrier::HasWork));
      if (stopping_) return;
      parcel = *std::exchange(waiting_, std::nullopt);
      busy_ = true;
    }
    Deliver(parcel);
  }
}

void CheckpointCarrier::Deliver(const Parcel& parcel) {
  const absl::StatusOr<std::string> digest =
      hasty_.Upload(parcel.bytes, &giving_up_);
  if (!digest.ok()) {
    spdlog::warn("the checkpoint of iteration {} is not kept: {}",
                 parcel.iteration, std::string(digest.status().message()));
    return;
  }
  spdlog::debug("kept the checkpoint of iteration {}: {} bytes, {}",
                parcel.iteration, parcel.bytes.size(), *digest);
  absl::MutexLock lock(&mutex_);
  if (parcel.attempt != attempt_) return;
  arrived_.emplace();
  arrived_->set_digest(*digest);
  arrived_->set_iteration(parcel.iteration);
  arrived_->set_profile(profile_);
}

}  // namespace atelier
