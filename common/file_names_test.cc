#include "common/file_names.h"

#include <algorithm>
#include <random>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/quoted_text.h"
#include "common/unicode.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using Labels = std::vector<std::string>;

using Axes = std::vector<NamedAxis>;

struct NamedTask {
  int64_t index = 0;
  Labels labels;
};

// All tasks of the grid, the last axis fastest.
std::vector<NamedTask> TasksOf(const Axes& axes) {
  std::vector<NamedTask> tasks(1);
  for (const NamedAxis& axis : axes) {
    std::vector<NamedTask> longer;
    for (const NamedTask& task : tasks) {
      for (const std::string& label : axis.labels) {
        longer.push_back(task);
        longer.back().labels.push_back(label);
      }
    }
    tasks = std::move(longer);
  }
  for (size_t i = 0; i < tasks.size(); ++i) {
    tasks[i].index = static_cast<int64_t>(i);
  }
  return tasks;
}

Labels NamesOf(const Axes& axes) {
  const FileNamer namer(axes);
  Labels names;
  for (const NamedTask& task : TasksOf(axes)) {
    names.push_back(namer.Name(task.index, task.labels));
  }
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
  EXPECT_THAT(NamesOf(Axes({{"convention", {"gordicaleksa"}},
                            {"style_weight", {"3500", "1e4"}}})),
              ElementsAre("convention-gordicaleksa_style_weight-3500.png",
                          "convention-gordicaleksa_style_weight-1e4.png"));
  EXPECT_THAT(NamesOf(Axes()), ElementsAre("result.png"));
  EXPECT_THAT(NamesOf(Axes({{"a", {"x y"}}})), ElementsAre("a-x-y.png"));
}

TEST(FileNamerTest, KeepsLettersOfAllScripts) {
  EXPECT_THAT(NamesOf(Axes({{"v",
                             {"夜景", "日没 2", "Ärger", "A\u0308h", "مساء",
                              "शाम", "🌅"}}})),
              ElementsAre("v-夜景.png", "v-日没-2.png", "v-Ärger.png",
                          "v-Äh.png", "v-مساء.png", "v-शाम.png", "v-🌅.png"));
}

TEST(FileNamerTest, LabelsThatReadAlikeGetTheirIndex) {
  EXPECT_THAT(NamesOf(Axes({{"v", {"day/night_2", "day-night", "day night"}}})),
              ElementsAre("v-day-night_2.png", "v-day-night~1.png",
                          "v-day-night~2.png"));
  EXPECT_THAT(NamesOf(Axes({{"v", {"Day", "day", "dusk"}}})),
              ElementsAre("v-Day~0.png", "v-day~1.png", "v-dusk.png"));
  EXPECT_THAT(NamesOf(Axes({{"v", {"Ä", "A\u0308"}}})),
              ElementsAre("v-Ä~0.png", "v-Ä~1.png"));
  EXPECT_THAT(NamesOf(Axes({{"v", {"../x", "a~1", "a"}}})),
              ElementsAre("v-..-x.png", "v-a-1.png", "v-a.png"));
}

TEST(FileNamerTest, LabelsThatRunIntoEachOtherGetTheirIndex) {
  const Labels names =
      NamesOf(Axes({{"a", {"x", "x_b-y"}}, {"b", {"y_b-z", "z"}}}));
  EXPECT_THAT(names, ElementsAre("a-x_b-y_b-z.png", "a-x_b-z.png",
                                 "a-x_b-y_b-y_b-z~2.png", "a-x_b-y_b-z~3.png"));
  ExpectSound(names);
  // A separator that begins as it ends.
  ExpectSound(
      NamesOf(Axes({{"a", {"1", "1_-", "1_-_"}}, {"-_", {"2", "_-2"}}})));
}

TEST(FileNamerTest, ALongNameIsCutBetweenCharacters) {
  std::string mountains;
  for (int i = 0; i < 64; ++i) mountains += "山";
  const Labels names =
      NamesOf(Axes({{"v", {mountains, mountains + "川"}}, {"w", {mountains}}}));
  ExpectSound(names);
  EXPECT_TRUE(absl::EndsWith(names[0], "山~0.png")) << names[0];
  EXPECT_GT(names[0].size(), kMaxFileNameBytes - 3);
}

TEST(FileNamerTest, ANameDoesNotDependOnOtherTasks) {
  const Axes axes =
      Axes({{"v", {"day night", "DAY/NIGHT", "day.night"}}, {"w", {"1", "2"}}});
  const FileNamer first(axes);
  const std::vector<NamedTask> tasks = TasksOf(axes);
  std::vector<std::string> names;
  for (const NamedTask& task : tasks) {
    names.push_back(first.Name(task.index, task.labels));
  }
  for (size_t i = tasks.size(); i-- > 0;) {
    EXPECT_EQ(FileNamer(axes).Name(tasks[i].index, tasks[i].labels), names[i]);
    EXPECT_EQ(first.Name(tasks[i].index, tasks[i].labels), names[i]);
  }
}

TEST(FileNamerTest, ATaskOfUnknownLabelsHasANameToo) {
  const FileNamer namer(Axes({{"v", {"a"}}}));
  EXPECT_EQ(namer.Name(7, {}), "result~7.png");
  EXPECT_EQ(namer.Name(7, {"b/c"}), "v-b-c~7.png");
}

TEST(FileNamerTest, AnAxisThatReadsAsAFlagIsNone) {
  ExpectSound(NamesOf(Axes({{"-rf", {"1"}}, {"-", {"-"}}})));
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
        Axes({{"a", Labels(first.begin(), first.end())},
              {kNames[round % 4], Labels(second.begin(), second.end())}})));
  }
}

}  // namespace
}  // namespace atelier
