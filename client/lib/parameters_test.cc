#include "client/lib/parameters.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

RenderDraft Parsed(const char* name, const char* text) {
  RenderDraft draft;
  EXPECT_TRUE(ParseParameter(*FindParameter(name), text, draft.patch).ok())
      << text;
  return draft;
}

TEST(ParametersTest, WhatIsParsedIsPrintedAsItWas) {
  struct {
    const char* name;
    const char* text;
    void (*resolve)(const RenderPatch& patch, RenderParams& params);
  } const kCases[] = {
      {"iterations", "300",
       [](const RenderPatch& p, RenderParams& r) {
         r.iterations = *p.iterations;
       }},
      {"style_weight", "0.001",
       [](const RenderPatch& p, RenderParams& r) {
         r.style_weight = *p.style_weight;
       }},
      {"seed", "18446744073709551615",
       [](const RenderPatch& p, RenderParams& r) { r.seed = *p.seed; }},
      {"convention", "neural-style",
       [](const RenderPatch& p, RenderParams& r) {
         r.convention = *p.convention;
       }},
      {"optimizer", "adam",
       [](const RenderPatch& p, RenderParams& r) {
         r.optimizer = *p.optimizer;
       }},
      {"pooling", "max",
       [](const RenderPatch& p, RenderParams& r) { r.pooling = *p.pooling; }},
      {"style_layers", "conv1_1,conv2_1:0.5",
       [](const RenderPatch& p, RenderParams& r) {
         r.style_layers = *p.style_layers;
       }},
      {"init", "noise",
       [](const RenderPatch& p, RenderParams& r) { r.init = *p.init; }},
      {"style_scale", "1.5",
       [](const RenderPatch& p, RenderParams& r) {
         r.style_scale = *p.style_scale;
       }},
      {"colors", "match",
       [](const RenderPatch& p, RenderParams& r) { r.colors = *p.colors; }},
      {"scales", "3",
       [](const RenderPatch& p, RenderParams& r) { r.scales = *p.scales; }},
      {"least_progress", "0.001",
       [](const RenderPatch& p, RenderParams& r) {
         r.least_progress = *p.least_progress;
       }},
      {"bits", "16",
       [](const RenderPatch& p, RenderParams& r) { r.bits = *p.bits; }},
      {"style_loss", "gram-moments",
       [](const RenderPatch& p, RenderParams& r) {
         r.style_loss = *p.style_loss;
       }},
      {"resample_every", "40",
       [](const RenderPatch& p, RenderParams& r) {
         r.resample_every = *p.resample_every;
       }},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.name);
    const RenderDraft draft = Parsed(c.name, c.text);
    EXPECT_TRUE(IsGiven(*FindParameter(c.name), draft.patch));
    Render render;
    c.resolve(draft.patch, render.params);
    EXPECT_EQ(PrintParameter(*FindParameter(c.name), render, InputNames()),
              c.text);
  }
}

TEST(ParametersTest, EveryErrorNamesTheParameterAndWhatWasGiven) {
  for (const auto& [name, text] : {std::pair{"iterations", "many"},
                                   {"iterations", "3.5"},
                                   {"style_weight", "heavy"},
                                   {"convention", "gatis"},
                                   {"style_layers", "conv_4-1"},
                                   {"seed", "-1"},
                                   {"style_blend", "2,x"},
                                   {"colors", "sepia"},
                                   {"scales", "two"},
                                   {"preset", "slow"},
                                   {"bits", "8.5"},
                                   {"style_loss", "gramm"},
                                   {"resample_every", "often"}}) {
    SCOPED_TRACE(name);
    RenderDraft draft;
    const absl::Status status =
        ParseParameter(*FindParameter(name), text, draft.patch);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()), HasSubstr(name));
    EXPECT_THAT(std::string(status.message()), HasSubstr(text));
  }
}

TEST(ParametersTest, ScalesMayBeLeftToThePicture) {
  EXPECT_EQ(Parsed("scales", "auto").patch.scales, kAutoScales);
  EXPECT_TRUE(ValidatePatch(Parsed("scales", "auto").patch).ok());
  RenderDraft draft;
  for (const auto& [text, why] :
       {std::pair{"0", "is not allowed; auto, or from 1 to 8"},
        {"010", "is not allowed; auto, or from 1 to 8"},
        {"Auto", "is not allowed; write auto"},
        {"2.5", "is not a whole number; write 3"}}) {
    EXPECT_EQ(
        ParseParameter(*FindParameter("scales"), text, draft.patch).message(),
        absl::StrCat("scales: '", text, "' ", why));
  }
  EXPECT_EQ(ValidatePatch(Parsed("scales", "9").patch).message(),
            "scales: 9 is not allowed; auto, or from 1 to 8");
}

TEST(ParametersTest, APresetStandsForOthersAndIsNotKept) {
  EXPECT_EQ(Parsed("preset", "fine").patch.preset, Preset::kFine);
  EXPECT_EQ(PrintParameter(*FindParameter("preset"), Render(), InputNames()),
            "");
}

TEST(ParametersTest, FlagsAreNamesWithDashes) {
  EXPECT_EQ(Flag(*FindParameter("style_weight")), "--style-weight");
  EXPECT_EQ(FindParameter("style-weight"), nullptr);
}

TEST(ParametersTest, FilesPrintAsTheirNames) {
  Render render;
  render.inputs.content = "digest";
  const Parameter& content = *FindParameter("content");
  EXPECT_EQ(PrintParameter(
                content, render,
                InputNames(InputNames::ByDigest{{"digest", "harbour.jpg"}})),
            "harbour.jpg");
  EXPECT_EQ(PrintParameter(content, render, InputNames()), "digest");
}

TEST(ParametersTest, StylesAddUpAndReplaceThoseBelowThem) {
  RenderDraft draft = Parsed("style", "a.png");
  const Parameter& style = *FindParameter("style");
  EXPECT_TRUE(ParseParameter(style, "b,c.png", draft.patch).ok());
  EXPECT_THAT(*draft.patch.style_digests, ElementsAre("a.png", "b,c.png"));
  const RenderDraft merged = Merge(draft, Parsed("style", "d.png"));
  EXPECT_THAT(*merged.patch.style_digests, ElementsAre("d.png"));
}

TEST(ParametersTest, AStyleWithoutAMaskIsSaidToHaveNone) {
  RenderDraft draft = Parsed("style_mask", "none");
  const Parameter& mask = *FindParameter("style_mask");
  EXPECT_TRUE(ParseParameter(mask, "m.png", draft.patch).ok());
  EXPECT_THAT(*draft.patch.style_mask_digests, ElementsAre("", "m.png"));
}

TEST(ParametersTest, StylesPrintTheirNamesSharesAndMasks) {
  Render render;
  render.inputs.styles = {{"1", 0.75, "", ""}, {"2", 0.25, "3", ""}};
  const InputNames names(
      InputNames::ByDigest{{"1", "a.png"}, {"2", "b.png"}, {"3", "m.png"}});
  const auto print = [&](const char* name) {
    return PrintParameter(*FindParameter(name), render, names);
  };
  EXPECT_EQ(print("style"), "a.png,b.png");
  EXPECT_EQ(print("style_blend"), "0.75,0.25");
  EXPECT_EQ(print("style_mask"), "none,m.png");
  EXPECT_EQ(print("style_region"), "");
}

TEST(ParametersTest, AnInitThatIsNoFileTakesAnEarlierFileAway) {
  const RenderDraft merged =
      Merge(Parsed("init", "start.png"), Parsed("init", "noise"));
  EXPECT_EQ(merged.patch.init, Initialisation::kNoise);
  EXPECT_FALSE(merged.patch.init_digest.has_value());
}

TEST(ParametersTest, PathsAreRelativeToTheFolderButNetworksStayNames) {
  RenderDraft draft;
  draft.patch.content_digest = "a.png";
  draft.patch.style_digests = {"/abs/b.png", "c.png"};
  draft.patch.style_mask_digests = {"", "m.png"};
  draft.patch.weights_digest = "atelier-vgg19-slim";
  ResolvePaths("specs", draft);
  EXPECT_EQ(draft.patch.content_digest, "specs/a.png");
  EXPECT_THAT(*draft.patch.style_digests,
              ElementsAre("/abs/b.png", "specs/c.png"));
  EXPECT_THAT(*draft.patch.style_mask_digests, ElementsAre("", "specs/m.png"));
  EXPECT_EQ(draft.patch.weights_digest, "atelier-vgg19-slim");
  draft.patch.weights_digest = "vgg19";
  ResolvePaths("specs", draft);
  EXPECT_EQ(draft.patch.weights_digest, "vgg19");
  draft.patch.weights_digest = "vgg19.pth";
  ResolvePaths("specs", draft);
  EXPECT_EQ(draft.patch.weights_digest, "specs/vgg19.pth");
}

}  // namespace
}  // namespace atelier
