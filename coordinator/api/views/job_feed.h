// The news of jobs: whole snapshots at once and on change, at a bounded rate,
// for readers of any transport.
//
//   RETURN_IF_ERROR(feed.Attach(caller, job, last_seen_id, reader));
//   // reader->OnUpdate(update), on a thread of the feed; it passes it on,
//   then: feed.Ready(reader.get(), bytes);
//
// All readers of a job share each snapshot, which is read once. A reader holds
// no thread. One that is slow misses what came between: its next snapshot is as
// of then.
//
// A snapshot of a large job with many workers is large. A reader that has the
// job's spec need not be told it again, and none is told more a second than a
// browser on a slow line can take.
//
// A snapshot's id counts the changes of what is seen. A reader that comes back
// with the id of what is still so waits for news; with any other, it is given
// what there is.
#ifndef ATELIER_COORDINATOR_API_VIEWS_JOB_FEED_H_
#define ATELIER_COORDINATOR_API_VIEWS_JOB_FEED_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "common/lru_map.h"
#include "common/work_pool.h"
#include "coordinator/api/views/job_snapshot.h"
#include "coordinator/control/caller.h"
#include "coordinator/control/control_plane.h"

namespace atelier {

/// A snapshot on its way to all who read it. Thread-safe.
class FeedUpdate {
 public:
  using Render = std::string (*)(const std::string& id,
                                 const v1::JobSnapshot& snapshot);

  FeedUpdate(std::string id, JobSnapshot snapshot)
      : id_(std::move(id)), snapshot_(std::move(snapshot)) {}

  /// "EPOCH-NUMBER": numbers grow, and no two snapshots that differ share one.
  const std::string& id() const { return id_; }
  const v1::JobSnapshot& view() const { return snapshot_.view; }
  /// The view without the job's spec.
  const v1::JobSnapshot& news() const { return snapshot_.news; }
  /// The job has ended: no update follows.
  bool is_last() const { return snapshot_.ended; }

  /// What `render` makes of view and news, made once for all who ask.
  /// REQUIRES: all give the same function.
  std::shared_ptr<const std::string> RenderedView(Render render) const {
    return view_text_.Get(id_, view(), render);
  }
  std::shared_ptr<const std::string> RenderedNews(Render render) const {
    return news_text_.Get(id_, news(), render);
  }

 private:
  class Text {
   public:
    std::shared_ptr<const std::string> Get(const std::string& id,
                                           const v1::JobSnapshot& snapshot,
                                           Render render);

   private:
    std::once_flag once_;
    std::shared_ptr<const std::string> text_;
  };

  const std::string id_;
  const JobSnapshot snapshot_;
  mutable Text view_text_;
  mutable Text news_text_;
};

/// Called on threads of the feed, one call at a time, without locks held; may
/// call Ready and Detach.
class JobReader {
 public:
  virtual ~JobReader() = default;
  /// What it saw last is still so; it waits for news. At most once, and only as
  /// the first call.
  virtual void OnCurrent() = 0;
  /// The next comes after Ready. `has_spec`: it was called before, and so has
  /// the job's spec from that or from what it saw last.
  virtual void OnUpdate(std::shared_ptr<const FeedUpdate> update,
                        bool has_spec) = 0;
  /// Nothing more is called, as after an update that is the last. OK: the job
  /// has ended, and the reader saw that already.
  virtual void OnEnd(const absl::Status& status) = 0;
};

/// Thread-safe.
class JobFeed {
 public:
  /// Between two updates of a reader, at least.
  static constexpr absl::Duration kInterval = absl::Milliseconds(200);
  /// What a reader is told in a second, about: after more it waits longer.
  static constexpr int64_t kBytesPerSecond = 1 << 20;
  /// How often it is looked whether jobs wait for another reason: workers come
  /// and go without touching a job.
  static constexpr absl::Duration kWaitInterval = absl::Seconds(1);
  /// How often it is looked whether readers' tokens have ended.
  static constexpr absl::Duration kTokenInterval = absl::Seconds(1);

  struct Limits {
    RenderLimits renders;
    int max_readers = 10'000;  ///< At once.
  };

  /// Lifetime: control and clock must outlive it.
  JobFeed(ControlPlane& control, Clock& clock, const Limits& limits);
  /// Stops. REQUIRES: the control plane has stopped, or there are no readers.
  ~JobFeed();
  JobFeed(const JobFeed&) = delete;
  JobFeed& operator=(const JobFeed&) = delete;

  /// Does not block. `last_seen` is the id of the update it saw last, or
  /// anything else. The feed holds the reader until its
  /// end; errors of the job, and the end of the caller's token, end it.
  /// Errors: PermissionDenied, ResourceExhausted, Unavailable (stopped).
  /// Nothing is called then.
  absl::Status Attach(const Caller& caller, const JobId& job,
                      std::string last_seen, std::shared_ptr<JobReader> reader);

  /// It has passed its update on, in so many bytes. No effect after its end.
  void Ready(const JobReader* reader, size_t bytes);
  /// It wants nothing more; a call may still be going on. No effect after its
  /// end.
  void Detach(const JobReader* reader);

  /// Brings what was held back for the rate. Call it every 50 ms or so.
  void Tick();

  /// Ends all readers with Unavailable, and refuses those that come later.
  void Stop();

 private:
  struct Seen {
    std::string id;
    std::string digest;
  };
  struct Subscriber {
    std::shared_ptr<JobReader> reader;
    Caller caller;
    std::string seen;  // The id of the last update it has.
    bool ready = true;
    bool was_called = false;
    absl::Time next_at = absl::InfinitePast();
  };
  // A job with readers. One thread at a time pumps it.
  struct Topic;
  using TopicPtr = std::shared_ptr<Topic>;
  using Calls = std::vector<std::function<void()>>;

  absl::Status CheckRoom() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  TopicPtr FindTopic(const JobId& job) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  // Whether it is to be brought something now.
  bool IsDue(const Topic& topic, const Subscriber& subscriber,
             absl::Time now) const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool HasDue(const Topic& topic, absl::Time now) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Schedule(const TopicPtr& topic) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void PumpIfDue(const TopicPtr& topic) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void OnChange(const std::weak_ptr<Topic>& topic);

  // On the pool.
  void Pump(const TopicPtr& topic);
  Calls Take(Topic& topic, JobSnapshot snapshot, absl::Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Calls End(Topic& topic, const absl::Status& why)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  // It has ended; the topic goes with its last.
  void Forget(Topic& topic, const JobReader* reader)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void CheckWaits();
  void EndInvalid();

  ControlPlane& control_;
  Clock& clock_;
  const Limits limits_;
  absl::Mutex mutex_;
  std::map<JobId, TopicPtr> topics_ ABSL_GUARDED_BY(mutex_);
  std::map<const JobReader*, TopicPtr> readers_ ABSL_GUARDED_BY(mutex_);
  // What was last said of jobs without readers, for those that come back.
  LruMap<Seen> remembered_ ABSL_GUARDED_BY(mutex_);
  int64_t last_number_ ABSL_GUARDED_BY(mutex_) = 0;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Time next_wait_check_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  absl::Time next_token_check_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  WorkPool pool_;  // Last: its threads use the above.
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_VIEWS_JOB_FEED_H_
