#include "coordinator/api/views/job_feed.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

constexpr int kThreads = 4;
constexpr int kMaxRemembered = 10'000;

absl::Status Stopping() {
  return absl::UnavailableError("the coordinator is stopping");
}

}  // namespace

struct JobFeed::Topic {
  JobId job;
  ControlPlane::WatchId watch = 0;
  Seen current;  // Empty before the first snapshot.
  std::optional<Wait> said_wait;
  std::map<const JobReader*, Subscriber> subscribers;
  bool dirty = true;       // The job may have changed since it was read.
  bool scheduled = false;  // To be pumped.
  bool pumping = false;
};

std::shared_ptr<const std::string> FeedUpdate::Text::Get(
    const std::string& id, const v1::JobSnapshot& snapshot, Render render) {
  std::call_once(once_, [&] {
    text_ = std::make_shared<const std::string>(render(id, snapshot));
  });
  return text_;
}

JobFeed::JobFeed(ControlPlane& control, Clock& clock, const Limits& limits)
    : control_(control), clock_(clock), limits_(limits), pool_(kThreads) {}

JobFeed::~JobFeed() { Stop(); }

absl::Status JobFeed::CheckRoom() {
  if (static_cast<int>(readers_.size()) >= limits_.max_readers) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "job_id: ", limits_.max_readers,
        " calls watch jobs, as many as may (--max-watches); repeat later"));
  }
  return absl::OkStatus();
}

JobFeed::TopicPtr JobFeed::FindTopic(const JobId& job) {
  TopicPtr& topic = topics_[job];
  if (topic != nullptr) return topic;
  topic = std::make_shared<Topic>();
  topic->job = job;
  if (const Seen* const seen = remembered_.Find(job.value())) {
    topic->current = *seen;
    remembered_.Erase(job.value());
  }
  // Each reader's right to see the job has been looked at.
  topic->watch =
      control_
          .Watch(CoordinatorItself(), job,
                 [this, weak = std::weak_ptr<Topic>(topic)] { OnChange(weak); })
          .value();
  return topic;
}

absl::Status JobFeed::Attach(const Caller& caller, const JobId& job,
                             std::string last_seen,
                             std::shared_ptr<JobReader> reader) {
  RETURN_IF_ERROR(control_.CheckMay(caller, Verb::kReadJob, job));
  absl::MutexLock lock(&mutex_);
  if (stopped_) return Stopping();
  RETURN_IF_ERROR(CheckRoom());
  const TopicPtr topic = FindTopic(job);
  // Whoever comes sees what is so now, whether news of it has come or not.
  topic->dirty = true;
  const JobReader* const key = reader.get();
  Subscriber& subscriber = topic->subscribers[key];
  subscriber.reader = std::move(reader);
  subscriber.caller = caller;
  subscriber.seen = std::move(last_seen);
  readers_[key] = topic;
  Schedule(topic);
  return absl::OkStatus();
}

void JobFeed::Ready(const JobReader* reader, size_t bytes) {
  absl::MutexLock lock(&mutex_);
  const auto found = readers_.find(reader);
  if (found == readers_.end()) return;
  Subscriber& subscriber = found->second->subscribers.at(reader);
  subscriber.ready = true;
  const absl::Time now = clock_.Now();
  subscriber.next_at = std::max(
      subscriber.next_at,
      now + absl::Seconds(1) * static_cast<double>(bytes) / kBytesPerSecond);
  if (IsDue(*found->second, subscriber, now)) Schedule(found->second);
}

void JobFeed::Detach(const JobReader* reader) {
  std::shared_ptr<JobReader> last;  // Ends outside the lock.
  absl::MutexLock lock(&mutex_);
  const auto found = readers_.find(reader);
  if (found == readers_.end()) return;
  const TopicPtr topic = found->second;
  last = topic->subscribers.at(reader).reader;
  Forget(*topic, reader);
}

void JobFeed::Forget(Topic& topic, const JobReader* reader) {
  const auto found = topic.subscribers.find(reader);
  topic.subscribers.erase(found);
  // The caller holds the topic.
  readers_.erase(reader);
  if (!topic.subscribers.empty()) return;
  control_.Unwatch(topic.watch);
  if (!topic.current.id.empty()) {
    remembered_.MakeRoom(1, kMaxRemembered);
    remembered_.Erase(topic.job.value());
    remembered_.Add(topic.job.value(), topic.current, 1);
  }
  topics_.erase(topic.job);
}

bool JobFeed::IsDue(const Topic& topic, const Subscriber& subscriber,
                    absl::Time now) const {
  return subscriber.ready && now >= subscriber.next_at &&
         (topic.dirty || subscriber.seen != topic.current.id);
}

bool JobFeed::HasDue(const Topic& topic, absl::Time now) const {
  if (stopped_) return !topic.subscribers.empty();
  for (const auto& [key, subscriber] : topic.subscribers) {
    if (IsDue(topic, subscriber, now)) return true;
  }
  return false;
}

void JobFeed::Schedule(const TopicPtr& topic) {
  // Whoever pumps looks again before it ends.
  if (topic->scheduled || topic->pumping) return;
  topic->scheduled = true;
  pool_.Schedule([this, topic] { Pump(topic); });
}

void JobFeed::PumpIfDue(const TopicPtr& topic) {
  if (HasDue(*topic, clock_.Now())) Schedule(topic);
}

void JobFeed::OnChange(const std::weak_ptr<Topic>& topic) {
  const TopicPtr changed = topic.lock();
  if (changed == nullptr) return;
  absl::MutexLock lock(&mutex_);
  changed->dirty = true;
  // Whether anybody is due is looked at there: this thread has others to tell.
  if (changed->scheduled || changed->pumping) return;
  changed->scheduled = true;
  pool_.Schedule([this, changed] { Pump(changed); });
}

void JobFeed::Pump(const TopicPtr& topic) {
  while (true) {
    Calls calls;
    absl::Time now;
    bool reads = false;
    {
      absl::MutexLock lock(&mutex_);
      topic->scheduled = false;
      now = clock_.Now();
      topic->pumping = HasDue(*topic, now);
      if (!topic->pumping) return;
      reads = !stopped_;
      if (stopped_) calls = End(*topic, Stopping());
      topic->dirty = false;
    }
    if (reads) {
      absl::StatusOr<JobSnapshot> snapshot =
          ReadJobSnapshot(control_, topic->job, limits_.renders);
      absl::MutexLock lock(&mutex_);
      calls = snapshot.ok() ? Take(*topic, *std::move(snapshot), now)
                            : End(*topic, snapshot.status());
    }
    for (const auto& call : calls) call();
  }
}

JobFeed::Calls JobFeed::Take(Topic& topic, JobSnapshot snapshot,
                             absl::Time now) {
  if (snapshot.digest != topic.current.digest) {
    topic.current.digest = snapshot.digest;
    topic.current.id = absl::StrCat(control_.epoch(), "-", ++last_number_);
  }
  topic.said_wait = snapshot.wait;
  const auto update =
      std::make_shared<const FeedUpdate>(topic.current.id, std::move(snapshot));
  Calls calls;
  std::vector<const JobReader*> ended;
  for (auto& [key, subscriber] : topic.subscribers) {
    if (!subscriber.ready || now < subscriber.next_at) continue;
    const std::shared_ptr<JobReader>& reader = subscriber.reader;
    if (absl::Status valid = CheckStillValid(subscriber.caller); !valid.ok()) {
      calls.push_back(
          [reader, valid = std::move(valid)] { reader->OnEnd(valid); });
      ended.push_back(key);
      continue;
    }
    if (subscriber.seen != topic.current.id) {
      subscriber.seen = topic.current.id;
      subscriber.ready = false;
      subscriber.next_at = now + kInterval;
      calls.push_back([reader, update, has_spec = subscriber.was_called] {
        reader->OnUpdate(update, has_spec);
      });
    } else if (update->is_last()) {
      calls.push_back([reader] { reader->OnEnd(absl::OkStatus()); });
    } else if (!subscriber.was_called) {
      calls.push_back([reader] { reader->OnCurrent(); });
    } else {
      continue;
    }
    subscriber.was_called = true;
    if (update->is_last()) ended.push_back(key);
  }
  for (const JobReader* key : ended) Forget(topic, key);
  return calls;
}

JobFeed::Calls JobFeed::End(Topic& topic, const absl::Status& why) {
  Calls calls;
  while (!topic.subscribers.empty()) {
    const auto& [key, subscriber] = *topic.subscribers.begin();
    calls.push_back([reader = subscriber.reader, why] { reader->OnEnd(why); });
    Forget(topic, key);
  }
  return calls;
}

void JobFeed::Tick() {
  bool check_waits = false;
  bool check_tokens = false;
  {
    absl::MutexLock lock(&mutex_);
    for (const auto& [job, topic] : topics_) PumpIfDue(topic);
    const absl::Time now = clock_.Now();
    check_tokens = !topics_.empty() && now >= next_token_check_;
    if (check_tokens) next_token_check_ = now + kTokenInterval;
    check_waits = !topics_.empty() && now >= next_wait_check_;
    if (check_waits) next_wait_check_ = now + kWaitInterval;
  }
  if (check_tokens) EndInvalid();
  if (check_waits) CheckWaits();
}

// One that is being told something is told this next time.
void JobFeed::EndInvalid() {
  std::vector<std::pair<std::shared_ptr<JobReader>, absl::Status>> ended;
  {
    absl::MutexLock lock(&mutex_);
    std::vector<TopicPtr> topics;
    for (const auto& [job, topic] : topics_) topics.push_back(topic);
    for (const TopicPtr& topic : topics) {
      if (topic->pumping) continue;
      std::vector<const JobReader*> keys;
      for (const auto& [key, subscriber] : topic->subscribers) {
        const absl::Status valid = CheckStillValid(subscriber.caller);
        if (valid.ok()) continue;
        ended.emplace_back(subscriber.reader, valid);
        keys.push_back(key);
      }
      for (const JobReader* key : keys) Forget(*topic, key);
    }
  }
  for (const auto& [reader, why] : ended) reader->OnEnd(why);
}

void JobFeed::CheckWaits() {
  std::vector<JobId> ids;
  {
    absl::MutexLock lock(&mutex_);
    for (const auto& [job, topic] : topics_) ids.push_back(job);
  }
  const absl::StatusOr<std::vector<JobOutlook>> outlooks =
      control_.OutlooksOf(CoordinatorItself(), ids);
  if (!outlooks.ok()) return;  // Looked at again in a second.
  absl::MutexLock lock(&mutex_);
  for (size_t i = 0; i < ids.size(); ++i) {
    const auto found = topics_.find(ids[i]);
    if (found == topics_.end()) continue;
    Topic& topic = *found->second;
    const Wait& wait = (*outlooks)[i].wait;
    if (!topic.said_wait.has_value() || *topic.said_wait == wait) continue;
    topic.dirty = true;
    PumpIfDue(found->second);
  }
}

void JobFeed::Stop() {
  absl::MutexLock lock(&mutex_);
  stopped_ = true;
  for (const auto& [job, topic] : topics_) PumpIfDue(topic);
}

}  // namespace atelier
