#include "coordinator/api/http/job_events.h"

#include <memory>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "atelier/v1/jobs.pb.h"
#include "common/status_macros.h"
#include "coordinator/api/http/read_endpoint.h"
#include "coordinator/api/http/request_fields.h"
#include "coordinator/api/views/job_feed.h"
#include "coordinator/api/views/job_requests.h"
#include "coordinator/api/views/job_views.h"

namespace atelier {
namespace {

using Piece = std::shared_ptr<const std::string>;

// JSON has no ends of lines. Empty where there is none to be had.
std::string EventOf(const std::string& id, const v1::JobSnapshot& snapshot) {
  const absl::StatusOr<std::string> json = Json(snapshot);
  if (!json.ok()) return "";
  return absl::StrCat("id: ", id, "\ndata: ", *json, "\n\n");
}

// Between the feed's threads and the server's: writes one event at a time.
class EventStream : public JobReader,
                    public std::enable_shared_from_this<EventStream> {
 public:
  EventStream(JobFeed& feed, std::shared_ptr<HttpExchange> exchange)
      : feed_(feed), exchange_(std::move(exchange)) {}

  void Begin(const Caller& caller, const JobId& job) {
    const HttpRequest& request = exchange_->request();
    const absl::Status attached =
        feed_.Attach(caller, job, request.last_event_id, shared_from_this());
    if (!attached.ok()) Refuse(attached);
  }

  void OnCurrent() override { BeginStream(); }

  void OnUpdate(std::shared_ptr<const FeedUpdate> update,
                bool has_spec) override {
    Piece event = has_spec ? update->RenderedNews(EventOf)
                           : update->RenderedView(EventOf);
    if (event->empty()) {
      feed_.Detach(this);
      return OnEnd(absl::InternalError("the job's news are no JSON"));
    }
    bool begins = false;
    {
      absl::MutexLock lock(&mutex_);
      ends_ = update->is_last();
      begins = !began_;
      event_bytes_ = event->size();
      if (!can_write_) next_ = std::move(event);
      can_write_ = false;
    }
    if (begins) {
      BeginStream();
    } else if (event != nullptr) {
      exchange_->Write(std::move(event));
    }
  }

  void OnEnd(const absl::Status& status) override {
    bool began = false;
    {
      absl::MutexLock lock(&mutex_);
      ends_ = true;
      began = began_;
      if (began && !can_write_) return;  // After what is being written.
    }
    if (began) return exchange_->EndStream();
    Refuse(status);
  }

 private:
  // 204 where the caller has seen the job's end.
  void Refuse(const absl::Status& status) {
    exchange_->Answer(status.ok()
                          ? HttpReply{204, "", ""}
                          : ErrorReply(exchange_->request().path, status));
  }

  void BeginStream() {
    {
      absl::MutexLock lock(&mutex_);
      began_ = true;
    }
    const auto self = shared_from_this();
    HttpStreamEvents events;
    events.written = [self] { self->OnWritten(); };
    events.closed = [self] { self->feed_.Detach(self.get()); };
    events.heartbeat = ": no news\n\n";
    // Proxies hand on what comes as it comes.
    exchange_->BeginStream(
        {200, "text/event-stream", "", {{"X-Accel-Buffering", "no"}}},
        std::move(events));
  }

  // The head, or an event, has been passed on.
  void OnWritten() {
    Piece next;
    bool ends = false;
    bool wrote_event = false;
    size_t bytes = 0;
    {
      absl::MutexLock lock(&mutex_);
      next = std::move(next_);
      ends = ends_ && next == nullptr;
      wrote_event = std::exchange(wrote_head_, true);
      bytes = event_bytes_;
      can_write_ = next == nullptr && !ends;
    }
    if (next != nullptr) {
      exchange_->Write(std::move(next));
    } else if (ends) {
      exchange_->EndStream();
    } else if (wrote_event) {
      feed_.Ready(this, bytes);
    }
  }

  JobFeed& feed_;
  const std::shared_ptr<HttpExchange> exchange_;
  absl::Mutex mutex_;
  bool began_ ABSL_GUARDED_BY(mutex_) = false;
  bool wrote_head_ ABSL_GUARDED_BY(mutex_) = false;
  bool can_write_ ABSL_GUARDED_BY(mutex_) = false;
  bool ends_ ABSL_GUARDED_BY(mutex_) = false;
  Piece next_ ABSL_GUARDED_BY(mutex_);
  size_t event_bytes_ ABSL_GUARDED_BY(mutex_) = 0;
};

absl::Status Watch(const ApiSources& sources,
                   const std::shared_ptr<HttpExchange>& exchange) {
  v1::WatchJobRequest request;
  RETURN_IF_ERROR(FillRequest(exchange->request(), request));
  RETURN_IF_ERROR(CheckJobId(request.job_id()));
  JobFeed* const feed = sources.feed();
  if (feed == nullptr) return StartingOrStopping();
  if (exchange->request().is_head) {
    exchange->Answer({200, "text/event-stream", ""});
    return absl::OkStatus();
  }
  std::make_shared<EventStream>(*feed, exchange)
      ->Begin(exchange->request().caller, JobId(request.job_id()));
  return absl::OkStatus();
}

}  // namespace

HttpRoute JobEvents(std::string path, const ApiSources& sources) {
  // Attaching to the feed does not block.
  const auto watch = [sources](const std::shared_ptr<HttpExchange>& exchange) {
    if (const absl::Status status = Watch(sources, exchange); !status.ok()) {
      exchange->Answer(ErrorReply(exchange->request().path, status));
    }
  };
  return {std::move(path), HttpLane::kBlocking, watch, /*is_open=*/false,
          CallKind::kStream};
}

}  // namespace atelier
