#include "coordinator/state/canonical.h"

#include <functional>
#include <set>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

StyleInput StyleOf(const char* picture) {
  StyleInput style;
  style.picture = picture;
  return style;
}

Render SomeRender() {
  Render render;
  render.inputs = {"c", {StyleOf("s")}, "i", "w"};
  render.params.content_layers = {{"relu4_2", 1}};
  render.params.style_layers = {{"relu1_1", 1}, {"relu2_1", 0.1}};
  return render;
}

TEST(CanonicalTest, IsWrittenDown) {
  // A change of this text makes all stored results strangers: raise the
  // version with it.
  EXPECT_EQ(CanonicalDescription(SomeRender()),
            "algorithm=7\n"
            "content=c\n"
            "style=s\n"
            "init_image=i\n"
            "weights=w\n"
            "convention=gordicaleksa\n"
            "size_px=512\n"
            "iterations=300\n"
            "optimizer=lbfgs\n"
            "learning_rate=1\n"
            "lbfgs_history=10\n"
            "content_weight=0\n"
            "style_weight=0\n"
            "tv_weight=0\n"
            "content_layers=1 7:relu4_2*1\n"
            "style_layers=2 7:relu1_1*1 7:relu2_1*0.1\n"
            "init=content\n"
            "pooling=avg\n"
            "seed=0\n");
  EXPECT_EQ(KeyOf(SomeRender()).value().size(), 64);
}

TEST(CanonicalTest, TheResumeKeyIsBlindToTheIterationsAlone) {
  Render longer = SomeRender();
  longer.params.iterations *= 2;
  EXPECT_NE(KeyOf(longer), KeyOf(SomeRender()));
  EXPECT_EQ(ResumeKeyOf(longer), ResumeKeyOf(SomeRender()));
  Render other = SomeRender();
  other.params.seed = 1;
  EXPECT_NE(ResumeKeyOf(other), ResumeKeyOf(SomeRender()));
  EXPECT_NE(ResumeKeyOf(other).value(), KeyOf(other).value());
}

TEST(CanonicalTest, WhatIsNotAtItsDefaultIsWrittenToo) {
  Render render = SomeRender();
  render.inputs.styles = {{"s", 0.75, "m", ""}, {"t", 0.25, "", "r"}};
  render.params.style_scale = 0.5;
  render.params.colors = Colors::kMatch;
  render.params.scales = 3;
  render.params.least_progress = 0.001;
  render.params.bits = 16;
  const std::string text = CanonicalDescription(render);
  EXPECT_THAT(text, HasSubstr("\nstyle=s*0.75 mask m, t*0.25 region r\n"));
  EXPECT_THAT(text, EndsWith("seed=0\nstyle_scale=0.5\ncolors=match\n"
                             "scales=3\nleast_progress=0.001\nbits=16\n"));
}

TEST(CanonicalTest, EveryFieldChangesTheKey) {
  const std::vector<std::function<void(Render&)>> changes = {
      [](Render&) {},
      [](Render& r) { r.inputs.content = "x"; },
      [](Render& r) { r.inputs.styles[0].picture = "x"; },
      [](Render& r) { r.inputs.styles[0].blend = 0.5; },
      [](Render& r) { r.inputs.styles[0].mask = "x"; },
      [](Render& r) { r.inputs.styles[0].region = "x"; },
      [](Render& r) { r.inputs.styles.push_back(StyleOf("x")); },
      [](Render& r) {
        r.inputs.styles.insert(r.inputs.styles.begin(), StyleOf("x"));
      },
      [](Render& r) { r.inputs.styles.clear(); },
      [](Render& r) { r.inputs.init = "x"; },
      [](Render& r) { r.inputs.weights = "x"; },
      [](Render& r) { r.params.convention = Convention::kGatys; },
      [](Render& r) { r.params.size_px = 513; },
      [](Render& r) { r.params.iterations = 301; },
      [](Render& r) { r.params.optimizer = Optimizer::kAdam; },
      [](Render& r) { r.params.learning_rate = 0.5; },
      [](Render& r) { r.params.lbfgs_history = 11; },
      [](Render& r) { r.params.content_weight = 1e5; },
      [](Render& r) { r.params.style_weight = 1e5; },
      [](Render& r) { r.params.tv_weight = 1e5; },
      [](Render& r) { r.params.content_layers[0].tap = "relu4_1"; },
      [](Render& r) { r.params.content_layers[0].weight = 2; },
      [](Render& r) { r.params.style_layers[1].weight = 0.2; },
      [](Render& r) { r.params.style_layers.pop_back(); },
      [](Render& r) { r.params.style_layers.clear(); },
      [](Render& r) {
        std::swap(r.params.style_layers[0], r.params.style_layers[1]);
      },
      [](Render& r) { r.params.init = Initialisation::kNoise; },
      [](Render& r) { r.params.pooling = Pooling::kMax; },
      [](Render& r) { r.params.pooling = Pooling::kL2; },
      [](Render& r) { r.params.seed = 1; },
      [](Render& r) { r.params.style_scale = 0.5; },
      [](Render& r) { r.params.colors = Colors::kOriginal; },
      [](Render& r) { r.params.colors = Colors::kMatch; },
      [](Render& r) { r.params.scales = 2; },
      [](Render& r) { r.params.least_progress = 0.01; },
      [](Render& r) { r.params.bits = 16; },
      [](Render& r) { r.params.style_loss = StyleLoss::kGramMoments; },
      [](Render& r) { r.params.style_loss = StyleLoss::kWasserstein; },
      [](Render& r) { r.params.style_loss = StyleLoss::kSlicedWasserstein; },
      [](Render& r) { r.params.style_loss = StyleLoss::kNearest; },
      [](Render& r) { r.params.resample_every = 50; },
      [](Render& r) { r.params.convention = Convention::kSpst; },
      [](Render& r) { r.params.convention = Convention::kCrowson; },
  };
  std::set<RenderKey> keys;
  for (size_t i = 0; i < changes.size(); ++i) {
    Render render = SomeRender();
    changes[i](render);
    EXPECT_TRUE(keys.insert(KeyOf(render)).second) << "change " << i;
  }
}

TEST(CanonicalTest, DoublesKeepTheirLastBit) {
  Render a = SomeRender();
  Render b = SomeRender();
  a.params.style_weight = 0.1 + 0.2;
  b.params.style_weight = 0.3;
  EXPECT_NE(KeyOf(a), KeyOf(b));
}

TEST(CanonicalTest, NegativeZeroIsZero) {
  Render render = SomeRender();
  render.params.tv_weight = -0.0;
  EXPECT_EQ(KeyOf(render), KeyOf(SomeRender()));
}

TEST(CanonicalTest, ATapCannotImitateOthers) {
  Render one = SomeRender();
  one.params.style_layers = {{"a*1 1:b", 1}};
  Render two = SomeRender();
  two.params.style_layers = {{"a", 1}, {"b", 1}};
  EXPECT_NE(CanonicalDescription(one), CanonicalDescription(two));
}

}  // namespace
}  // namespace atelier
