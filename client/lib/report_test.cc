#include "client/lib/report.h"

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "client/lib/measure_names.h"
#include "common/digest.h"
#include "common/image/image.h"
#include "common/viewer/viewer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace atelier {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kDataElement[] =
    "<script type=\"application/json\" class=\"job-data\">";

class ReportTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    ASSERT_TRUE(InitialiseImages("report_test").ok());
  }

  // What no format makes small.
  static std::string NoisePng(int width_px, int height_px) {
    Image image{width_px, height_px, {}};
    uint32_t state = 1;
    for (int i = 0; i < width_px * height_px * 3; ++i) {
      state = state * 1664525u + 1013904223u;
      image.rgb.push_back(static_cast<float>(state >> 8) / (1 << 24));
    }
    return Encode(image, "png").value();
  }

  static ImageHeader HeaderOf(const std::string& uri) {
    const std::vector<std::string> parts = absl::StrSplit(uri, ',');
    std::string bytes;
    EXPECT_EQ(parts.at(0), "data:image/jpeg;base64");
    EXPECT_TRUE(absl::Base64Unescape(parts.at(1), &bytes));
    return ReadHeader(bytes).value();
  }

  // What stands between this and the next tag's end of that name.
  static std::string Between(const std::string& text, const std::string& from,
                             const std::string& to) {
    const size_t begin = text.find(from);
    EXPECT_NE(begin, std::string::npos) << from;
    const size_t end = text.find(to, begin + from.size());
    return text.substr(begin + from.size(), end - begin - from.size());
  }
};

TEST_F(ReportTest, KeepsPicturesByTaskAndDigest) {
  ReportPictures pictures(2, 1);
  ASSERT_TRUE(pictures.AddTask(7, NoisePng(800, 400)).ok());
  ASSERT_TRUE(pictures.AddInput("abc", NoisePng(20, 30)).ok());
  const nlohmann::json json = nlohmann::json::parse(pictures.Json());
  const ImageHeader task = HeaderOf(json["tasks"]["7"]);
  EXPECT_EQ(task.width_px, 512);
  EXPECT_EQ(task.height_px, 256);
  const ImageHeader input = HeaderOf(json["inputs"]["abc"]);
  EXPECT_EQ(input.width_px, 20) << "nothing is enlarged";
  EXPECT_EQ(input.height_px, 30);
}

TEST_F(ReportTest, MakesPicturesSmallerTheMoreThereAre) {
  const std::string png = NoisePng(512, 512);
  for (const int tasks : {1, 10, 100, 400}) {
    SCOPED_TRACE(tasks);
    ReportPictures pictures(tasks, 1, 2'000'000);
    ASSERT_TRUE(pictures.AddTask(0, png).ok());
    ASSERT_TRUE(pictures.AddInput("a", png).ok());
    const nlohmann::json json = nlohmann::json::parse(pictures.Json());
    const std::string uri = json["tasks"]["0"];
    EXPECT_LE(uri.size(), 1'500'000 / tasks);
    EXPECT_LE(json["inputs"]["a"].get<std::string>().size(), 500'000);
  }
}

TEST_F(ReportTest, LeavesOutWhatDoesNotFitAtAll) {
  ReportPictures pictures(1'000'000, 1, 1'000'000);
  const absl::Status added = pictures.AddTask(0, NoisePng(64, 64));
  EXPECT_EQ(added.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(pictures.Json(), R"({"tasks":{},"inputs":{}})");
}

TEST_F(ReportTest, SaysWhatIsNoPicture) {
  ReportPictures pictures(1, 1);
  EXPECT_EQ(pictures.AddTask(0, "not a picture").code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(pictures.AddInput("a", "").code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(pictures.AddTask(0, Image{}).code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(ReportTest, NoTextOfADocumentIsMarkup) {
  const std::string hostile =
      "</script><script>alert(1)</script><!-- <img src=x onerror=alert(1)> "
      "@SCRIPT@ \" & ";
  const std::string document = nlohmann::json{{"name", hostile}}.dump();
  const std::string page =
      ReportHtml({{hostile, document, R"({"tasks":{},"inputs":{}})"}});
  EXPECT_THAT(page, AllOf(Not(HasSubstr("alert(1)</script>")),
                          Not(HasSubstr("<img src=x"))));
  const std::string element = Between(page, kDataElement, "</");
  EXPECT_THAT(element, Not(HasSubstr("<")));
  // Read back, it is what it was.
  const nlohmann::json data = nlohmann::json::parse(element);
  EXPECT_EQ(data["document"], nlohmann::json::parse(document));
  EXPECT_EQ(data["folder"], hostile);
}

TEST_F(ReportTest, PolicyAllowsTheViewerAlone) {
  const std::string page = ReportHtml({{"", "{}", "{}"}});
  const std::string policy = Between(page, "Policy\" content=\"", "\">");
  EXPECT_THAT(policy, StartsWith("default-src 'none';"));
  EXPECT_THAT(policy, Not(HasSubstr("unsafe")));
  const auto hash = [](const std::string& text) {
    return absl::Base64Escape(absl::HexStringToBytes(HexDigest(text)));
  };
  EXPECT_THAT(policy, HasSubstr(hash(Between(page, "<style>", "</style>"))));
  EXPECT_THAT(
      policy,
      HasSubstr(hash(Between(page, "<script type=\"module\">", "</script>"))));
}

TEST_F(ReportTest, AsksNothingOfAnyOtherPlace) {
  // But for the name of SVG, which is no address.
  for (const absl::string_view text :
       {ReportScript(), ViewerStyle(), ReportPage()}) {
    std::string rest(text);
    const std::string svg = "'http://www.w3.org/2000/svg'";
    if (const size_t at = rest.find(svg); at != std::string::npos) {
      rest.erase(at, svg.size());
    }
    EXPECT_THAT(rest,
                AllOf(Not(HasSubstr("http:")), Not(HasSubstr("https:")),
                      Not(HasSubstr("innerHTML")), Not(HasSubstr("@import"))));
  }
}

TEST_F(ReportTest, HasAJobForEachDocument) {
  const std::string page = ReportHtml({{"a", "{}", "{}"}, {"b c", "{}", "{}"}});
  EXPECT_THAT(page, HasSubstr("{\"folder\":\"a\""));
  EXPECT_THAT(page, HasSubstr("{\"folder\":\"b c\""));
}

TEST_F(ReportTest, TellsTheViewerOfMeasures) {
  const nlohmann::json data = nlohmann::json::parse(
      Between(ReportHtml({{"", "{}", "{}"}}), kDataElement, "</"));
  EXPECT_EQ(data["measures"][0]["name"], "psnr");
  EXPECT_EQ(data["measures"][0]["unit"], "dB");
  EXPECT_EQ(data["measures"][0]["better"], "higher");
  EXPECT_EQ(data["measures"].size(), KnownMeasures().size());
}

}  // namespace
}  // namespace atelier
