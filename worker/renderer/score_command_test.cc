#include "worker/renderer/score_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "absl/strings/str_split.h"
#include "common/cli/command_line.h"
#include "common/file.h"
#include "common/image/image.h"
#include "tests/testing/temp_folder.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;

struct Printed {
  int exit_code = 0;
  std::string out;
  std::string err;
};

ScoreOptions Parse(const std::string& line) {
  Command app("tool", "");
  ScoreOptions options;
  const Command& command = AddScoreCommand(app, options);
  const std::vector<std::string> arguments =
      absl::StrSplit(line, ' ', absl::SkipEmpty());
  std::ostringstream out;
  const absl::StatusOr<bool> parsed = app.Parse(arguments, out);
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  EXPECT_TRUE(command.IsChosen());
  return options;
}

class ScoreCommandTest : public ::testing::Test {
 protected:
  ScoreCommandTest() {
    EXPECT_TRUE(InitialiseImages("renderer_test").ok());
    WritePicture(Path("content.png"), 40, 36, 0.25f);
    WritePicture(Path("image.png"), 40, 36, 0.5f);
    WritePicture(Path("style.png"), 32, 48, 0.75f);
    WritePicture(Path("wide.png"), 41, 36, 0.5f);
    WritePicture(Path("other.png"), 48, 32, 0.1f);
    WritePicture(Path("white.png"), 20, 18, 1);
    WritePicture(Path("black.png"), 20, 18, 0);
    WriteHalves(Path("left.png"), 1, 0);
    WriteHalves(Path("right.png"), 0, 1);
    WriteHalves(Path("split.png"), 0.75f, 0);
  }

  std::string Path(const std::string& name) const { return folder_.File(name); }

  static void WritePicture(const std::string& path, int width_px, int height_px,
                           float value) {
    const size_t values = size_t{3} * width_px * height_px;
    const auto bytes =
        Encode({width_px, height_px, std::vector<float>(values, value)}, "png");
    ASSERT_TRUE(bytes.ok()) << bytes.status();
    ASSERT_TRUE(WriteFile(path, *bytes, Durability::kAtomic).ok());
  }

  static void WriteHalves(const std::string& path, float left, float right) {
    Image image{40, 36, {}};
    for (int i = 0; i < 3 * 36 * 40; ++i) {
      image.rgb.push_back(i % 40 < 20 ? left : right);
    }
    const auto bytes = Encode(image, "png");
    ASSERT_TRUE(bytes.ok()) << bytes.status();
    ASSERT_TRUE(WriteFile(path, *bytes, Durability::kAtomic).ok());
  }

  // `arguments` follow "score IMAGE --content CONTENT".
  Printed Score(const std::string& image, std::string arguments) const {
    const ScoreOptions options =
        Parse("score " + Path(image) + " --threads 1 --content " +
              Path("content.png") + " " + arguments);
    std::ostringstream out;
    std::ostringstream err;
    Printed run;
    run.exit_code = RunScore(options, out, err);
    run.out = out.str();
    run.err = err.str();
    return run;
  }

  const TempFolder folder_;
};

TEST_F(ScoreCommandTest, PrintsFiveFiguresAsJson) {
  const Printed run = Score("image.png", "--json --style " + Path("style.png"));
  ASSERT_EQ(run.exit_code, 0) << run.err;
  const nlohmann::json score = nlohmann::json::parse(run.out);
  ASSERT_EQ(score.size(), 5u);
  for (const char* field :
       {"content_loss", "style_loss", "total_loss", "gradient_l2"}) {
    EXPECT_GT(score[field].get<double>(), 0) << field;
  }
  EXPECT_EQ(score["tv_loss"].get<double>(), 0);
}

TEST_F(ScoreCommandTest, PrintsTheSameAsText) {
  const Printed run = Score("content.png", "--style-weight 0");
  ASSERT_EQ(run.exit_code, 0) << run.err;
  EXPECT_EQ(run.out,
            "content_loss  0\nstyle_loss    0\ntv_loss       0\n"
            "total_loss    0\ngradient_l2   0\n");
}

TEST_F(ScoreCommandTest, FlagsChangeWhatIsComputed) {
  const std::string style = " --json --style " + Path("style.png");
  const Printed plain = Score("image.png", style);
  for (const char* flags :
       {"--padding reflect", "--pooling max", "--convention gatys",
        "--content-layers relu4_1", "--style-layers conv_1-3:0.5", "--size 60",
        "--content-weight 7", "--style-weight 7"}) {
    SCOPED_TRACE(flags);
    const Printed other = Score("image.png", flags + style);
    EXPECT_EQ(other.exit_code, 0) << other.err;
    EXPECT_NE(other.out, plain.out);
  }
}

// As from a script's variable that is not set.
TEST_F(ScoreCommandTest, AnEmptyPathIsNotNoMask) {
  for (const std::string flag : {"--style", "--style-mask"}) {
    Command app("tool", "");
    ScoreOptions options;
    AddScoreCommand(app, options);
    std::ostringstream out;
    const auto parsed =
        app.Parse({"score", "a.png", "--content", "b.png", flag + "="}, out);
    EXPECT_THAT(std::string(parsed.status().message()),
                HasSubstr(flag + ": is empty"));
  }
}

TEST_F(ScoreCommandTest, WhatOnlyLeadsToAPictureIsNoFlag) {
  for (const char* flag :
       {"--style-scale", "--colors", "--iterations", "--init", "--optimizer",
        "--learning-rate", "--lbfgs-history", "--least-progress", "--scales",
        "--bits", "--resample-every"}) {
    Command app("tool", "");
    ScoreOptions options;
    AddScoreCommand(app, options);
    std::ostringstream out;
    EXPECT_FALSE(
        app.Parse({"score", "a.png", "--content", "b.png", flag, "1"}, out)
            .ok())
        << flag;
  }
}

TEST_F(ScoreCommandTest, ThePictureMayComeLast) {
  const ScoreOptions options =
      Parse("score --content a.png --style b.png --style c.png d.png");
  EXPECT_EQ(options.image, "d.png");
  EXPECT_THAT(*options.parameters.Parse()->style_digests,
              ::testing::ElementsAre("b.png", "c.png"));
}

TEST_F(ScoreCommandTest, ScoresBlendedAndMaskedStyles) {
  const std::string one = "--json --style " + Path("style.png");
  const std::string two = one + " --style " + Path("other.png");
  const auto style_loss = [this](const std::string& arguments) {
    const Printed run = Score("image.png", arguments);
    EXPECT_EQ(run.exit_code, 0) << arguments << ": " << run.err;
    return nlohmann::json::parse(run.out)["style_loss"].get<double>();
  };
  const double alone = style_loss(one);
  const double other = style_loss("--json --style " + Path("other.png"));
  EXPECT_NEAR(style_loss(two), (alone + other) / 2, 1e-4 * (alone + other));
  EXPECT_NEAR(style_loss(two + " --style-blend 3,1"), (alone * 3 + other) / 4,
              1e-4 * (alone + other));
  EXPECT_EQ(style_loss(two + " --style-blend 1,0"), alone);
  EXPECT_NEAR(style_loss(one + " --style-mask " + Path("white.png")), alone,
              1e-4 * alone);
}

TEST_F(ScoreCommandTest, AMaskIsOfItsOwnStyleAndSide) {
  const std::string left = Path("left.png");
  const std::string right = Path("right.png");
  const std::string style = "--json --style " + Path("style.png");
  const auto style_loss = [this](const std::string& arguments) {
    const Printed run = Score("split.png", arguments);
    EXPECT_EQ(run.exit_code, 0) << arguments << ": " << run.err;
    return nlohmann::json::parse(run.out)["style_loss"].get<double>();
  };
  // The picture's left is as light as the style, its right is black.
  const double light = style_loss(style + " --style-mask " + left);
  const double dark = style_loss(style + " --style-mask " + right);
  EXPECT_GT(dark, light * 1.3);
  // A style whose left only is as light as that.
  const std::string split = "--json --style " + Path("split.png");
  EXPECT_GT(
      style_loss(split + " --style-mask " + left + " --style-region " + right),
      style_loss(split + " --style-mask " + left + " --style-region " + left) *
          2);
  const std::string both = style + " --style " + Path("black.png");
  const std::string mask = " --style-mask ";
  EXPECT_GT(style_loss(both + mask + right + mask + left),
            style_loss(both + mask + left + mask + right) * 1.3);
  EXPECT_EQ(
      style_loss(both + " --style-blend 1,0" + mask + left + mask + "none"),
      light);
}

TEST_F(ScoreCommandTest, BadInputIsOneLineAndExitCodeTwo) {
  ASSERT_TRUE(
      WriteFile(Path("text.png"), "not a picture", Durability::kAtomic).ok());
  const std::string style = " --style " + Path("style.png");
  const struct {
    const char* image;
    std::string arguments;
    const char* expected;
  } cases[] = {
      {"image.png", "", "style: missing"},
      {"wide.png", style, "41x36 px is not the content's size, 40x36 px"},
      {"absent.png", style, "absent.png"},
      {"text.png", style, "text.png"},
      {"image.png", style + " --backend fast", "backend: 'fast'"},
      {"image.png", style + " --padding mirror", "padding: 'mirror'"},
      {"image.png", style + " --pooling min", "pooling: 'min'"},
      {"image.png", style + " --convention own", "convention: 'own'"},
      {"image.png", style + " --weights absent", "'absent'"},
      {"image.png", style + " --style-layers conv9_9", "layer 'conv9_9'"},
      {"image.png", style + " --content-layers a:b", "content_layers: layer"},
      {"image.png", style + " --tv-weight -1", "tv_weight: -1"},
      {"image.png", style + " --device cuda:4096", "device: 'cuda:4096'"},
      {"image.png", style + " --size 4", "too small"},
      {"image.png", style + " --size -1", "size: -1"},
      {"image.png", " --style-weight 0 --style-blend 1", "style: missing"},
      {"image.png", " --style-weight 0 --style-mask none", "style: missing"},
      {"image.png", style + " --style-blend 1,2", "style_blend: 2 given for 1"},
      {"image.png", style + " --style-blend 0", "style_blend: all weights"},
      {"image.png", style + " --style-blend -1", "style_blend: -1"},
      {"image.png", style + style + " --style-mask none",
       "style_mask: 1 given for 2"},
      {"image.png", style + " --style-mask " + Path("black.png"), "black"},
      {"image.png", style + " --style-region " + Path("absent.png"),
       "absent.png"},
  };
  for (const auto& bad : cases) {
    SCOPED_TRACE(bad.expected);
    const Printed run = Score(bad.image, bad.arguments);
    EXPECT_EQ(run.exit_code, 2);
    EXPECT_EQ(run.out, "");
    EXPECT_THAT(run.err, HasSubstr(bad.expected));
    EXPECT_EQ(std::count(run.err.begin(), run.err.end(), '\n'), 1);
  }
}

}  // namespace
}  // namespace atelier
