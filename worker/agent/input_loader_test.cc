#include "worker/agent/input_loader.h"

#include <memory>

#include "common/digest.h"
#include "common/weights/safetensors.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/fake_artifacts.h"
#include "tests/testing/in_process_server.h"
#include "tests/testing/temp_folder.h"

namespace atelier {
namespace {

using ::testing::Each;
using ::testing::FloatNear;
using ::testing::HasSubstr;

std::string Grey(int width_px, int height_px, float value) {
  const size_t values = size_t{3} * width_px * height_px;
  return *Encode({width_px, height_px, std::vector<float>(values, value)},
                 "png");
}

class InputLoaderTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    ASSERT_TRUE(InitialiseImages("input_loader_test").ok());
  }

  InputLoaderTest() : server_({&store_}) {
    render_.params.size_px = 32;
    render_.params.style_weight = 1;
    render_.params.style_layers = {{"conv_1", 1.0}};
    render_.inputs.content = store_.Add(Grey(64, 48, 0.5f));
    render_.inputs.weights = LoadWeights(std::string(kBuiltinNetwork))->digest;
    AddStyle(Grey(40, 80, 0.25f));
  }

  StyleInput& AddStyle(const std::string& png) {
    StyleInput& style = render_.inputs.styles.emplace_back();
    style.picture = store_.Add(png);
    return style;
  }
  absl::StatusOr<RenderJob> Load() { return loader_.Load(render_, stop_); }
  void ExpectRefused(const char* message) {
    const absl::Status status = Load().status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()), HasSubstr(message));
  }

  FakeArtifacts store_;
  InProcessServer server_;
  TempFolder folder_;
  ArtifactClient artifacts_{server_.Channel()};
  std::unique_ptr<InputCache> cache_ =
      *InputCache::Open(folder_.path(), 1 << 20);
  PictureCache pictures_{1 << 20};
  int decoded_ = 0;
  PictureMemory memory_{[this] { return room_bytes_; },
                        [this] { return free_bytes_; }, [this] { ++drops_; }};
  int64_t room_bytes_ = PictureMemory::Unbounded();
  int64_t free_bytes_ = PictureMemory::Unbounded();
  int drops_ = 0;
  int weights_read_ = 0;
  InputLoader loader_{
      artifacts_,
      *cache_,
      pictures_,
      memory_,
      {[this](absl::string_view bytes, FitFn fit, const DecodeLimits& limits) {
         ++decoded_;
         return DecodeToFit(bytes, fit, limits);
       },
       [this](const WeightBytes& weights) {
         ++weights_read_;
         return ParseWeights(weights);
       }}};
  StopSignal stop_;
  Render render_;
};

TEST_F(InputLoaderTest, DecodesWithinTheMemoryThatThereIs) {
  room_bytes_ = free_bytes_ = int64_t{8} << 20;
  ASSERT_TRUE(Load().ok()) << Load().status();
  EXPECT_EQ(drops_, 0);
  room_bytes_ = 50'000;
  pictures_.Clear();
  const absl::Status status = Load().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
  EXPECT_THAT(
      std::string(status.message()),
      HasSubstr("the content: memory: decoding 64 x 48 px of png needs "));
  EXPECT_THAT(std::string(status.message()), HasSubstr(" MB may be used"));
}

// What is kept between renders gives way; a later picture counts an earlier
// one.
TEST_F(InputLoaderTest, DropsWhatIsKeptWhereThatMakesRoom) {
  room_bytes_ = int64_t{8} << 20;
  free_bytes_ = 1000;
  ASSERT_TRUE(Load().ok()) << Load().status();
  EXPECT_EQ(drops_, 2) << "for the content and for the style";
  EXPECT_GT(loader_.kept_bytes(), 0);
}

TEST_F(InputLoaderTest, APictureOfAnotherSizeThanDescribedIsRefused) {
  DescribedSizes described = {{render_.inputs.content, {64, 48}},
                              {render_.inputs.styles[0].picture, {40, 80}}};
  ASSERT_TRUE(loader_.Load(render_, stop_, described).ok());
  described[render_.inputs.content] = {640, 480};
  render_.params.size_px = 0;
  // Also where the picture is known from a job that described it rightly.
  for (int time = 0; time < 2; ++time) {
    const absl::Status status =
        loader_.Load(render_, stop_, described).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(std::string(status.message()),
              "the content: picture is 64 x 48 px; the job describes it as 640 "
              "x 480 px");
    ASSERT_TRUE(Load().ok());
  }
}

// The built-in network by another digest, as a file that is no built-in one.
std::string OtherWeights() {
  const auto builtin = LoadWeights(std::string(kBuiltinNetwork));
  NamedTensors file = *ReadSafetensors(*builtin->bytes);
  file.metadata["note"] = "another";
  return WriteSafetensors(file.metadata,
                          {file.tensors.begin(), file.tensors.end()});
}

TEST_F(InputLoaderTest, ForgetsPicturesAndWeightsWhenTold) {
  const std::string weights = OtherWeights();
  render_.inputs.weights = store_.Add(weights);
  ASSERT_TRUE(Load().ok()) << Load().status();
  const int64_t pictures = pictures_.size_bytes();
  EXPECT_GT(loader_.kept_bytes(), pictures + int64_t(weights.size()) / 2);
  loader_.Forget();
  EXPECT_EQ(loader_.kept_bytes(), 0);
  EXPECT_TRUE(Load().ok());
}

TEST_F(InputLoaderTest, ASweepReadsItsWeightsOnce) {
  render_.inputs.weights = store_.Add(OtherWeights());
  for (int task = 0; task < 5; ++task) ASSERT_TRUE(Load().ok());
  EXPECT_EQ(weights_read_, 1);
  EXPECT_EQ(Load()->weights->network.weights_digest, render_.inputs.weights);
}

// It is compiled in: nobody else has made it.
TEST_F(InputLoaderTest, TheBuiltInNetworkIsNotReadAsAStrangers) {
  EXPECT_FALSE(Load()->weights->convolutions.empty());
  EXPECT_EQ(weights_read_, 0);
}

TEST_F(InputLoaderTest, WeightsThatCannotBeReadAreNamed) {
  render_.inputs.weights = store_.Add("no weights");
  ExpectRefused("weights ");
  ExpectRefused("neither a safetensors file nor");
}

TEST_F(InputLoaderTest, ASweepDecodesEachPictureOnce) {
  AddStyle(Grey(32, 32, 0.75f)).mask = store_.Add(Grey(8, 8, 1));
  for (int task = 0; task < 25; ++task) {
    render_.params.style_weight = 1 + task;
    ASSERT_TRUE(Load().ok()) << Load().status();
  }
  EXPECT_EQ(decoded_, 4);
}

TEST_F(InputLoaderTest, AnotherSizeOrScaleIsAnotherPicture) {
  ASSERT_TRUE(Load().ok());
  render_.params.style_scale = 0.5;
  EXPECT_EQ(Load()->styles[0].picture.height_px, 16);
  EXPECT_EQ(decoded_, 3) << "the content did not change";
  render_.params.size_px = 48;
  EXPECT_EQ(Load()->content.width_px, 48);
  EXPECT_EQ(Load()->styles[0].picture.height_px, 24);
  EXPECT_EQ(decoded_, 5);
}

TEST_F(InputLoaderTest, OnePictureInTwoPlacesHasBothSizes) {
  render_.inputs.styles[0].picture = render_.inputs.content;
  render_.inputs.init = render_.inputs.content;
  render_.params.style_scale = 2;
  const RenderJob job = Load().value();
  EXPECT_EQ(job.content.width_px, 32);
  EXPECT_EQ(job.styles[0].picture.width_px, 64);
  EXPECT_EQ(job.init.width_px, 32);
}

TEST_F(InputLoaderTest, AMaskHasTheContentsSizeARegionItsStyles) {
  render_.inputs.styles[0].mask = store_.Add(Grey(7, 5, 0.2f));
  render_.inputs.styles[0].region = store_.Add(Grey(300, 10, 0.6f));
  const RenderStyle style = Load()->styles[0];
  EXPECT_EQ(style.mask.width_px, 32);
  EXPECT_EQ(style.mask.height_px, 24);
  EXPECT_THAT(style.mask.weights, Each(FloatNear(0.2f, 1e-3f)));
  EXPECT_EQ(style.region.width_px, style.picture.width_px);
  EXPECT_EQ(style.region.height_px, style.picture.height_px);
  EXPECT_THAT(style.region.weights, Each(FloatNear(0.6f, 1e-3f)));
}

TEST_F(InputLoaderTest, WithoutMasksThereAreNone) {
  const RenderStyle style = Load()->styles[0];
  EXPECT_TRUE(style.mask.weights.empty());
  EXPECT_TRUE(style.region.weights.empty());
}

TEST_F(InputLoaderTest, SaysWhichMaskIsNone) {
  render_.inputs.styles[0].mask = store_.Add(Grey(9, 9, 0));
  ExpectRefused("the mask of style: is not a mask: it is black everywhere");
  render_.inputs.styles[0].mask.clear();
  AddStyle(Grey(32, 32, 0.5f)).region = store_.Add("no picture");
  ExpectRefused("the region of style 2: ");
}

TEST_F(InputLoaderTest, MatchedStylesTakeTheContentsMean) {
  render_.params.colors = Colors::kMatch;
  EXPECT_THAT(Load()->styles[0].picture.rgb, Each(FloatNear(0.5f, 3e-3f)));
  render_.params.colors = Colors::kStyle;
  EXPECT_THAT(Load()->styles[0].picture.rgb, Each(FloatNear(0.25f, 3e-3f)));
}

}  // namespace
}  // namespace atelier
