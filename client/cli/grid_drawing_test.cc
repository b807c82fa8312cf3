#include "client/cli/grid_drawing.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "atelier/v1/jobs.pb.h"
#include "client/lib/outlook.h"
#include "common/cell_width.h"
#include "common/quoted_text.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

using Axes = std::vector<std::pair<std::string, std::vector<std::string>>>;

v1::JobSpec SpecOf(const Axes& axes, v1::SweepMode mode = v1::SWEEP_MODE_GRID) {
  v1::JobSpec spec;
  spec.set_name("job");
  spec.set_mode(mode);
  for (const auto& [name, labels] : axes) {
    v1::Axis& axis = *spec.add_axes();
    axis.set_name(name);
    for (const std::string& label : labels) {
      axis.add_values()->set_label(label);
    }
  }
  return spec;
}

std::vector<std::string> Numbers(int count, int first = 0) {
  std::vector<std::string> labels;
  for (int i = 0; i < count; ++i) labels.push_back(absl::StrCat(first + i));
  return labels;
}

// A job, of which a third of the tasks is done.
class Picture {
 public:
  explicit Picture(const v1::JobSpec& spec) : spec_(spec) {
    std::vector<std::vector<std::string>> labels;
    const Outlook outlook = LookAheadAlone(spec).value();
    for (const v1::TaskPreview& task : outlook.tasks) {
      labels.emplace_back(task.labels().begin(), task.labels().end());
    }
    grid_ = LayOutTasks(spec_, labels);
    if (grid_.row_axis.has_value()) {
      picture.row_axis = spec.axes(*grid_.row_axis).name();
      picture.column_axis = spec.axes(*grid_.column_axis).name();
    } else if (grid_.column_axis.has_value()) {
      picture.column_axis = spec.axes(*grid_.column_axis).name();
    }
    for (size_t i = 0; i < labels.size(); ++i) {
      picture.tasks.push_back(
          {i < labels.size() / 3 ? CellState::kDone : CellState::kQueued});
    }
    picture.counts = {{CellState::kDone, labels.size() / 3},
                      {CellState::kQueued, labels.size() - labels.size() / 3}};
    picture.name = "job";
    picture.fraction = 0.333;
    picture.progress = "1/3 tasks, 33%";
    picture.speed = "12.4 iterations/s, 3.1 tasks/min, 2 workers";
    picture.best_text = "best ssim 0.812: 1500 (task 0)";
  }
  explicit Picture(const Axes& axes) : Picture(SpecOf(axes)) {}

 private:
  const v1::JobSpec spec_;
  TaskGrid grid_;

 public:
  GridPicture picture{grid_};
};

TerminalLook Ascii(int columns, int rows) { return {columns, rows}; }

std::vector<std::string> LinesOf(const GridDrawing& drawing) {
  std::vector<std::string> lines;
  for (const ScreenLine& line : drawing.lines) lines.push_back(line.text);
  return lines;
}

std::vector<std::string> Drawn(const Picture& picture, int columns, int rows) {
  return LinesOf(DrawGrid(picture.picture, Ascii(columns, rows)));
}

GridStep StepOf(const Picture& picture, int columns, int rows) {
  return DrawGrid(picture.picture, Ascii(columns, rows)).step;
}

TEST(GridDrawingTest, ShowsATableWhereThereIsRoom) {
  Picture of({{"content", {"harbour.jpg", "street.jpg"}},
              {"style_weight", {"1500", "2000", "3500"}}});
  of.picture.tasks = {{CellState::kDone},    {CellState::kCached},
                      {CellState::kFailed},  {CellState::kRunning, 0.42},
                      {CellState::kUnknown}, {CellState::kCancelled}};
  of.picture.best = 0;
  of.picture.counts = {{CellState::kDone, 1},
                       {CellState::kCached, 1},
                       {CellState::kRunning, 1},
                       {CellState::kFailed, 1}};
  EXPECT_THAT(
      Drawn(of, 60, 24),
      ElementsAre("rows content, columns style_weight",
                  "             1500  2000  3500", "harbour.jpg  *     =     !",
                  "street.jpg   42%   ?     -",
                  "# 1 done  = 1 cached  % 1 running  ! 1 failed",
                  "12.4 iterations/s, 3.1 tasks/min, 2 workers",
                  "* best ssim 0.812: 1500 (task 0)",
                  "job [#############-------------------------] "
                  "1/3 tasks, 33%"));
}

TEST(GridDrawingTest, UsesSignsOfUnicodeWhereTheyAreTaken) {
  Picture of({{"content", {"画風", "b"}}, {"style_weight", {"1", "2", "3"}}});
  of.picture.tasks = {{CellState::kDone},   {CellState::kCached},
                      {CellState::kFailed}, {CellState::kRunning, 1},
                      {CellState::kQueued}, {CellState::kCancelled}};
  of.picture.best = 0;
  TerminalLook look = {60, 24};
  look.is_utf8 = true;
  std::vector<std::string> lines = LinesOf(DrawGrid(of.picture, look));
  EXPECT_EQ(lines[2], "画風  ★   =   ✗");
  EXPECT_EQ(lines[3], "b     99% ·   –") << "one that runs is not done";
  lines = Drawn(of, 60, 24);
  EXPECT_EQ(lines[2], "????  *   =   !");
}

TEST(GridDrawingTest, FurtherAxesAreBlocksSideBySideWhereLinesAreFew) {
  const Picture of({{"content", {"a", "b"}},
                    {"seed", {"1", "2"}},
                    {"style_weight", {"1500", "2000"}}});
  EXPECT_THAT(Drawn(of, 60, 24),
              testing::IsSupersetOf({"seed 1", "seed 2", "a  #     #"}));
  EXPECT_THAT(Drawn(of, 60, 9), Contains("seed 1            seed 2"));
  EXPECT_EQ(Drawn(of, 60, 9)[2], "   1500  2000        1500  2000");
}

TEST(GridDrawingTest, AJobOfOneAxisGoesAcrossOrDown) {
  const Picture few({{"seed", Numbers(3, 7)}});
  EXPECT_THAT(Drawn(few, 60, 24),
              testing::IsSupersetOf({"seed", "7   8   9", "#   .   ."}));
  const Picture many({{"seed", Numbers(30)}});
  EXPECT_THAT(Drawn(many, 60, 40), testing::IsSupersetOf({"9   #", "29  ."}));
  // The list is cut where lines are few.
  EXPECT_THAT(Drawn(many, 60, 24), Contains("0   #      15  ."));
  EXPECT_EQ(StepOf(many, 60, 24), GridStep::kTable);
}

TEST(GridDrawingTest, ASampleIsAListOfItsLabels) {
  v1::JobSpec spec =
      SpecOf({{"content", {"a.jpg", "b.jpg"}}, {"seed", Numbers(50)}},
             v1::SWEEP_MODE_RANDOM);
  spec.set_sample_count(4);
  const std::vector<std::string> lines = Drawn(Picture(spec), 60, 24);
  EXPECT_THAT(lines[0], testing::MatchesRegex("[ab]\\.jpg, seed [0-9]+ +#"));
}

TEST(GridDrawingTest, BecomesSimplerStepByStep) {
  const Picture of({{"content", Numbers(12)}, {"style_weight", Numbers(20)}});
  // Columns and rows of the terminal, and what is drawn.
  const struct {
    int columns, rows;
    GridStep step;
  } kSteps[] = {
      {100, 30, GridStep::kTable},
      {80, 20, GridStep::kSigns},  // 20 columns of "42%" do not fit.
      {40, 20, GridStep::kSigns},
      {24, 20, GridStep::kDense},
      {100, 14, GridStep::kSigns},
      {100, 8, GridStep::kDense},
      {100, 5, GridStep::kDense},
      {100, 2, GridStep::kDense},
      {100, 1, GridStep::kLine},
      {19, 30, GridStep::kLine},
      {1, 1, GridStep::kLine},
  };
  for (const auto& c : kSteps) {
    EXPECT_EQ(StepOf(of, c.columns, c.rows), c.step)
        << c.columns << "x" << c.rows << ":\n"
        << absl::StrJoin(Drawn(of, c.columns, c.rows), "\n");
  }
}

TEST(GridDrawingTest, NarrowCellsKeepLabelsThatDifferWhereTheyAreCut) {
  const Picture differ(
      {{"content", {"a", "b"}},
       {"style", {"anna.jpg", "bert.jpg", "carla.jpg", "doris.jpg", "e.jpg"}}});
  EXPECT_THAT(Drawn(differ, 30, 24), Contains("   an~ be~ ca~ do~ e.~"));
  const Picture alike(
      {{"content", {"a", "b"}},
       {"style",
        {"photo-1.jpg", "photo-2.jpg", "photo-3.jpg", "photo-4.jpg"}}});
  EXPECT_THAT(Drawn(alike, 36, 24),
              Contains("rows content, columns style: photo~"))
      << absl::StrJoin(Drawn(alike, 36, 24), "\n");
  EXPECT_EQ(StepOf(alike, 36, 24), GridStep::kTable);
}

TEST(GridDrawingTest, SignsOfTasksThatRunAreTenths) {
  Picture of({{"content", Numbers(30)}, {"seed", Numbers(3)}});
  of.picture.tasks[0] = {CellState::kRunning, 0.39};
  of.picture.tasks[1] = {CellState::kFailed};
  of.picture.counts[CellState::kRunning] = 1;
  const std::vector<std::string> lines = Drawn(of, 40, 20);
  EXPECT_EQ(StepOf(of, 40, 20), GridStep::kSigns);
  EXPECT_EQ(lines[0], "rows content, columns seed: 0 to 2");
  EXPECT_EQ(lines[1], "0   3!#   15  ...");
  EXPECT_THAT(lines, Contains(HasSubstr("0-9 1 running")));
}

TEST(GridDrawingTest, DenseLinesHaveSeveralTasksInASign) {
  Picture of({{"content", Numbers(40)}, {"seed", Numbers(50)}});
  of.picture.tasks[1999] = {CellState::kFailed};
  std::vector<std::string> lines = Drawn(of, 60, 24);
  EXPECT_EQ(StepOf(of, 60, 24), GridStep::kDense);
  EXPECT_EQ(lines[0],
            "rows content, columns seed; a sign stands for up to 4 tasks");
  EXPECT_THAT(lines[1], testing::MatchesRegex("0 to 2  +#+  150/150"));
  EXPECT_THAT(lines[14], testing::MatchesRegex("39  +\\.+!  0/50"));
  EXPECT_EQ(lines.size(), 19);
}

TEST(GridDrawingTest, ALongListIsDenseOverAllLines) {
  const Picture of({{"seed", Numbers(2000)}});
  const std::vector<std::string> lines = Drawn(of, 60, 24);
  EXPECT_EQ(lines.size(), 18 + 4);
  EXPECT_EQ(lines[0], "seed; a sign stands for up to 2 tasks");
  EXPECT_EQ(lines[1], std::string(59, '#'));
  EXPECT_THAT(lines[17], testing::MatchesRegex("\\.+"));
}

TEST(GridDrawingTest, AVerdictTakesThePlaceOfTheBar) {
  Picture of({{"content", Numbers(2)}, {"seed", Numbers(2)}});
  of.picture.verdict = "job: succeeded; 4 tasks, in 3s";
  EXPECT_EQ(Drawn(of, 60, 24).back(), "job: succeeded; 4 tasks, in 3s");
}

TEST(GridDrawingTest, ColoursAreClosedOnEachLine) {
  Picture of({{"content", Numbers(2)}, {"seed", Numbers(2)}});
  TerminalLook look = {60, 24};
  look.takes_colors = true;
  const GridDrawing drawing = DrawGrid(of.picture, look);
  EXPECT_EQ(drawing.lines[2].text, "0  \x1b[0;32m#\x1b[0m   \x1b[0;2m.\x1b[0m")
      << "the first of four is done";
  for (const ScreenLine& line : drawing.lines) {
    if (absl::StrContains(line.text, "\x1b")) {
      EXPECT_TRUE(absl::EndsWith(line.text, "\x1b[0m") ||
                  absl::StrContains(line.text, "\x1b[0m"));
    }
  }
}

std::string WithoutColours(std::string text) {
  for (const char* code : {"\x1b[0m", "\x1b[0;2m", "\x1b[0;32m", "\x1b[0;33m",
                           "\x1b[0;31m", "\x1b[0;36m"}) {
    text = absl::StrReplaceAll(text, {{code, ""}});
  }
  return text;
}

// Whatever the job and the terminal: the drawing fits, and steers nothing.
TEST(GridDrawingTest, NeverIsMoreThanTheTerminal) {
  const std::string hostile = "\x1b[2J\u202eX\r\n\u009b31m";
  std::vector<Picture> pictures;
  v1::JobSpec zipped =
      SpecOf({{"a", Numbers(9)}, {"b", Numbers(9)}}, v1::SWEEP_MODE_ZIP);
  const v1::JobSpec specs[] = {
      SpecOf({{"content", {hostile, "画風転写の研究画風転写の研究"}},
              {hostile, {hostile, "b"}}}),
      SpecOf({{"content", Numbers(40)}, {"seed", Numbers(50)}}),
      SpecOf({{"content", Numbers(2)}, {"seed", Numbers(1000)}}),
      SpecOf({{"content", Numbers(1000)}, {"seed", Numbers(2)}}),
      SpecOf({{"a", Numbers(3)},
              {"b", Numbers(7)},
              {"c", Numbers(5)},
              {"d", Numbers(4)}}),
      SpecOf({{"seed", Numbers(2000)}}),
      SpecOf({{"seed", Numbers(2)}}),
      zipped,
  };
  for (const v1::JobSpec& spec : specs) {
    Picture of(spec);
    of.picture.name = hostile;
    of.picture.best_text = hostile;
    of.picture.best = 1;
    for (size_t i = 0; i < of.picture.tasks.size(); ++i) {
      of.picture.tasks[i] = {static_cast<CellState>(i % 7),
                             static_cast<double>(i % 11) / 10};
    }
    for (int columns : {1, 2, 5, 19, 20, 21, 30, 40, 60, 80, 132, 250}) {
      for (int rows : {1, 2, 3, 4, 5, 6, 8, 12, 24, 50, 100}) {
        for (const bool is_utf8 : {false, true}) {
          const TerminalLook look = {columns, rows, /*takes_colors=*/is_utf8,
                                     is_utf8};
          const GridDrawing drawing = DrawGrid(of.picture, look);
          ASSERT_LE(drawing.lines.size(), static_cast<size_t>(rows));
          ASSERT_GE(drawing.lines.size(), 1);
          for (const ScreenLine& line : drawing.lines) {
            const std::string text = WithoutColours(line.text);
            ASSERT_EQ(CellWidth(text), line.cells) << text;
            ASSERT_LT(line.cells, std::max(columns, 1)) << text;
            ASSERT_EQ(EscapedText(text), text);
            ASSERT_TRUE(is_utf8 || AsciiText(text) == text) << text;
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace atelier
