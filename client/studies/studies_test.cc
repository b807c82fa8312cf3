#include "client/studies/studies.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "client/lib/points.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;

std::vector<std::string> PointsOf(const JobDraft& job) {
  std::vector<std::string> points;
  for (int64_t i = 0; i < CountPoints(job); ++i) {
    points.push_back(DescribePoint(job, PointAt(job, i)));
  }
  return points;
}

TEST(StudiesTest, AllShareSizeAndIterations) {
  EXPECT_THAT(StudyNames(), ElementsAre("content-layers", "style-layers",
                                        "initialisation", "style-weight"));
  for (absl::string_view name : StudyNames()) {
    SCOPED_TRACE(std::string(name));
    const JobDraft job = Study(name).value();
    EXPECT_EQ(job.name, name);
    EXPECT_EQ(job.study, name);
    EXPECT_EQ(job.base.patch.size_px, 224);
    EXPECT_EQ(job.base.patch.iterations, 150);
    EXPECT_EQ(job.base.patch.preset, Preset::kPublished);
  }
}

TEST(StudiesTest, EachAsksAQuestionAndHasASpecToSubmit) {
  for (absl::string_view name : StudyNames()) {
    SCOPED_TRACE(std::string(name));
    const std::string question = StudyQuestion(name).value();
    EXPECT_THAT(question, EndsWith("?"));
    EXPECT_THAT(question, Not(HasSubstr("#")));
    EXPECT_LE(question.size(), 60);
    const JobDraft job = ParseSpec(StudySpec(name).value(), "s.yaml").value();
    EXPECT_EQ(PointsOf(job), PointsOf(Study(name).value()));
  }
  EXPECT_EQ(StudyQuestion("style-layers").value(),
            "What do sets of layers know of a style?");
}

TEST(StudiesTest, AnUnknownOneIsAnsweredWithTheNearestAndAll) {
  constexpr char kAll[] =
      "here are content-layers, style-layers, initialisation, style-weight";
  EXPECT_EQ(Study("style-wieght").status().message(),
            absl::StrCat("study: 'style-wieght' is unknown; did you mean "
                         "'style-weight'? T",
                         kAll));
  EXPECT_EQ(StudySpec("moon").status().message(),
            absl::StrCat("study: 'moon' is unknown; t", kAll));
}

TEST(StudiesTest, ContentLayersReconstructsFromOneLayerAtATime) {
  const JobDraft job = Study("content-layers").value();
  EXPECT_THAT(PointsOf(job),
              ElementsAre("content_layers=conv_1", "content_layers=conv_2",
                          "content_layers=conv_3", "content_layers=conv_4",
                          "content_layers=conv_5", "content_layers=conv_9",
                          "content_layers=conv_13"));
  EXPECT_EQ(job.sheet_columns, 4);
  EXPECT_EQ(job.base.patch.convention, Convention::kPytorchTutorial);
  EXPECT_EQ(job.base.patch.init, Initialisation::kNoise);
  EXPECT_EQ(job.base.patch.style_weight, 0);
  EXPECT_EQ(job.base.patch.tv_weight, 0);
}

TEST(StudiesTest, StyleLayersTakesFourSetsWithoutContent) {
  const JobDraft job = Study("style-layers").value();
  EXPECT_THAT(PointsOf(job),
              ElementsAre("style_layers=conv_1-4", "style_layers=conv_1-5",
                          "style_layers=conv_4-6", "style_layers=conv_5-7"));
  EXPECT_EQ(PointAt(job, 3).render.patch.style_layers->size(), 3);
  EXPECT_EQ(job.base.patch.convention, Convention::kPytorchTutorial);
  EXPECT_EQ(job.base.patch.init, Initialisation::kNoise);
  EXPECT_EQ(job.base.patch.content_weight, 0);
}

// The two rows that initialisation and style-weight share.
void ExpectRow(const RenderPatch& patch, bool first) {
  EXPECT_EQ(patch.convention,
            first ? Convention::kPytorchTutorial : Convention::kGordicaleksa);
  EXPECT_EQ(patch.content_weight, first ? 1 : 1e5);
  EXPECT_EQ(patch.content_layers.has_value(), first);
  ASSERT_EQ(patch.style_layers.has_value(), first);
  if (!first) return;
  EXPECT_THAT(*patch.content_layers, ElementsAre(LayerWeight{"conv_2", 1}));
  EXPECT_THAT(*patch.style_layers,
              ElementsAre(LayerWeight{"conv_1", 1}, LayerWeight{"conv_2", 1},
                          LayerWeight{"conv_3", 1}, LayerWeight{"conv_4", 1},
                          LayerWeight{"conv_5", 1}));
}

TEST(StudiesTest, StyleWeightRisesInBothConventionsFromNoise) {
  const JobDraft job = Study("style-weight").value();
  const std::vector<double> weights = {1500, 1800, 2000, 2500, 3500};
  ASSERT_EQ(CountPoints(job), 10);
  for (int i = 0; i < 10; ++i) {
    SCOPED_TRACE(i);
    const RenderPatch patch = PointAt(job, i).render.patch;
    ExpectRow(patch, i < 5);
    EXPECT_EQ(patch.style_weight, weights[i % 5]);
    EXPECT_EQ(patch.init, Initialisation::kNoise);
  }
}

TEST(StudiesTest, InitialisationStartsFromNoiseAndTwiceFromTheContent) {
  const JobDraft job = Study("initialisation").value();
  const std::vector<double> weights = {3500, 3500, 1e5};
  ASSERT_EQ(CountPoints(job), 6);
  for (int i = 0; i < 6; ++i) {
    SCOPED_TRACE(i);
    const RenderPatch patch = PointAt(job, i).render.patch;
    ExpectRow(patch, i < 3);
    EXPECT_EQ(patch.style_weight, weights[i % 3]);
    EXPECT_EQ(patch.init,
              i % 3 == 0 ? Initialisation::kNoise : Initialisation::kContent);
  }
  EXPECT_EQ(DescribePoint(job, PointAt(job, 5)),
            "convention=gordicaleksa, start=content-1e5");
}

}  // namespace
}  // namespace atelier
