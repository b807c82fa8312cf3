#include "common/render/description.h"

#include <string>

#include "gtest/gtest.h"

namespace atelier {
namespace {

Render Example() {
  Render render;
  render.params.content_weight = 1e5;
  render.params.content_layers = {{"relu4_2", 0.5}};
  render.inputs.content = std::string(64, 'c');
  render.inputs.weights = std::string(64, 'w');
  return render;
}

TEST(DescribeRenderTest, IsThisText) {
  EXPECT_EQ(
      DescribeRender(Example()),
      R"({"atelier_render":1,"bits":8,"colors":"style","content_digest":")" +
          std::string(64, 'c') +
          R"(","content_layers":[{"tap":"relu4_2","weight":0.5}],)"
          R"("content_weight":100000.0,"convention":"gordicaleksa",)"
          R"("init":"content","iterations":300,"lbfgs_history":10,)"
          R"("learning_rate":1.0,"optimizer":"lbfgs",)"
          R"("pooling":"avg","size_px":512,"style_layers":[],)"
          R"("style_weight":0.0,"tv_weight":0.0,"weights_digest":")" +
          std::string(64, 'w') + R"("})");
}

TEST(DescribeRenderTest, SaysAllOfEachStyle) {
  Render render = Example();
  render.inputs.styles = {{"a", 0.75, "m", ""}, {"b", 0.25, "", "r"}};
  render.params.style_scale = 0.5;
  render.params.scales = 3;
  render.params.least_progress = 0.125;
  render.params.colors = Colors::kMatch;
  render.params.bits = 16;
  const std::string text = DescribeRender(render);
  for (const char* part :
       {R"("styles":[{"blend":0.75,"digest":"a","mask_digest":"m"},)"
        R"({"blend":0.25,"digest":"b","region_digest":"r"}])",
        R"("style_scale":0.5)", R"("scales":3)", R"("least_progress":0.125)",
        R"("colors":"match")", R"("bits":16)"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  }
}

TEST(DescribeRenderTest, LeavesOutWhatDoesNotApply) {
  Render with_seed = Example();
  with_seed.params.seed = 7;
  EXPECT_EQ(DescribeRender(with_seed), DescribeRender(Example()));
  with_seed.params.init = Initialisation::kNoise;
  EXPECT_NE(DescribeRender(with_seed).find(R"("seed":7)"), std::string::npos);

  Render adam = Example();
  adam.params.optimizer = Optimizer::kAdam;
  EXPECT_EQ(DescribeRender(adam).find("lbfgs"), std::string::npos);
}

}  // namespace
}  // namespace atelier
