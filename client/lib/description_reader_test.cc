#include "client/lib/description_reader.h"

#include <string>

#include "common/render/description.h"
#include "common/render/resolve.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;

NetworkDescription Vgg() {
  NetworkDescription network;
  network.blocks = {{64, 64},
                    {128, 128},
                    {256, 256, 256, 256},
                    {512, 512, 512, 512},
                    {512, 512, 512, 512}};
  return network;
}

RenderPatch Given() {
  RenderPatch patch;
  patch.content_digest = std::string(64, 'a');
  patch.style_digests = {std::string(64, 'b'), std::string(64, 'c')};
  patch.weights_digest = std::string(64, 'd');
  return patch;
}

// What is described resolves to what was described.
TEST(PatchOfDescriptionTest, ResolvesToTheSameRender) {
  std::vector<RenderPatch> patches(7, Given());
  patches[1].optimizer = Optimizer::kAdam;
  patches[1].init = Initialisation::kNoise;
  patches[1].seed = uint64_t{1} << 63;
  patches[2].preset = Preset::kFine;
  patches[2].scales = 3;
  patches[2].style_blend = {{0.3, 0.7}};
  patches[2].style_mask_digests = {{std::string(64, 'e'), ""}};
  patches[3].style_loss = StyleLoss::kSlicedWasserstein;
  patches[3].resample_every = 7;
  patches[4].content_weight = 0;
  patches[4].colors = Colors::kMatch;
  patches[5].init = Initialisation::kImage;
  patches[5].init_digest = std::string(64, 'f');
  patches[5].bits = 16;
  patches[6].convention = Convention::kCrowson;
  patches[6].content_layers = {{{"conv2_1", 0.125}}};
  for (const RenderPatch& patch : patches) {
    const absl::StatusOr<Render> render = Resolve(patch, Vgg());
    ASSERT_TRUE(render.ok()) << render.status();
    const std::string description = DescribeRender(*render);
    SCOPED_TRACE(description);
    const absl::StatusOr<RenderPatch> read = PatchOfDescription(description);
    ASSERT_TRUE(read.ok()) << read.status();
    const absl::StatusOr<Render> again = Resolve(*read, Vgg());
    ASSERT_TRUE(again.ok()) << again.status();
    EXPECT_EQ(DescribeRender(*again), description);
    EXPECT_EQ(CanonicalText(*again), CanonicalText(*render));
  }
}

TEST(PatchOfDescriptionTest, ErrorsNameTheField) {
  struct Case {
    const char* text;
    const char* error;
  };
  for (const Case& test : {
           Case{"", "its metadata are not of Atelier"},
           Case{"a holiday", "its metadata are not of Atelier"},
           Case{R"({"title":"x"})", "its metadata are not of Atelier"},
           Case{R"({"atelier_render":2})", "atelier_render: 2 is not known"},
           Case{R"({"atelier_render":1,"sizes":3})", "sizes"},
           Case{R"({"atelier_render":1,"size_px":"big"})",
                "size_px: \"big\" is no whole number"},
           Case{R"({"atelier_render":1,"size_px":5000000000})", "size_px: "},
           Case{R"({"atelier_render":1,"iterations":0})", "iterations"},
           Case{R"({"atelier_render":1,"style_weight":-1})", "style_weight"},
           Case{R"({"atelier_render":1,"style_weight":1e999})",
                "its metadata are not of Atelier"},
           Case{R"({"atelier_render":1,"pooling":"min"})", "pooling: "},
           Case{R"({"atelier_render":1,"content_layers":[{"tap":"x"}]})",
                "content_layers: "},
           Case{R"({"atelier_render":1,"content_digest":"../x"})",
                "content_digest: "},
           Case{R"({"atelier_render":1,"styles":[1]})",
                "styles: 1 is no style"},
           Case{R"({"atelier_render":1,"styles":[{"digest":7}]})",
                "styles.digest: 7 is no digest"},
           Case{R"({"atelier_render":1,"styles":[{"hue":7}]})", "hue"},
       }) {
    SCOPED_TRACE(test.text);
    const absl::Status status = PatchOfDescription(test.text).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(test.error));
  }
}

}  // namespace
}  // namespace atelier
