#include "client/lib/axis_labels.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;

TEST(AxisLabelsTest, ALabelIsShortAndPrintable) {
  EXPECT_TRUE(IsLabel("day night"));
  std::string mountains;
  for (int i = 0; i < 64; ++i) mountains += "\xe5\xb1\xb1";
  EXPECT_TRUE(IsLabel(mountains)) << "64 characters of three bytes";
  EXPECT_FALSE(IsLabel(mountains + "x"));
  EXPECT_FALSE(IsLabel(""));
  EXPECT_FALSE(IsLabel("a\nb"));
  EXPECT_FALSE(IsLabel("caf\xe9"));
  EXPECT_FALSE(IsLabel("a\xe2\x80\xae"));
}

TEST(AxisLabelsTest, FilesAreCalledByTheirNames) {
  EXPECT_THAT(LabelsOfFiles({{"a.png"}, {"dir/b.png"}, {"/x/c.png", "d.png"}}),
              ElementsAre("a.png", "b.png", "c.png,d.png"));
}

TEST(AxisLabelsTest, AsMuchOfTheFoldersAsTellsThemApart) {
  EXPECT_THAT(LabelsOfFiles({{"shot1/frame.png"}, {"shot2/frame.png"}}),
              ElementsAre("shot1/frame.png", "shot2/frame.png"));
  EXPECT_THAT(LabelsOfFiles({{"/p/a/1/f.png"}, {"/p/b/1/f.png"}, {"/p/g.png"}}),
              ElementsAre("a/1/f.png", "b/1/f.png", "g.png"));
  EXPECT_THAT(LabelsOfFiles({{"f.png"}, {"x/f.png"}, {"../x/f.png"}}),
              ElementsAre("f.png", "x/f.png", "../x/f.png"));
  EXPECT_THAT(LabelsOfFiles({{"1/a.png", "b.png"}, {"2/a.png", "b.png"}}),
              ElementsAre("1/a.png,b.png", "2/a.png,b.png"));
  EXPECT_THAT(LabelsOfFiles({{"/f.png"}, {"f.png"}}),
              ElementsAre("/f.png", "f.png"));
}

TEST(AxisLabelsTest, TheSameFileHasTheSameLabel) {
  EXPECT_THAT(LabelsOfFiles({{"a/f.png"}, {"b/f.png"}, {"./a/f.png"}}),
              ElementsAre("a/f.png", "b/f.png", "a/f.png"));
}

TEST(AxisLabelsTest, PathsThatNoLabelTellsApartAreCounted) {
  const std::string longest(80, 'p');
  const std::vector<std::string> labels = LabelsOfFiles({{longest + "1.png"},
                                                         {longest + "2.png"},
                                                         {"a\x01.png"},
                                                         {"a\x02.png"},
                                                         {"a,b.png"},
                                                         {"a", "b.png"}});
  EXPECT_EQ(std::set<std::string>(labels.begin(), labels.end()).size(), 6);
  for (const std::string& label : labels) {
    EXPECT_TRUE(IsLabel(label)) << label;
  }
  EXPECT_THAT(labels[0], testing::StartsWith("pppp"));
}

TEST(AxisLabelsTest, LabelsAreSoundForManyFilesOfOneName) {
  std::vector<std::vector<std::string>> values;
  for (int i = 0; i < 20'000; ++i) {
    values.push_back({absl::StrCat("/film/", i / 100, "/", i, "/frame.png")});
  }
  const std::vector<std::string> labels = LabelsOfFiles(values);
  EXPECT_EQ(std::set<std::string>(labels.begin(), labels.end()).size(),
            values.size());
  EXPECT_EQ(labels[17], "17/frame.png");
}

}  // namespace
}  // namespace atelier
