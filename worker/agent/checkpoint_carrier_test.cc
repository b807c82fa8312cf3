#include "worker/agent/checkpoint_carrier.h"

#include <filesystem>
#include <optional>
#include <ostream>
#include <string>
#include <thread>

#include "common/digest.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_artifacts.h"
#include "tests/testing/in_process_server.h"
#include "tests/testing/temp_folder.h"

namespace atelier {
namespace {

class CheckpointCarrierTest : public ::testing::Test {
 protected:
  CheckpointCarrierTest() { carrier_.Begin(); }

  static v1::Checkpoint Named(const std::string& digest) {
    v1::Checkpoint checkpoint;
    checkpoint.set_digest(digest);
    checkpoint.set_iteration(7);
    checkpoint.set_engine_version(8);
    return checkpoint;
  }
  static v1::WorkerDescription Self() {
    v1::WorkerDescription self;
    self.set_profile("p");
    self.set_engine_version(8);
    return self;
  }

  void Send(int iteration, const std::string& state) {
    carrier_.Send(iteration, [&](std::ostream& out) { out << state; });
  }
  std::optional<std::string> Fetch(const std::string& digest) {
    return Fetch(Named(digest));
  }
  std::optional<std::string> Fetch(const v1::Checkpoint& from) {
    const auto stream = carrier_.Fetch(from, stop_);
    if (!stream.ok() || *stream == nullptr) return std::nullopt;
    std::string word;
    **stream >> word;
    return word;
  }

  TempFolder folder_;
  FakeArtifacts store_;
  InProcessServer server_{&store_};
  StopSignal stop_;
  CheckpointCarrier carrier_{server_.Channel(), Self(), folder_.path(),
                             absl::ZeroDuration()};
};

TEST_F(CheckpointCarrierTest, BringsWhatItIsGiven) {
  EXPECT_TRUE(carrier_.idle());
  EXPECT_FALSE(carrier_.arrived().has_value());
  Send(7, "state");
  const auto arrived = carrier_.AwaitArrival();
  ASSERT_TRUE(arrived.has_value());
  EXPECT_EQ(arrived->digest(), HexDigest("state"));
  EXPECT_EQ(arrived->iteration(), 7);
  EXPECT_EQ(arrived->profile(), "p");
  EXPECT_EQ(arrived->engine_version(), 8);
  EXPECT_EQ(store_.Find(arrived->digest()), "state");
  EXPECT_EQ(store_.last_kind(), v1::ARTIFACT_KIND_CHECKPOINT);
  EXPECT_TRUE(carrier_.idle());
}

TEST_F(CheckpointCarrierTest, TheLastSentIsTheOneThatCounts) {
  for (int i = 1; i <= 9; ++i) Send(i, std::to_string(i));
  EXPECT_EQ(carrier_.AwaitArrival()->iteration(), 9);
}

TEST_F(CheckpointCarrierTest, WhatCannotBeUploadedLeavesTheOneBefore) {
  Send(1, "first");
  carrier_.AwaitArrival();
  store_.FailNext(1, grpc::StatusCode::RESOURCE_EXHAUSTED);
  Send(2, "second");
  EXPECT_EQ(carrier_.AwaitArrival()->iteration(), 1);
  store_.FailNext(1, grpc::StatusCode::UNAVAILABLE);
  Send(3, "third");
  EXPECT_EQ(carrier_.AwaitArrival()->iteration(), 1);
  Send(4, "fourth");
  EXPECT_EQ(carrier_.AwaitArrival()->iteration(), 4);
}

TEST_F(CheckpointCarrierTest, WhatCannotBeWrittenLeavesTheOneBefore) {
  Send(1, "first");
  carrier_.AwaitArrival();
  carrier_.Send(2, [](std::ostream& out) { out.setstate(std::ios::badbit); });
  EXPECT_EQ(carrier_.AwaitArrival()->iteration(), 1);
}

TEST_F(CheckpointCarrierTest, LeavesNothingInItsFolder) {
  Send(1, "state");
  const std::string digest = carrier_.AwaitArrival()->digest();
  EXPECT_EQ(Fetch(digest), "state");
  EXPECT_EQ(Fetch(HexDigest("gone")), std::nullopt);
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
}

TEST_F(CheckpointCarrierTest, ANewAttemptBeginsWithoutTheLastOnes) {
  Send(1, "first");
  carrier_.AwaitArrival();
  carrier_.Begin();
  EXPECT_FALSE(carrier_.arrived().has_value());
}

TEST_F(CheckpointCarrierTest, FetchesWhatIsThereAndNothingElse) {
  const std::string digest = store_.Add("state");
  EXPECT_EQ(Fetch(digest), "state");
  EXPECT_EQ(Fetch(HexDigest("gone")), std::nullopt);
  store_.AddAs(HexDigest("other"), "not the other");
  EXPECT_EQ(Fetch(HexDigest("other")), std::nullopt);
  EXPECT_EQ(Fetch("no digest"), std::nullopt);
}

TEST_F(CheckpointCarrierTest, DoesNotFetchWhatAnotherEngineVersionWrote) {
  v1::Checkpoint other = Named(store_.Add("state"));
  EXPECT_EQ(Fetch(other), "state");
  for (int version : {0, 7, 9}) {
    other.set_engine_version(version);
    EXPECT_EQ(Fetch(other), std::nullopt) << version;
  }
}

TEST_F(CheckpointCarrierTest, AFetchOutlastsACoordinatorThatIsAway) {
  const std::string digest = store_.Add("state");
  store_.FailNext(2, grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(Fetch(digest), "state");
}

TEST_F(CheckpointCarrierTest, StopEndsAFetchThatHangs) {
  store_.HangDownloads();
  std::thread stopper([this] {
    store_.AwaitDownload();
    stop_.Stop();
  });
  EXPECT_EQ(carrier_.Fetch(Named(HexDigest("state")), stop_).status().code(),
            absl::StatusCode::kCancelled);
  stopper.join();
}

}  // namespace
}  // namespace atelier
