#include "client/lib/file_names.h"

#include <algorithm>
#include <random>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "atelier/v1/jobs.pb.h"
#include "common/quoted_text.h"
#include "common/unicode.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using Labels = std::vector<std::string>;

v1::JobSpec SpecOf(const std::vector<std::pair<std::string, Labels>>& axes) {
  v1::JobSpec spec;
  for (const auto& [name, labels] : axes) {
    v1::Axis& axis = *spec.add_axes();
    axis.set_name(name);
    for (const std::string& label : labels) axis.add_values()->set_label(label);
  }
  return spec;
}

// All tasks of the grid, the last axis fastest.
std::vector<v1::Task> TasksOf(const v1::JobSpec& spec) {
  std::vector<v1::Task> tasks(1);
  for (const v1::Axis& axis : spec.axes()) {
    std::vector<v1::Task> longer;
    for (const v1::Task& task : tasks) {
      for (const v1::AxisValue& value : axis.values()) {
        longer.push_back(task);
        longer.back().add_labels(value.label());
      }
    }
    tasks = std::move(longer);
  }
  for (size_t i = 0; i < tasks.size(); ++i) tasks[i].set_index(i);
  return tasks;
}

Labels NamesOf(const v1::JobSpec& spec) {
  const FileNamer namer(spec);
  Labels names;
  for (const v1::Task& task : TasksOf(spec)) names.push_back(namer.Name(task));
  return names;
}

// What every list of names has to hold.
void ExpectSound(const Labels& names) {
  std::set<std::string> keys;
  for (const std::string& name : names) {
    SCOPED_TRACE(EscapedText(name));
    EXPECT_TRUE(keys.insert(FileSystemKey(name)).second) << "taken";
    EXPECT_LE(name.size(), kMaxFileNameBytes);
    EXPECT_TRUE(IsUtf8(name));
    EXPECT_EQ(name.find_first_of("/\\:*?\"<>| \n"), std::string::npos);
    EXPECT_TRUE(absl::EndsWith(name, ".png"));
    EXPECT_FALSE(absl::StartsWith(name, "-") || absl::StartsWith(name, "."));
    EXPECT_NE(name, "sheet.png");
  }
}

TEST(FileNamerTest, NamesTasksByTheirAxisValues) {
  EXPECT_THAT(NamesOf(SpecOf({{"convention", {"gordicaleksa"}},
                              {"style_weight", {"3500", "1e4"}}})),
              ElementsAre("convention-gordicaleksa_style_weight-3500.png",
                          "convention-gordicaleksa_style_weight-1e4.png"));
  EXPECT_THAT(NamesOf(SpecOf({})), ElementsAre("result.png"));
  EXPECT_THAT(NamesOf(SpecOf({{"a", {"x y"}}})), ElementsAre("a-x-y.png"));
}

TEST(FileNamerTest, KeepsLettersOfAllScripts) {
  EXPECT_THAT(NamesOf(SpecOf({{"v",
                               {"夜景", "日没 2", "Ärger", "A\u0308h", "مساء",
                                "शाम", "🌅"}}})),
              ElementsAre("v-夜景.png", "v-日没-2.png", "v-Ärger.png",
                          "v-Äh.png", "v-مساء.png", "v-शाम.png", "v-🌅.png"));
}

TEST(FileNamerTest, LabelsThatReadAlikeGetTheirIndex) {
  EXPECT_THAT(
      NamesOf(SpecOf({{"v", {"day/night_2", "day-night", "day night"}}})),
      ElementsAre("v-day-night_2.png", "v-day-night~1.png",
                  "v-day-night~2.png"));
  EXPECT_THAT(NamesOf(SpecOf({{"v", {"Day", "day", "dusk"}}})),
              ElementsAre("v-Day~0.png", "v-day~1.png", "v-dusk.png"));
  EXPECT_THAT(NamesOf(SpecOf({{"v", {"Ä", "A\u0308"}}})),
              ElementsAre("v-Ä~0.png", "v-Ä~1.png"));
  EXPECT_THAT(NamesOf(SpecOf({{"v", {"../x", "a~1", "a"}}})),
              ElementsAre("v-..-x.png", "v-a-1.png", "v-a.png"));
}

TEST(FileNamerTest, LabelsThatRunIntoEachOtherGetTheirIndex) {
  const Labels names =
      NamesOf(SpecOf({{"a", {"x", "x_b-y"}}, {"b", {"y_b-z", "z"}}}));
  EXPECT_THAT(names, ElementsAre("a-x_b-y_b-z.png", "a-x_b-z.png",
                                 "a-x_b-y_b-y_b-z~2.png", "a-x_b-y_b-z~3.png"));
  ExpectSound(names);
  // A separator that begins as it ends.
  ExpectSound(
      NamesOf(SpecOf({{"a", {"1", "1_-", "1_-_"}}, {"-_", {"2", "_-2"}}})));
}

TEST(FileNamerTest, ALongNameIsCutBetweenCharacters) {
  std::string mountains;
  for (int i = 0; i < 64; ++i) mountains += "山";
  const Labels names = NamesOf(
      SpecOf({{"v", {mountains, mountains + "川"}}, {"w", {mountains}}}));
  ExpectSound(names);
  EXPECT_TRUE(absl::EndsWith(names[0], "山~0.png")) << names[0];
  EXPECT_GT(names[0].size(), kMaxFileNameBytes - 3);
}

TEST(FileNamerTest, ANameDoesNotDependOnOtherTasks) {
  const v1::JobSpec spec = SpecOf(
      {{"v", {"day night", "DAY/NIGHT", "day.night"}}, {"w", {"1", "2"}}});
  const FileNamer first(spec);
  std::vector<v1::Task> tasks = TasksOf(spec);
  std::vector<std::string> names;
  for (const v1::Task& task : tasks) names.push_back(first.Name(task));
  for (size_t i = tasks.size(); i-- > 0;) {
    EXPECT_EQ(FileNamer(spec).Name(tasks[i]), names[i]);
    EXPECT_EQ(first.Name(tasks[i]), names[i]);
  }
}

TEST(FileNamerTest, ATaskOfUnknownLabelsHasANameToo) {
  const FileNamer namer(SpecOf({{"v", {"a"}}}));
  v1::Task task;
  task.set_index(7);
  EXPECT_EQ(namer.Name(task), "result~7.png");
  task.add_labels("b/c");
  EXPECT_EQ(namer.Name(task), "v-b-c~7.png");
}

TEST(FileNamerTest, AnAxisThatReadsAsAFlagIsNone) {
  ExpectSound(NamesOf(SpecOf({{"-rf", {"1"}}, {"-", {"-"}}})));
}

// Labels made of the pieces that make names alike.
TEST(FileNamerTest, NamesAreSoundForAnyLabels) {
  const Labels pieces = {
      "a",  "A",      "_", "-",      "b-",   "_b-",     "~",       "1",
      "~1", " ",      "/", ".",      "Ä",    "A\u0308", "ß",       "ss",
      "語", "\u200D", "🌅", "\n",     "\xff", "é",       "e\u0301", "ﬁ",
      "fi", "ı",      "=", "\u0338", "..",   "\u202E"};
  std::mt19937 random(17);
  const auto label = [&] {
    std::string text;
    for (int n = random() % 8; n >= 0; --n) {
      text += pieces[random() % pieces.size()];
    }
    return text;
  };
  for (int round = 0; round < 200; ++round) {
    SCOPED_TRACE(round);
    std::set<std::string> first;
    std::set<std::string> second;
    for (int i = 0; i < 12; ++i) first.insert(label());
    for (int i = 0; i < 5; ++i) second.insert(label());
    const char* const kNames[] = {"b", "_", "-_", "b-"};
    ExpectSound(NamesOf(
        SpecOf({{"a", Labels(first.begin(), first.end())},
                {kNames[round % 4], Labels(second.begin(), second.end())}})));
  }
}

}  // namespace
}  // namespace atelier
