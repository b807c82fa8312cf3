// `atelier compare` beside what workers measured: the real binaries.
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "tests/testing/child_process.h"
#include "tests/testing/samples.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Json = nlohmann::json;

// A sweep of two blends and two seeds, its inputs beside its results.
class CompareTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new TemporaryFolder;
    Copy(SamplePath("content"), "content.png");
    Copy(SamplePath("style"), "style.png");
    const Finished swept = RunProgram(
        {Binary("atelier"),
         "sweep",
         "--content",
         *folder_ / "content.png",
         "--style",
         absl::StrCat(*folder_ / "style.png", ",", *folder_ / "content.png",
                      ";", *folder_ / "style.png"),
         "--seed",
         "0-1",
         "--init",
         "noise",
         "--size",
         "96",
         "--iterations",
         "4",
         "--preset",
         "published",
         "--bits",
         "16",
         "--wait",
         "--output",
         folder_->path()});
    ASSERT_EQ(swept.code, 0) << swept.err;
  }
  static void TearDownTestSuite() { delete folder_; }

  static void Copy(const std::string& from, const std::string& name) {
    std::filesystem::copy_file(from, *folder_ / name);
  }
  static Finished Compare(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {Binary("atelier"), "compare"});
    return RunProgram(arguments);
  }

  static TemporaryFolder* folder_;
};

TemporaryFolder* CompareTest::folder_ = nullptr;

TEST_F(CompareTest, MeasuresAreThoseOfTheWorkerThatRendered) {
  const Json results = Json::parse(ReadFile(*folder_ / "results.json"));
  ASSERT_EQ(results["tasks"].size(), 4U);
  std::vector<std::string> arguments = {"--json"};
  for (const Json& task : results["tasks"]) {
    arguments.push_back(*folder_ / task["file"].get<std::string>());
  }
  const Finished compared = Compare(arguments);
  ASSERT_EQ(compared.code, 0) << compared.err;
  EXPECT_THAT(compared.err, IsEmpty());
  const Json json = Json::parse(compared.out);
  EXPECT_EQ(json["measured_by"], results["measured_by"]);
  ASSERT_EQ(json["images"].size(), 4U);
  for (size_t i = 0; i < 4; ++i) {
    SCOPED_TRACE(results["tasks"][i]["labels"].dump());
    const Json& image = json["images"][i];
    EXPECT_EQ(image["digest"], results["tasks"][i]["result"]["image_digest"]);
    EXPECT_EQ(image["styles"].size(), i < 2 ? 2U : 1U);
    Json recorded = results["tasks"][i]["measures"];
    recorded.erase("seconds_per_iteration");
    recorded.erase("peak_memory_bytes");
    EXPECT_EQ(recorded.size(), 20U);
    ASSERT_EQ(image["measures"].size(), recorded.size());
    for (const auto& [name, value] : recorded.items()) {
      // Another number of threads may add in another order.
      EXPECT_NEAR(image["measures"][name].get<double>(), value.get<double>(),
                  1e-6 * std::abs(value.get<double>()))
          << name;
    }
  }
}

TEST_F(CompareTest, APictureOfWhichOnlyTheHeaderIsWholeIsNamed) {
  const std::string whole = ReadFile(*folder_ / "content.png");
  const std::string cut = *folder_ / "cut.png";
  WriteFile(cut, whole.substr(0, whole.size() / 2));
  const Finished compared =
      Compare({*folder_ / "style.png", cut, "--content",
               *folder_ / "content.png", "--measure-size", "64"});
  EXPECT_EQ(compared.code, 2);
  EXPECT_THAT(compared.err, HasSubstr(absl::StrCat("image: ", cut, ": ")));
  EXPECT_THAT(compared.out, HasSubstr("psnr (dB)"));
}

TEST_F(CompareTest, WithoutAWorkerBesideItSaysWhereItShouldBe) {
  const std::string alone = *folder_ / "atelier";
  std::filesystem::copy_file(Binary("atelier"), alone);
  const Finished compared =
      RunProgram({alone, "compare", *folder_ / "style.png"});
  EXPECT_EQ(compared.code, 1);
  EXPECT_THAT(compared.out, IsEmpty());
  EXPECT_THAT(compared.err,
              HasSubstr("/atelier-worker is not there, and it is what "
                        "measures; install it beside atelier\n"));
}

}  // namespace
}  // namespace atelier
