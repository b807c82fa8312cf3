// What the study claims, asserted on its own results: all four studies by the
// command of the README, at the size and budget the claims were made for.
#include <cmath>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/image/image.h"
#include "common/render/size.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/child_process.h"
#include "tests/testing/samples.h"

namespace atelier {
namespace {

/// results.csv by column. No value of a study needs quotes.
class Results {
 public:
  explicit Results(const std::string& folder) : folder_(folder) {
    std::istringstream csv(ReadFile(folder + "/results.csv"));
    std::string line;
    std::getline(csv, line);
    columns_ = absl::StrSplit(absl::StripTrailingAsciiWhitespace(line), ',');
    while (std::getline(csv, line)) {
      rows_.push_back(
          Fields(std::string(absl::StripTrailingAsciiWhitespace(line))));
      EXPECT_EQ(rows_.back().size(), columns_.size()) << line;
    }
  }

  size_t size() const { return rows_.size(); }

  std::string Text(size_t row, const std::string& column) const {
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i] == column) return rows_.at(row).at(i);
    }
    ADD_FAILURE() << "no column " << column;
    return "";
  }

  double Number(size_t row, const std::string& column) const {
    double value = NAN;
    EXPECT_TRUE(absl::SimpleAtod(Text(row, column), &value)) << column;
    return value;
  }

  Image Picture(size_t row) const {
    return Decode(ReadFile(folder_ + "/" + Text(row, "file"))).value();
  }

 private:
  // Splits at commas outside quotes.
  static std::vector<std::string> Fields(const std::string& line) {
    std::vector<std::string> fields(1);
    bool quoted = false;
    for (char c : line) {
      if (c == '"') {
        quoted = !quoted;
      } else if (c == ',' && !quoted) {
        fields.emplace_back();
      } else {
        fields.back() += c;
      }
    }
    return fields;
  }

  std::string folder_;
  std::vector<std::string> columns_;
  std::vector<std::vector<std::string>> rows_;
};

double PsnrDb(const Image& a, const Image& b) {
  EXPECT_EQ(a.width_px, b.width_px);
  EXPECT_EQ(a.height_px, b.height_px);
  double sum = 0;
  for (size_t i = 0; i < a.rgb.size(); ++i) {
    sum += std::pow(a.rgb[i] - b.rgb[i], 2);
  }
  // Two 8-bit pictures that agree in every pixel are as close as can be said.
  constexpr double kBestDb = 100;
  if (sum == 0) return kBestDb;
  return -10 * std::log10(sum / a.rgb.size());
}

class StudyTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    ASSERT_TRUE(InitialiseImages("study_test").ok());
    folder_ = new TemporaryFolder;
    const Finished finished = RunProgram(
        {Binary("atelier"), "study", "all", "--content", SamplePath("content"),
         "--style", SamplePath("style"), "--output", folder_->path(), "--size",
         "224", "--iterations", "150"},
        absl::Minutes(20));
    ASSERT_EQ(finished.code, 0) << finished.err;
  }
  static void TearDownTestSuite() { delete folder_; }

  static Results Study(const std::string& name) {
    return Results(*folder_ / name);
  }

  static Image Content() {
    const Image content = Decode(ReadFile(SamplePath("content"))).value();
    const auto [width, height] =
        FitSize(content.width_px, content.height_px, 224);
    return Resize(content, width, height).value();
  }

  static TemporaryFolder* folder_;
};

TemporaryFolder* StudyTest::folder_ = nullptr;

TEST_F(StudyTest, DeeperLayersReconstructWorse) {
  const Results results = Study("content-layers");
  ASSERT_EQ(results.size(), 7);
  const Image content = Content();
  std::vector<double> psnr_db;
  for (size_t i = 0; i < results.size(); ++i) {
    psnr_db.push_back(PsnrDb(results.Picture(i), content));
  }
  SCOPED_TRACE(testing::PrintToString(psnr_db));
  for (size_t i = 1; i < psnr_db.size(); ++i) {
    EXPECT_LT(psnr_db[i], psnr_db[i - 1]) << "picture " << i;
  }
  // What the workers measured says the same; of what is as good as equal at
  // 224 px, what enlarging it to 256 px costs is all that is left.
  for (size_t i = 2; i < results.size(); ++i) {
    EXPECT_LT(results.Number(i, "psnr"), results.Number(i - 1, "psnr")) << i;
  }
  EXPECT_GT(results.Number(0, "psnr"),
            results.Number(results.size() - 1, "psnr") + 10);
  EXPECT_GT(psnr_db.front(), 40);
  EXPECT_LT(psnr_db.back(), 20);
}

TEST_F(StudyTest, AllEndWithOneReport) {
  const std::string page = ReadFile(*folder_ / "report.html");
  EXPECT_NE(page.find("content-layers"), std::string::npos);
  EXPECT_NE(page.find("style-weight"), std::string::npos);
}

TEST_F(StudyTest, StyleLossFallsAsTheStyleWeightRises) {
  const Results results = Study("style-weight");
  ASSERT_EQ(results.size(), 10);
  for (size_t i = 0; i < results.size(); ++i) {
    SCOPED_TRACE(i);
    EXPECT_GT(results.Number(i, "style_loss"), 0);
    if (i % 5 == 0) continue;  // The first of its row.
    EXPECT_EQ(results.Text(i, "convention"), results.Text(i - 1, "convention"));
    EXPECT_GT(results.Number(i, "style_weight"),
              results.Number(i - 1, "style_weight"));
    EXPECT_LT(results.Number(i, "style_loss"),
              results.Number(i - 1, "style_loss"));
  }
}

TEST_F(StudyTest, FromTheContentTheResultStaysCloserToItThanFromNoise) {
  const Results results = Study("initialisation");
  ASSERT_EQ(results.size(), 6);
  const Image content = Content();
  for (size_t row : {0, 3}) {
    SCOPED_TRACE(results.Text(row, "convention"));
    EXPECT_EQ(results.Text(row, "init"), "noise");
    EXPECT_EQ(results.Text(row + 1, "init"), "content");
    EXPECT_EQ(results.Number(row, "style_weight"),
              results.Number(row + 1, "style_weight"));
    EXPECT_LT(PsnrDb(results.Picture(row), content),
              PsnrDb(results.Picture(row + 1), content));
  }
}

TEST_F(StudyTest, EachStyleSetMakesAnotherTexture) {
  const Results results = Study("style-layers");
  ASSERT_EQ(results.size(), 4);
  for (size_t i = 0; i < results.size(); ++i) {
    for (size_t j = 0; j < i; ++j) {
      SCOPED_TRACE(absl::StrCat(i, " and ", j));
      EXPECT_LT(PsnrDb(results.Picture(i), results.Picture(j)), 25);
    }
  }
}

TEST_F(StudyTest, EveryStudyLeavesItsSheet) {
  for (const char* study :
       {"content-layers", "style-layers", "initialisation", "style-weight"}) {
    SCOPED_TRACE(study);
    const Image sheet =
        Decode(ReadFile(*folder_ / study + "/sheet.png")).value();
    EXPECT_GT(sheet.width_px, 3 * 200);
  }
}

}  // namespace
}  // namespace atelier
