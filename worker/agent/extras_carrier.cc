#include "worker/agent/extras_carrier.h"

#include <algorithm>
#include <cstddef>
#include <exception>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/clock.h"

namespace atelier {
namespace {

constexpr size_t kMostWaiting = 256;

ArtifactClientOptions TriedOnce(v1::ArtifactKind kind, absl::Duration within) {
  ArtifactClientOptions options;
  options.kind = kind;
  options.retry.give_up_after = absl::ZeroDuration();
  options.upload_within = within;
  return options;
}

}  // namespace

ExtrasCarrier::ExtrasCarrier(const std::shared_ptr<grpc::Channel>& channel,
                             absl::Duration upload_within)
    : previews_(channel, TriedOnce(v1::ARTIFACT_KIND_PREVIEW, upload_within)),
      logs_(channel, TriedOnce(v1::ARTIFACT_KIND_LOG, upload_within)),
      thread_([this] { Run(); }) {}

ExtrasCarrier::~ExtrasCarrier() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = changed_ = true;
    if (current_ != nullptr) current_->Stop();
  }
  thread_.join();
}

bool ExtrasCarrier::Send(Extra extra) {
  absl::MutexLock lock(&mutex_);
  if (waiting_.size() >= kMostWaiting) return false;
  waiting_.push_back(std::move(extra));
  changed_ = true;
  return true;
}

void ExtrasCarrier::Finish(absl::Duration within) {
  std::deque<Extra> dropped;  // What they hold goes without the lock.
  absl::MutexLock lock(&mutex_);
  hurrying_ = changed_ = true;
  mutex_.AwaitWithTimeout(absl::Condition(this, &ExtrasCarrier::IsIdle),
                          within);
  hurrying_ = false;
  dropped.swap(waiting_);
  if (current_ != nullptr) current_->Stop();
}

size_t ExtrasCarrier::NextDue() const {
  const auto earlier = [](const Extra& a, const Extra& b) {
    return a.not_before < b.not_before;
  };
  const auto first =
      hurrying_ ? waiting_.begin()
                : std::min_element(waiting_.begin(), waiting_.end(), earlier);
  if (first == waiting_.end()) return waiting_.size();
  if (!hurrying_ && first->not_before > Clock::Steady().Now()) {
    return waiting_.size();
  }
  return static_cast<size_t>(first - waiting_.begin());
}

void ExtrasCarrier::AwaitWork() {
  absl::Duration wait = absl::InfiniteDuration();
  const absl::Time now = Clock::Steady().Now();
  for (const Extra& extra : waiting_) {
    wait = std::min(wait, extra.not_before - now);
  }
  changed_ = false;
  mutex_.AwaitWithTimeout(absl::Condition(&changed_), wait);
}

void ExtrasCarrier::Run() {
  while (true) {
    Extra extra;
    std::shared_ptr<StopSignal> give_up;
    {
      absl::MutexLock lock(&mutex_);
      current_ = nullptr;
      size_t next = NextDue();
      for (; !stopping_ && next == waiting_.size(); next = NextDue()) {
        AwaitWork();
      }
      if (stopping_) return;
      extra = std::move(waiting_[next]);
      waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(next));
      give_up = current_ = std::make_shared<StopSignal>();
    }
    Deliver(extra, *give_up);
  }
}

void ExtrasCarrier::Deliver(const Extra& extra, StopSignal& give_up) {
  ArtifactClient& client =
      extra.kind == v1::ARTIFACT_KIND_LOG ? logs_ : previews_;
  absl::StatusOr<std::string> digest;
  try {
    digest = extra.make();
    if (digest.ok()) digest = client.Upload(*digest, &give_up, extra.scope);
  } catch (const std::exception& thrown) {  // No memory, most likely.
    digest = absl::ResourceExhaustedError(absl::StrCat("it: ", thrown.what()));
  }
  if (!give_up.stopped()) extra.done(digest);
}

}  // namespace atelier
