#include "client/lib/sheet_layout.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "atelier/v1/jobs.pb.h"
#include "common/image/image.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

v1::JobSpec SheetSpec(const std::vector<std::pair<std::string, int>>& axes) {
  v1::JobSpec spec;
  spec.set_name("job");
  for (const auto& [name, length] : axes) {
    v1::Axis& axis = *spec.add_axes();
    axis.set_name(name);
    for (int i = 0; i < length; ++i) {
      axis.add_values()->set_label(absl::StrCat(i + 1));
    }
  }
  return spec;
}

std::vector<SheetTask> Tasks(const std::vector<std::vector<std::string>>& of) {
  std::vector<SheetTask> tasks;
  for (const auto& labels : of) {
    tasks.push_back({labels, Image{1, 1, {0, 0, 0}}, "succeeded", {}});
  }
  return tasks;
}

// Every point of a grid of three axes, the last fastest.
std::vector<SheetTask> Cube(int a, int b, int c) {
  std::vector<std::vector<std::string>> labels;
  for (int i = 1; i <= a; ++i) {
    for (int j = 1; j <= b; ++j) {
      for (int k = 1; k <= c; ++k) {
        labels.push_back({absl::StrCat(i), absl::StrCat(j), absl::StrCat(k)});
      }
    }
  }
  return Tasks(labels);
}

std::vector<std::string> Titles(const Sheet& sheet) {
  std::vector<std::string> titles;
  for (const Sheet::Block& block : sheet.blocks) titles.push_back(block.title);
  return titles;
}

std::vector<std::string> RowLabels(const Sheet::Block& block) {
  std::vector<std::string> labels;
  for (const Sheet::Row& row : block.rows) labels.push_back(row.label);
  return labels;
}

std::vector<std::string> CellLabels(const Sheet::Row& row) {
  std::vector<std::string> labels;
  for (const SheetCell& cell : row.cells) labels.push_back(cell.label);
  return labels;
}

TEST(SheetLayoutTest, WrapsOneAxisAtItsColumns) {
  v1::JobSpec spec = SheetSpec({{"layer", 3}});
  spec.set_sheet_columns(2);
  const Sheet sheet = LayOutSheet(spec, Tasks({{"a"}, {"b"}, {"c"}}));
  ASSERT_THAT(sheet.blocks, SizeIs(1));
  ASSERT_THAT(sheet.blocks[0].rows, SizeIs(2));
  EXPECT_THAT(CellLabels(sheet.blocks[0].rows[0]), ElementsAre("a", "b"));
  EXPECT_THAT(CellLabels(sheet.blocks[0].rows[1]), ElementsAre("c"));
}

TEST(SheetLayoutTest, WrapsWhatNobodyWouldSeeInOneRow) {
  const auto rows_of = [](int tasks) {
    std::vector<std::vector<std::string>> labels;
    for (int i = 0; i < tasks; ++i) labels.push_back({absl::StrCat(i)});
    std::vector<size_t> rows;
    const Sheet sheet =
        LayOutSheet(SheetSpec({{"seed", tasks}}), Tasks(labels));
    for (const Sheet::Row& row : sheet.blocks.at(0).rows) {
      rows.push_back(row.cells.size());
    }
    return rows;
  };
  EXPECT_THAT(rows_of(8), ElementsAre(8));
  EXPECT_THAT(rows_of(9), ElementsAre(3, 3, 3));
  EXPECT_THAT(rows_of(25), ElementsAre(7, 7, 7, 4));
}

TEST(SheetLayoutTest, PutsTheOneAxisWhereItIsAsked) {
  v1::JobSpec spec = SheetSpec({{"layer", 3}});
  spec.set_sheet_columns(2);
  const std::vector<SheetTask> tasks = Tasks({{"a"}, {"b"}, {"c"}});
  EXPECT_THAT(LayOutSheet(spec, tasks, {"layer", "", ""}).blocks[0].rows,
              SizeIs(3));
  EXPECT_THAT(LayOutSheet(spec, tasks, {"", "layer", ""}).blocks[0].rows,
              SizeIs(1));
}

TEST(SheetLayoutTest, PutsTheFirstOfTwoAxesDown) {
  const v1::JobSpec spec = SheetSpec({{"convention", 2}, {"style_weight", 2}});
  const std::vector<SheetTask> tasks =
      Tasks({{"p", "1"}, {"p", "2"}, {"g", "1"}, {"g", "2"}});
  const Sheet sheet = LayOutSheet(spec, tasks);
  ASSERT_THAT(sheet.blocks, SizeIs(1));
  EXPECT_THAT(RowLabels(sheet.blocks[0]), ElementsAre("p", "g"));
  EXPECT_THAT(CellLabels(sheet.blocks[0].rows[1]),
              ElementsAre("style_weight 1", "style_weight 2"));

  for (const SheetOptions& turned : {SheetOptions{"style-weight", "", ""},
                                     SheetOptions{"", "convention", ""}}) {
    const Sheet other = LayOutSheet(spec, tasks, turned);
    EXPECT_THAT(RowLabels(other.blocks.at(0)),
                ElementsAre("style_weight 1", "style_weight 2"));
  }
}

TEST(SheetLayoutTest, MakesBlocksOfFurtherAxes) {
  const v1::JobSpec spec = SheetSpec({{"a", 2}, {"b", 3}, {"c", 4}});
  const Sheet sheet = LayOutSheet(spec, Cube(2, 3, 4));
  EXPECT_THAT(Titles(sheet), ElementsAre("b 1", "b 2", "b 3"));
  for (const Sheet::Block& block : sheet.blocks) {
    EXPECT_THAT(RowLabels(block), ElementsAre("a 1", "a 2"));
    EXPECT_THAT(CellLabels(block.rows[1]),
                ElementsAre("c 1", "c 2", "c 3", "c 4"));
  }
  const Sheet chosen = LayOutSheet(spec, Cube(2, 3, 4), {"c", "a", ""});
  EXPECT_THAT(Titles(chosen), ElementsAre("b 1", "b 2", "b 3"));
  EXPECT_THAT(chosen.blocks[0].rows, SizeIs(4));
  EXPECT_THAT(CellLabels(chosen.blocks[2].rows[3]), ElementsAre("a 1", "a 2"));
  EXPECT_THAT(Titles(LayOutSheet(spec, Cube(2, 3, 4), {"", "b", ""})),
              ElementsAre("c 1", "c 2", "c 3", "c 4"));
}

TEST(SheetLayoutTest, EveryTaskKeepsItsPicture) {
  const v1::JobSpec spec = SheetSpec({{"a", 2}, {"b", 3}, {"c", 4}});
  std::vector<SheetTask> tasks = Cube(2, 3, 4);
  for (size_t i = 0; i < tasks.size(); ++i) {
    tasks[i].image.rgb[0] = static_cast<float>(i);
  }
  const Sheet sheet = LayOutSheet(spec, tasks, {"b", "a", ""});
  // a 2, b 3, c 4 is the last; a 1, b 2, c 3 the seventh.
  EXPECT_EQ(sheet.blocks[3].rows[2].cells[1].image.rgb[0], 23);
  EXPECT_EQ(sheet.blocks[2].rows[1].cells[0].image.rgb[0], 6);
}

TEST(SheetLayoutTest, KeepsThePlaceOfWhatIsLeftOut) {
  v1::JobSpec spec = SheetSpec({{"convention", 0}, {"style_weight", 3}});
  spec.mutable_axes(0)->add_values()->set_label("a");
  spec.mutable_axes(0)->add_values()->set_label("none of this");
  spec.mutable_axes(0)->add_values()->set_label("b");
  const Sheet sheet =
      LayOutSheet(spec, Tasks({{"a", "2"}, {"b", "1"}, {"b", "3"}}));
  ASSERT_THAT(sheet.blocks, SizeIs(1));
  const std::vector<Sheet::Row>& rows = sheet.blocks[0].rows;
  EXPECT_THAT(RowLabels(sheet.blocks[0]), ElementsAre("a", "b"));
  const bool kLeftOut[2][3] = {{true, false, true}, {false, true, false}};
  for (int r = 0; r < 2; ++r) {
    EXPECT_THAT(
        CellLabels(rows[r]),
        ElementsAre("style_weight 1", "style_weight 2", "style_weight 3"));
    for (int c = 0; c < 3; ++c) {
      EXPECT_EQ(rows[r].cells[c].gap == "left out", kLeftOut[r][c]);
    }
  }
}

TEST(SheetLayoutTest, AGridOfGapsStandsInReadingOrder) {
  const int kLength = 500;
  const v1::JobSpec spec = SheetSpec({{"a", kLength}, {"b", kLength}});
  std::vector<std::vector<std::string>> labels;
  for (int i = 1; i <= kLength; ++i) {
    labels.push_back({absl::StrCat(i), absl::StrCat(i)});
  }
  const Sheet sheet = LayOutSheet(spec, Tasks(labels));
  size_t cells = 0;
  for (const Sheet::Row& row : sheet.blocks.at(0).rows) {
    cells += row.cells.size();
  }
  EXPECT_EQ(cells, 500);
  EXPECT_EQ(sheet.blocks[0].rows[0].cells[0].label, "a 1, b 1");
}

TEST(SheetLayoutTest, ShowsWhateverACoordinatorSays) {
  const v1::JobSpec spec = SheetSpec({{"a", 1}, {"b", 1}});
  const Sheet sheet = LayOutSheet(
      spec,
      Tasks({{"1", "1"}, {"1", "1"}, {"1", "other"}, {}, {"x", "y", "z"}}));
  size_t pictures = 0;
  for (const Sheet::Row& row : sheet.blocks.at(0).rows) {
    for (const SheetCell& cell : row.cells) {
      pictures += cell.image.rgb.empty() ? 0 : 1;
    }
  }
  EXPECT_EQ(pictures, 5);
}

TEST(SheetLayoutTest, ZippedTasksStandInReadingOrder) {
  v1::JobSpec spec = SheetSpec({{"a", 2}, {"b", 2}});
  spec.set_mode(v1::SWEEP_MODE_ZIP);
  const Sheet sheet = LayOutSheet(spec, Tasks({{"1", "1"}, {"2", "2"}}));
  EXPECT_THAT(CellLabels(sheet.blocks.at(0).rows.at(0)),
              ElementsAre("a 1, b 1", "a 2, b 2"));
}

TEST(SheetLayoutTest, SaysWhyACellIsEmpty) {
  const Sheet sheet =
      LayOutSheet(SheetSpec({{"layer", 1}}), {{{"a"}, Image{}, "failed", {}}});
  EXPECT_EQ(sheet.blocks[0].rows[0].cells[0].label, "a (failed)");
}

std::vector<std::string> FlagsOf(const std::string& measure,
                                 const std::vector<double>& values) {
  std::vector<SheetTask> tasks;
  for (double value : values) {
    tasks.push_back({{"a"}, Image{1, 1, {0, 0, 0}}, "succeeded", value});
  }
  // Neither measured nor there.
  tasks.push_back({{"a"}, Image{1, 1, {0, 0, 0}}, "succeeded", {}});
  tasks.push_back({{"a"}, Image{}, "failed", 0.5});
  const Sheet sheet =
      LayOutSheet(SheetSpec({{"seed", 1}}), tasks, {"", "", measure});
  std::vector<std::string> flags;
  for (const SheetCell& cell : sheet.blocks[0].rows[0].cells) {
    flags.push_back(cell.flag);
  }
  return flags;
}

TEST(SheetLayoutTest, MarksTheBestCell) {
  EXPECT_THAT(FlagsOf("ssim", {0.4, 0.834, 0.834}),
              ElementsAre("", "best ssim 0.834", "", "", ""));
  EXPECT_THAT(FlagsOf("style_distance", {0.7, 0.052, 0.6}),
              ElementsAre("", "best style_distance 0.052", "", "", ""));
  EXPECT_THAT(FlagsOf("psnr", {-3, -2.25}),
              ElementsAre("", "best psnr -2.25 dB", "", ""));
  EXPECT_THAT(FlagsOf("peak_memory_bytes", {3e9, 512 << 20}),
              ElementsAre("", "best peak_memory_bytes 512 MiB", "", ""));
  EXPECT_THAT(FlagsOf("ssim", {}), ElementsAre("", ""));
}

TEST(CheckSheetOptionsTest, NamesWhatIsWrongAndWhatThereIs) {
  v1::JobSpec grid = SheetSpec({{"init", 2}, {"style_weight", 2}});
  EXPECT_TRUE(CheckSheetOptions(grid, {}).ok());
  EXPECT_TRUE(CheckSheetOptions(grid, {"style-weight", "init", "psnr"}).ok());
  v1::JobSpec zipped = grid;
  zipped.set_mode(v1::SWEEP_MODE_ZIP);
  const struct {
    v1::JobSpec spec;
    SheetOptions options;
    std::string error;
  } kCases[] = {
      {grid,
       {"size", "", ""},
       "--rows: 'size' is no axis of job 'job'; its axes: init, style_weight"},
      {grid,
       {"", "size", ""},
       "--columns: 'size' is no axis of job 'job'; its axes: init, "
       "style_weight"},
      {SheetSpec({}), {"size", "", ""}, "it has none"},
      {grid,
       {"init", "init", ""},
       "--columns: 'init' is what --rows names; leave one out"},
      {zipped, {"init", "", ""}, "--rows: the axes of job 'job' are zipped"},
      {grid,
       {"", "", "sssim"},
       "--mark: 'sssim' is no measure; did you mean 'ssim'? There are psnr, "
       "ssim, content_distance"},
      {grid,
       {"", "", "mean_wavelength"},
       "--mark: 'mean_wavelength' has no best value, as neither more nor less "
       "of it is better; there are psnr, ssim"},
      {grid, {"", "", "beauty"}, "'beauty' is no measure; there are psnr"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.error);
    const absl::Status status = CheckSheetOptions(c.spec, c.options);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()), HasSubstr(c.error));
  }
}

}  // namespace
}  // namespace atelier
