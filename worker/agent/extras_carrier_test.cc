#include "worker/agent/extras_carrier.h"

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "atelier/v1/workers.pb.h"
#include "common/clock.h"
#include "common/digest.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_artifacts.h"
#include "tests/testing/in_process_server.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ExtrasCarrierTest : public ::testing::Test {
 protected:
  Extra Of(const std::string& bytes,
           v1::ArtifactKind kind = v1::ARTIFACT_KIND_LOG) {
    Extra extra;
    extra.kind = kind;
    extra.make = [bytes] { return bytes; };
    extra.done = [this, bytes](const absl::StatusOr<std::string>& digest) {
      absl::MutexLock lock(&mutex_);
      ended_.push_back(digest.ok() && *digest == HexDigest(bytes)
                           ? bytes
                           : std::string(digest.status().message()));
    };
    return extra;
  }
  // What was said of each, in the order of their ends.
  std::vector<std::string> Ended() {
    absl::MutexLock lock(&mutex_);
    return ended_;
  }

  FakeArtifacts store_;
  InProcessServer server_{&store_};
  absl::Mutex mutex_;
  std::vector<std::string> ended_ ABSL_GUARDED_BY(mutex_);
  ExtrasCarrier carrier_{server_.Channel()};
};

TEST_F(ExtrasCarrierTest, BringsEachAsWhatItIs) {
  auto token = std::make_shared<v1::AttemptToken>();
  token->set_number(7);
  Extra thumbnail = Of("small", v1::ARTIFACT_KIND_PREVIEW);
  thumbnail.scope.attempt = token;
  thumbnail.scope.thumbnail_of = "0123";
  thumbnail.scope.thumbnail_px = 256;
  carrier_.Send(std::move(thumbnail));
  carrier_.Send(Of("text"));
  carrier_.Finish(absl::InfiniteDuration());
  EXPECT_THAT(Ended(), ElementsAre("small", "text"));
  const auto previews = store_.uploads(v1::ARTIFACT_KIND_PREVIEW);
  ASSERT_THAT(previews, SizeIs(1));
  EXPECT_EQ(previews[0].attempt().number(), 7);
  EXPECT_EQ(previews[0].thumbnail_of(), "0123");
  EXPECT_EQ(previews[0].thumbnail_px(), 256);
  const auto logs = store_.uploads(v1::ARTIFACT_KIND_LOG);
  ASSERT_THAT(logs, SizeIs(1));
  EXPECT_EQ(logs[0].thumbnail_of(), "");
  EXPECT_EQ(store_.Find(HexDigest("text")), "text");
}

TEST_F(ExtrasCarrierTest, WhatIsNotDueWaitsUntilAllAreWanted) {
  Extra later = Of("later");
  later.not_before = Clock::Steady().Now() + absl::Hours(1);
  carrier_.Send(std::move(later));
  Extra soon = Of("soon");
  soon.not_before = Clock::Steady().Now() + absl::Milliseconds(5);
  carrier_.Send(std::move(soon));
  const auto one = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return ended_.size() == 1;
  };
  {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&one));
  }
  EXPECT_THAT(Ended(), ElementsAre("soon"));
  carrier_.Finish(absl::InfiniteDuration());
  EXPECT_THAT(Ended(), ElementsAre("soon", "later"));
}

TEST_F(ExtrasCarrierTest, OneThatFailsIsTriedOnceAndTheNextGoesOut) {
  store_.FailNext(1, grpc::StatusCode::UNAVAILABLE);
  carrier_.Send(Of("lost"));
  Extra broken = Of("broken");
  broken.make = []() -> absl::StatusOr<std::string> {
    throw std::runtime_error("no memory");
  };
  carrier_.Send(std::move(broken));
  Extra refused = Of("refused");
  refused.make = []() -> absl::StatusOr<std::string> {
    return absl::InternalError("not made");
  };
  carrier_.Send(std::move(refused));
  carrier_.Send(Of("kept"));
  carrier_.Finish(absl::InfiniteDuration());
  EXPECT_THAT(Ended(), ElementsAre("the fake was told to fail", "it: no memory",
                                   "not made", "kept"));
}

TEST_F(ExtrasCarrierTest, OneThatHangsIsGivenUpAndTheNextAttemptGoesOn) {
  store_.HangUploads(v1::ARTIFACT_KIND_PREVIEW);
  carrier_.Send(Of("hangs", v1::ARTIFACT_KIND_PREVIEW));
  carrier_.Send(Of("behind it"));
  carrier_.Finish(absl::Milliseconds(20));
  EXPECT_THAT(Ended(), IsEmpty());
  carrier_.Send(Of("of the next"));
  carrier_.Finish(absl::InfiniteDuration());
  EXPECT_THAT(Ended(), ElementsAre("of the next"));
}

TEST_F(ExtrasCarrierTest, AnUploadThatTakesTooLongFails) {
  store_.HangUploads(v1::ARTIFACT_KIND_PREVIEW);
  ExtrasCarrier hasty(server_.Channel(), absl::Milliseconds(20));
  hasty.Send(Of("hangs", v1::ARTIFACT_KIND_PREVIEW));
  hasty.Send(Of("behind it"));
  hasty.Finish(absl::InfiniteDuration());
  ASSERT_THAT(Ended(), SizeIs(2));
  EXPECT_EQ(Ended()[1], "behind it");
}

TEST_F(ExtrasCarrierTest, TooManyAreRefused) {
  store_.HangUploads(v1::ARTIFACT_KIND_PREVIEW);
  int sent = 0;
  while (sent < 1000 && carrier_.Send(Of("many", v1::ARTIFACT_KIND_PREVIEW))) {
    ++sent;
  }
  EXPECT_GE(sent, 256);
  EXPECT_LE(sent, 257);
}

}  // namespace
}  // namespace atelier
