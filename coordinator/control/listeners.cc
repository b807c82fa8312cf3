#include "coordinator/control/listeners.h"

namespace atelier {

Listeners::Listeners(Discard discard, Notice notice, PictureMade picture_made)
    : discard_(std::move(discard)),
      notice_(std::move(notice)),
      picture_made_(std::move(picture_made)),
      thread_(std::make_unique<WorkPool>(1)) {}

Listeners::~Listeners() {
  Stop(absl::UnavailableError("the coordinator is stopping; repeat later"));
}

CallId Listeners::AddCall(Answer answer) {
  absl::MutexLock lock(&calls_mu_);
  calls_.emplace(++last_call_, std::move(answer));
  return last_call_;
}

bool Listeners::Waits(CallId id) {
  absl::MutexLock lock(&calls_mu_);
  return calls_.count(id) > 0;
}

void Listeners::AnswerNow(CallId id, absl::StatusOr<SyncResponse> response) {
  Answer answer;
  {
    absl::MutexLock lock(&calls_mu_);
    const auto found = calls_.find(id);
    if (found == calls_.end()) return;
    answer = std::move(found->second);
    calls_.erase(found);
  }
  answer(std::move(response));
}

Listeners::WatchId Listeners::AddWatch(const JobId& id,
                                       std::function<void()> changed) {
  absl::MutexLock lock(&watch_mu_);
  const WatchId watch = ++last_watch_;
  watches_.emplace(watch, Watch{id, std::move(changed)});
  watched_[id].insert(watch);
  return watch;
}

void Listeners::RemoveWatch(WatchId id) {
  absl::MutexLock lock(&watch_mu_);
  const auto found = watches_.find(id);
  if (found == watches_.end()) return;
  const auto watched = watched_.find(found->second.job);
  watched->second.erase(id);
  if (watched->second.empty()) watched_.erase(watched);
  watches_.erase(found);
}

void Listeners::Tell(Outcomes outcomes, Decisions decisions) {
  // WorkPool's functions can be copied, Decisions only at a price.
  const auto shared = std::make_shared<Decisions>(std::move(decisions));
  thread_->Schedule([this, shared, outcomes = std::move(outcomes)] {
    for (const auto& say : outcomes) say();
    Say(std::move(*shared));
  });
}

void Listeners::Say(Decisions decisions) {
  for (const MadePicture& made : decisions.made) {
    if (picture_made_) picture_made_(made);
  }
  for (auto& [id, answer] : decisions.answers) AnswerNow(id, std::move(answer));
  if (discard_ && !decisions.unused_checkpoints.empty()) {
    discard_(std::move(decisions.unused_checkpoints));
  }
  for (const std::string& line : decisions.notices) {
    if (notice_) notice_(line);
  }
  SayToWatches(decisions.touched);
}

void Listeners::SayToWatches(const std::set<JobId>& touched) {
  std::vector<std::function<void()>> changed;
  {
    absl::MutexLock lock(&watch_mu_);
    for (const JobId& job : touched) {
      const auto watched = watched_.find(job);
      if (watched == watched_.end()) continue;
      for (WatchId id : watched->second) {
        changed.push_back(watches_.at(id).changed);
      }
    }
  }
  for (const auto& call : changed) call();
}

void Listeners::Stop(const absl::Status& why) {
  thread_.reset();
  std::map<CallId, Answer> left;
  {
    absl::MutexLock lock(&calls_mu_);
    left.swap(calls_);
  }
  for (const auto& [id, answer] : left) answer(why);
}

}  // namespace atelier
