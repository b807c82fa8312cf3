// `atelier compare`, with a worker that measures by a formula.
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/cli/command_fixture_testing.h"
#include "client/lib/prepare.h"
#include "common/digest.h"
#include "common/render/description.h"
#include "common/render/resolve.h"
#include "common/rpc/render_conversion.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace atelier {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;
using PlainJson = nlohmann::json;

class CompareTest : public CommandFixture {
 protected:
  CompareTest()
      : content_(Picture("content.png")),
        style_(Picture("style.png", 0.25F)),
        other_(Picture("other.png", 0.125F)) {
    measure_ = [this](const std::string& request, int pictures,
                      const WorkerMeasureOptions&)
        -> absl::StatusOr<std::vector<std::string>> {
      request_ = PlainJson::parse(request);
      bytes_.clear();
      std::vector<std::string> lines;
      for (const PlainJson& image : request_["images"]) {
        bytes_.push_back(ReadFile(image["image"], 1 << 20).value_or(""));
        lines.push_back(AnswerFor(image, lines.size()).dump());
      }
      EXPECT_EQ(static_cast<int>(lines.size()), pictures);
      return lines;
    };
  }

  // psnr 20, 21, ... by place in the request, and so on for what there is.
  static PlainJson AnswerFor(const PlainJson& image, size_t place) {
    PlainJson answer = {{"image", image["image"]}};
    answer["measured_by"] = {{"weights_digest", std::string(64, 'a')},
                             {"size_px", 256},
                             {"pooling", "avg"},
                             {"preprocessing", "imagenet-unit-rgb"},
                             {"version", 1}};
    PlainJson& measures = answer["measures"];
    measures["mean_wavelength"] = 30.5 + static_cast<double>(place);
    if (image.contains("content")) {
      measures["psnr"] = 20 + static_cast<double>(place);
    }
    if (image.contains("style")) measures["style_distance"] = 0.5;
    return answer;
  }

  // A picture that says that it was made from these.
  std::string Result(const std::string& name, const std::string& content,
                     const std::vector<std::string>& styles,
                     const std::vector<double>& blend = {}) {
    JobDraft draft;
    draft.name = "harbour";
    draft.base.patch.content_digest = content;
    draft.base.patch.style_digests = styles;
    if (!blend.empty()) draft.base.patch.style_blend = blend;
    const PreparedJob prepared = Prepare(draft).value();
    PictureSizes sizes;
    for (const v1::ImageDescription& image : prepared.spec.images()) {
      sizes[image.digest()] = {image.width_px(), image.height_px()};
    }
    const Render render =
        Resolve(FromProto(prepared.spec.base()).value(),
                FromProto(prepared.spec.networks(0)).value(), {}, sizes)
            .value();
    const std::string path = folder_.File(name);
    Write(path, Encode({8, 6, std::vector<float>(3 * 8 * 6, 0.75F)}, "png",
                       DescribeRender(render))
                    .value());
    return path;
  }

  static void Write(const std::string& path, const std::string& bytes) {
    ASSERT_TRUE(WriteFile(path, bytes, Durability::kAtomic).ok());
  }

  std::string DigestOf(const std::string& path) {
    return HexDigest(ReadFile(path, 1 << 20).value());
  }

  const std::string content_;
  const std::string style_;
  const std::string other_;
  PlainJson request_;
  std::vector<std::string> bytes_;  // Of the images that were asked for.
};

TEST_F(CompareTest, AResultIsComparedWithWhatItWasMadeFrom) {
  const std::string out = Result("out.png", content_, {style_, other_}, {3, 1});
  EXPECT_EQ(Run({"compare", out}), 0) << err_.str();
  EXPECT_THAT(err_.str(), IsEmpty());
  EXPECT_EQ(request_["images"], PlainJson({{{"image", out},
                                            {"content", content_},
                                            {"style", {style_, other_}},
                                            {"style_blend", {0.75, 0.25}}}}));
  EXPECT_EQ(out_.str(), absl::StrCat("MEASURE               ", out,
                                     "\n"
                                     "psnr (dB)             20\n"
                                     "style_distance        0.5\n"
                                     "mean_wavelength (px)  30.5\n"));
}

TEST_F(CompareTest, WhatIsGivenGoesBeforeWhatAResultSays) {
  const std::string out = Result("out.png", content_, {style_});
  EXPECT_EQ(Run({"compare", out, other_, "--content", other_, "--style",
                 absl::StrCat(style_, ",", content_), "--style-blend", "1,3",
                 "--measure-size", "64", "--measure-pooling", "max",
                 "--measure-preprocessing", "caffe-255-bgr"}),
            0)
      << err_.str();
  EXPECT_EQ(request_["measure"],
            PlainJson({{"size", 64},
                       {"pooling", "max"},
                       {"preprocessing", "caffe-255-bgr"}}));
  for (const PlainJson& image : request_["images"]) {
    EXPECT_EQ(image["content"], other_);
    EXPECT_EQ(image["style"], PlainJson({style_, content_}));
    EXPECT_EQ(image["style_blend"], PlainJson({0.25, 0.75}));
  }
  // What is given for one of them alone leaves the other its own.
  EXPECT_EQ(Run({"compare", out, "--style", other_}), 0) << err_.str();
  EXPECT_EQ(request_["images"][0]["content"], content_);
  EXPECT_EQ(request_["images"][0]["style"], PlainJson({other_}));
}

TEST_F(CompareTest, AFileWithACommaInItsNameIsOneStyle) {
  const std::string comma = Picture("a,b.png", 0.3F);
  EXPECT_EQ(Run({"compare", other_, "--style", comma, "--style", style_}), 0)
      << err_.str();
  EXPECT_EQ(request_["images"][0]["style"], PlainJson({comma, style_}));
}

TEST_F(CompareTest, ThereIsAWordWhereNothingIsKnownToCompareWith) {
  EXPECT_EQ(Run({"compare", content_, style_}), 0);
  EXPECT_EQ(err_.str(),
            absl::StrCat("atelier: ", content_, ", ", style_,
                         ": its metadata names nothing to compare it with, so "
                         "that only mean_wavelength is measured; --content "
                         "FILE and --style FILE give more\n"));
  EXPECT_EQ(out_.str(),
            "MEASURE               content.png  style.png\n"
            "mean_wavelength (px)  30.5         31.5\n");
  EXPECT_EQ(Run({"compare", content_, "--quiet"}), 0);
  EXPECT_THAT(err_.str(), IsEmpty());
  EXPECT_EQ(Run({"compare", content_, "--content", style_}), 0);
  EXPECT_THAT(err_.str(), IsEmpty());
}

TEST_F(CompareTest, WhatOtherProgramsSayOfTheirPicturesIsNoRender) {
  const Image grey{8, 6, std::vector<float>(3 * 8 * 6, 0.5F)};
  const std::string path = folder_.File("described.png");
  Write(path, Encode(grey, "png", "Sunset over {the} sea").value());
  EXPECT_EQ(Run({"compare", path}), 0);
  EXPECT_THAT(err_.str(), HasSubstr("names nothing to compare it with"));
  Write(path, Encode(grey, "png", R"({"convention": "own"})").value());
  EXPECT_EQ(Run({"compare", path}), 0);
  EXPECT_THAT(err_.str(), HasSubstr("its metadata is of no render that this "
                                    "version of atelier can read: "));
}

TEST_F(CompareTest, AnInputThatIsNotAtHandIsNamed) {
  const std::string elsewhere = Picture("photos.png", 0.9F);
  const std::string out = Result("out.png", elsewhere, {style_});
  const std::string digest = DigestOf(elsewhere);
  ASSERT_EQ(unlink(elsewhere.c_str()), 0);
  EXPECT_EQ(Run({"compare", out}), 0);
  EXPECT_EQ(err_.str(),
            absl::StrCat("atelier: ", out, ": its content (SHA-256 ", digest,
                         ") is not beside it; give it with "
                         "--content\n"));
  EXPECT_FALSE(request_["images"][0].contains("content"));
  EXPECT_EQ(request_["images"][0]["style"], PlainJson({style_}));
  // A results.json knows what it was called.
  const PlainJson document = {
      {"format", "atelier-results"},
      {"version", 1},
      {"job",
       {{"spec_message",
         {{"images", {{{"digest", digest}, {"name", "harbour.jpg"}}}}}}}},
      {"tasks", {{{"result", {{"image_digest", DigestOf(out)}}}}}}};
  Write(folder_.File("results.json"), document.dump());
  EXPECT_EQ(Run({"compare", out}), 0);
  EXPECT_THAT(err_.str(), HasSubstr("its content 'harbour.jpg' (SHA-256 "));
}

TEST_F(CompareTest, AStyleOfABlendThatIsLackingTakesTheOthersAway) {
  const std::string lost = Picture("lost.png", 0.9F);
  const std::string out = Result("out.png", content_, {style_, lost});
  ASSERT_EQ(unlink(lost.c_str()), 0);
  EXPECT_EQ(Run({"compare", out}), 0);
  EXPECT_THAT(err_.str(), HasSubstr("its style (SHA-256 "));
  EXPECT_FALSE(request_["images"][0].contains("style"));
  EXPECT_EQ(request_["images"][0]["content"], content_);
}

TEST_F(CompareTest, AContentOfAnotherShapeIsStretchedAndToldSo) {
  const std::string wide = folder_.File("wide.png");
  Write(wide,
        Encode({90, 30, std::vector<float>(3 * 90 * 30, 0.5F)}, "png").value());
  EXPECT_EQ(Run({"compare", content_, "--content", wide}), 0);
  EXPECT_THAT(
      err_.str(),
      AllOf(HasSubstr(absl::StrCat("it has 64x48 px, and its content ", wide,
                                   " 90x30 px, which is "
                                   "stretched"))));
}

TEST_F(CompareTest, OneBadPictureAmongGoodOnesIsLeftOut) {
  Write(folder_.File("text.png"), "not a picture");
  EXPECT_EQ(Run({"compare", content_, folder_.File("text.png"), style_,
                 "--content", content_}),
            2);
  EXPECT_EQ(err_.str(),
            absl::StrCat("atelier: image: ", folder_.File("text.png"),
                         ": not a picture that is read: JPEG, PNG, "
                         "TIFF or WebP is expected\n"));
  EXPECT_EQ(out_.str(),
            "MEASURE (* best)      content.png  text.png  style.png\n"
            "psnr (dB)             20           -         21 *\n"
            "mean_wavelength (px)  30.5         -         31.5\n");
  EXPECT_EQ(request_["images"].size(), 2U);

  EXPECT_EQ(Run({"compare", folder_.File("absent.png"), folder_.path()}), 2);
  EXPECT_THAT(out_.str(), IsEmpty());
  EXPECT_THAT(err_.str(), HasSubstr("absent.png: No such file"));
  EXPECT_THAT(err_.str(), HasSubstr("is a folder"));
  EXPECT_THAT(err_.str(), HasSubstr("2 of 2 pictures can't be measured\n"));
}

// As a picture that only its header is whole of.
TEST_F(CompareTest, WhatTheWorkerCannotMeasureIsLeftOutToo) {
  measure_ = [](const std::string&, int, const WorkerMeasureOptions&)
      -> absl::StatusOr<std::vector<std::string>> {
    return std::vector<std::string>{
        R"({"image": "x", "error": "image x: is cut short"})",
        R"({"image": "y", "error": "content y: is cut short"})"};
  };
  EXPECT_EQ(Run({"compare", content_, style_}), 2);
  EXPECT_THAT(
      err_.str(),
      AllOf(HasSubstr(absl::StrCat(content_, ": is cut short\n")),
            HasSubstr(absl::StrCat(style_, ": content y: is cut short\n"))));
}

TEST_F(CompareTest, MistakesAreOneLineAndNothingIsMeasured) {
  Write(folder_.File("text.png"), "not a picture");
  measure_ = [](const std::string&, int, const WorkerMeasureOptions&)
      -> absl::StatusOr<std::vector<std::string>> {
    ADD_FAILURE() << "measured";
    return absl::InternalError("");
  };
  const struct {
    std::vector<std::string> flags;
    const char* expected;
  } cases[] = {
      {{"--content", folder_.File("absent.png")}, "--content: "},
      {{"--content", folder_.File("text.png")}, "not a picture that is read"},
      {{"--style", folder_.File("absent.png")}, "--style: "},
      {{"--style", style_ + ","}, "has a name that is empty"},
      {{"--style-blend", "1"}, "--style-blend: are the shares of the styles"},
      {{"--style", style_, "--style-blend", "1,2"}, "2 given for 1"},
      {{"--style", style_, "--style-blend", "0"}, "all weights are 0"},
      {{"--style", style_, "--style-blend", "-1"}, "style_blend: -1"},
      {{"--sort", "beauty"}, "--sort: 'beauty' is no measure; there are psnr"},
      {{"--measure-size", "31"}, "--measure-size"},
      {{"--measure-weights", "absent"}, "--measure-weights: "},
      {{"--measure-weights", style_}, "--measure-weights: "},
      {{"--measure-pooling", "min"}, "--measure-pooling: 'min'"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(absl::StrCat(c.flags[0], " ", c.flags.back()));
    std::vector<std::string> arguments = {"compare", content_};
    arguments.insert(arguments.end(), c.flags.begin(), c.flags.end());
    EXPECT_EQ(Run(arguments), 2);
    EXPECT_THAT(out_.str(), IsEmpty());
    EXPECT_THAT(err_.str(), HasSubstr(c.expected));
    EXPECT_EQ(err_.str().find('\n'), err_.str().size() - 1) << err_.str();
  }
  EXPECT_EQ(Run({"compare"}), 2);
  EXPECT_THAT(err_.str(), HasSubstr("images is required"));
}

TEST_F(CompareTest, AWorkerThatFailsIsAnErrorOfTheCommand) {
  const struct {
    absl::StatusOr<std::vector<std::string>> answer;
    const char* expected;
  } cases[] = {
      {absl::NotFoundError("/bin/atelier-worker is not there"),
       "atelier: /bin/atelier-worker is not there\n"},
      {std::vector<std::string>{}, "measured 0 of 1 pictures"},
      {std::vector<std::string>{"Killed"}, "not as agreed: 'Killed'"},
      {std::vector<std::string>{R"({"image": "x"})"}, "not as agreed"},
      {std::vector<std::string>{R"({"error": 3})"}, "not as agreed"},
      {std::vector<std::string>{
           R"({"measures": {"psnr": "much"}, "measured_by": {}})"},
       "not as agreed"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.expected);
    measure_ = [&](const std::string&, int, const WorkerMeasureOptions&) {
      return c.answer;
    };
    EXPECT_EQ(Run({"compare", content_}), 1);
    EXPECT_THAT(out_.str(), IsEmpty());
    EXPECT_THAT(err_.str(), HasSubstr(c.expected));
  }
}

TEST_F(CompareTest, PipesAndNamesThatAreNoTextAreCopied) {
  const std::string png = ReadFile(other_, 1 << 20).value();
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  ASSERT_EQ(write(ends[1], png.data(), png.size()),
            static_cast<ssize_t>(png.size()));
  close(ends[1]);
  const std::string odd = folder_.File("odd-\xff.png");
  Write(odd, png);
  EXPECT_EQ(Run({"compare", absl::StrCat("/dev/fd/", ends[0]), odd, "--content",
                 odd}),
            0)
      << err_.str();
  close(ends[0]);
  EXPECT_THAT(bytes_, ElementsAre(png, png));
  for (const PlainJson& image : request_["images"]) {
    EXPECT_THAT(image["image"].get<std::string>(), Not(HasSubstr("/dev/fd")));
    EXPECT_THAT(image["content"].get<std::string>(), HasSubstr("/input-"));
  }
  EXPECT_THAT(out_.str(), HasSubstr("odd-\\xff.png"));
}

TEST_F(CompareTest, SortsByAMeasure) {
  EXPECT_EQ(Run({"compare", content_, style_, "--content", content_, "--sort",
                 "psnr"}),
            0)
      << err_.str();
  EXPECT_THAT(out_.str(),
              StartsWith("MEASURE (* best)      style.png  content.png\n"
                         "psnr (dB)             21 *       20\n"));
}

TEST_F(CompareTest, JsonHasAllAndMatchesItsSchema) {
  const std::string out = Result("out.png", content_, {style_, other_});
  const std::string absent = folder_.File("absent.png");
  EXPECT_EQ(Run({"compare", content_, out, absent, "--json", "--sort",
                 "style_distance"}),
            2);
  EXPECT_THAT(err_.str(), AllOf(HasSubstr("names nothing to compare it with"),
                                HasSubstr("absent.png")));
  const std::string printed = out_.str();
  const PlainJson json = PlainJson::parse(printed);
  EXPECT_EQ(json["format"], "atelier-comparison");
  EXPECT_EQ(json["sorted_by"], "style_distance");
  EXPECT_EQ(json["measured_by"]["size_px"], 256);
  EXPECT_EQ(
      json["measures"][0],
      PlainJson({{"name", "psnr"}, {"unit", "dB"}, {"better", "higher"}}));
  EXPECT_EQ(json["best"], PlainJson::object()) << "one alone is no best";
  ASSERT_EQ(json["images"].size(), 3U);
  EXPECT_EQ(
      json["images"][0],
      PlainJson(
          {{"image", out},
           {"digest", DigestOf(out)},
           {"width_px", 8},
           {"height_px", 6},
           {"is_result", true},
           {"content", {{"file", content_}, {"digest", DigestOf(content_)}}},
           {"styles",
            {{{"file", style_}, {"digest", DigestOf(style_)}, {"share", 0.5}},
             {{"file", other_}, {"digest", DigestOf(other_)}, {"share", 0.5}}}},
           {"measures",
            {{"mean_wavelength", 31.5}, {"psnr", 21}, {"style_distance", 0.5}}},
           {"notes", PlainJson::array()},
           {"error", nullptr}}));
  EXPECT_EQ(json["images"][2]["measures"], nullptr);
  EXPECT_THAT(json["images"][2]["error"].get<std::string>(),
              HasSubstr("absent.png"));
  if (std::system("python3 -c 'import jsonschema' 2>/dev/null") != 0) {
    GTEST_SKIP() << "NOT TESTED: compare --json against its schema, as "
                    "python3-jsonschema is not installed";
  }
  const std::string file = folder_.File("printed.json");
  const std::string command = absl::StrCat(
      "python3 -c \"import json,jsonschema,sys; "
      "schema = json.load(open(sys.argv[2])); "
      "jsonschema.Draft202012Validator("
      "dict(schema, **{'\\$ref': '#/\\$defs/comparison'}))"
      ".validate(json.load(open(sys.argv[1])))\" ",
      file, " " ATELIER_SOURCE_DIR "/docs/schema/cli.schema.json");
  Write(file, printed);
  EXPECT_EQ(std::system(command.c_str()), 0);
  Run({"compare", absent, "--json"});
  Write(file, out_.str());
  EXPECT_EQ(std::system(command.c_str()), 0);
  PlainJson broken = json;
  broken["images"][0].erase("measures");
  Write(file, broken.dump());
  EXPECT_NE(std::system(absl::StrCat(command, " 2>/dev/null").c_str()), 0);
}

}  // namespace
}  // namespace atelier
