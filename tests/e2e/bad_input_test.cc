// What a person gets for a mistake: one clear line, the right exit code, and
// nothing left running.
#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/testing/child_process.h"
#include "tests/testing/cluster.h"
#include "tests/testing/process_table.h"
#include "tests/testing/samples.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Signature and IHDR of a 60,000 x 60,000 8-bit RGB PNG, and no pixel.
std::string HugePngHeader() {
  return std::string(
      "\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xea\x60\0\0\xea\x60\x08\x02\0\0\0"
      "\x0f\xb0\xe2\x15",
      33);
}

class BadInputTest : public testing::Test {
 protected:
  // Runs `atelier` with these arguments and checks how it ends.
  void Expect(int code, const std::string& message,
              std::vector<std::string> arguments) {
    SCOPED_TRACE(absl::StrJoin(arguments, " "));
    arguments.insert(arguments.begin(), Binary("atelier"));
    const std::string mark = NewMark();
    ChildProcess child(arguments, {mark});
    const auto finished = child.Wait(absl::Seconds(60));
    ASSERT_TRUE(finished.has_value()) << "still runs";
    EXPECT_EQ(finished->code, code) << finished->err;
    EXPECT_THAT(finished->err, HasSubstr(message));
    EXPECT_TRUE(absl::StartsWith(finished->err, "atelier: ")) << finished->err;
    EXPECT_EQ(std::count(finished->err.begin(), finished->err.end(), '\n'), 1)
        << finished->err;
    EXPECT_THAT(finished->out, IsEmpty());
    EXPECT_THAT(MarkedProcesses(mark), IsEmpty());
  }

  std::vector<std::string> Render(std::vector<std::string> more) {
    std::vector<std::string> all = {"render", "--output", folder_ / "out.png"};
    all.insert(all.end(), more.begin(), more.end());
    const auto given = [&](const char* flag) {
      return std::find(more.begin(), more.end(), flag) != more.end();
    };
    for (const char* flag : {"--content", "--style"}) {
      if (given(flag)) continue;
      all.push_back(flag);
      all.push_back(SamplePath(flag + 2));
    }
    return all;
  }

  TemporaryFolder folder_;
};

TEST_F(BadInputTest, Masks) {
  Expect(2, "style_mask: ", Render({"--style-mask", SamplePath("content")}));
  Expect(2, "is not a mask: it has the colour",
         Render({"--style-region", SamplePath("content")}));
  Expect(2, "style_mask: ", Render({"--style-mask", folder_ / "missing.png"}));
  Expect(2, "style_mask: 2 given for 1 style",
         Render({"--style-mask", "none", "--style-mask", "none"}));
}

TEST_F(BadInputTest, Pictures) {
  WriteFile(folder_ / "text.jpg", "This is not a picture.\n");
  WriteFile(folder_ / "huge.png", HugePngHeader());
  const std::string whole = ReadFile(SamplePath("content"));
  WriteFile(folder_ / "half.png", whole.substr(0, whole.size() / 2));
  WriteFile(folder_ / "empty.png", "");
  Expect(2, "no-such.jpg", Render({"--content", "no-such.jpg"}));
  Expect(2, "text.jpg", Render({"--style", folder_ / "text.jpg"}));
  Expect(2, "60000", Render({"--content", folder_ / "huge.png"}));
  Expect(2, "half.png", Render({"--content", folder_ / "half.png"}));
  Expect(2, "empty.png", Render({"--style", folder_ / "empty.png"}));
  Expect(2, "folder", Render({"--style", folder_.path()}));
  Expect(2, "no-init.png", Render({"--init", "no-init.png"}));
}

TEST_F(BadInputTest, Weights) {
  WriteFile(folder_ / "cut.safetensors",
            std::string("\x10\x27\0\0\0\0\0\0{\"a\"", 12));
  Expect(2, "cut.safetensors",
         Render({"--weights", folder_ / "cut.safetensors"}));
  Expect(2, "no-such-net", Render({"--weights", "no-such-net"}));
}

TEST_F(BadInputTest, Parameters) {
  Expect(2, "iterations: -3", Render({"--iterations", "-3"}));
  Expect(2, "conv9_9", Render({"--style-layers", "conv9_9"}));
  Expect(2, "size", Render({"--size", "-1"}));
  Expect(2, "style_weight", Render({"--style-weight", "nan"}));
  Expect(2, "style_blend: 2 given for 1 style",
         Render({"--style-blend", "2,1"}));
  Expect(2, "colors: 'sepia' is unknown; allowed: style, original, match",
         Render({"--colors", "sepia"}));
  Expect(2, "bits: 12 is not allowed; 8 or 16", Render({"--bits", "12"}));
  Expect(2, "output: 16 bits a channel are not written as jpeg",
         Render({"--bits", "16", "--output", folder_ / "out.jpg"}));
  Expect(2, "scales: 9 is not allowed; auto, or from 1 to 8",
         Render({"--scales", "9"}));
  Expect(2, "least_progress: 1 is not allowed",
         Render({"--least-progress", "1"}));
  Expect(2, "style_weight", Render({"--style-weight", "heavy"}));
  Expect(2, "optimizer", Render({"--optimizer", "sgd"}));
  Expect(2, "convention", Render({"--convention", "gatis"}));
  Expect(2, "--no-such-flag", Render({"--no-such-flag"}));
  Expect(2, "out.gif",
         {"render", "--content", SamplePath("content"), "--style",
          SamplePath("style"), "--output", folder_ / "out.gif"});
  Expect(2, "--content",
         {"render", "--style", SamplePath("style"), "--output",
          folder_ / "out.png"});
  Expect(2, "no-such-study",
         {"study", "no-such-study", "--content", SamplePath("content"),
          "--style", SamplePath("style"), "--output", folder_ / "out"});
  Expect(2, "frobnicate", {"frobnicate"});
}

TEST_F(BadInputTest, Specs) {
  WriteFile(folder_ / "spec.yaml", "name: x\nbase:\n  contnt: a.png\n");
  WriteFile(folder_ / "broken.yaml", "name: [\n");
  Expect(2, "contnt", {"submit", folder_ / "spec.yaml", "--wait"});
  Expect(2, "broken.yaml", {"submit", folder_ / "broken.yaml", "--wait"});
  Expect(2, "missing.yaml", {"submit", folder_ / "missing.yaml", "--wait"});
}

TEST_F(BadInputTest, ACoordinatorThatIsNotThere) {
  // Port 1 needs root to listen on, and nothing does.
  Expect(3, "127.0.0.1:1", {"jobs", "--coordinator", "127.0.0.1:1"});
  Expect(3, "127.0.0.1:1",
         Render({"--coordinator", "127.0.0.1:1", "--iterations", "1"}));
  Expect(2, "coordinator", {"jobs", "--coordinator", "nonsense"});
}

TEST_F(BadInputTest, AJobThatIsNotThere) {
  Cluster cluster;
  Expect(1, "no-such-job",
         {"show", "no-such-job", "--coordinator", cluster.address()});
  Expect(1, "no-such-worker",
         {"drain", "no-such-worker", "--coordinator", cluster.address()});
}

TEST(ServerFlagsTest, TheServersRefuseBadFlagsInOneLine) {
  TemporaryFolder folder;
  const struct {
    std::vector<std::string> argv;
    const char* message;
  } kCases[] = {
      {{Binary("atelier-coordinator"), "--no-such-flag"}, "--no-such-flag"},
      {{Binary("atelier-coordinator"), "--listen", "nonsense", "--data",
        folder / "d"},
       "nonsense"},
      {{Binary("atelier-coordinator"), "--listen", "0.0.0.0:0", "--data",
        folder / "d"},
       "--insecure"},
      {{Binary("atelier-worker"), "--device", "abacus"}, "abacus"},
      {{Binary("atelier-worker"), "--threads", "-1"}, "threads"},
      {{Binary("atelier-worker"), "--name", "a b"}, "name"},
  };
  for (const auto& bad : kCases) {
    SCOPED_TRACE(absl::StrJoin(bad.argv, " "));
    const Finished finished = RunProgram(bad.argv, absl::Seconds(60));
    EXPECT_EQ(finished.code, 2);
    EXPECT_THAT(finished.err, HasSubstr(bad.message));
    EXPECT_EQ(std::count(finished.err.begin(), finished.err.end(), '\n'), 1)
        << finished.err;
  }
}

TEST(ServerFlagsTest, TwoCoordinatorsDoNotShareAFolder) {
  Cluster cluster;
  const Finished second =
      RunProgram({Binary("atelier-coordinator"), "--listen", "127.0.0.1:0",
                  "--http", "127.0.0.1:0", "--data", cluster.data()},
                 absl::Seconds(60));
  EXPECT_EQ(second.code, 1);
  EXPECT_THAT(second.err, HasSubstr(cluster.data()));
}

}  // namespace
}  // namespace atelier
