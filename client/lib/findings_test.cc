#include "client/lib/findings.h"

#include <limits>
#include <string>
#include <vector>

#include "atelier/v1/jobs.pb.h"
#include "common/weights/weight_file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

void AddAxis(v1::JobSpec& spec, const std::string& name,
             const std::vector<std::string>& labels) {
  v1::Axis& axis = *spec.add_axes();
  axis.set_name(name);
  for (const std::string& label : labels) axis.add_values()->set_label(label);
}

v1::JobSpec TwoAxes() {
  v1::JobSpec spec;
  AddAxis(spec, "convention", {"gatys", "spst"});
  AddAxis(spec, "start", {"noise", "content"});
  return spec;
}

v1::Task TaskAt(const std::vector<std::string>& labels) {
  v1::Task task;
  for (const std::string& label : labels) task.add_labels(label);
  return task;
}

// Measured as jobs ask that do not say how.
v1::Task Measured(const std::vector<std::string>& labels, double psnr) {
  v1::Task task = TaskAt(labels);
  v1::Measures& measures = *task.mutable_result()->mutable_measures();
  measures.mutable_by()->set_size_px(256);
  measures.mutable_by()->set_weights_digest(
      LoadWeights(std::string(kBuiltinNetwork))->digest);
  (*measures.mutable_values())["psnr"] = psnr;
  return task;
}

std::vector<std::string> Texts(const Finding::Row& row) {
  std::vector<std::string> texts;
  for (const FoundValue& found : row.values) {
    texts.push_back(found.label + " " +
                    (found.value ? MeasureNumber("psnr", *found.value) : "-") +
                    (found.is_chosen ? "*" : ""));
  }
  return texts;
}

StudyNotes PsnrBy(const std::string& axis) {
  StudyNotes notes;
  notes.shows = {{"psnr", axis}};
  return notes;
}

TEST(FindingsTest, AreByOneAxisWithARowForEachValueOfTheOthers) {
  const v1::JobSpec spec = TwoAxes();
  StudyNotes notes = PsnrBy("start");
  notes.chosen = {{{"start", "content"}}};
  notes.chosen_by = "the original study";
  FindingsReader reader(spec, notes);
  reader.Add(Measured({"gatys", "noise"}, 12.3456));
  reader.Add(Measured({"gatys", "content"}, 31));
  reader.Add(TaskAt({"spst", "noise"}));
  reader.Add(
      Measured({"spst", "content"}, std::numeric_limits<double>::quiet_NaN()));
  const std::vector<Finding> findings = reader.Findings();
  ASSERT_THAT(findings, SizeIs(1));
  ASSERT_THAT(findings[0].rows, SizeIs(2));
  EXPECT_EQ(findings[0].rows[0].label, "gatys");
  EXPECT_THAT(Texts(findings[0].rows[0]),
              ElementsAre("noise 12.35", "content 31*"));
  EXPECT_THAT(Texts(findings[0].rows[1]), ElementsAre("noise -", "content -*"));
  EXPECT_TRUE(findings[0].HasValues());
  EXPECT_EQ(findings[0].chosen_by, "the original study");
}

TEST(FindingsTest, OfOneAxisThereIsOneRow) {
  v1::JobSpec spec;
  AddAxis(spec, "layer", {"conv_1", "conv_2"});
  const StudyNotes notes = PsnrBy("layer");
  FindingsReader reader(spec, notes);
  reader.Add(TaskAt({"conv_1"}));
  reader.Add(TaskAt({"conv_2"}));
  ASSERT_THAT(reader.Findings()[0].rows, SizeIs(1));
  EXPECT_EQ(reader.Findings()[0].rows[0].label, "");
  EXPECT_FALSE(reader.Findings()[0].HasValues()) << "nobody measured";
}

TEST(FindingsTest, ZippedAxesHaveAllTheirLabels) {
  v1::JobSpec spec = TwoAxes();
  spec.set_mode(v1::SWEEP_MODE_ZIP);
  const StudyNotes notes = PsnrBy("start");
  FindingsReader reader(spec, notes);
  reader.Add(Measured({"gatys", "noise"}, 1));
  reader.Add(Measured({"spst", "content"}, 2));
  ASSERT_THAT(reader.Findings()[0].rows, SizeIs(1));
  EXPECT_THAT(Texts(reader.Findings()[0].rows[0]),
              ElementsAre("gatys, noise 1", "spst, content 2"));
}

TEST(FindingsTest, WhatWasMeasuredOtherwiseIsAbsent) {
  v1::JobSpec spec;
  AddAxis(spec, "layer", {"conv_1"});
  spec.mutable_measure()->set_size_px(512);
  const StudyNotes notes = PsnrBy("layer");
  FindingsReader reader(spec, notes);
  reader.Add(Measured({"conv_1"}, 12));
  EXPECT_FALSE(reader.Findings()[0].HasValues());
  EXPECT_EQ(NoteOfTask(notes, spec, Measured({"conv_1"}, 12)), "");
}

TEST(FindingsTest, AnAxisThatTheJobDoesNotHaveShowsNothing) {
  const v1::JobSpec spec = TwoAxes();
  const StudyNotes notes = PsnrBy("other");
  FindingsReader reader(spec, notes);
  reader.Add(Measured({"gatys", "noise"}, 1));
  EXPECT_THAT(reader.Findings(), IsEmpty());
}

TEST(FindingsTest, ATaskIsChosenByAllLabelsOfAPoint) {
  const v1::JobSpec spec = TwoAxes();
  StudyNotes notes;
  notes.chosen = {{{"convention", "spst"}, {"start", "noise"}},
                  {{"other", "noise"}}};
  EXPECT_TRUE(IsChosen(notes, spec, TaskAt({"spst", "noise"})));
  EXPECT_FALSE(IsChosen(notes, spec, TaskAt({"gatys", "noise"})));
  EXPECT_FALSE(IsChosen(notes, spec, TaskAt({"spst"}))) << "labels are missing";
  EXPECT_FALSE(IsChosen(StudyNotes(), spec, TaskAt({"spst", "noise"})));
}

TEST(FindingsTest, NumbersHaveFourDigitsAndUnits) {
  EXPECT_EQ(MeasureNumber("psnr", 12.34567), "12.35");
  EXPECT_EQ(MeasureNumber("style_distance", 0.000123456), "0.0001235");
  EXPECT_EQ(MeasureNumber("other", 123456.7), "123457");
  EXPECT_EQ(MeasureNumber("peak_memory_bytes", 3 << 20), "3");
  EXPECT_EQ(MeasureUnit("peak_memory_bytes"), "MiB");
  EXPECT_EQ(MeasureUnit("psnr"), "dB");
  EXPECT_EQ(MeasureUnit("ssim"), "");
  EXPECT_EQ(NoteOfTask(PsnrBy("start"), TwoAxes(), Measured({"a", "b"}, 12.5)),
            "psnr 12.5 dB");
}

TEST(FindingsTest, JsonHasTheSameNumbers) {
  const v1::JobSpec spec = TwoAxes();
  StudyNotes notes = PsnrBy("start");
  notes.chosen = {{{"start", "noise"}}};
  FindingsReader reader(spec, notes);
  reader.Add(Measured({"gatys", "noise"}, 12.5));
  reader.Add(TaskAt({"gatys", "content"}));
  const auto json = nlohmann::json::parse(ToJson(reader.Findings()[0]).Text());
  EXPECT_EQ(json, nlohmann::json::parse(R"({
    "measure": "psnr", "unit": "dB", "by": "start", "chosen_by": null,
    "rows": [{"label": "gatys", "values": [
      {"label": "noise", "value": 12.5, "chosen": true},
      {"label": "content", "value": null, "chosen": false}]}]})"));
}

}  // namespace
}  // namespace atelier
