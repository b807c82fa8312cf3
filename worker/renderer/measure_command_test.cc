#include "worker/renderer/measure_command.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/file.h"
#include "common/image/image.h"
#include "common/weights/weight_file.h"
#include "tests/testing/temp_folder.h"
#include "worker/renderer/torch_measurer.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;
using Json = nlohmann::json;

Image Stripes(int width_px, int height_px, double length_px, float strength) {
  Image image{width_px, height_px, {}};
  for (int i = 0; i < 3 * height_px * width_px; ++i) {
    const double phase = 2 * M_PI * (i % width_px) / length_px;
    image.rgb.push_back(
        0.5F + strength * static_cast<float>(std::sin(phase) + 0.1 * (i % 7)));
  }
  return image;
}

class MeasureCommandTest : public ::testing::Test {
 protected:
  MeasureCommandTest() {
    EXPECT_TRUE(InitialiseImages("renderer_test").ok());
    Write("image.png", Stripes(96, 64, 8, 0.2F));
    Write("content.png", Stripes(120, 80, 20, 0.3F));
    Write("style.png", Stripes(64, 96, 5, 0.3F));
    Write("other.png", Stripes(80, 80, 13, 0.1F));
    EXPECT_TRUE(
        WriteFile(Path("text.png"), "not a picture", Durability::kAtomic).ok());
  }

  std::string Path(const std::string& name) const { return folder_.File(name); }
  void Write(const std::string& name, const Image& image) const {
    const auto png = Encode(image, "png");
    ASSERT_TRUE(png.ok()) << png.status();
    ASSERT_TRUE(WriteFile(Path(name), *png, Durability::kAtomic).ok());
  }

  // The exit code; the lines of the answer are in `answers_`.
  int Measure(const std::string& request) {
    const std::string file = Path("request.json");
    EXPECT_TRUE(WriteFile(file, request, Durability::kAtomic).ok());
    const int fd = open(file.c_str(), O_RDONLY | O_CLOEXEC);
    std::ostringstream out;
    std::ostringstream err;
    MeasureOptions options;
    options.threads = 1;
    const int code = RunMeasure(options, fd, out, err);
    close(fd);
    error_ = err.str();
    answers_.clear();
    for (absl::string_view line :
         absl::StrSplit(out.str(), '\n', absl::SkipEmpty())) {
      answers_.push_back(Json::parse(line));
    }
    return code;
  }
  static std::vector<std::string> NamesOf(const Json& answer) {
    std::vector<std::string> names;
    for (const auto& [name, value] : answer["measures"].items()) {
      names.push_back(name);
    }
    return names;
  }

  const TempFolder folder_;
  std::vector<Json> answers_;
  std::string error_;
};

// As a worker measures its results: content of the image's size, each style in
// its own shape.
TEST_F(MeasureCommandTest, ValuesAreTheMeasurers) {
  const Json request = {{"measure", {{"size", 64}}},
                        {"images",
                         {{{"image", Path("image.png")},
                           {"content", Path("content.png")},
                           {"style", {Path("style.png"), Path("other.png")}},
                           {"style_blend", {3, 1}}}}}};
  ASSERT_EQ(Measure(request.dump()), 0) << error_;
  ASSERT_THAT(answers_, SizeIs(1));
  const WeightBytes builtin = LoadWeights(std::string(kBuiltinNetwork)).value();
  const auto read = [&](const char* name, int width_px, int height_px) {
    const Image whole = Decode(ReadFile(Path(name), 1 << 20).value()).value();
    return Resize(whole, width_px, height_px).value();
  };
  MeasureRequest by_hand;
  by_hand.by.weights_digest = builtin.digest;
  by_hand.by.size_px = 64;
  by_hand.weights = [&] { return ParseWeights(builtin); };
  by_hand.image = read("image.png", 64, 43);
  by_hand.content = {"content", read("content.png", 64, 43)};
  by_hand.styles = {{"style", read("style.png", 43, 64), 0.75},
                    {"other", read("other.png", 64, 64), 0.25}};
  TorchMeasurerOptions options;
  options.threads = 1;
  const Measured expected =
      MakeTorchMeasurer(options).value()->Measure(by_hand).value();
  EXPECT_EQ(answers_[0]["image"], Path("image.png"));
  EXPECT_EQ(answers_[0]["measures"], Json(expected.values));
  EXPECT_EQ(answers_[0]["measured_by"],
            Json({{"weights_digest", builtin.digest},
                  {"size_px", 64},
                  {"pooling", "avg"},
                  {"preprocessing", "imagenet-unit-rgb"},
                  {"version", 1}}));
}

TEST_F(MeasureCommandTest, WhatIsAskedForChangesWhatIsMeasured) {
  const Json image = {{"image", Path("image.png")},
                      {"content", Path("content.png")},
                      {"style", Path("style.png")}};
  const auto values = [&](const Json& measure) {
    const Json request = {{"measure", measure}, {"images", {image}}};
    EXPECT_EQ(Measure(request.dump()), 0) << error_;
    return answers_.at(0)["measures"];
  };
  const Json plain = values(Json::object());
  EXPECT_EQ(plain, values({{"size", 256}, {"weights", kBuiltinNetwork}}));
  for (const Json& measure : {Json{{"size", 100}}, Json{{"pooling", "max"}},
                              Json{{"preprocessing", "caffe-255-bgr"}}}) {
    EXPECT_NE(plain, values(measure)) << measure;
  }
}

TEST_F(MeasureCommandTest, OneBadPictureAmongGoodOnesIsAnErrorOfItsOwn) {
  const Json request = {
      {"images",
       {{{"image", Path("image.png")}},
        {{"image", Path("text.png")}},
        {{"image", Path("image.png")}, {"content", Path("absent.png")}},
        {{"image", Path("image.png")}, {"style", Path("style.png")}}}}};
  EXPECT_EQ(Measure(request.dump()), 2);
  EXPECT_THAT(error_, IsEmpty());
  ASSERT_THAT(answers_, SizeIs(4));
  EXPECT_THAT(NamesOf(answers_[0]), UnorderedElementsAre("mean_wavelength"));
  EXPECT_THAT(answers_[1]["error"], HasSubstr("text.png"));
  EXPECT_FALSE(answers_[1].contains("measures"));
  EXPECT_THAT(answers_[2]["error"], HasSubstr("content " + Path("absent.png")));
  EXPECT_THAT(NamesOf(answers_[3]), SizeIs(17));
}

TEST_F(MeasureCommandTest, ABadRequestIsOneLineAndExitCodeTwo) {
  const std::string image = R"({"image": "a.png"})";
  const auto with = [&](const std::string& more) {
    return absl::StrCat(R"({"images": [{"image": "a.png", )", more, "}]}");
  };
  const auto by = [&](const std::string& measure) {
    return absl::StrCat(R"({"measure": )", measure, R"(, "images": [)", image,
                        "]}");
  };
  const struct {
    std::string request;
    const char* expected;
  } cases[] = {
      {"", "request: damaged JSON"},
      {"[1]", "request: '[1]' is not allowed; an object with measure, images"},
      {"{}", "images: 'null' is not allowed; a list of 1 to 10000"},
      {R"({"images": []})", "images: 0 given; a list of 1 to 10000"},
      {R"({"image": []})", "request: 'image' is not known; did you mean"},
      {R"({"images": [7]})", "images[0]: '7' is not allowed; an object with"},
      {R"({"images": [{}]})", "images[0].image: missing"},
      {R"({"images": [{"image": ""}]})", "images[0].image: '\"\"' is not"},
      {with(R"("contents": "b.png")"), "images[0]: 'contents' is not known"},
      {with(R"("content": 3)"), "images[0].content: '3' is not allowed"},
      {with(R"("style": {"a": 1})"), "images[0].style: "},
      {with(R"("style_blend": [1])"), "images[0].style: missing"},
      {with(R"("style": "b.png", "style_blend": [1, 2])"),
       "images[0].style_blend: 2 given for 1"},
      {with(R"("style": "b.png", "style_blend": [-1])"),
       "images[0].style_blend: -1"},
      {with(R"("style": "b.png", "style_blend": "x")"),
       "images[0].style_blend: '\"x\"' is not allowed; numbers"},
      {by("3"), "measure: '3' is not allowed; an object with weights, size"},
      {by(R"({"sise": 3})"), "measure: 'sise' is not known; did you mean"},
      {by(R"({"size": 31})"),
       "measure.size: '31' is not allowed; a whole number from 32 to 1024"},
      {by(R"({"size": 64.5})"), "measure.size: '64.5' is not allowed"},
      {by(R"({"size": 18446744073709551615})"), "measure.size: '1844674"},
      {by(R"({"pooling": "min"})"), "measure.pooling: 'min'"},
      {by(R"({"preprocessing": "own"})"), "measure.preprocessing: 'own'"},
      {by(R"({"weights": "absent"})"), "measure.weights: "},
  };
  for (const auto& bad : cases) {
    SCOPED_TRACE(bad.request);
    EXPECT_EQ(Measure(bad.request), 2);
    EXPECT_THAT(answers_, IsEmpty());
    EXPECT_THAT(error_, HasSubstr(bad.expected));
    EXPECT_EQ(std::count(error_.begin(), error_.end(), '\n'), 1) << error_;
  }
}

}  // namespace
}  // namespace atelier
