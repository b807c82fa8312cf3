#include "client/lib/extend.h"

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "client/lib/draft_of_job.h"
#include "client/lib/job_check.h"
#include "client/lib/points.h"
#include "client/lib/sweep_flags.h"
#include "common/digest.h"
#include "common/file.h"
#include "common/image/image.h"
#include "common/render/description.h"
#include "common/render/resolve.h"
#include "common/rpc/render_conversion.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/temp_folder.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSubsetOf;
using ::testing::SizeIs;

using Flags = std::vector<std::pair<std::string, std::string>>;

class ExtendTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    ASSERT_TRUE(InitialiseImages("extend_test").ok());
  }

  std::string Picture(const std::string& name, float grey) {
    const std::string path = folder_.File(name);
    const std::string png =
        Encode({64, 48, std::vector<float>(3 * 64 * 48, grey)}, "png").value();
    std::filesystem::create_directories(
        std::filesystem::path(path).parent_path());
    EXPECT_TRUE(WriteFile(path, png, Durability::kAtomic).ok());
    return path;
  }

  // The job as a coordinator has it; its files are gone afterwards.
  v1::JobSpec Job(const std::string& more) {
    const std::string spec = folder_.File("job.yaml");
    const std::string a = Picture("a.png", 0.25f);
    const std::string b = Picture("b.png", 0.75f);
    EXPECT_TRUE(
        WriteFile(spec, "name: job\n" + more, Durability::kAtomic).ok());
    const absl::StatusOr<JobDraft> draft = ReadSpec(spec);
    EXPECT_TRUE(draft.ok()) << draft.status();
    absl::StatusOr<PreparedJob> job = Prepare(draft.value());
    EXPECT_TRUE(job.ok()) << job.status();
    for (const std::string& file : {spec, a, b}) {
      std::filesystem::remove(file);
    }
    return std::move(job)->spec;
  }

  static absl::StatusOr<PreparedJob> Extend(const v1::JobSpec& job,
                                            const Flags& flags,
                                            const ExtendLimits& limits = {}) {
    SweepFlags sweep;
    for (const auto& [name, text] : flags) {
      sweep.parameters.push_back({FindParameter(name), text});
    }
    const auto values = ReadSweepAxes(sweep);
    if (!values.ok()) return values.status();
    InputFiles files;
    return ExtendJob(job, *values, files, limits);
  }

  static void ExpectRefused(const v1::JobSpec& job, const Flags& flags,
                            const std::string& message) {
    SCOPED_TRACE(message);
    const absl::Status status = Extend(job, flags).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()), HasSubstr(message));
  }

  // "style_weight: 1500 1800".
  static std::vector<std::string> AxesOf(const v1::JobSpec& spec) {
    std::vector<std::string> axes;
    for (const v1::Axis& axis : spec.axes()) {
      std::string& text = axes.emplace_back(axis.name() + ":");
      for (const v1::AxisValue& value : axis.values()) {
        absl::StrAppend(&text, " ", value.label());
      }
    }
    return axes;
  }

  // What the render key of each task is made of.
  static std::vector<std::string> Renders(const v1::JobSpec& spec) {
    const JobDraft draft = DraftOfJob(spec).value();
    ImagesByDigest images;
    for (const auto& image : spec.images()) images[image.digest()] = image;
    NetworksByDigest networks;
    for (const auto& network : spec.networks()) {
      networks[network.weights_digest()] = FromProto(network).value();
    }
    std::vector<std::string> renders;
    for (const Point& point : PointsToCheck(draft, 1000)) {
      const RenderPatch& patch = point.render.patch;
      renders.push_back(
          CanonicalText(Resolve(patch, *NetworkOf(patch, networks).value(), {},
                                SizesOf(images))
                            .value()));
    }
    return renders;
  }

  const TempFolder folder_;
};

constexpr char kBase[] = "base: {content: a.png, style: b.png}\n";

TEST_F(ExtendTest, AddsValuesToAnAxisAndKeepsAllElse) {
  v1::JobSpec job = Job(absl::StrCat(kBase, R"(
axes: {style_weight: [1500, 1800], seed: 0-1}
exclude: [{style_weight: 1500, seed: 1}]
sheet_columns: 3
user: anna
priority: -7
max_running: 2
worker_tags: [gpu]
no_cache: true
)"));
  job.set_study("mine");
  // A field of a later version.
  job.mutable_base()
      ->GetReflection()
      ->MutableUnknownFields(job.mutable_base())
      ->AddVarint(9999, 7);
  const PreparedJob larger =
      Extend(job, {{"style_weight", "4000,5e3"}}).value();
  v1::JobSpec expected = job;
  expected.set_no_cache(false);
  for (const auto& [label, weight] : {std::pair("4000", 4000), {"5e3", 5000}}) {
    v1::AxisValue& value = *expected.mutable_axes(0)->add_values();
    value.set_label(label);
    value.mutable_set()->set_style_weight(weight);
  }
  EXPECT_EQ(larger.spec.SerializeAsString(), expected.SerializeAsString());
  EXPECT_THAT(larger.inputs, IsEmpty());
  EXPECT_THAT(larger.warnings, IsEmpty());
  EXPECT_THAT(Renders(job), IsSubsetOf(Renders(larger.spec)));
  EXPECT_THAT(Renders(larger.spec), SizeIs(7));
}

TEST_F(ExtendTest, SkipsValuesThatAreThereWithAWarning) {
  const v1::JobSpec job =
      Job(absl::StrCat(kBase, "axes: {style_weight: [1500, 1800]}\n"));
  const PreparedJob larger =
      Extend(job, {{"style_weight", "1800,1.5e3,2000,2e3"}}).value();
  EXPECT_THAT(AxesOf(larger.spec), ElementsAre("style_weight: 1500 1800 2000"));
  EXPECT_THAT(larger.warnings,
              ElementsAre("--style-weight: the job has '1800', '1.5e3' (as "
                          "'1500'), '2e3' (as '2000')"));
}

TEST_F(ExtendTest, NeedsAValueThatIsNew) {
  const v1::JobSpec job =
      Job(absl::StrCat(kBase, "axes: {style_weight: [1500, 1800]}\n"));
  ExpectRefused(job, {{"style_weight", "1.8e3"}},
                "--style-weight: the job has '1.8e3' (as '1800'); give a value "
                "that is new");
  // The present value alone makes no axis.
  ExpectRefused(job, {{"size", "512"}}, "--size: the job has '512'");
  const PreparedJob larger =
      Extend(job, {{"size", "512"}, {"style_weight", "9"}}).value();
  EXPECT_THAT(AxesOf(larger.spec), ElementsAre("style_weight: 1500 1800 9"));
  EXPECT_THAT(larger.warnings, ElementsAre("--size: the job has '512'"));
}

TEST_F(ExtendTest, ALabelOfAnotherValueIsAnError) {
  const v1::JobSpec job = Job(
      absl::StrCat(kBase, "axes: {style_weight: {low: 1500, high: 1800}}\n"));
  ExpectRefused(job, {{"style_weight", "{low: 3, new: 4}"}},
                "--style-weight: 'low' is the label of another value");
}

TEST_F(ExtendTest, WhatTheBaseGivesIsTheFirstValueOfANewAxis) {
  const v1::JobSpec job = Job(R"(
base: {content: a.png, style: [a.png, b.png], style_blend: [2, 0],
       style_layers: "conv_1-2", seed: 3, init: b.png, preset: published}
axes: {size: [64, 65]}
exclude: [{size: 64}]
)");
  const PreparedJob larger = Extend(job, {{"style_layers", "conv_3"},
                                          {"style_blend", "1,1"},
                                          {"seed", "4"},
                                          {"init", "noise"},
                                          {"preset", "fast"}})
                                 .value();
  EXPECT_THAT(AxesOf(larger.spec),
              ElementsAre("size: 64 65", "style_layers: conv_1,conv_2 conv_3",
                          "style_blend: 2,0 1,1", "seed: 3 4",
                          "init: b.png noise", "preset: published fast"));
  const v1::RenderSpec& init = larger.spec.axes(4).values(0).set();
  EXPECT_EQ(init.init(), v1::INITIALISATION_IMAGE);
  EXPECT_EQ(init.init_digest(), job.base().init_digest());
  EXPECT_EQ(larger.spec.base().SerializeAsString(),
            job.base().SerializeAsString());
  EXPECT_THAT(Renders(job), IsSubsetOf(Renders(larger.spec)));
}

TEST_F(ExtendTest, ADefaultIsTheFirstValueWhereItIsOneAndTheSame) {
  const v1::JobSpec job =
      Job(absl::StrCat(kBase, "axes: {style_weight: [1500, 1800]}\n"));
  const Flags flags = {{"content_weight", "2"},   {"init", "noise"},
                       {"optimizer", "adam"},     {"convention", "gatys"},
                       {"pooling", "max"},        {"style_loss", "wasserstein"},
                       {"style_layers", "conv_1"}};
  const std::string kAxes[] = {
      "content_weight: 1e+05 2",
      "init: content noise",
      "optimizer: lbfgs adam",
      "convention: gordicaleksa gatys",
      "pooling: avg max",
      "style_loss: gram wasserstein",
      "style_layers: relu1_1,relu2_1,relu3_1,relu4_1,relu5_1 conv_1"};
  for (size_t i = 0; i < flags.size(); ++i) {
    const absl::StatusOr<PreparedJob> larger = Extend(job, {flags[i]});
    ASSERT_TRUE(larger.ok()) << larger.status();
    EXPECT_EQ(AxesOf(larger->spec)[1], kAxes[i]);
    EXPECT_THAT(Renders(job), IsSubsetOf(Renders(larger->spec)));
  }
}

TEST_F(ExtendTest, ADefaultThatIsNotExactIsRefused) {
  const v1::JobSpec fast = Job(kBase);
  // A preset's early stop is off where iterations are given.
  ExpectRefused(fast, {{"iterations", "500"}},
                "--iterations: the job does not give iterations, and giving "
                "its default, 390, would change least_progress");
  ExpectRefused(fast, {{"resample_every", "9"}},
                "its default, 0, cannot be given");
  const v1::JobSpec conventions =
      Job(absl::StrCat(kBase, "axes: {convention: [gatys, gordicaleksa]}\n"));
  ExpectRefused(conventions, {{"style_weight", "9"}},
                "--style-weight: the job does not give style_weight, and its "
                "default is not the same for all tasks (1, 30000)");
  v1::JobSpec old = fast;
  old.mutable_base()->clear_preset();
  ExpectRefused(old, {{"preset", "fine"}}, "a default of it cannot be written");
}

TEST_F(ExtendTest, AnAxisOfSeveralParametersIsNamed) {
  const v1::JobSpec job = Job(absl::StrCat(kBase, R"(
axes:
  layers:
    near: {content_layers: conv_1}
    far: {content_layers: conv_3, content_weight: 2}
  one: {a: {size: 64}, b: {size: 65}}
)"));
  for (const auto& flag :
       Flags{{"content_layers", "conv_2"}, {"content_weight", "7"}}) {
    ExpectRefused(job, {flag},
                  "the axis 'layers' of the job sets several parameters");
  }
  // Labels of one parameter are no group.
  EXPECT_THAT(AxesOf(Extend(job, {{"size", "66"}}).value().spec),
              ElementsAre("layers: near far", "one: a b 66"));
}

TEST_F(ExtendTest, NewFilesAreReadAndOldOnesAreNot) {
  const v1::JobSpec job =
      Job("base: {content: a.png}\naxes: {style: [a.png, b.png], seed: 0-1}\n");
  const std::string c = Picture("c.png", 0.5f);
  // The bytes of an old one under another name.
  const std::string again = Picture("again.png", 0.75f);
  const PreparedJob larger =
      Extend(job, {{"style", absl::StrCat(c, ";", again)}}).value();
  EXPECT_THAT(AxesOf(larger.spec),
              ElementsAre("style: a.png b.png c.png", "seed: 0 1"));
  EXPECT_THAT(larger.warnings,
              ElementsAre("--style: the job has 'again.png' (as 'b.png')"));
  EXPECT_EQ(larger.spec.images_size(), 3);
  EXPECT_EQ(larger.spec.images(2).name(), "c.png");
  EXPECT_EQ(larger.spec.axes(0).values(2).set().style_digests(0),
            larger.spec.images(2).digest());
  EXPECT_EQ(larger.spec.networks_size(), 1);
  EXPECT_THAT(Renders(job), IsSubsetOf(Renders(larger.spec)));

  // As a new axis, the old one under its name; a name that is taken.
  const PreparedJob contents =
      Extend(job, {{"content", absl::StrCat(c, ",", again)}}).value();
  EXPECT_THAT(AxesOf(contents.spec),
              ElementsAre("style: a.png b.png", "seed: 0 1",
                          "content: a.png c.png again.png"));
  const v1::AxisValue& named = contents.spec.axes(2).values(2);
  ASSERT_EQ(named.input_names_size(), 1);
  EXPECT_EQ(named.input_names(0).name(), "again.png");
  const std::string other = Picture("other/a.png", 0.1f);
  ExpectRefused(job, {{"style", other}},
                "--style: 'a.png' is the label of another value");
  EXPECT_THAT(
      AxesOf(Extend(job, {{"style", absl::StrCat("{mine: ", other, "}")}})
                 .value()
                 .spec),
      ElementsAre("style: a.png b.png mine", "seed: 0 1"));
  ExpectRefused(job, {{"style", "b.png"}}, "style: open b.png");
}

TEST_F(ExtendTest, AMaskMayHaveTheBytesOfAnOldPicture) {
  const v1::JobSpec job =
      Job("base: {content: a.png, style: b.png, style_mask: a.png}\n");
  const std::string again = Picture("again.png", 0.75f);
  const PreparedJob larger = Extend(job, {{"style_mask", again}}).value();
  EXPECT_THAT(AxesOf(larger.spec), ElementsAre("style_mask: a.png again.png"));
  EXPECT_EQ(larger.spec.images_size(), 2);
}

TEST_F(ExtendTest, TheNameOfAFileGoesWithItsValue) {
  v1::JobSpec job = Job(kBase);
  // As of two files with the same bytes.
  v1::InputName& name = *job.add_base_input_names();
  name.set_field("content_digest");
  name.set_name("twin.png");
  const std::string c = Picture("c.png", 0.5f);
  const PreparedJob larger = Extend(job, {{"content", c}}).value();
  EXPECT_THAT(AxesOf(larger.spec), ElementsAre("content: twin.png c.png"));
  ASSERT_EQ(larger.spec.axes(0).values(0).input_names_size(), 1);
  EXPECT_EQ(larger.spec.axes(0).values(0).input_names(0).name(), "twin.png");
}

TEST_F(ExtendTest, ZippedAxesGrowAlike) {
  const v1::JobSpec job = Job(absl::StrCat(
      kBase, "axes: {style_weight: [1500, 1800], seed: 0-1}\nexpand: zip\n"));
  const PreparedJob larger =
      Extend(job, {{"seed", "2-3"}, {"style_weight", "9,10"}}).value();
  EXPECT_THAT(AxesOf(larger.spec),
              ElementsAre("style_weight: 1500 1800 9 10", "seed: 0 1 2 3"));
  EXPECT_EQ(larger.spec.mode(), v1::SWEEP_MODE_ZIP);
  EXPECT_THAT(Renders(larger.spec), SizeIs(4));
  ExpectRefused(job, {{"seed", "2-3"}},
                "need as many new values each; given: style_weight 0, seed 2");
  ExpectRefused(job, {{"seed", "2-3"}, {"style_weight", "9,10,11"}},
                "style_weight 3, seed 2");
  ExpectRefused(job, {{"seed", "1-2"}, {"style_weight", "9"}},
                "--seed: the job has '1'; zipped axes take new values only");
  ExpectRefused(job, {{"size", "64"}},
                "--size: is no axis of the job, and zipped axes take no other");
}

TEST_F(ExtendTest, ARandomSampleIsRefused) {
  const v1::JobSpec job = Job(
      absl::StrCat(kBase, "axes: {seed: 0-9}\nexpand: {sample: 3, seed: 1}\n"));
  ExpectRefused(job, {{"seed", "10"}}, "mode: the job is a random sample");
}

TEST_F(ExtendTest, NewValuesAreCheckedAsInANewJob) {
  const v1::JobSpec job = Job(absl::StrCat(
      kBase, "axes: {content_layers: [conv_1, conv_2], seed: 0-1}\n"));
  ExpectRefused(job, {{"content_layers", "conv_99"}}, "content_layers: ");
  ExpectRefused(job, {{"content_layers", "conv_99"}},
                "(at content_layers=conv_99, seed=0)");
  ExpectRefused(job, {{"seed", "x"}}, "--seed: 'x' is not");
  // What is left out is not looked at, whatever axes are new.
  const v1::JobSpec rest = Job(absl::StrCat(
      kBase, "axes: {seed: 0-2}\nexclude: [{seed: 0}, {seed: 1}]\n"));
  ExpectRefused(rest, {{"content_layers", "conv_99"}},
                "(at seed=2, content_layers=conv_99)");
  ExtendLimits limits;
  limits.spec.max_axes = 2;
  EXPECT_THAT(
      std::string(Extend(job, {{"size", "64"}}, limits).status().message()),
      HasSubstr("axes: 3 with those that are new; at most 2"));
  limits.spec.max_axis_values = 4;
  EXPECT_THAT(
      std::string(Extend(job, {{"seed", "9"}}, limits).status().message()),
      HasSubstr("axes: 5 values with those that are new; at most 4"));
}

TEST_F(ExtendTest, WhatNoCoordinatorShouldSendIsAnError) {
  const v1::JobSpec job =
      Job(absl::StrCat(kBase, "axes: {seed: 0-1, size: [64, 65]}\n"));
  const Flags flags = {{"seed", "7"}};
  const auto broken = [&job](const auto& breaks) {
    v1::JobSpec spec = job;
    breaks(spec);
    return spec;
  };
  ExpectRefused(v1::JobSpec(), flags, "the network '' is not described");
  ExpectRefused(
      broken([](auto& spec) { spec.mutable_axes(0)->clear_values(); }), flags,
      "axis 'seed': has no values");
  ExpectRefused(broken([](auto& spec) { spec.clear_networks(); }), flags,
                "is not described");
  ExpectRefused(broken([](auto& spec) { spec.clear_images(); }), flags,
                "is not described");
  ExpectRefused(
      broken([](auto& spec) { spec.mutable_images(0)->set_width_px(0); }),
      flags, "a picture of 0 x 48 px");
  ExpectRefused(
      broken([](auto& spec) { spec.set_mode(static_cast<v1::SweepMode>(77)); }),
      flags, "mode: 77 is unknown");
  ExpectRefused(
      broken([](auto& spec) {
        spec.mutable_base()->set_convention(static_cast<v1::Convention>(77));
      }),
      flags, "convention");
  ExpectRefused(broken([](auto& spec) {
                  auto& label = *spec.add_exclude()->add_labels();
                  label.set_axis("seed");
                  label.set_label("5");
                }),
                flags, "exclude: '5' is no value of seed");
  ExpectRefused(broken([](auto& spec) { *spec.add_axes() = spec.axes(0); }),
                flags, "both 'seed' and 'seed' set it");
  ExpectRefused(broken([](auto& spec) {
                  spec.mutable_axes(1)->set_name("seed");
                  spec.mutable_axes()->DeleteSubrange(0, 1);
                }),
                flags, "the axis 'seed' of the job sets other parameters");
  ExpectRefused(broken([](auto& spec) {
                  spec.set_mode(v1::SWEEP_MODE_ZIP);
                  spec.mutable_axes(0)->add_values();
                }),
                flags, "zip");
}

}  // namespace
}  // namespace atelier
