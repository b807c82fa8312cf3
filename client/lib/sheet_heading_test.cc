#include "client/lib/sheet_heading.h"

#include <string>
#include <utility>
#include <vector>

#include "atelier/v1/jobs.pb.h"
#include "common/render/params.h"
#include "common/rpc/render_conversion.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string Digest(char letter) { return std::string(64, letter); }

class SheetHeadingTest : public testing::Test {
 protected:
  SheetHeadingTest() {
    Name(Digest('a'), "harbour.jpg");
    Name(Digest('c'), "starry.jpg");
    render_.params.content_weight = 1;
    render_.params.content_layers = {{"conv_2", 1}};
    render_.params.style_weight = 1500;
    render_.params.style_layers = {{"conv_1", 1}};
    render_.params.size_px = 224;
    render_.params.init = Initialisation::kNoise;
    render_.inputs.content = Digest('a');
    render_.inputs.styles = {{Digest('c'), 1, "", ""}};
    render_.inputs.weights = Digest('f');
  }

  void Name(const std::string& digest, const std::string& name) {
    v1::ImageDescription& image = *spec_.add_images();
    image.set_digest(digest);
    image.set_name(name);
  }

  void Add() {
    v1::Task& task = tasks_.emplace_back();
    task.set_index(static_cast<int64_t>(tasks_.size()) - 1);
    *task.mutable_render() = ToProto(render_);
  }

  SheetHeading Heading() const {
    SheetHeading heading(spec_);
    for (const v1::Task& task : tasks_) heading.Add(task);
    return heading;
  }

  std::vector<std::string> Labels() const {
    std::vector<std::string> labels;
    for (const CommonInput& input : Heading().Inputs()) {
      labels.push_back(input.label);
    }
    return labels;
  }

  v1::JobSpec spec_;
  Render render_;
  std::vector<v1::Task> tasks_;
};

TEST_F(SheetHeadingTest, SaysWhatIsGivenCommonAndNoDefault) {
  RenderPatch base;
  base.size_px = 224;
  base.init = Initialisation::kNoise;
  base.style_weight = 1500;
  base.lbfgs_history = 10;  // The default.
  base.preset = Preset::kPublished;
  base.content_digest = Digest('a');
  *spec_.mutable_base() = ToProto(base);
  Add();
  render_.params.style_weight = 3500;
  Add();
  EXPECT_EQ(Heading().Subtitle(), "preset published, size 224, init noise");
}

TEST_F(SheetHeadingTest, SaysNothingOfTheUsualPreset) {
  RenderPatch base;
  base.preset = Preset::kFast;
  *spec_.mutable_base() = ToProto(base);
  Add();
  EXPECT_EQ(Heading().Subtitle(), "");
}

TEST_F(SheetHeadingTest, NamesInputsThatAllTasksHave) {
  Add();
  render_.params.style_weight = 3500;
  Add();
  EXPECT_THAT(Labels(),
              ElementsAre("content: harbour.jpg", "style: starry.jpg"));
  EXPECT_EQ(Heading().Inputs()[1].digest, Digest('c'));
}

TEST_F(SheetHeadingTest, LeavesOutInputsThatDiffer) {
  render_.inputs.styles = {{Digest('c'), 0.5, "", ""},
                           {Digest('d'), 0.5, "", ""}};
  Add();
  render_.inputs.content = Digest('b');
  render_.inputs.styles = {{Digest('e'), 0.5, "", ""},
                           {Digest('d'), 0.5, "", ""}};
  Add();
  // Nobody knows its name.
  EXPECT_THAT(Labels(), ElementsAre("style"));
}

TEST_F(SheetHeadingTest, PassesOverTasksThatNeedNone) {
  render_.params.init = Initialisation::kImage;
  render_.inputs.init = Digest('e');
  Name(Digest('e'), "sketch.png");
  Add();
  render_.params.init = Initialisation::kNoise;
  render_.inputs.init.clear();
  Add();
  tasks_.emplace_back();  // Cannot be read.
  EXPECT_THAT(Labels(), ElementsAre("content: harbour.jpg", "style: starry.jpg",
                                    "start: sketch.png"));
}

TEST_F(SheetHeadingTest, HasNothingToSayOfNoTask) {
  EXPECT_THAT(Labels(), IsEmpty());
  EXPECT_EQ(Heading().Subtitle(), "");
}

}  // namespace
}  // namespace atelier
