#include "coordinator/control/artifact_access.h"

#include <limits>
#include <set>
#include <string>

#include "coordinator/control/control_plane_fixture_testing.h"
#include "gmock/gmock.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr ArtifactKind kPicture = ArtifactKind::kArtifact;
const Caller kAnna{"anna", {Role::kSubmit}};
const Caller kBert{"bert", {Role::kSubmit}};
const Caller kReader{"ray", {Role::kRead}};
const Caller kWorker{"w", {Role::kWork}};
const std::string kContent(64, 'c');  // As SpecOfTasks has it.
const std::string kResult(64, 'a');   // As Finished has it.
const std::string kOther(64, '0');

class ArtifactAccessTest : public ControlPlaneTest {
 protected:
  explicit ArtifactAccessTest(bool private_jobs = false)
      : ControlPlaneTest(private_jobs) {}

  JobId SubmitAsAnna() {
    JobSpec spec = SpecOfTasks("2").value();
    spec.user = "anna";
    return control().Submit(kAnna, RequestId("r"), spec, "2")->id;
  }
  absl::Status Read(const Caller& caller, const ArtifactUse& use,
                    const std::string& digest, ArtifactKind kind = kPicture) {
    return access_.CheckDownload(caller, use, kind, digest);
  }

  ArtifactAccess access_{control()};
};

class PrivateArtifactAccessTest : public ArtifactAccessTest {
 protected:
  PrivateArtifactAccessTest() : ArtifactAccessTest(/*private_jobs=*/true) {}
};

TEST_F(ArtifactAccessTest, ADigestIsNotEnough) {
  SubmitAsAnna();
  const absl::Status reader = Read(kReader, {}, kContent);
  EXPECT_TRUE(absl::IsInvalidArgument(reader)) << reader;
  EXPECT_THAT(std::string(reader.message()), StartsWith("job_id: not given"));
  const absl::Status worker = Read(kWorker, {}, kContent);
  EXPECT_TRUE(absl::IsInvalidArgument(worker)) << worker;
  EXPECT_THAT(std::string(worker.message()), StartsWith("attempt: not given"));
  EXPECT_TRUE(Read(Admin(), {}, kContent).ok());
}

TEST_F(ArtifactAccessTest, AJobLetsItsInputsBeRead) {
  const JobId id = SubmitAsAnna();
  EXPECT_TRUE(Read(kReader, {id}, kContent).ok());
  EXPECT_TRUE(absl::IsNotFound(Read(kReader, {id}, kOther)));
  EXPECT_TRUE(absl::IsNotFound(Read(kReader, {JobId("none")}, kContent)));
  ASSERT_TRUE(control().Cancel(Admin(), id).ok());
  EXPECT_TRUE(Read(kReader, {id}, kContent).ok()) << "also once it has ended";
}

TEST_F(ArtifactAccessTest, ATaskLetsItsPictureBeRead) {
  const JobId id = SubmitAsAnna();
  const AttemptToken token = Sync(From("w")).start.at(0).token;
  const int64_t index = 0;
  EXPECT_TRUE(absl::IsNotFound(Read(kAnna, {id, index}, kResult)));
  Sync(Finished(From("w"), token, Outcome::kSucceeded));
  EXPECT_TRUE(Read(kAnna, {id, index}, kResult).ok());
  EXPECT_TRUE(absl::IsNotFound(Read(kAnna, {id, 1}, kResult)));
  EXPECT_TRUE(absl::IsNotFound(Read(kAnna, {id, index}, kContent)));
  EXPECT_TRUE(absl::IsNotFound(Read(kAnna, {id, 2}, kResult)));
  constexpr int64_t kLargest = std::numeric_limits<int64_t>::max();
  for (const int64_t far : {kLargest, kLargest - 999, kLargest - 1000}) {
    EXPECT_TRUE(absl::IsNotFound(Read(kAnna, {id, far}, kResult))) << far;
  }
}

TEST_F(ArtifactAccessTest, AnAttemptLetsItsWorkerReadItsInputsWhileItRuns) {
  SubmitAsAnna();
  ArtifactUse use;
  use.attempt = Sync(From("w")).start.at(0).token;
  EXPECT_TRUE(Read(kWorker, use, kContent).ok());
  EXPECT_TRUE(absl::IsNotFound(Read(kWorker, use, kOther)));
  ArtifactUse guessed = use;
  guessed.attempt->secret = std::string(32, '0');
  EXPECT_TRUE(absl::IsNotFound(Read(kWorker, guessed, kContent)));
  Sync(Finished(From("w"), *use.attempt, Outcome::kPreempted));
  EXPECT_TRUE(absl::IsNotFound(Read(kWorker, use, kContent)));
}

TEST_F(ArtifactAccessTest, AWorkerReadsNothingByAJobAndASubmitterNoCheckpoint) {
  const JobId id = SubmitAsAnna();
  EXPECT_TRUE(absl::IsInvalidArgument(Read(kWorker, {id}, kContent)));
  EXPECT_TRUE(absl::IsPermissionDenied(
      Read(kAnna, {id}, kContent, ArtifactKind::kCheckpoint)));
}

TEST_F(ArtifactAccessTest, ACheckpointIsReadByAttemptsOfItsRender) {
  SubmitAsAnna();
  SyncRequest request = From("w", 2);
  request.worker.arithmetic = {7, "p"};
  SyncResponse response = Sync(request);
  ArtifactUse first, second;
  first.attempt = response.start.at(0).token;
  second.attempt = response.start.at(1).token;
  AttemptProgress progress{*first.attempt, 1, {}, {}};
  progress.checkpoint = Checkpoint{kOther, 1, {7, "p"}, 1 << 20};
  request.running = {progress, {*second.attempt, 1, {}, {}}};
  Sync(request);
  cluster_.Settle();
  const ArtifactKind kind = ArtifactKind::kCheckpoint;
  EXPECT_TRUE(Read(kWorker, first, kOther, kind).ok());
  EXPECT_TRUE(absl::IsNotFound(Read(kWorker, first, kResult, kind)));
  EXPECT_TRUE(absl::IsNotFound(Read(kWorker, first, kOther)));
}

TEST_F(ArtifactAccessTest, AWorkerBringsForAnAttemptThatRuns) {
  SubmitAsAnna();
  const absl::Status unnamed =
      access_.CheckUpload(kWorker, {}, kPicture).status();
  EXPECT_TRUE(absl::IsInvalidArgument(unnamed)) << unnamed;
  EXPECT_THAT(std::string(unnamed.message()), StartsWith("attempt: not given"));
  ArtifactUse use;
  use.attempt = Sync(From("w")).start.at(0).token;
  EXPECT_TRUE(access_.CheckUpload(kWorker, use, kPicture).value());
  EXPECT_TRUE(
      access_.CheckUpload(kWorker, use, ArtifactKind::kCheckpoint).value());
  EXPECT_TRUE(access_.CheckUpload(Admin(), use, kPicture).value());
  Sync(Finished(From("w"), *use.attempt, Outcome::kSucceeded));
  EXPECT_TRUE(absl::IsFailedPrecondition(
      access_.CheckUpload(kWorker, use, kPicture).status()));
}

TEST_F(ArtifactAccessTest, APreviewAndALogAreBroughtByAnAttemptAlone) {
  SubmitAsAnna();
  ArtifactUse use;
  use.attempt = Sync(From("w")).start.at(0).token;
  for (ArtifactKind kind : {ArtifactKind::kPreview, ArtifactKind::kLog}) {
    SCOPED_TRACE(Name(kind));
    EXPECT_TRUE(access_.CheckUpload(kWorker, use, kind).value());
    EXPECT_TRUE(access_.CheckUpload(Admin(), use, kind).value());
    EXPECT_TRUE(absl::IsInvalidArgument(
        access_.CheckUpload(Admin(), {}, kind).status()));
    EXPECT_TRUE(absl::IsPermissionDenied(
        access_.CheckUpload(kAnna, use, kind).status()));
  }
  Sync(Finished(From("w"), *use.attempt, Outcome::kSucceeded));
  EXPECT_TRUE(absl::IsFailedPrecondition(
      access_.CheckUpload(Admin(), use, ArtifactKind::kLog).status()));
}

TEST_F(ArtifactAccessTest, ATaskLetsItsPreviewsAndLogsBeRead) {
  const JobId id = SubmitAsAnna();
  SyncRequest request = From("w");
  const AttemptToken token = Sync(request).start.at(0).token;
  AttemptProgress progress{token, 2, {}, {}};
  progress.previews = {{1, kContent}, {2, kOther}};
  progress.log_digest = kResult;
  request.running = {progress};
  Sync(request);
  const ArtifactUse use{id, 0};
  constexpr ArtifactKind kPreview = ArtifactKind::kPreview;
  constexpr ArtifactKind kLog = ArtifactKind::kLog;
  for (const Caller& caller : {kAnna, kReader}) {
    EXPECT_TRUE(Read(caller, use, kContent, kPreview).ok());
    EXPECT_TRUE(Read(caller, use, kOther, kPreview).ok());
    EXPECT_TRUE(Read(caller, use, kResult, kLog).ok());
    EXPECT_TRUE(absl::IsNotFound(Read(caller, use, kResult, kPreview)));
    EXPECT_TRUE(absl::IsNotFound(Read(caller, use, kOther, kLog)));
    EXPECT_TRUE(absl::IsNotFound(Read(caller, {id, 1}, kOther, kPreview)));
    EXPECT_TRUE(absl::IsNotFound(Read(caller, {id, 9}, kOther, kPreview)));
    EXPECT_TRUE(
        absl::IsNotFound(Read(caller, {JobId("none"), 0}, kResult, kLog)));
    EXPECT_TRUE(absl::IsInvalidArgument(Read(caller, {id}, kResult, kLog)));
    EXPECT_TRUE(absl::IsInvalidArgument(Read(caller, {}, kResult, kLog)));
  }
  ArtifactUse by_attempt;
  by_attempt.attempt = token;
  EXPECT_TRUE(
      absl::IsPermissionDenied(Read(kWorker, by_attempt, kResult, kLog)));

  SyncRequest done = Finished(From("w"), token, Outcome::kSucceeded);
  done.finished[0].result.previews = {{2, kOther}};
  Sync(done);
  EXPECT_TRUE(Read(kAnna, use, kOther, kPreview).ok());
  EXPECT_TRUE(absl::IsNotFound(Read(kAnna, use, kContent, kPreview)))
      << "its result has none such";
  EXPECT_TRUE(Read(kAnna, use, kResult, kLog).ok());
}

TEST_F(PrivateArtifactAccessTest, AnotherSeesNoPreview) {
  const JobId id = SubmitAsAnna();
  SyncRequest request = From("w");
  AttemptProgress progress{Sync(request).start.at(0).token, 2, {}, {}};
  progress.previews = {{1, kOther}};
  request.running = {progress};
  Sync(request);
  const ArtifactUse use{id, 0};
  EXPECT_TRUE(Read(kAnna, use, kOther, ArtifactKind::kPreview).ok());
  EXPECT_EQ(Read(kBert, use, kOther, ArtifactKind::kPreview).message(),
            "no job " + id.value());
}

TEST_F(ArtifactAccessTest, AThumbnailIsOfWhatItsAttemptReadsOrHasBrought) {
  SubmitAsAnna();
  SyncResponse response = Sync(From("w", 2));
  const AttemptToken one = response.start.at(0).token;
  const AttemptToken two = response.start.at(1).token;
  EXPECT_TRUE(access_.CheckThumbnail(one, kContent).ok());
  const absl::Status status = access_.CheckThumbnail(one, kResult);
  EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
  EXPECT_THAT(std::string(status.message()), StartsWith("thumbnail_of: aaaa"));
  access_.NoteMade(one, kResult);
  EXPECT_TRUE(access_.CheckThumbnail(one, kResult).ok());
  EXPECT_FALSE(access_.CheckThumbnail(two, kResult).ok());
  ArtifactAccess forgetful(control(), /*most_brought=*/2);
  for (const char* digest : {"a", "b", "c"}) forgetful.NoteMade(one, digest);
  EXPECT_FALSE(forgetful.CheckThumbnail(one, "a").ok());
  EXPECT_TRUE(forgetful.CheckThumbnail(one, "b").ok());
  EXPECT_TRUE(forgetful.CheckThumbnail(one, "c").ok());
}

TEST_F(ArtifactAccessTest, WhileTheStoreFailsNobodyIsTurnedAwayForGood) {
  SubmitAsAnna();
  ArtifactUse use;
  use.attempt = Sync(From("w")).start.at(0).token;
  cluster_.store().FailNext(Fault::kLost);
  EXPECT_FALSE(control().Pause(Admin(), JobId("job1")).ok());
  EXPECT_TRUE(absl::IsUnavailable(
      access_.CheckUpload(kWorker, use, kPicture).status()));
  EXPECT_TRUE(absl::IsUnavailable(Read(kWorker, use, kContent)));
  cluster_.Settle();
  EXPECT_TRUE(access_.CheckUpload(kWorker, use, kPicture).value());
  EXPECT_TRUE(Read(kWorker, use, kContent).ok());
}

TEST_F(ArtifactAccessTest, WhoSubmitsBringsInputs) {
  EXPECT_FALSE(access_.CheckUpload(kAnna, {}, kPicture).value());
  EXPECT_FALSE(access_.CheckUpload(Admin(), {}, kPicture).value());
  ArtifactUse made_up;
  made_up.attempt = AttemptToken{RenderKey(std::string(64, 'a')), 1, 1, ""};
  EXPECT_FALSE(access_.CheckUpload(kAnna, made_up, kPicture).value())
      << "it is an input all the same";
  EXPECT_TRUE(absl::IsPermissionDenied(
      access_.CheckUpload(kReader, {}, kPicture).status()));
}

TEST_F(ArtifactAccessTest, WhereJobsAreNotPrivateAllMayKnowWhatIsThere) {
  EXPECT_TRUE(access_.MayKnow(kBert, kContent));
}

TEST_F(PrivateArtifactAccessTest, AnotherReadsNothing) {
  const JobId id = SubmitAsAnna();
  EXPECT_TRUE(Read(kAnna, {id}, kContent).ok());
  EXPECT_EQ(Read(kBert, {id}, kContent).message(), "no job " + id.value());
}

TEST_F(PrivateArtifactAccessTest, WhatIsThereIsKnownToThoseWhoBroughtIt) {
  access_.NoteBrought(kAnna, kContent);
  EXPECT_TRUE(access_.MayKnow(kAnna, kContent));
  EXPECT_FALSE(access_.MayKnow(kBert, kContent));
  EXPECT_TRUE(access_.MayKnow(Admin(), kContent));
  EXPECT_THAT(access_.KnownTo(kAnna, {kContent, kOther}),
              ElementsAre(kContent));
  EXPECT_THAT(access_.KnownTo(kBert, {kContent, kOther}), IsEmpty());
}

TEST_F(PrivateArtifactAccessTest, TheLongestUnusedIsForgotten) {
  ArtifactAccess access(control(), /*most_brought=*/2);
  access.NoteBrought(kAnna, "a");
  access.NoteBrought(kAnna, "b");
  EXPECT_TRUE(access.MayKnow(kAnna, "a"));
  access.NoteBrought(kBert, "c");
  EXPECT_TRUE(access.MayKnow(kAnna, "a"));
  EXPECT_FALSE(access.MayKnow(kAnna, "b"));
  EXPECT_TRUE(access.MayKnow(kBert, "c"));
}

}  // namespace
}  // namespace atelier
