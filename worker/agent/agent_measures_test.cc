// Results are measured as their jobs say, and are results without, too.
#include <memory>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/render/measure.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "worker/agent/agent_fixture_testing.h"
#include "worker/agent/measurer.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

// Says what it was asked.
class FakeMeasurer : public Measurer {
 public:
  absl::StatusOr<Measured> Measure(const MeasureRequest& request) override {
    absl::MutexLock lock(&mutex_);
    asked_ = request;
    if (!failure_.ok()) return failure_;
    return Measured{request.by, {{"psnr", 20.5}}};
  }
  MeasureRequest asked() const {
    absl::MutexLock lock(&mutex_);
    return asked_;
  }
  void FailWith(absl::Status failure) {
    absl::MutexLock lock(&mutex_);
    failure_ = std::move(failure);
  }

 private:
  mutable absl::Mutex mutex_;
  MeasureRequest asked_ ABSL_GUARDED_BY(mutex_);
  absl::Status failure_ ABSL_GUARDED_BY(mutex_);
};

class AgentMeasuresTest : public AgentTest {
 protected:
  void SetUp() override {
    RunnerParts parts = PartsOf(0, checkpoints_, extras_);
    parts.measurer = &measurer_;
    parts.memory_in_use = [] { return int64_t{123}; };
    measuring_ = std::make_unique<AttemptRunner>(parts, Self());
    runners_ = {measuring_.get()};
    renderer_.EndWith(RenderEnd::kCompleted);
  }
  ~AgentMeasuresTest() override { End(); }

  v1::TaskResult ResultOf(const v1::Assignment& work) {
    Start();
    coordinator_.Assign(work);
    v1::TaskResult result =
        coordinator_.AwaitReport(v1::OUTCOME_SUCCEEDED).result();
    EXPECT_TRUE(Stop().ok());
    return result;
  }

  FakeMeasurer measurer_;
  std::unique_ptr<AttemptRunner> measuring_;
};

TEST_F(AgentMeasuresTest, AResultIsMeasuredAsTheJobSays) {
  render_.inputs.styles.resize(2);
  render_.inputs.styles[0].picture = store_.Add(Png(100, 50));
  render_.inputs.styles[0].blend = 0.25;
  render_.inputs.styles[1].picture = store_.Add(Png(40, 80));
  render_.inputs.styles[1].blend = 0.75;
  v1::Assignment work = Work();
  work.mutable_measure()->set_size_px(48);
  const v1::TaskResult result = ResultOf(work);
  const MeasureRequest asked = measurer_.asked();
  EXPECT_EQ(asked.by.size_px, 48);
  EXPECT_EQ(asked.by.weights_digest, render_.inputs.weights);
  // The result has 32 x 24 px; all are resized, its content from the file.
  for (const Image* image : {&asked.image, &asked.content.picture}) {
    EXPECT_EQ(image->width_px, 48);
    EXPECT_EQ(image->height_px, 36);
  }
  ASSERT_THAT(asked.styles, SizeIs(2));
  EXPECT_EQ(asked.styles[0].picture.width_px, 48);
  EXPECT_EQ(asked.styles[0].picture.height_px, 24);
  EXPECT_EQ(asked.styles[1].picture.height_px, 48);
  EXPECT_EQ(asked.styles[1].share, 0.75);
  EXPECT_NE(asked.styles[0].key, asked.styles[1].key);
  EXPECT_TRUE(asked.weights().ok());

  const v1::Measures& measures = result.measures();
  EXPECT_EQ(measures.by().size_px(), 48);
  EXPECT_EQ(measures.version(), kMeasureVersion);
  EXPECT_EQ(measures.values().at("psnr"), 20.5);
  EXPECT_THAT(measures.curve().iterations(), ElementsAre(1));
  EXPECT_EQ(measures.peak_memory_bytes(), 123);
  EXPECT_EQ(
      measures.iteration_time().nanos(),
      absl::ToInt64Nanoseconds(FakeRenderer::kIterationTime) % 1'000'000'000);
}

TEST_F(AgentMeasuresTest, AResultThatCannotBeMeasuredIsAResult) {
  measurer_.FailWith(absl::ResourceExhaustedError("no room"));
  const v1::TaskResult result = ResultOf(Work());
  EXPECT_FALSE(result.has_measures());
  EXPECT_TRUE(store_.Find(result.image_digest()).has_value());
}

TEST_F(AgentMeasuresTest, AJobThatCannotBeReadIsNotMeasured) {
  v1::Assignment work = Work();
  work.mutable_measure()->set_size_px(7);
  EXPECT_FALSE(ResultOf(work).has_measures());
}

}  // namespace
}  // namespace atelier
