#include "coordinator/api/views/job_validation.h"

#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "coordinator/api/views/job_conversion.h"
#include "coordinator/api/views/job_specs_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
using ::testing::UnorderedElementsAre;

absl::Status Check(const std::function<void(v1::JobSpec&)>& spoil,
                   const JobLimits& limits = {}) {
  v1::JobSpec spec = SmallJob();
  spoil(spec);
  return ValidateJob(spec, limits).status();
}

TEST(ValidateJobTest, AcceptsAJobAndSaysWhatItIsMadeFrom) {
  const absl::StatusOr<ValidJob> job = ValidateJob(SmallJob(), {});
  ASSERT_TRUE(job.ok()) << job.status();
  EXPECT_EQ(job->task_count, 1);
  EXPECT_THAT(job->digests,
              UnorderedElementsAre(HexDigest("content"), HexDigest("style"),
                                   HexDigest("weights")));
}

TEST(ValidateJobTest, AsksForEachStyleAndItsMasks) {
  v1::JobSpec spec = SmallJob();
  v1::RenderSpec* base = spec.mutable_base();
  base->add_style_digests(HexDigest("other"));
  base->add_style_mask_digests(HexDigest("mask"));
  base->add_style_mask_digests("");
  base->add_style_region_digests("");
  base->add_style_region_digests(HexDigest("region"));
  for (const char* name : {"other", "mask", "region"}) {
    v1::ImageDescription* image = spec.add_images();
    image->set_digest(HexDigest(name));
    image->set_width_px(64);
    image->set_height_px(64);
  }
  const absl::StatusOr<ValidJob> job = ValidateJob(spec, {});
  ASSERT_TRUE(job.ok()) << job.status();
  EXPECT_THAT(job->digests,
              UnorderedElementsAre(HexDigest("content"), HexDigest("style"),
                                   HexDigest("other"), HexDigest("mask"),
                                   HexDigest("region"), HexDigest("weights")));
}

TEST(ValidateJobTest, AsksForNoPictureThatNoTaskUses) {
  v1::JobSpec spec = SmallJob();
  spec.mutable_base()->set_style_weight(0);
  const absl::StatusOr<ValidJob> job = ValidateJob(spec, {});
  ASSERT_TRUE(job.ok()) << job.status();
  EXPECT_EQ(job->digests.count(HexDigest("style")), 0u);
}

TEST(ValidateJobTest, NamesThePathOfWhatIsWrong) {
  using Spoil = void (*)(v1::JobSpec&);
  const std::pair<const char*, Spoil> kCases[] = {
      {"spec.name:", [](auto& s) { s.clear_name(); }},
      {"spec.name:", [](auto& s) { s.set_name("two\nlines"); }},
      {"spec.study:", [](auto& s) { s.set_study("A Study"); }},
      {"spec.sheet_columns:", [](auto& s) { s.set_sheet_columns(-1); }},
      {"spec.mode:", [](auto& s) { s.set_mode(v1::SweepMode(9)); }},
      {"spec.sample_count:",
       [](auto& s) { s.set_mode(v1::SWEEP_MODE_RANDOM); }},
      {"spec.base.iterations: 0",
       [](auto& s) { s.mutable_base()->set_iterations(0); }},
      {"spec.base.style_weight: nan",
       [](auto& s) {
         s.mutable_base()->set_style_weight(
             std::numeric_limits<double>::quiet_NaN());
       }},
      {"spec.base.content_digest: 'x'",
       [](auto& s) { s.mutable_base()->set_content_digest("x"); }},
      {"spec.base.content_digest: missing",
       [](auto& s) { s.mutable_base()->clear_content_digest(); }},
      {"spec.base.weights_digest:",
       [](auto& s) { s.mutable_base()->clear_weights_digest(); }},
      {"spec.base.weights_digest:", [](auto& s) { s.clear_networks(); }},
      {"spec.base.content_digest:", [](auto& s) { s.clear_images(); }},
      {"spec.base.style_digests[0]: 'x'",
       [](auto& s) { s.mutable_base()->set_style_digests(0, "x"); }},
      {"spec.base.style_digests[1]: ''",
       [](auto& s) { s.mutable_base()->add_style_digests(""); }},
      {"spec.base.style_mask_digests[1]: 'x'",
       [](auto& s) {
         s.mutable_base()->add_style_mask_digests("");
         s.mutable_base()->add_style_mask_digests("x");
       }},
      {"spec.base.style_mask_digests: 2 given for 1 style",
       [](auto& s) {
         for (int i = 0; i < 2; ++i) {
           s.mutable_base()->add_style_mask_digests(HexDigest("style"));
         }
       }},
      {"spec.base.style_region_digests: ",
       [](auto& s) {
         s.mutable_base()->add_style_region_digests(HexDigest("undescribed"));
       }},
      {"spec.base.style_digests: 9 given; at most 8",
       [](auto& s) {
         for (int i = 0; i < 8; ++i) {
           s.mutable_base()->add_style_digests(HexDigest("style"));
         }
       }},
      {"spec.base.style_blend: inf",
       [](auto& s) { s.mutable_base()->add_style_blend(INFINITY); }},
      {"spec.base.style_scale: 0.01 makes style_digests 1 x ",
       [](auto& s) { s.mutable_base()->set_style_scale(0.01); }},
      {"spec.base.size_px: 32 makes content_digest 32 x 24 px; the layers used "
       "of small, at 5 scales, need at least 32 px",
       [](auto& s) { s.mutable_base()->set_scales(5); }},
      {"spec.base.colors:",
       [](auto& s) { s.mutable_base()->set_colors(v1::Colors(9)); }},
      {"spec.base.style_loss:",
       [](auto& s) { s.mutable_base()->set_style_loss(v1::StyleLoss(9)); }},
      {"spec.base.bits: 9", [](auto& s) { s.mutable_base()->set_bits(9); }},
      {"spec.base.convention:",
       [](auto& s) { s.mutable_base()->set_convention(v1::Convention(77)); }},
      {"spec.base.content_layers:",
       [](auto& s) {
         s.mutable_base()->mutable_content_layers()->add_layers()->set_tap(
             "conv9_1");
       }},
      {"spec.base.size_px: 1 makes content_digest 1 x 1 px",
       [](auto& s) { s.mutable_base()->set_size_px(1); }},
      {"spec.networks[0].weights_digest:",
       [](auto& s) { s.mutable_networks(0)->set_weights_digest("x"); }},
      {"spec.networks[0].blocks",
       [](auto& s) { s.mutable_networks(0)->add_blocks(); }},
      {"spec.images[1]: 0 x 48",
       [](auto& s) { s.mutable_images(1)->set_width_px(0); }},
      {"spec.images[1].digest:",
       [](auto& s) { s.mutable_images(1)->set_digest(s.images(0).digest()); }},
      {"spec.axes[0].name:", [](auto& s) { s.add_axes(); }},
      {"spec.axes[0].values: empty",
       [](auto& s) { s.add_axes()->set_name("a"); }},
      {"spec.axes[0].values[1].label:",
       [](auto& s) {
         AddIterationsAxis(s, {1, 1});
       }},
      {"spec.axes[0].values[1].set.iterations: -3",
       [](auto& s) {
         AddIterationsAxis(s, {1, -3});
       }},
      {"spec.axes[1].name:",
       [](auto& s) {
         AddIterationsAxis(s, {1});
         AddIterationsAxis(s, {1});
         s.mutable_axes(1)->set_name(s.axes(0).name());
       }},
      {"spec.axes: 9 axes",
       [](auto& s) {
         for (int i = 0; i < 9; ++i) AddIterationsAxis(s, {1});
       }},
      {"spec.axes",
       [](auto& s) {
         s.set_mode(v1::SWEEP_MODE_ZIP);
         AddIterationsAxis(s, {1, 2});
         AddIterationsAxis(s, {1, 2, 3});
       }},
  };
  for (const auto& [path, spoil] : kCases) {
    SCOPED_TRACE(path);
    const absl::Status status = Check(spoil);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()), StartsWith(path));
  }
}

void Exclude(v1::JobSpec& spec,
             const std::vector<std::pair<std::string, std::string>>& labels) {
  v1::Exclusion& rule = *spec.add_exclude();
  for (const auto& [axis, text] : labels) {
    v1::AxisLabel& label = *rule.add_labels();
    label.set_axis(axis);
    label.set_label(text);
  }
}

v1::JobSpec TwoAxes() {
  v1::JobSpec spec = SmallJob();
  AddIterationsAxis(spec, {1, 2, 3});
  v1::Axis& seeds = *spec.add_axes();
  seeds.set_name("seed");
  for (int seed = 0; seed < 2; ++seed) {
    v1::AxisValue& value = *seeds.add_values();
    value.set_label(absl::StrCat(seed));
    value.mutable_set()->set_seed(seed);
  }
  return spec;
}

TEST(ValidateJobTest, LeavesOutWhatARuleNames) {
  v1::JobSpec spec = TwoAxes();
  const std::string iterations = spec.axes(0).name();
  Exclude(spec, {{"seed", "1"}, {iterations, spec.axes(0).values(1).label()}});
  const absl::StatusOr<ValidJob> job = ValidateJob(spec, {});
  ASSERT_TRUE(job.ok()) << job.status();
  EXPECT_EQ(job->task_count, 5);
  const JobSpec stored = DecodeSpec(EncodeSpec(spec)).value();
  EXPECT_EQ(TaskCount(stored).value(), 5);
  const Point after = PointAt(stored, 3);
  EXPECT_EQ(after.patch.iterations, 3);
  EXPECT_EQ(after.patch.seed, 0u);
}

TEST(ValidateJobTest, LeavesOutOfSamplesAndOfZippedAxes) {
  v1::JobSpec sample = TwoAxes();
  sample.set_mode(v1::SWEEP_MODE_RANDOM);
  sample.set_sample_count(4);
  Exclude(sample, {{"seed", "1"}});
  EXPECT_THAT(std::string(ValidateJob(sample, {}).status().message()),
              StartsWith("spec.sample_count: 4 is not allowed; from 1 to the "
                         "grid's, less what is left out, 3"));
  sample.set_sample_count(3);
  EXPECT_EQ(ValidateJob(sample, {}).value().task_count, 3);

  v1::JobSpec zip = TwoAxes();
  zip.set_mode(v1::SWEEP_MODE_ZIP);
  zip.mutable_axes(0)->mutable_values()->RemoveLast();
  const std::string first = zip.axes(0).name();
  Exclude(zip, {{"seed", "1"}, {first, zip.axes(0).values(0).label()}});
  EXPECT_THAT(std::string(ValidateJob(zip, {}).status().message()),
              StartsWith("spec.exclude[0]: leaves nothing out; zipped axes"));
  zip.clear_exclude();
  Exclude(zip, {{"seed", "1"}});
  EXPECT_EQ(ValidateJob(zip, {}).value().task_count, 1);
}

TEST(ValidateJobTest, DoesNotMindWhatIsLeftOut) {
  v1::JobSpec spec = SmallJob();
  AddIterationsAxis(spec, {1, 2});
  spec.mutable_axes(0)
      ->mutable_values(1)
      ->mutable_set()
      ->mutable_content_layers()
      ->add_layers()
      ->set_tap("relu9_9");
  const std::string name = spec.axes(0).name();
  for (const int most_resolved : {100, 0}) {
    JobLimits limits;
    limits.max_tasks_resolved = most_resolved;
    EXPECT_FALSE(ValidateJob(spec, limits).ok());
    v1::JobSpec less = spec;
    Exclude(less, {{name, spec.axes(0).values(1).label()}});
    const absl::Status status = ValidateJob(less, limits).status();
    EXPECT_TRUE(status.ok()) << status;
  }
}

TEST(ValidateJobTest, SaysWhatIsNoRuleOfExclusion) {
  struct Case {
    std::vector<std::pair<std::string, std::string>> labels;
    const char* message;
  };
  const std::string name = TwoAxes().axes(0).name();
  const Case cases[] = {
      {{}, "spec.exclude[0]: names no axis; at least one"},
      {{{"sed", "1"}},
       "spec.exclude[0].labels[0].axis: 'sed' is not an axis of the job; did "
       "you mean 'seed'?"},
      {{{"seed", "2"}},
       "spec.exclude[0].labels[0].label: '2' is not a value of seed; "},
      {{{"seed", "1"}, {"seed", "0"}},
       "spec.exclude[0].labels[1].axis: 'seed' is given twice"},
  };
  for (const Case& c : cases) {
    v1::JobSpec spec = TwoAxes();
    Exclude(spec, c.labels);
    EXPECT_THAT(std::string(ValidateJob(spec, {}).status().message()),
                StartsWith(c.message));
  }
  v1::JobSpec spec = TwoAxes();
  Exclude(spec, {{"seed", "0"}});
  Exclude(spec, {{"seed", "1"}});
  EXPECT_THAT(std::string(ValidateJob(spec, {}).status().message()),
              StartsWith("spec.exclude: leaves no point of the sweep"));
  for (int i = 0; i < 15; ++i) Exclude(spec, {{"seed", "0"}});
  EXPECT_THAT(std::string(ValidateJob(spec, {}).status().message()),
              StartsWith("spec.exclude: 17 rules given; at most 16"));
}

TEST(ValidateJobTest, BlamesTheAxisValueThatSetsTheField) {
  const absl::Status status = Check([](v1::JobSpec& spec) {
    AddIterationsAxis(spec, {1, 2});
    v1::Axis* axis = spec.add_axes();
    axis->set_name("layers");
    for (const char* tap : {"conv1_1", "conv2_1", "conv7_7"}) {
      v1::AxisValue* value = axis->add_values();
      value->set_label(tap);
      value->mutable_set()->mutable_content_layers()->add_layers()->set_tap(
          tap);
    }
  });
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()),
              StartsWith("spec.axes[1].values[2].set.content_layers: "
                         "layer 'conv7_7' is unknown"));
}

TEST(ValidateJobTest, BoundsTasksAndAxisValues) {
  JobLimits limits;
  limits.max_tasks = 5;
  limits.max_axis_values = 5;
  const absl::Status tasks = Check(
      [](v1::JobSpec& spec) {
        AddIterationsAxis(spec, {1, 2, 3});
        AddIterationsAxis(spec, {1, 2});
      },
      limits);
  EXPECT_EQ(tasks.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(tasks.message()), HasSubstr("--max-tasks-per-job"));
  const absl::Status values = Check(
      [](v1::JobSpec& spec) {
        AddIterationsAxis(spec, {1, 2, 3, 4, 5, 6});
      },
      limits);
  EXPECT_EQ(values.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(values.message()),
              HasSubstr("spec.axes[0].values: 6 values given; at most 5 "
                        "(--max-axis-values)"));
}

TEST(ValidateJobTest, BoundsTheValuesOfAllAxesTogether) {
  JobLimits limits;
  limits.max_axis_values = 5;
  const absl::Status status = Check(
      [](v1::JobSpec& spec) {
        spec.set_mode(v1::SWEEP_MODE_ZIP);
        AddIterationsAxis(spec, {1, 2});
        AddIterationsAxis(spec, {1, 2});
        AddIterationsAxis(spec, {1, 2});
      },
      limits);
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(status.message(),
            "spec.axes[2].values: 6 values given with the axes before it; at "
            "most 5 (--max-axis-values)");
}

TEST(ValidateJobTest, BoundsWhatASpecTakesInMemory) {
  JobLimits limits;
  limits.max_spec_bytes = 64 << 10;
  const auto fill = [](int layers) {
    return [layers](v1::JobSpec& spec) {
      AddIterationsAxis(spec, {1, 2, 3, 4, 5, 6, 7, 8});
      for (v1::AxisValue& value : *spec.mutable_axes(0)->mutable_values()) {
        for (int i = 0; i < layers; ++i) {
          value.mutable_set()->mutable_style_layers()->add_layers();
        }
      }
    };
  };
  EXPECT_EQ(Check(fill(0), limits).code(), absl::StatusCode::kOk);
  // Two bytes each on the wire, twenty times as many in memory.
  const absl::Status status = Check(fill(1000), limits);
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(status.message()),
              StartsWith("spec.axes[0].values[1].set: the spec takes more than "
                         "65536 bytes of memory"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("--max-spec-bytes"));
}

TEST(ValidateJobTest, ChecksWhenAndWhereAJobRuns) {
  const struct {
    void (*change)(v1::JobSpec& spec);
    const char* message;
  } kCases[] = {
      {[](v1::JobSpec& spec) { spec.set_user("Ann B"); }, "spec.user: 'Ann B'"},
      {[](v1::JobSpec& spec) { spec.set_priority(-1001); },
       "spec.priority: -1001 is not allowed; from -1000 to 1000"},
      {[](v1::JobSpec& spec) { spec.set_max_running(-1); },
       "spec.max_running: -1 is not allowed"},
      {[](v1::JobSpec& spec) { spec.set_worker_memory_bytes(-1); },
       "spec.worker_memory_bytes: -1 is not allowed"},
      {[](v1::JobSpec& spec) {
         spec.add_worker_tags("gpu");
         spec.add_worker_tags("gpu");
       },
       "spec.worker_tags[1]: 'gpu' is given twice"},
      {[](v1::JobSpec& spec) { spec.add_worker_tags("G P U"); },
       "spec.worker_tags[0]: 'G P U' is not allowed"},
      {[](v1::JobSpec& spec) {
         for (int i = 0; i < 17; ++i) spec.add_worker_tags("t");
       },
       "spec.worker_tags: 17 tags given; at most 16"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.message);
    EXPECT_THAT(std::string(Check(c.change, {}).message()),
                StartsWith(c.message));
  }
}

TEST(ValidateJobTest, FindsABadValueOfAJobTooLargeToResolve) {
  v1::JobSpec spec = SmallJob();
  std::vector<int> values(200);
  for (int i = 0; i < 200; ++i) values[i] = i + 1;
  for (int axis = 0; axis < 3; ++axis) AddIterationsAxis(spec, values);
  const absl::StatusOr<ValidJob> good = ValidateJob(spec, {});
  ASSERT_TRUE(good.ok()) << good.status();
  EXPECT_EQ(good->task_count, 8'000'000);
  EXPECT_EQ(good->digests.size(), 3u);

  spec.mutable_axes(2)
      ->mutable_values(199)
      ->mutable_set()
      ->mutable_style_layers()
      ->add_layers()
      ->set_tap("fc6");
  EXPECT_THAT(std::string(ValidateJob(spec, {}).status().message()),
              StartsWith("spec.axes[2].values[199].set.style_layers: "));
}

TEST(ValidateJobTest, BoundsAResultThatKeepsItsPicturesOwnSize) {
  JobLimits limits;
  limits.renders.max_size_px = 60;
  const absl::Status status = Check(
      [](v1::JobSpec& spec) { spec.mutable_base()->set_size_px(0); }, limits);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("--max-size"));
}

TEST(SpecBytesTest, AreTheSameForTheSameSpecAndReadBack) {
  v1::JobSpec spec = SmallJob();
  AddIterationsAxis(spec, {1, 2});
  const std::string bytes = EncodeSpec(spec);
  EXPECT_EQ(EncodeSpec(*ParseSpec(bytes)), bytes);
  const absl::StatusOr<JobSpec> core = DecodeSpec(bytes);
  ASSERT_TRUE(core.ok()) << core.status();
  EXPECT_EQ(core->axes[0].values[1].set.iterations, 2);
  EXPECT_EQ(DecodeSpec("\xff").status().code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace atelier
