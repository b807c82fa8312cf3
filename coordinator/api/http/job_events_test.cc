// The news of a job over HTTP.
#include <sys/resource.h>

#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "coordinator/api/http/api_fixture_testing.h"
#include "gmock/gmock.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

struct Event {
  std::string id;
  v1::JobSnapshot snapshot;
};

class EventsOf {
 public:
  EventsOf(const Endpoint& at, const std::string& job,
           const std::string& last_seen = "")
      : client_(at) {
    const std::string header =
        last_seen.empty() ? ""
                          : absl::StrCat("Last-Event-ID: ", last_seen, "\r\n");
    EXPECT_TRUE(client_.Send(absl::StrCat(
        "GET /api/v1/jobs/", job, "/events HTTP/1.0\r\n", header, "\r\n")));
  }
  std::string Head() { return client_.ReadUntil("\r\n\r\n"); }
  Event Next() {
    const std::string text = client_.ReadUntil("\n\n");
    const size_t data = text.find("\ndata: ");
    EXPECT_EQ(text.substr(0, 4), "id: ") << text;
    if (data == std::string::npos) return {};
    Event event;
    event.id = text.substr(4, data - 4);
    EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(
                    text.substr(data + 7), &event.snapshot)
                    .ok())
        << text;
    return event;
  }
  std::string Rest() { return client_.ReadAll(); }

 private:
  HttpClient client_;
};

class JobEventsTest : public ApiFixture {
 protected:
  const Endpoint& At() { return server_->listening(); }
};

TEST_F(JobEventsTest, BringsSnapshotsUntilTheJobEnds) {
  const std::string job = Submit();
  EventsOf events(At(), job);
  const std::string head = events.Head();
  EXPECT_THAT(head, StartsWith("HTTP/1.0 200"));
  EXPECT_THAT(head, HasSubstr("Content-Type: text/event-stream"));
  const Event first = events.Next();
  EXPECT_EQ(first.snapshot.job().job_id(), job);
  EXPECT_TRUE(first.snapshot.job().has_spec());
  EXPECT_EQ(first.snapshot.job().state(), v1::JOB_STATE_QUEUED);
  CallForTask("anna");
  Event second = events.Next();
  // Before that, the job may wait for another reason.
  for (int i = 0; i < 5 && second.snapshot.running().empty(); ++i) {
    second = events.Next();
  }
  EXPECT_EQ(second.snapshot.running_size(), 1);
  EXPECT_NE(second.id, first.id);
  EXPECT_FALSE(second.snapshot.job().has_spec());
  ASSERT_TRUE(control_->Cancel(AnonymousAdmin(), JobId(job)).ok());
  EXPECT_EQ(events.Next().snapshot.job().state(), v1::JOB_STATE_CANCELLED);
  EXPECT_EQ(events.Rest(), "");
}

TEST_F(JobEventsTest, WhoComesBackGoesOnWhereItWas) {
  const std::string job = Submit();
  std::string seen;
  {
    EventsOf events(At(), job);
    events.Head();
    seen = events.Next().id;
  }
  EventsOf back(At(), job, seen);
  EXPECT_THAT(back.Head(), StartsWith("HTTP/1.0 200"));
  ASSERT_TRUE(control_->Cancel(AnonymousAdmin(), JobId(job)).ok());
  const Event last = back.Next();
  EXPECT_EQ(last.snapshot.job().state(), v1::JOB_STATE_CANCELLED);
  EXPECT_EQ(back.Rest(), "");
  EXPECT_THAT(EventsOf(At(), job, last.id).Head(), StartsWith("HTTP/1.0 204"));
  EventsOf other(At(), job, "nothing of ours");
  other.Head();
  EXPECT_EQ(other.Next().id, last.id);
}

TEST_F(JobEventsTest, RefusesAsOtherEndpointsDo) {
  EXPECT_EQ(Get("/api/v1/jobs/none/events").code, 404);
  EXPECT_EQ(Get("/api/v1/jobs/%0a/events").code, 400);
  EXPECT_THAT(Get("/api/v1/jobs/none/events?x=1").body,
              HasSubstr("'x': there is no such parameter"));
  feed_->Stop();
  EXPECT_EQ(Get("/api/v1/jobs/none/events").code, 503);
}

class ManyEventsTest : public JobEventsTest {
 protected:
  static constexpr int kStreams = 500;

  void SetUp() override {
    // Both ends are this process's.
    rlimit files;
    ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &files), 0);
    files.rlim_cur = files.rlim_max;
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &files), 0);
    if (files.rlim_cur < 3 * kStreams)
      GTEST_SKIP() << "NOT TESTED: 500 streams, as few files may be open";
  }
  void Open(const std::string& job, int count) {
    // No more at once than may wait for a thread of the server's.
    constexpr int kAtOnce = 100;
    while (count > 0) {
      const size_t open = streams_.size();
      for (int i = 0; i < std::min(count, kAtOnce); ++i) {
        streams_.push_back(std::make_unique<EventsOf>(At(), job));
      }
      count -= kAtOnce;
      for (size_t i = open; i < streams_.size(); ++i) {
        ASSERT_THAT(streams_[i]->Head(), StartsWith("HTTP/1.0 200"));
        streams_[i]->Next();
      }
    }
  }
  static size_t CountThreads() {
    const std::filesystem::directory_iterator tasks("/proc/self/task");
    return std::distance(begin(tasks), end(tasks));
  }

  std::vector<std::unique_ptr<EventsOf>> streams_;
};

TEST_F(ManyEventsTest, TakeNoThreadAndHearTheNews) {
  const std::string job = Submit();
  const size_t threads = CountThreads();
  ASSERT_NO_FATAL_FAILURE(Open(job, kStreams));
  EXPECT_EQ(CountThreads(), threads);
  ASSERT_TRUE(control_->Pause(AnonymousAdmin(), JobId(job)).ok());
  for (const auto& stream : streams_) {
    ASSERT_TRUE(stream->Next().snapshot.job().paused());
  }
  const absl::Time begin = absl::Now();
  server_->Stop();
  EXPECT_LT(absl::Now() - begin, absl::Seconds(1));
  for (const auto& stream : streams_) stream->Rest();
}

TEST_F(ManyEventsTest, CountWithTheCallsOfGrpc) {
  const std::string job = Submit();
  ASSERT_NO_FATAL_FAILURE(Open(job, 550));
  const HttpAnswer answer = Get(absl::StrCat("/api/v1/jobs/", job, "/events"));
  EXPECT_EQ(answer.code, 429);
  EXPECT_THAT(answer.body, HasSubstr("550 calls watch jobs"));
  streams_.pop_back();
  // Its place is free once the server has noticed.
  while (Get(absl::StrCat("/api/v1/jobs/none/events")).code == 429) {
  }
}

TEST_F(ManyEventsTest, AreEndedByTheFeed) {
  Open(Submit(), 20);
  feed_->Stop();
  for (const auto& stream : streams_) EXPECT_EQ(stream->Rest(), "");
}

}  // namespace
}  // namespace atelier
