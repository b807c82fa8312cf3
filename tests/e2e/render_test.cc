// One picture from the command line, without a coordinator of one's own.
#include <signal.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "common/image/image.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/child_process.h"
#include "tests/testing/process_table.h"
#include "tests/testing/samples.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<std::string> RenderCommand(const std::string& output,
                                       const std::string& iterations) {
  return {Binary("atelier"), "render",
          "--content",       SamplePath("content"),
          "--style",         SamplePath("style"),
          "--output",        output,
          "--size",          "96",
          "--iterations",    iterations};
}

class RenderTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    ASSERT_TRUE(InitialiseImages("render_test").ok());
  }
  TemporaryFolder folder_;
};

TEST_F(RenderTest, LeavesAPictureAndNothingRunning) {
  const std::string mark = NewMark();
  ChildProcess render(RenderCommand(folder_ / "out.png", "5"), {mark});
  const auto finished = render.Wait(absl::Minutes(2));
  ASSERT_TRUE(finished.has_value());
  EXPECT_EQ(finished->code, 0) << finished->err;
  const Image image = Decode(ReadFile(folder_ / "out.png")).value();
  EXPECT_EQ(image.width_px, 96);
  EXPECT_EQ(image.height_px, 72);
  EXPECT_THAT(MarkedProcesses(mark), IsEmpty());
}

TEST_F(RenderTest, WritesTheFormatThatTheExtensionAsksFor) {
  for (const char* format : {"jpeg", "tiff", "webp"}) {
    SCOPED_TRACE(format);
    const std::string path = folder_ / (std::string("out.") + format);
    const Finished finished = RunProgram(RenderCommand(path, "1"));
    EXPECT_EQ(finished.code, 0) << finished.err;
    const std::string bytes = ReadFile(path);
    EXPECT_EQ(ReadHeader(bytes)->format, format);
    EXPECT_THAT(bytes, HasSubstr("<dc:description>")) << "without parameters";
    EXPECT_THAT(bytes, HasSubstr("content_layers"));
  }
}

TEST_F(RenderTest, BlendsMaskedStylesIntoSixteenBits) {
  // The left half, and all of it a little.
  Image mask{8, 8, std::vector<float>(192, 0.1f)};
  for (int i = 0; i < 192; ++i) {
    if (i % 8 < 4) mask.rgb[i] = 1;
  }
  WriteFile(folder_ / "mask.png", Encode(mask, "png").value());
  std::vector<std::string> command = RenderCommand(folder_ / "out.png", "3");
  command.insert(
      command.end(),
      {"--style", SamplePath("content"), "--style-blend", "3,1", "--style-mask",
       "none", "--style-mask", folder_ / "mask.png", "--style-region",
       folder_ / "mask.png", "--style-region", "none", "--style-scale", "1.5",
       "--colors", "original", "--bits", "16"});
  const Finished finished = RunProgram(command);
  ASSERT_EQ(finished.code, 0) << finished.err;
  const std::string png = ReadFile(folder_ / "out.png");
  constexpr size_t kBitDepth = 24;  // In the header chunk.
  EXPECT_EQ(png.at(kBitDepth), 16);
}

TEST_F(RenderTest, PrintsJsonForPrograms) {
  std::vector<std::string> command = RenderCommand(folder_ / "out.png", "3");
  command.push_back("--json");
  const Finished finished = RunProgram(command);
  ASSERT_EQ(finished.code, 0) << finished.err;
  const auto json = nlohmann::json::parse(finished.out, nullptr, false);
  ASSERT_FALSE(json.is_discarded()) << finished.out;
  EXPECT_THAT(finished.out, HasSubstr("total_loss"));
}

TEST_F(RenderTest, TheSameRenderTwiceIsTheSameBytes) {
  ASSERT_EQ(RunProgram(RenderCommand(folder_ / "a.png", "5")).code, 0);
  ASSERT_EQ(RunProgram(RenderCommand(folder_ / "b.png", "5")).code, 0);
  EXPECT_EQ(ReadFile(folder_ / "a.png"), ReadFile(folder_ / "b.png"));
}

TEST_F(RenderTest, AKilledClientTakesItsClusterWithIt) {
  const std::string mark = NewMark();
  ChildProcess render(RenderCommand(folder_ / "out.png", "100000"), {mark});
  // The first progress line says that all are up and rendering.
  std::vector<pid_t> family;
  for (int i = 0; i < 600 && family.size() < 3; ++i) {
    EXPECT_FALSE(render.Wait(absl::Milliseconds(100)).has_value());
    family = MarkedProcesses(mark);
  }
  ASSERT_THAT(family, SizeIs(3));
  render.Kill();
  EXPECT_TRUE(WaitUntilGone(family, absl::Seconds(20)));
}

TEST_F(RenderTest, AWorkerThatASignalEndsIsStartedAgain) {
  const std::string mark = NewMark();
  ChildProcess render(RenderCommand(folder_ / "out.png", "100"), {mark});
  pid_t worker = 0;
  for (int i = 0; i < 600 && worker == 0; ++i) {
    EXPECT_FALSE(render.Wait(absl::Milliseconds(100)).has_value());
    for (pid_t pid : MarkedProcesses(mark)) {
      if (ProgramOf(pid) == "atelier-worker") worker = pid;
    }
  }
  ASSERT_EQ(kill(worker, SIGSEGV), 0);
  const auto finished = render.Wait(absl::Minutes(2));
  ASSERT_TRUE(finished.has_value());
  EXPECT_EQ(finished->code, 0) << finished->err;
  EXPECT_THAT(finished->err, HasSubstr("was killed by signal 11"));
  EXPECT_THAT(finished->err, HasSubstr("it is started again"));
  EXPECT_THAT(MarkedProcesses(mark), IsEmpty());
}

TEST_F(RenderTest, CtrlCStopsEverything) {
  const std::string mark = NewMark();
  ChildProcess render(RenderCommand(folder_ / "out.png", "100000"), {mark});
  for (int i = 0; i < 600 && MarkedProcesses(mark).size() < 3; ++i) {
    EXPECT_FALSE(render.Wait(absl::Milliseconds(100)).has_value());
  }
  render.Signal(SIGINT);
  const auto finished = render.Wait(absl::Seconds(20));
  ASSERT_TRUE(finished.has_value());
  EXPECT_EQ(finished->code, 130) << finished->err;
  EXPECT_THAT(MarkedProcesses(mark), IsEmpty());
}

}  // namespace
}  // namespace atelier
