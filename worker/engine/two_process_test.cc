// Same render key and same profile, same bytes: across processes.
#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/cuda.h>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/digest.h"
#include "worker/engine/backend.h"
#include "worker/engine/onednn_network.h"
#include "worker/engine/render_fixture.h"

namespace atelier::engine {
namespace {

class TwoProcessTest : public RenderFixture {
 protected:
  struct Place {
    Backend backend;
    at::DeviceType device;
  };

  static std::vector<Place> Places() {
    std::vector<Place> places = {{Backend::kReference, at::kCPU}};
    if (const std::string why = WhyNoOnednn(); why.empty()) {
      places.push_back({Backend::kOnednn, at::kCPU});
    } else {
      std::printf("THE ONEDNN BACKEND IS NOT TESTED: %s\n", why.c_str());
    }
    if (torch::cuda::is_available()) {
      places.push_back({Backend::kReference, at::kCUDA});
      places.push_back({Backend::kReferenceTf32, at::kCUDA});
      places.push_back({Backend::kReferenceBf16, at::kCUDA});
    } else {
      std::printf("NO GPU IS HERE: NOT TESTED\n");
    }
    return places;
  }

  static std::string DigestOf(const at::Tensor& image) {
    return HexDigest(
        {static_cast<const char*>(image.data_ptr()), image.nbytes()});
  }

  // "digest PLACE OPTIMIZER SHA-256", a line for each pair.
  std::vector<std::string> RenderAll() {
    AddStyle();
    params_.scales = 2;
    params_.iterations = 12;
    // Large enough for both threads to have work.
    const at::Tensor content = NoisePicture(64, 80, 50);
    const at::Tensor style = NoisePicture(64, 64, 60);
    std::vector<std::string> lines;
    const std::vector<Place> places = Places();
    for (size_t i = 0; i < places.size(); ++i) {
      const auto [backend, device] = places[i];
      pictures_ = {content.to(device), {{style.to(device)}}, {}};
      const auto vgg =
          MakeNetwork(backend, network_.weights(), OptionsFor(params_), device);
      EXPECT_TRUE(vgg.ok()) << vgg.status();
      for (Optimizer optimizer : {Optimizer::kLbfgs, Optimizer::kAdam}) {
        params_.optimizer = optimizer;
        params_.learning_rate = optimizer == Optimizer::kAdam ? 0.05 : 1;
        RenderHooks hooks;
        hooks.observe = GoOn;
        const auto result = Render(**vgg, params_, pictures_, hooks);
        EXPECT_TRUE(result.ok()) << result.status();
        lines.push_back(
            absl::StrCat("digest ", i, " ", static_cast<int>(optimizer), " ",
                         DigestOf(result->image.cpu().contiguous())));
      }
    }
    return lines;
  }
};

// What the other process runs.
TEST_F(TwoProcessTest, EachBackendAndOptimizerHasADigestOfItsOwn) {
  std::vector<std::string> lines = RenderAll();
  for (const std::string& line : lines) std::printf("%s\n", line.c_str());
  EXPECT_EQ(lines.size(), 2 * Places().size());
  EXPECT_NE(lines[0].substr(11), lines[1].substr(11));
}

// What this very program prints when it runs those tests.
std::vector<std::string> DigestsOfAnotherProcess(const std::string& tests) {
  const std::string self = std::filesystem::read_symlink("/proc/self/exe");
  const std::string command =
      absl::StrCat("'", self, "' --gtest_filter=", tests);
  FILE* const pipe = popen(command.c_str(), "r");
  EXPECT_NE(pipe, nullptr);
  std::string output;
  char piece[256];
  while (fgets(piece, sizeof(piece), pipe) != nullptr) output += piece;
  EXPECT_EQ(pclose(pipe), 0) << output;
  std::vector<std::string> digests;
  for (absl::string_view line : absl::StrSplit(output, '\n')) {
    if (absl::StartsWith(line, "digest ")) digests.emplace_back(line);
  }
  return digests;
}

TEST_F(TwoProcessTest, TheSameRenderGivesTheSameBytesInBoth) {
  EXPECT_THAT(RenderAll(),
              ::testing::ElementsAreArray(DigestsOfAnotherProcess(
                  "TwoProcessTest.EachBackendAndOptimizerHasADigestOfItsOwn")));
}

}  // namespace
}  // namespace atelier::engine
