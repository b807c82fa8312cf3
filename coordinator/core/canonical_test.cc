#include "coordinator/core/canonical.h"

#include <functional>
#include <set>
#include <vector>

#include "gtest/gtest.h"

namespace atelier {
namespace {

Render SomeRender() {
  Render render;
  render.inputs = {"c", "s", "i", "w"};
  render.params.content_layers = {{"relu4_2", 1}};
  render.params.style_layers = {{"relu1_1", 1}, {"relu2_1", 0.1}};
  return render;
}

TEST(CanonicalTest, IsWrittenDown) {
  // A change of this text makes all stored results strangers: raise the
  // version with it.
  EXPECT_EQ(CanonicalDescription(SomeRender()),
            "algorithm=1\n"
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

TEST(CanonicalTest, EveryFieldChangesTheKey) {
  const std::vector<std::function<void(Render&)>> changes = {
      [](Render&) {},
      [](Render& r) { r.inputs.content = "x"; },
      [](Render& r) { r.inputs.style = "x"; },
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
      [](Render& r) { r.params.seed = 1; },
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
