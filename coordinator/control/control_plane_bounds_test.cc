// What unfinished jobs may hold in memory, all together.
#include <memory>
#include <string>
#include <utility>

#include "coordinator/control/control_plane_fixture_testing.h"
#include "gmock/gmock.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;

class ControlPlaneBoundsTest : public testing::Test {
 protected:
  ControlPlaneBoundsTest() { Start(); }

  // Room for two jobs of ten tasks, and half of another.
  void Start() {
    control_.reset();
    ControlPlane::Options options;
    options.decode_spec = SpecOfTasks;
    options.state.open_spec_bytes =
        MemoryBytes(SpecOfTasks("10").value()) * 5 / 2;
    control_ = ControlPlane::Start(store_, clock_, policy_, std::move(options))
                   .value();
  }
  absl::StatusOr<JobRecord> Submit(const std::string& request) {
    return control_->Submit(Admin(), RequestId(request),
                            SpecOfTasks("10").value(), "10");
  }

  InMemoryStore store_;
  FakeClock clock_{absl::FromUnixSeconds(1'000'000)};
  FairSharePolicy policy_;
  std::unique_ptr<ControlPlane> control_;
};

TEST_F(ControlPlaneBoundsTest, AJobThatFindsNoRoomIsRefusedUntilOneEnds) {
  const JobId first = Submit("a").value().id;
  ASSERT_TRUE(Submit("b").ok());
  const absl::Status refused = Submit("c").status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(refused.message()),
              HasSubstr("--max-open-spec-bytes"));
  EXPECT_TRUE(Submit("a").ok()) << "it is there already";

  ASSERT_TRUE(control_->Cancel(Admin(), first).ok());
  EXPECT_TRUE(Submit("c").ok());
  EXPECT_EQ(control_->Retry(Admin(), first).status().code(),
            absl::StatusCode::kResourceExhausted);
}

TEST_F(ControlPlaneBoundsTest, WhatIsStoredIsLoadedWhateverItTakes) {
  const JobId first = Submit("a").value().id;
  const JobId second = Submit("b").value().id;
  Start();
  EXPECT_EQ(control_->Counts().unfinished_jobs, 2);
  EXPECT_FALSE(Submit("c").ok());
  ASSERT_TRUE(control_->Cancel(Admin(), first).ok());
  ASSERT_TRUE(control_->Cancel(Admin(), second).ok());
  EXPECT_TRUE(Submit("c").ok());
}

TEST(MemoryBytesTest, CountsWhatAValueHolds) {
  const int64_t small = MemoryBytes(SpecOfTasks("10").value());
  const int64_t large = MemoryBytes(SpecOfTasks("1010").value());
  EXPECT_GE(large - small, int64_t{1000} * sizeof(AxisValue));
  EXPECT_LE(large - small, int64_t{1000} * sizeof(AxisValue) * 2);

  JobSpec pictures = SpecOfTasks("10").value();
  for (int i = 0; i < 1000; ++i) pictures.picture_sizes[PictureDigest(i)] = {};
  EXPECT_GE(MemoryBytes(pictures) - small, 1000 * 120);

  AxisValue value;
  const int64_t empty = MemoryBytes(value);
  value.set.content_digest = std::string(64, 'a');
  EXPECT_GE(MemoryBytes(value), empty + 64);
  value.set.style_layers.emplace(100);
  EXPECT_GE(MemoryBytes(value),
            empty + 64 + int64_t{100} * sizeof(LayerWeight));
}

}  // namespace
}  // namespace atelier
