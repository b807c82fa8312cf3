#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "atelier/v1/jobs.pb.h"
#include "client/lib/measure_names.h"
#include "client/lib/result_table.h"
#include "common/rpc/render_conversion.h"
#include "common/weights/weight_file.h"
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
  EXPECT_THAT(table.csv(), HasSubstr(absl::StrCat(
                               ",0.5", std::string(KnownMeasures().size(), ','),
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

v1::Task Measured(int64_t index, const std::map<std::string, double>& values) {
  v1::Task task = TaskOf(index, {});
  v1::Measures& measures = *task.mutable_result()->mutable_measures();
  measures.mutable_by()->set_weights_digest(
      LoadWeights(std::string(kBuiltinNetwork))->digest);
  measures.mutable_by()->set_size_px(256);
  for (const auto& [name, value] : values) {
    (*measures.mutable_values())[name] = value;
  }
  return task;
}

// The table's fields by column, of each row.
std::vector<std::map<std::string, std::string>> FieldsOf(
    const std::string& csv) {
  std::vector<std::string> header;
  std::vector<std::map<std::string, std::string>> rows;
  for (const absl::string_view line :
       absl::StrSplit(csv, "\r\n", absl::SkipEmpty())) {
    const std::vector<std::string> fields = absl::StrSplit(line, ',');
    if (header.empty()) {
      header = fields;
      continue;
    }
    EXPECT_EQ(fields.size(), header.size()) << line;
    auto& row = rows.emplace_back();
    for (size_t i = 0; i < std::min(fields.size(), header.size()); ++i) {
      row[header[i]] = fields[i];
    }
  }
  return rows;
}

TEST(ResultTableTest, HasMeasuresThatWereMadeAsTheJobAsks) {
  v1::JobSpec spec = SpecOf({});
  ResultTable table(spec);
  table.Add(Measured(0, {{"psnr", 21.5}}), "", "").IgnoreError();
  table.Add(Measured(1, {{"psnr", 22}, {"sparkle", 3}}), "", "").IgnoreError();
  v1::Task other = Measured(2, {{"psnr", 9}, {"glow", 1}});
  other.mutable_result()->mutable_measures()->mutable_by()->set_size_px(128);
  table.Add(other, "", "").IgnoreError();
  table.Add(TaskOf(3, {}), "", "").IgnoreError();
  EXPECT_THAT(table.csv(),
              HasSubstr(",total_loss,psnr,ssim,content_distance,"));
  EXPECT_THAT(table.csv(),
              HasSubstr(",peak_memory_bytes,sparkle,iterations_done,"));
  const auto rows = FieldsOf(table.csv());
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_EQ(rows[0].at("psnr"), "21.5");
  EXPECT_EQ(rows[0].at("ssim"), "");
  EXPECT_EQ(rows[0].at("sparkle"), "");
  EXPECT_EQ(rows[1].at("sparkle"), "3");
  EXPECT_EQ(rows[2].at("psnr"), "");
  EXPECT_EQ(rows[3].at("psnr"), "");
}

TEST(ResultTableTest, HasNoMoreUnknownMeasuresThanAResultMayHave) {
  ResultTable table(SpecOf({}));
  table.Add(TaskOf(0, {}), "", "").IgnoreError();
  const size_t known = FieldsOf(table.csv())[0].size();
  for (int i = 0; i < 100; ++i) {
    table.Add(Measured(i, {{absl::StrCat("unknown_", i), i}}), "", "")
        .IgnoreError();
  }
  EXPECT_EQ(FieldsOf(table.csv())[0].size(), known + 64);
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

}  // namespace
}  // namespace atelier
