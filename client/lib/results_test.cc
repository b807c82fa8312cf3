#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "atelier/v1/jobs.pb.h"
#include "client/lib/result_table.h"
#include "client/lib/sheet_layout.h"
#include "common/rpc/render_conversion.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;

v1::JobSpec SpecOf(const std::vector<std::pair<std::string, int>>& axes) {
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

v1::Task TaskOf(int64_t index, const std::vector<std::string>& labels) {
  v1::Task task;
  task.set_index(index);
  for (const std::string& label : labels) task.add_labels(label);
  return task;
}

TEST(CsvTest, QuotesWhatRfc4180Asks) {
  EXPECT_EQ(CsvFields({"plain", "a,b", "say \"hi\"", "two\nlines", ""}),
            "plain,\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\",");
}

TEST(ResultTableTest, HoldsParametersAndLossesOfATask) {
  v1::JobSpec spec = SpecOf({{"style_weight", 1}});
  v1::ImageDescription& image = *spec.add_images();
  image.set_digest(std::string(64, 'a'));
  image.set_name("harbour, night.png");
  ResultTable table(spec);
  EXPECT_THAT(table.csv(), HasSubstr("index,axis_style_weight,file,content,"));
  Render render;
  render.params.iterations = 7;
  render.params.content_weight = 1;
  render.params.content_layers = {{"conv_1", 1}};
  render.inputs.content = std::string(64, 'a');
  render.inputs.weights = std::string(64, 'b');
  v1::Task task = TaskOf(0, {"3500"});
  *task.mutable_render() = ToProto(render);
  task.set_state(v1::TASK_STATE_SUCCEEDED);
  task.mutable_result()->mutable_losses()->set_total(0.5);
  task.mutable_result()->mutable_elapsed()->set_seconds(2);
  task.mutable_result()->set_worker("w1");
  ASSERT_TRUE(table.Add(task, "x.png", "").ok());
  EXPECT_THAT(table.csv(),
              HasSubstr("\r\n0,3500,x.png,\"harbour, night.png\","));
  EXPECT_THAT(table.csv(),
              HasSubstr(absl::StrCat(",0.5", std::string(21, ','),
                                     ",0,2.000,w1,,succeeded,\r\n")));
}

v1::Task Losing(int64_t index, const std::map<std::string, double>& terms) {
  v1::Task task = TaskOf(index, {});
  *task.mutable_result()->mutable_losses() = ToProto(Losses{terms, 9});
  return task;
}

TEST(ResultTableTest, ATermOfSomeTaskHasAColumn) {
  ResultTable table(SpecOf({}));
  table.Add(Losing(0, {{"content", 1}, {"style", 2}}), "", "").IgnoreError();
  table.Add(Losing(1, {{"depth", 3}, {"style", 4}}), "", "").IgnoreError();
  const std::string csv = table.csv();
  EXPECT_THAT(csv, HasSubstr(",content_loss,style_loss,tv_loss,depth_loss,"
                             "total_loss,psnr,ssim,"));
  EXPECT_THAT(csv, HasSubstr(",1,2,,,9,"));
  EXPECT_THAT(csv, HasSubstr(",,4,,3,9,"));
}

TEST(ResultTableTest, NoTwoColumnsHaveOneName) {
  const std::string csv = ResultTable(SpecOf({{"style_loss", 1}})).csv();
  const std::vector<std::string> header =
      absl::StrSplit(csv.substr(0, csv.find('\r')), ',');
  EXPECT_EQ(std::set<std::string>(header.begin(), header.end()).size(),
            header.size());
  EXPECT_THAT(csv, HasSubstr(",style_loss_name,resample_every,content_loss,"));
}

TEST(ResultTableTest, HasNoMoreTermsThanAResultMayHave) {
  ResultTable table(SpecOf({}));
  for (int i = 0; i < 100; ++i) {
    table.Add(Losing(i, {{absl::StrCat("term_", i), i}}), "", "").IgnoreError();
  }
  EXPECT_THAT(table.csv(), HasSubstr(",term_28_loss,total_loss,"));
}

TEST(ResultTableTest, LossesFromBeforeTermsHadNamesAreRead) {
  ResultTable table(SpecOf({}));
  v1::Task task = Losing(0, {});
  task.mutable_result()->mutable_losses()->set_content(1);
  table.Add(task, "", "").IgnoreError();
  EXPECT_THAT(table.csv(), HasSubstr(",1,0,0,9,"));
}

TEST(ResultTableTest, ARenderItCannotReadIsARowThatSaysSo) {
  ResultTable table(SpecOf({}));
  EXPECT_EQ(table.Add(TaskOf(3, {}), "x.png", "told").code(),
            absl::StatusCode::kInternal);
  EXPECT_THAT(table.csv(), HasSubstr("\r\n3,x.png,,"));
  EXPECT_THAT(table.csv(), HasSubstr("told; its parameters cannot be read: "));
}

std::vector<SheetTask> Tasks(const std::vector<std::vector<std::string>>& of) {
  std::vector<SheetTask> tasks;
  for (const auto& labels : of) {
    tasks.push_back({labels, Image{1, 1, {0, 0, 0}}, "succeeded"});
  }
  return tasks;
}

TEST(SheetLayoutTest, WrapsOneAxisAtItsColumns) {
  v1::JobSpec spec = SpecOf({{"layer", 3}});
  spec.set_sheet_columns(2);
  const Sheet sheet = LayOutSheet(spec, Tasks({{"a"}, {"b"}, {"c"}}));
  ASSERT_EQ(sheet.rows.size(), 2);
  EXPECT_EQ(sheet.rows[0].cells.size(), 2);
  EXPECT_EQ(sheet.rows[1].cells[0].label, "c");
  spec.set_sheet_columns(0);
  EXPECT_EQ(LayOutSheet(spec, Tasks({{"a"}, {"b"}, {"c"}})).rows.size(), 1);
}

TEST(SheetLayoutTest, PutsTheFirstOfTwoAxesDown) {
  const Sheet sheet =
      LayOutSheet(SpecOf({{"convention", 2}, {"style_weight", 2}}),
                  Tasks({{"p", "1"}, {"p", "2"}, {"g", "1"}, {"g", "2"}}));
  ASSERT_EQ(sheet.rows.size(), 2);
  EXPECT_EQ(sheet.rows[1].label, "g");
  EXPECT_EQ(sheet.rows[1].cells[1].label, "style_weight 2");
}

TEST(SheetLayoutTest, KeepsThePlaceOfWhatIsLeftOut) {
  const v1::JobSpec spec = SpecOf({{"convention", 2}, {"style_weight", 3}});
  const Sheet sheet =
      LayOutSheet(spec, Tasks({{"a", "2"}, {"b", "1"}, {"b", "3"}}));
  ASSERT_EQ(sheet.rows.size(), 2u);
  for (const Sheet::Row& row : sheet.rows) ASSERT_EQ(row.cells.size(), 3u);
  EXPECT_EQ(sheet.rows[0].cells[0].label, "style_weight 1");
  EXPECT_EQ(sheet.rows[0].cells[0].gap, "left out");
  EXPECT_EQ(sheet.rows[0].cells[1].label, "style_weight 2");
  EXPECT_EQ(sheet.rows[1].label, "b");
  EXPECT_EQ(sheet.rows[1].cells[1].label, "style_weight 2");
  EXPECT_EQ(sheet.rows[1].cells[1].gap, "left out");
  EXPECT_EQ(sheet.rows[1].cells[2].label, "style_weight 3");
}

TEST(SheetLayoutTest, SaysWhyACellIsEmpty) {
  const Sheet sheet =
      LayOutSheet(SpecOf({{"layer", 1}}), {{{"a"}, Image{}, "failed"}});
  EXPECT_EQ(sheet.rows[0].cells[0].label, "a (failed)");
}

}  // namespace
}  // namespace atelier
