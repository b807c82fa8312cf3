// Previews, thumbnails and logs of attempts, and that they hold up nothing.
#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "worker/agent/agent_fixture_testing.h"

namespace atelier {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

int Count(absl::string_view text, absl::string_view part) {
  const std::vector<absl::string_view> parts = absl::StrSplit(text, part);
  return static_cast<int>(parts.size()) - 1;
}

class AgentExtrasTest : public AgentTest {
 protected:
  AgentExtrasTest() { UseRunner(); }
  ~AgentExtrasTest() override { End(); }

  // Extras go out at once, and whenever there is something new.
  ExtrasParts Eager(ExtrasCarrier& carrier) {
    ExtrasParts parts{carrier, thumbnails_};
    parts.preview_share = 1;
    parts.log_every = parts.first_log_after = absl::ZeroDuration();
    parts.finish_within = finish_within_;
    parts.finish_within_when_stopped = finish_within_;
    return parts;
  }
  void UseRunner() {
    RunnerParts parts = PartsOf(0, checkpoints_, extras_);
    RunnerParts eager{parts.row,      parts.artifacts,       parts.inputs,
                      parts.metrics,  parts.clock,           parts.checkpoints,
                      Eager(extras_), parts.checkpoint_every};
    eager_ = std::make_unique<AttemptRunner>(eager, Self());
    runners_ = {eager_.get()};
  }

  // The report of the attempt of this number, whatever its outcome.
  v1::AttemptReport AwaitReportOf(int number) {
    v1::AttemptReport report;
    coordinator_.Await([&](const v1::SynchronizeRequest& request) {
      for (const v1::AttemptReport& finished : request.finished()) {
        if (finished.token().number() != number) continue;
        report = finished;
        return true;
      }
      return false;
    });
    return report;
  }
  v1::AttemptReport ReportOf(const v1::Assignment& work) {
    Start();
    coordinator_.Assign(work);
    v1::AttemptReport report = AwaitReportOf(work.token().number());
    EXPECT_TRUE(Stop().ok());
    return report;
  }
  std::string LogOf(const v1::AttemptReport& report) const {
    return store_.Find(report.log_digest()).value_or("none");
  }
  void AwaitPreviews(int count) {
    coordinator_.Await([count](const v1::SynchronizeRequest& request) {
      return request.running_size() > 0 &&
             request.running(0).previews_size() >= count;
    });
  }
  // Uploads of previews that are no thumbnails.
  std::vector<v1::UploadRequest> PreviewUploads() const {
    std::vector<v1::UploadRequest> previews;
    for (const auto& upload : store_.uploads(v1::ARTIFACT_KIND_PREVIEW)) {
      if (upload.thumbnail_of().empty()) previews.push_back(upload);
    }
    return previews;
  }
  std::vector<int> ThumbnailsOf(const std::string& digest) const {
    std::vector<int> sizes;
    for (const auto& upload : store_.uploads(v1::ARTIFACT_KIND_PREVIEW)) {
      if (upload.thumbnail_of() == digest) {
        sizes.push_back(upload.thumbnail_px());
      }
    }
    return sizes;
  }
  void ExpectRisingAndInStore(
      const google::protobuf::RepeatedPtrField<v1::PicturePreview>& previews,
      int before) const {
    for (const v1::PicturePreview& preview : previews) {
      EXPECT_GT(preview.iteration(), before);
      before = preview.iteration();
      const auto jpeg = store_.Find(preview.digest());
      ASSERT_TRUE(jpeg.has_value());
      EXPECT_EQ(ReadHeader(*jpeg)->format, "jpeg");
    }
  }

  absl::Duration finish_within_ = absl::InfiniteDuration();
  std::unique_ptr<AttemptRunner> eager_;
};

TEST_F(AgentExtrasTest, PreviewsAreToldAsTheRenderGoesAndWithItsResult) {
  coordinator_.WantPreviews(absl::ZeroDuration());
  Start();
  coordinator_.Assign(Work());
  AwaitPreviews(2);
  renderer_.EndWith(RenderEnd::kCompleted);
  const v1::AttemptReport report =
      coordinator_.AwaitReport(v1::OUTCOME_SUCCEEDED);
  EXPECT_TRUE(Stop().ok());
  EXPECT_GE(report.result().previews_size(), 2);
  ExpectRisingAndInStore(report.result().previews(), 0);
  EXPECT_LE(report.result().previews().rbegin()->iteration(),
            report.result().iterations());
  for (const v1::SynchronizeRequest& request : coordinator_.requests()) {
    for (const v1::AttemptProgress& running : request.running()) {
      ExpectRisingAndInStore(running.previews(), 0);
    }
  }
  for (const v1::UploadRequest& upload : PreviewUploads()) {
    EXPECT_EQ(upload.attempt().number(), Work().token().number());
  }
}

TEST_F(AgentExtrasTest, NoneAreMadeUnlessTheCoordinatorAsks) {
  Start();
  coordinator_.Assign(Work());
  renderer_.AwaitIteration(100);
  renderer_.EndWith(RenderEnd::kCompleted);
  const v1::AttemptReport report =
      coordinator_.AwaitReport(v1::OUTCOME_SUCCEEDED);
  EXPECT_TRUE(Stop().ok());
  EXPECT_THAT(report.result().previews(), IsEmpty());
  EXPECT_THAT(PreviewUploads(), IsEmpty());
}

TEST_F(AgentExtrasTest, NoneAreMadeBeforeTheIntervalHasPassed) {
  coordinator_.WantPreviews(absl::Hours(1));
  Start();
  coordinator_.Assign(Work());
  renderer_.AwaitIteration(100);
  renderer_.EndWith(RenderEnd::kCompleted);
  coordinator_.AwaitReport(v1::OUTCOME_SUCCEEDED);
  EXPECT_TRUE(Stop().ok());
  EXPECT_THAT(PreviewUploads(), IsEmpty());
}

TEST_F(AgentExtrasTest, TheIntervalOfARunningRenderMayChange) {
  Start();
  coordinator_.Assign(Work());
  renderer_.AwaitIteration(100);
  EXPECT_THAT(PreviewUploads(), IsEmpty());
  coordinator_.WantPreviews(absl::ZeroDuration());
  AwaitPreviews(1);
  EXPECT_TRUE(Stop().ok());
}

TEST_F(AgentExtrasTest, SixteenAreKept) {
  coordinator_.WantPreviews(absl::ZeroDuration());
  Start();
  coordinator_.Assign(Work());
  coordinator_.Await([this](const v1::SynchronizeRequest& request) {
    return request.running_size() > 0 &&
           request.running(0).previews_size() == 16 &&
           PreviewUploads().size() > 20;
  });
  renderer_.EndWith(RenderEnd::kCompleted);
  const v1::AttemptReport report =
      coordinator_.AwaitReport(v1::OUTCOME_SUCCEEDED);
  EXPECT_TRUE(Stop().ok());
  EXPECT_THAT(report.result().previews(), SizeIs(16));
  ExpectRisingAndInStore(report.result().previews(), 0);
}

TEST_F(AgentExtrasTest, AResumedAttemptTellsOfItsOwn) {
  coordinator_.WantPreviews(absl::ZeroDuration());
  v1::Assignment work = Work();
  work.mutable_resume_from()->set_digest(store_.Add("41"));
  work.mutable_resume_from()->set_iteration(41);
  work.mutable_resume_from()->set_engine_version(8);
  Start();
  coordinator_.Assign(work);
  AwaitPreviews(1);
  renderer_.EndWith(RenderEnd::kCompleted);
  const v1::AttemptReport report =
      coordinator_.AwaitReport(v1::OUTCOME_SUCCEEDED);
  EXPECT_TRUE(Stop().ok());
  ExpectRisingAndInStore(report.result().previews(), 41);
  EXPECT_THAT(LogOf(report),
              HasSubstr("goes on from the checkpoint of iteration 41"));
}

TEST_F(AgentExtrasTest, WhatCannotBeUploadedChangesNothing) {
  coordinator_.WantPreviews(absl::ZeroDuration());
  int number = 0;
  for (const auto code :
       {grpc::StatusCode::RESOURCE_EXHAUSTED, grpc::StatusCode::UNAVAILABLE,
        grpc::StatusCode::NOT_FOUND, grpc::StatusCode::INVALID_ARGUMENT}) {
    SCOPED_TRACE(code);
    store_.FailUploads(v1::ARTIFACT_KIND_PREVIEW, grpc::Status(code, "no"));
    renderer_.GoOn();
    Start();
    coordinator_.Assign(Work(++number));
    renderer_.AwaitRender(number);
    renderer_.AwaitIteration(1000);
    renderer_.EndWith(RenderEnd::kCompleted);
    const v1::AttemptReport report = AwaitReportOf(number);
    EXPECT_TRUE(Stop().ok());
    EXPECT_EQ(report.outcome(), v1::OUTCOME_SUCCEEDED) << report.message();
    EXPECT_THAT(report.result().previews(), IsEmpty());
    EXPECT_TRUE(store_.Find(report.result().image_digest()).has_value());
    EXPECT_EQ(Count(LogOf(report), "a preview is not kept: no"), 1);
  }
}

TEST_F(AgentExtrasTest, AConnectionThatHangsHoldsUpNeitherRenderNorReport) {
  finish_within_ = absl::Milliseconds(20);
  UseRunner();
  store_.HangUploads(v1::ARTIFACT_KIND_PREVIEW);
  store_.HangUploads(v1::ARTIFACT_KIND_LOG);
  coordinator_.WantPreviews(absl::ZeroDuration());
  Start();
  coordinator_.Assign(Work());
  renderer_.AwaitIteration(1000);
  renderer_.EndWith(RenderEnd::kCompleted);
  const v1::AttemptReport report =
      coordinator_.AwaitReport(v1::OUTCOME_SUCCEEDED);
  EXPECT_EQ(report.log_digest(), "");
  EXPECT_TRUE(store_.Find(report.result().image_digest()).has_value());
  // And not the next one.
  coordinator_.Assign(Work(2));
  AwaitReportOf(2);
  EXPECT_TRUE(Stop().ok());
}

TEST_F(AgentExtrasTest, RendersOfABatchHavePreviewsOfTheirOwn) {
  ExtrasCarrier second_extras(server_.Channel());
  CheckpointCarrier second_checkpoints(server_.Channel(), Self(),
                                       folder_.path());
  AttemptRunner second(PartsOf(1, second_checkpoints, second_extras), Self());
  runners_.push_back(&second);
  coordinator_.WantPreviews(absl::ZeroDuration());
  Start();
  coordinator_.Assign({Work(1), Work(2)});
  coordinator_.Await([](const v1::SynchronizeRequest& request) {
    return request.running_size() == 2 &&
           request.running(0).previews_size() > 0 &&
           request.running(1).previews_size() > 0;
  });
  EXPECT_EQ(renderer_.most_at_once(), 2u);
  EXPECT_TRUE(Stop().ok());
  std::vector<int64_t> attempts;
  for (const v1::UploadRequest& upload : PreviewUploads()) {
    attempts.push_back(upload.attempt().number());
  }
  EXPECT_THAT(attempts, IsSupersetOf({1, 2}));
}

TEST_F(AgentExtrasTest, PreviewsHaveTheColoursThatTheResultWillHave) {
  Image red{64, 48, {}};
  red.rgb.assign(size_t{64} * 48 * 3, 0);
  std::fill(red.rgb.begin(), red.rgb.begin() + 64 * 48, 0.6F);
  render_.inputs.content = store_.Add(*Encode(red, "png"));
  render_.params.colors = Colors::kOriginal;
  Image grey{32, 24, std::vector<float>(32 * 24 * 3, 0.3F)};
  renderer_.DrawInstead(grey);
  coordinator_.WantPreviews(absl::ZeroDuration());
  Start();
  coordinator_.Assign(Work());
  AwaitPreviews(1);
  renderer_.EndWith(RenderEnd::kCompleted);
  const v1::TaskResult result =
      coordinator_.AwaitReport(v1::OUTCOME_SUCCEEDED).result();
  EXPECT_TRUE(Stop().ok());
  const auto preview = Decode(*store_.Find(result.previews(0).digest()));
  ASSERT_TRUE(preview.ok());
  ASSERT_EQ(preview->rgb.size(), grey.rgb.size());
  EXPECT_GT(preview->rgb.front(), preview->rgb.back() + 0.3F);
}

TEST_F(AgentExtrasTest, InputsHaveThumbnailsOnceAndResultsBeforeTheirReport) {
  render_.params.size_px = 300;
  render_.inputs.content = store_.Add(Png(640, 480));
  render_.inputs.styles.resize(1);
  render_.inputs.styles[0].picture = store_.Add(Png(500, 400));
  renderer_.EndWith(RenderEnd::kCompleted);
  Start();
  coordinator_.Assign(Work(1));
  const std::string first =
      coordinator_.AwaitReport(v1::OUTCOME_SUCCEEDED).result().image_digest();
  EXPECT_THAT(ThumbnailsOf(first), UnorderedElementsAre(128, 256));
  EXPECT_THAT(ThumbnailsOf(render_.inputs.content), ElementsAre(256, 128));
  EXPECT_THAT(ThumbnailsOf(render_.inputs.styles[0].picture),
              ElementsAre(256, 128));
  for (const auto& upload : store_.uploads(v1::ARTIFACT_KIND_PREVIEW)) {
    EXPECT_EQ(upload.attempt().number(), 1);
    const auto header = ReadHeader(*store_.Find(upload.digest()));
    ASSERT_TRUE(header.ok());
    EXPECT_EQ(header->width_px, upload.thumbnail_px());
  }

  render_.params.size_px = 400;
  coordinator_.Assign(Work(2));
  const std::string second = AwaitReportOf(2).result().image_digest();
  EXPECT_TRUE(Stop().ok());
  EXPECT_NE(second, first);
  EXPECT_THAT(ThumbnailsOf(second), ElementsAre(256, 128));
  EXPECT_THAT(ThumbnailsOf(render_.inputs.content), SizeIs(2));
}

TEST_F(AgentExtrasTest, AnInitialPictureThatIsStretchedHasNoThumbnail) {
  render_.params.size_px = 300;
  render_.params.init = Initialisation::kImage;
  render_.inputs.content = store_.Add(Png(640, 480));
  renderer_.EndWith(RenderEnd::kCompleted);
  int number = 0;
  for (const auto& [width_px, height_px] : {std::pair(320, 240), {320, 320}}) {
    render_.inputs.init = store_.Add(Png(width_px, height_px));
    v1::Assignment work = Work(++number);
    v1::ImageDescription* image = work.add_images();
    image->set_digest(render_.inputs.init);
    image->set_width_px(width_px);
    image->set_height_px(height_px);
    ReportOf(work);
    EXPECT_THAT(ThumbnailsOf(render_.inputs.init), SizeIs(number == 1 ? 2 : 0));
  }
}

TEST_F(AgentExtrasTest, TheLogSaysWhatHappenedFromAssignmentToEnd) {
  renderer_.EndWith(RenderEnd::kCompleted);
  v1::Assignment work = Work();
  work.mutable_token()->set_secret("0123456789abcdef0123456789abcdef");
  const v1::AttemptReport report = ReportOf(work);
  const std::string log = LogOf(report);
  std::vector<std::string> lines = absl::StrSplit(log, '\n');
  EXPECT_EQ(lines.back(), "");
  lines.pop_back();
  std::vector<std::string> said;
  for (const std::string& line : lines) {
    absl::Time at;
    std::string error;
    EXPECT_TRUE(absl::ParseTime("%Y-%m-%d%ET%H:%M:%E*SZ", line.substr(0, 24),
                                &at, &error))
        << line;
    said.push_back(line.substr(25));
  }
  EXPECT_THAT(said,
              IsSupersetOf<::testing::Matcher<std::string>>(
                  {HasSubstr("attempt 1 (epoch 1) of render "),
                   HasSubstr("worker w1: "), HasSubstr("fetched the content: "),
                   HasSubstr("inputs are there after "),
                   HasSubstr("iterations begin"), HasSubstr("iteration 1 of "),
                   HasSubstr("kept the checkpoint of iteration "),
                   HasSubstr("rendered; the best is iteration 1"),
                   HasSubstr("uploaded the result: ")}));
  // A checkpoint that was on its way may be kept after the end.
  while (absl::StartsWith(said.back(), "kept the checkpoint ")) {
    said.pop_back();
  }
  EXPECT_THAT(said.back(),
              AllOf(HasSubstr("ended after "), HasSubstr("OUTCOME_SUCCEEDED")));
  EXPECT_THAT(log, Not(HasSubstr(work.token().secret())));
  EXPECT_THAT(log, Not(HasSubstr(folder_.path())));
  for (const auto& upload : store_.uploads(v1::ARTIFACT_KIND_LOG)) {
    EXPECT_EQ(upload.attempt().secret(), work.token().secret());
  }
}

TEST_F(AgentExtrasTest, TheLogIsToldBeforeThereIsAnIteration) {
  store_.HangDownloads();
  Start();
  coordinator_.Assign(Work());
  std::string digest;
  coordinator_.Await([&digest](const v1::SynchronizeRequest& request) {
    if (request.running().empty()) return false;
    digest = request.running(0).log_digest();
    return !digest.empty() && request.running(0).iteration() == 0;
  });
  EXPECT_THAT(*store_.Find(digest), HasSubstr("attempt 1 "));
  EXPECT_TRUE(Stop().ok());
}

TEST_F(AgentExtrasTest, AttemptsThatDoNotSucceedHaveLogs) {
  renderer_.EndWith(RenderEnd::kDiverged);
  Start();
  coordinator_.Assign(Work(1));
  EXPECT_THAT(LogOf(coordinator_.AwaitReport(v1::OUTCOME_DIVERGED)),
              HasSubstr("OUTCOME_DIVERGED loss is NaN"));
  v1::Assignment broken = Work(2);
  broken.mutable_render()->set_content_digest(store_.Add("no picture"));
  coordinator_.Assign(broken);
  EXPECT_THAT(LogOf(coordinator_.AwaitReport(v1::OUTCOME_INVALID_INPUT)),
              HasSubstr("OUTCOME_INVALID_INPUT the content"));
  renderer_.GoOn();
  coordinator_.Assign(Work(3));
  coordinator_.Await([](const v1::SynchronizeRequest& request) {
    return request.running_size() > 0 && request.running(0).iteration() > 0 &&
           request.running(0).token().number() == 3;
  });
  EXPECT_TRUE(Stop().ok());
  EXPECT_THAT(LogOf(coordinator_.AwaitReport(v1::OUTCOME_PREEMPTED)),
              HasSubstr("OUTCOME_PREEMPTED the render was told to stop"));
}

TEST_F(AgentExtrasTest, WhatIsBegunAnewSaysWhy) {
  v1::Assignment work = Work();
  work.mutable_resume_from()->set_digest(store_.Add("damaged"));
  work.mutable_resume_from()->set_iteration(41);
  work.mutable_resume_from()->set_engine_version(8);
  renderer_.EndWith(RenderEnd::kCompleted);
  EXPECT_THAT(LogOf(ReportOf(work)),
              HasSubstr("warning: beginning anew: checkpoint: not a number"));
}

TEST_F(AgentExtrasTest, OfACancelledAttemptTheLogIsToldWhileItRuns) {
  Start();
  coordinator_.Assign(Work());
  std::string digest;
  coordinator_.Await([&](const v1::SynchronizeRequest& request) {
    if (!IsRunning(request)) return false;
    digest = request.running(0).log_digest();
    return absl::StrContains(store_.Find(digest).value_or(""), "iteration 1 ");
  });
  coordinator_.StopAttempt(Work().token());
  EXPECT_TRUE(Stop().ok());
}

}  // namespace
}  // namespace atelier
