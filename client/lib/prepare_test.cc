#include "client/lib/prepare.h"

#include <sys/stat.h>

#include <algorithm>
#include <thread>

#include "common/digest.h"
#include "common/file.h"
#include "common/weights/builtin.h"
#include "common/weights/weight_file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/temp_folder.h"

namespace atelier {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class PrepareTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    ASSERT_TRUE(InitialiseImages("prepare_test").ok());
  }

  void SetUp() override {
    path_ = folder_.File("picture.png");
    Image image{64, 48, std::vector<float>(3 * 64 * 48, 0.5f)};
    png_ = Encode(image, "png").value();
    ASSERT_TRUE(WriteFile(path_, png_, Durability::kAtomic).ok());
    draft_.name = "job";
    draft_.base.patch.content_digest = path_;
    draft_.base.patch.style_digests = {path_};
  }

  void ExpectRefused(const std::string& message) {
    const absl::Status status = Prepare(draft_).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()), HasSubstr(message));
  }

  const TempFolder folder_;
  std::string path_;
  std::string png_;
  JobDraft draft_;
};

TEST_F(PrepareTest, NamesInputsByDigestAndDescribesEachOnce) {
  const PreparedJob job = Prepare(draft_).value();
  EXPECT_EQ(job.spec.base().content_digest(), HexDigest(png_));
  EXPECT_EQ(job.spec.base().style_digests(0), HexDigest(png_));
  ASSERT_EQ(job.spec.images_size(), 1);
  EXPECT_EQ(job.spec.images(0).width_px(), 64);
  EXPECT_EQ(job.spec.images(0).name(), "picture.png");
  ASSERT_EQ(job.spec.networks_size(), 1);
  EXPECT_EQ(job.spec.networks(0).name(), "atelier-vgg19-slim");
  EXPECT_EQ(job.inputs.size(), 2);
}

TEST_F(PrepareTest, ANetworkThatMeasuresIsAnInput) {
  EXPECT_FALSE(Prepare(draft_)->spec.has_measure());
  draft_.measure.weights_digest = "synthetic:vgg19";
  draft_.measure.size_px = 64;
  const PreparedJob job = Prepare(draft_).value();
  EXPECT_EQ(job.spec.measure().size_px(), 64);
  const std::string digest = LoadWeights("synthetic:vgg19")->digest;
  EXPECT_EQ(job.spec.measure().weights_digest(), digest);
  EXPECT_TRUE(std::any_of(
      job.inputs.begin(), job.inputs.end(),
      [&](const PreparedInput& input) { return input.digest == digest; }));
}

TEST_F(PrepareTest, WhoSaysNothingMeansThePresetFast) {
  EXPECT_EQ(Prepare(draft_)->spec.base().preset(), v1::PRESET_FAST);
  draft_.base.patch.preset = Preset::kPublished;
  EXPECT_EQ(Prepare(draft_)->spec.base().preset(), v1::PRESET_PUBLISHED);
}

TEST_F(PrepareTest, FilesOfTheSameBytesKeepTheirOwnNames) {
  const std::string twin = folder_.File("twin.png");
  ASSERT_TRUE(WriteFile(twin, png_, Durability::kAtomic).ok());
  draft_.base.patch.style_digests = {path_, twin};
  AxisValueDraft value{"v", {}};
  value.set.patch.content_digest = twin;
  draft_.axes = {{"a", {value}}};
  const PreparedJob job = Prepare(draft_).value();
  ASSERT_EQ(job.spec.images_size(), 1);
  EXPECT_EQ(job.spec.images(0).name(), "picture.png");
  ASSERT_EQ(job.spec.base_input_names_size(), 1) << "only what differs";
  EXPECT_EQ(job.spec.base_input_names(0).field(), "style_digests");
  EXPECT_EQ(job.spec.base_input_names(0).position(), 1);
  EXPECT_EQ(job.spec.base_input_names(0).name(), "twin.png");
  ASSERT_EQ(job.spec.axes(0).values(0).input_names_size(), 1);
  EXPECT_EQ(job.spec.axes(0).values(0).input_names(0).field(),
            "content_digest");
}

TEST_F(PrepareTest, AFileMayHaveAnyName) {
  const std::string file = folder_.File("caf\xe9\n\xe2\x80\xae.png");
  ASSERT_TRUE(WriteFile(file, png_, Durability::kAtomic).ok());
  draft_.base.patch.content_digest = file;
  draft_.base.patch.style_digests = {file};
  const PreparedJob job = Prepare(draft_).value();
  EXPECT_EQ(job.spec.images(0).name(),
            "caf\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd.png");
  draft_.base.patch.content_digest = path_ + std::string("\0.png", 5);
  ExpectRefused("has a zero byte");
}

TEST_F(PrepareTest, APipeIsReadOnceAndKeptForTheUpload) {
  const std::string pipe = folder_.File("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  draft_.base.patch.content_digest = pipe;
  draft_.base.patch.style_digests = {pipe, path_};
  std::thread writer([&] { ASSERT_TRUE(WriteOutput(pipe, png_).ok()); });
  InputFiles files;
  const absl::StatusOr<PreparedJob> job = Prepare(draft_, files);
  writer.join();
  ASSERT_TRUE(job.ok()) << job.status();
  EXPECT_EQ(job->spec.base().content_digest(), HexDigest(png_));
  // A second draft of the same command names the pipe as well.
  draft_.base.patch.style_digests = {pipe};
  const absl::StatusOr<PreparedJob> again = Prepare(draft_, files);
  ASSERT_TRUE(again.ok()) << again.status();
  for (const PreparedInput& input : again->inputs) {
    if (input.digest != HexDigest(png_)) continue;
    ASSERT_NE(input.bytes, nullptr);
    EXPECT_EQ(*input.bytes, png_);
  }
}

TEST_F(PrepareTest, WeightsMayComeThroughAPipe) {
  const std::string pipe = folder_.File("pipe");
  ASSERT_EQ(mkfifo(pipe.c_str(), 0600), 0);
  draft_.base.patch.weights_digest = pipe;
  std::thread writer([&] {
    ASSERT_TRUE(WriteOutput(pipe, std::string(BuiltinNetworkBytes())).ok());
  });
  const absl::StatusOr<PreparedJob> job = Prepare(draft_);
  writer.join();
  ASSERT_TRUE(job.ok()) << job.status();
}

TEST_F(PrepareTest, WarnsOfAPreprocessingTheWeightsWereNotMadeFor) {
  EXPECT_THAT(Prepare(draft_)->warnings, IsEmpty()) << "the built-in network";

  const std::string file = folder_.File("net.safetensors");
  ASSERT_TRUE(WriteFile(file, BuiltinNetworkBytes(), Durability::kAtomic).ok());
  draft_.base.patch.weights_digest = file;
  EXPECT_THAT(Prepare(draft_)->warnings,
              ElementsAre(AllOf(HasSubstr("net.safetensors"),
                                HasSubstr("imagenet-unit-rgb"),
                                HasSubstr("gordicaleksa"))));
}

TEST_F(PrepareTest, WarnsOfAPictureThatLacksItsEndAndSendsItAsItIs) {
  const Image image{64, 48, std::vector<float>(3 * 64 * 48, 0.5f)};
  std::string jpeg = Encode(image, "jpeg").value();
  jpeg.resize(jpeg.size() - 2);
  draft_.base.patch.content_digest = folder_.File("cut.jpg");
  ASSERT_TRUE(
      WriteFile(*draft_.base.patch.content_digest, jpeg, Durability::kAtomic)
          .ok());
  const auto job = Prepare(draft_);
  ASSERT_TRUE(job.ok()) << job.status();
  EXPECT_THAT(job->warnings,
              ElementsAre(AllOf(HasSubstr("cut.jpg: "), HasSubstr("its end"))));
  EXPECT_EQ(job->spec.base().content_digest(), HexDigest(jpeg));
  jpeg.resize(jpeg.size() / 2);
  ASSERT_TRUE(
      WriteFile(*draft_.base.patch.content_digest, jpeg, Durability::kAtomic)
          .ok());
  ExpectRefused("cut.jpg: ");
}

TEST_F(PrepareTest, RefusesWhatIsWrongAtAnyPointAndSaysWhere) {
  AxisValueDraft good{"shallow", {}};
  AxisValueDraft bad{"deep", {}};
  bad.set.patch.content_layers = std::vector<LayerWeight>{{"conv_99", 1}};
  draft_.axes = {{"layers", {good, bad}}};
  ExpectRefused("conv_99");
  ExpectRefused("(at layers=deep)");
}

TEST_F(PrepareTest, RefusesAPictureThatIsCutShort) {
  ASSERT_TRUE(
      WriteFile(path_, png_.substr(0, png_.size() / 2), Durability::kAtomic)
          .ok());
  ExpectRefused("picture.png");
}

TEST_F(PrepareTest, RefusesAPictureTooSmallForItsLayers) {
  draft_.base.patch.size_px = 8;
  ExpectRefused("size: the content picture.png would be 8 x 6 px");
}

TEST_F(PrepareTest, RefusesAStyleThatItsScaleMakesTooSmall) {
  draft_.base.patch.style_scale = 0.01;
  ExpectRefused("size: the style picture.png would be 5 x 4 px");
}

TEST_F(PrepareTest, TheSmallestScaleHasToReachTheLayersToo) {
  draft_.base.patch.size_px = 64;
  draft_.base.patch.scales = 3;
  ExpectRefused("need at least 64 px a side at 3 scales");
}

TEST_F(PrepareTest, MasksAreInputsInTheOrderOfTheStyles) {
  draft_.base.patch.style_digests = {path_, path_};
  draft_.base.patch.style_mask_digests = {"", path_};
  const PreparedJob job = Prepare(draft_).value();
  EXPECT_THAT(job.spec.base().style_mask_digests(),
              ElementsAre("", HexDigest(png_)));
  EXPECT_EQ(job.spec.images_size(), 1);
}

TEST_F(PrepareTest, RefusesWhatIsNoMask) {
  const std::string file = folder_.File("mask.png");
  const auto write = [&](std::vector<float> rgb) {
    const Image image{2, 1, std::move(rgb)};
    ASSERT_TRUE(
        WriteFile(file, Encode(image, "png").value(), Durability::kAtomic)
            .ok());
  };
  write({0, 0, 0, 0, 0, 0});
  draft_.base.patch.style_mask_digests = {file};
  ExpectRefused("style_mask: " + file +
                ": is not a mask: it is black everywhere");
  write({0, 1, 0, 0, 0, 0});
  draft_.base.patch.style_mask_digests.reset();
  draft_.base.patch.style_region_digests = {file};
  ExpectRefused("style_region: " + file + ": is not a mask: it has the colour");
}

TEST_F(PrepareTest, RefusesAMissingStyle) {
  draft_.base.patch.style_digests.reset();
  ExpectRefused("style: missing; needed unless style_weight is 0");
  draft_.base.patch.style_weight = 0;
  EXPECT_TRUE(Prepare(draft_).ok());
}

}  // namespace
}  // namespace atelier
