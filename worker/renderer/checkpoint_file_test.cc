#include "worker/renderer/checkpoint_file.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <istream>
#include <memory>
#include <random>
#include <sstream>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "common/weights/safetensors.h"
#include "worker/renderer/torch_renderer.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

engine::Checkpoint Example() {
  engine::Checkpoint checkpoint;
  checkpoint.iteration = 60;
  checkpoint.scale_ends = {20, 40};
  checkpoint.progress.best = {
      58,
      {{"content", 0.1}, {"style", 1e-300}, {"total_variation", -0.0}},
      3.25,
      3};
  checkpoint.progress.restarts = 2;
  checkpoint.progress.exploded = 1;
  checkpoint.progress.window = {5, 4.5, 1.0 / 3};
  checkpoint.image = at::arange(30, at::kFloat).view({1, 3, 2, 5});
  checkpoint.image[0][1][1][1] = NAN;  // What the next evaluation is to see.
  checkpoint.best = checkpoint.image.flip(3).contiguous();
  for (int i = 0; i < 12; ++i) {
    checkpoint.optimizer.push_back(
        {"part " + std::to_string(12 - i),
         at::full({1, 4}, 0.1 * i, i % 2 == 0 ? at::kFloat : at::kDouble)});
  }
  return checkpoint;
}

std::string Written(const engine::Checkpoint& checkpoint,
                    absl::string_view render) {
  std::ostringstream out;
  WriteCheckpoint(checkpoint, render, out);
  return out.str();
}

absl::StatusOr<engine::Checkpoint> Read(const std::string& bytes,
                                        absl::string_view render) {
  std::istringstream in(bytes);
  return ReadCheckpoint(in, render);
}

bool SameBits(const at::Tensor& a, const at::Tensor& b) {
  return a.scalar_type() == b.scalar_type() && a.sizes() == b.sizes() &&
         std::string(static_cast<const char*>(a.data_ptr()), a.nbytes()) ==
             std::string(static_cast<const char*>(b.data_ptr()), b.nbytes());
}

TEST(CheckpointFileTest, ReadsBackEveryBitOfWhatWasWritten) {
  const engine::Checkpoint written = Example();
  const std::string bytes = Written(written, "key");
  EXPECT_EQ(bytes, Written(Example(), "key"));
  const auto read = Read(bytes, "key");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->iteration, 60);
  EXPECT_THAT(read->scale_ends, ::testing::ElementsAre(20, 40));
  const engine::Progress::State& progress = read->progress;
  EXPECT_EQ(progress.best.iteration, 58);
  EXPECT_EQ(progress.best.terms["content"], 0.1);
  EXPECT_EQ(progress.best.terms["style"], 1e-300);
  EXPECT_TRUE(std::signbit(progress.best.terms["total_variation"]));
  EXPECT_EQ(progress.best.total, 3.25);
  EXPECT_EQ(progress.best.scale, 3);
  EXPECT_EQ(progress.restarts, 2);
  EXPECT_EQ(progress.exploded, 1);
  EXPECT_EQ(progress.window, written.progress.window);
  EXPECT_TRUE(SameBits(read->image, written.image));
  EXPECT_TRUE(SameBits(read->best, written.best));
  ASSERT_THAT(read->optimizer, SizeIs(written.optimizer.size()));
  for (size_t i = 0; i < read->optimizer.size(); ++i) {
    EXPECT_EQ(read->optimizer[i].name, written.optimizer[i].name);
    EXPECT_TRUE(
        SameBits(read->optimizer[i].tensor, written.optimizer[i].tensor));
  }
}

TEST(CheckpointFileTest, TheFirstIterationsHaveNoBestNorOptimizer) {
  engine::Checkpoint checkpoint = Example();
  checkpoint.scale_ends.clear();
  checkpoint.progress = {};
  checkpoint.optimizer.clear();
  const auto read = Read(Written(checkpoint, ""), "");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_THAT(read->progress.window, SizeIs(0));
  EXPECT_THAT(read->optimizer, SizeIs(0));
}

TEST(CheckpointFileTest, AnotherRendersCheckpointIsRefusedWithBoth) {
  const absl::Status status =
      Read(Written(Example(), "theirs"), "ours").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()), HasSubstr("theirs"));
  EXPECT_THAT(std::string(status.message()), HasSubstr("ours"));
}

TEST(CheckpointFileTest, NamesWhatIsWrong) {
  const std::string good = Written(Example(), "key");
  std::string version = good;
  version.replace(version.find("\"atelier_checkpoint\":\"1\""), 24,
                  "\"atelier_checkpoint\":\"9\"");
  std::string flipped = good;
  flipped.back() ^= 1;
  const struct {
    std::string bytes;
    absl::StatusCode code;
    const char* expected;
  } cases[] = {
      {version, absl::StatusCode::kFailedPrecondition, "version"},
      {flipped, absl::StatusCode::kDataLoss, "sha256 is not that of the"},
      {"", absl::StatusCode::kDataLoss, "checkpoint: "},
      {"not a checkpoint", absl::StatusCode::kDataLoss, "checkpoint: "},
      {good.substr(0, good.size() - 1), absl::StatusCode::kDataLoss,
       "checkpoint: "},
      {WriteSafetensors({}, {}), absl::StatusCode::kDataLoss,
       "metadata has no atelier_checkpoint"},
  };
  for (const auto& tested : cases) {
    SCOPED_TRACE(tested.expected);
    const absl::Status status = Read(tested.bytes, "key").status();
    EXPECT_EQ(status.code(), tested.code) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(tested.expected));
  }
}

// Bits flipped, pieces cut out, doubled or overwritten: refused, unless it is a
// change that means nothing, such as other blanks between the header's words.
TEST(CheckpointFileTest, NoDamageGoesUnseen) {
  const std::string good = Written(Example(), "key");
  std::mt19937_64 random(20240611);
  const auto below = [&random](size_t bound) { return random() % bound; };
  for (int round = 0; round < 20000; ++round) {
    std::string bytes = good;
    for (size_t changes = 1 + below(3); changes > 0; --changes) {
      const size_t at = below(bytes.size());
      const size_t length = below(std::min<size_t>(64, bytes.size() - at)) + 1;
      switch (below(4)) {
        case 0:
          bytes[at] = static_cast<char>(bytes[at] ^ (1 << below(8)));
          break;
        case 1:
          bytes.erase(at, length);
          break;
        case 2:
          bytes.insert(at, bytes.substr(at, length));
          break;
        default:
          for (size_t i = at; i < at + length; ++i) {
            bytes[i] = static_cast<char>(random());
          }
      }
      if (bytes.empty()) break;
    }
    if (bytes == good) continue;
    const auto read = Read(bytes, "key");
    if (read.ok()) {
      ASSERT_EQ(Written(*read, "key"), good) << "round " << round;
      continue;
    }
    ASSERT_TRUE(absl::IsDataLoss(read.status()) ||
                absl::IsFailedPrecondition(read.status()))
        << "round " << round << ": " << read.status();
  }
}

RenderJob SmallJob() {
  RenderJob job;
  job.params.iterations = 12;
  job.params.init = Initialisation::kNoise;
  job.params.content_weight = 1e5;
  job.params.style_weight = 3e4;
  job.params.content_layers = {{"relu2_1"}};
  job.params.style_layers = {{"relu1_1"}};
  job.weights = std::make_shared<const WeightFile>(
      ParseWeights(LoadWeights(std::string(kBuiltinNetwork)).value()).value());
  job.content = {24, 17, {}};
  for (int i = 0; i < 3 * 24 * 17; ++i) {
    job.content.rgb.push_back(0.5f + 0.5f * std::sin(0.3f * i));
  }
  job.styles.emplace_back().picture = job.content;
  job.resumption.key = "key";
  return job;
}

std::unique_ptr<std::istream> Open(const std::string& bytes) {
  return std::make_unique<std::istringstream>(bytes);
}

TEST(ResumptionTest, APictureIsTheSameHoweverOftenItsRenderWasCut) {
  auto setup = MakeTorchRenderer({"cpu", 1});
  ASSERT_TRUE(setup.ok()) << setup.status();
  Renderer& renderer = *setup->renderer;
  RenderJob job = SmallJob();
  const auto whole = renderer.Render(job, [](const LossAt&) { return true; });
  ASSERT_TRUE(whole.ok()) << whole.status();

  std::vector<std::string> kept;
  std::vector<int> iterations;
  job.resumption.keep = [&](const CheckpointToKeep& checkpoint) {
    iterations.push_back(checkpoint.iteration);
    std::ostringstream out;
    checkpoint.write(out);
    kept.push_back(out.str());
    EXPECT_NEAR(checkpoint.bytes, kept.back().size(), 4096);
  };
  job.resumption.wanted = [count = 0]() mutable { return ++count == 2; };
  const auto stopped =
      renderer.Render(job, [](const LossAt& at) { return at.iteration < 5; });
  ASSERT_TRUE(stopped.ok()) << stopped.status();
  EXPECT_THAT(iterations, ElementsAre(2, 5)) << "wanted, and of the stop";
  ASSERT_THAT(kept, SizeIs(2));
  for (size_t i = 0; i < 2; ++i) {
    SCOPED_TRACE(i);
    RenderJob again = SmallJob();
    again.resumption.from = [&] { return Open(kept[i]); };
    const auto resumed =
        renderer.Render(again, [](const LossAt&) { return true; });
    ASSERT_TRUE(resumed.ok()) << resumed.status();
    EXPECT_EQ(resumed->iterations, 12);
    EXPECT_EQ(resumed->curve.front().iteration, i == 0 ? 3 : 6);
    EXPECT_EQ(resumed->image.rgb, whole->image.rgb);
  }
}

TEST(ResumptionTest, ACheckpointThatCannotBeUsedIsToldFromInputsThatCannot) {
  auto setup = MakeTorchRenderer({"cpu", 1});
  ASSERT_TRUE(setup.ok()) << setup.status();
  const auto go_on = [](const LossAt&) { return true; };
  RenderJob job = SmallJob();
  job.resumption.from = [] { return Open("damaged"); };
  EXPECT_EQ(setup->renderer->Render(job, go_on).status().code(),
            absl::StatusCode::kDataLoss);
  job.resumption.from = [] { return Open(Written(Example(), "key")); };
  EXPECT_EQ(setup->renderer->Render(job, go_on).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

}  // namespace
}  // namespace atelier
