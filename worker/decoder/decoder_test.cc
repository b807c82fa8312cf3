// The real decoder, with good files and bad ones.
#include "worker/decoder/decoder.h"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "common/render/size.h"
#include "common/weights/safetensors.h"
#include "common/weights/torch_writer_testing.h"
#include "common/weights/weight_file.h"
#include "gmock/gmock.h"
#include "worker/decoder/decoder_fixture_testing.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;

class DecoderTest : public ::testing::Test {
 protected:
  // In the decoder, and here: the same picture or the same error.
  void ExpectAsHere(absl::string_view bytes, FitFn fit,
                    const DecodeLimits& limits = {}) {
    const absl::StatusOr<Image> there =
        decoder_->DecodeToFit(bytes, fit, limits);
    const absl::StatusOr<Image> here = DecodeToFit(bytes, fit, limits);
    ASSERT_EQ(there.status(), here.status());
    if (!here.ok()) return;
    EXPECT_EQ(there->width_px, here->width_px);
    EXPECT_EQ(there->height_px, here->height_px);
    EXPECT_EQ(there->rgb, here->rgb) << "bit for bit";
  }

  std::unique_ptr<Decoder> decoder_ = StartRealDecoder();
};

TEST_F(DecoderTest, ItsCallsAreFiltered) {
  const absl::Status filtered = decoder_->filtered();
  if (absl::IsUnimplemented(filtered)) {
    GTEST_SKIP() << "NOT TESTED: " << filtered;
  }
  EXPECT_TRUE(filtered.ok()) << filtered;
}

TEST_F(DecoderTest, PicturesAreTheSameBitForBit) {
  for (const auto& [format, bits] : std::vector<std::pair<std::string, int>>{
           {"png", 8}, {"png", 16}, {"jpeg", 8}, {"tiff", 16}, {"webp", 8}}) {
    SCOPED_TRACE(format);
    const std::string bytes = *Encode(Slopes(331, 207), format, "", bits);
    ExpectAsHere(bytes, AsItIs);
    for (const int size_px : {1, 16, 100, 331, 512}) {
      ExpectAsHere(bytes, [&](int width_px, int height_px) {
        return FitSize(width_px, height_px, size_px);
      });
    }
  }
}

TEST_F(DecoderTest, ErrorsAreTheSameWordForWord) {
  const std::string png = *Encode(Slopes(64, 48), "png");
  const std::string jpeg = *Encode(Slopes(64, 48), "jpeg");
  DecodeLimits little;
  little.max_memory_bytes = 50'000;
  DecodeLimits few;
  few.max_pixels = 100;
  ExpectAsHere("", AsItIs);
  ExpectAsHere("<svg xmlns='http://www.w3.org/2000/svg'/>", AsItIs);
  ExpectAsHere("%PDF-1.4", AsItIs);
  ExpectAsHere(png.substr(0, 40), AsItIs);
  ExpectAsHere(png.substr(0, png.size() / 2), AsItIs);
  ExpectAsHere(jpeg.substr(0, jpeg.size() / 2), AsItIs);
  ExpectAsHere(png, AsItIs, little);
  ExpectAsHere(png, AsItIs, few);
  ExpectAsHere(png, [](int, int) { return std::pair{5, 5}; });
  // One process has read all of them.
  ExpectAsHere(png, AsItIs);
}

TEST_F(DecoderTest, ASizeThatIsNotWantedEndsIt) {
  const std::string png = *Encode(Slopes(64, 48), "png");
  const auto refuse = [](int, int) -> absl::StatusOr<std::pair<int, int>> {
    return absl::FailedPreconditionError("not this one");
  };
  ExpectAsHere(png, refuse);
  ExpectAsHere(png, AsItIs);
}

// Files that are damaged anywhere, as they are and where they are cut.
TEST_F(DecoderTest, DamagedPicturesEndWithAnErrorOrAPicture) {
  for (const char* format : {"png", "jpeg", "tiff", "webp"}) {
    SCOPED_TRACE(format);
    const std::string whole = *Encode(Slopes(40, 30), format);
    for (size_t at = 0; at < whole.size(); at += 1 + whole.size() / 97) {
      std::string damaged = whole;
      damaged[at] = static_cast<char>(~damaged[at]);
      const auto limit = absl::Minutes(1);
      const absl::Time start = absl::Now();
      const absl::Status status =
          decoder_->DecodeToFit(damaged, AsItIs, DecodeLimits()).status();
      EXPECT_LT(absl::Now() - start, limit);
      EXPECT_THAT(std::string(status.message()),
                  ::testing::Not(HasSubstr("the decoder")))
          << "byte " << at;
    }
  }
}

// A picture that claims 60,000 x 3,000 px of nothing.
TEST_F(DecoderTest, ABombIsRefusedByItsHeader) {
  std::string png = *Encode(Slopes(64, 48), "png");
  png.replace(16, 8, std::string("\0\0\xea\x60\0\0\x0b\xb8", 8));
  ExpectAsHere(png, AsItIs);
  DecodeLimits limits;
  limits.max_memory_bytes = 1 << 20;
  ExpectAsHere(png, AsItIs, limits);
}

TEST_F(DecoderTest, OneThatIsKilledBetweenFilesIsStartedAgain) {
  const std::string png = *Encode(Slopes(8, 8), "png");
  ExpectAsHere(png, AsItIs);
  const std::string children =
      absl::StrCat("/proc/self/task/", gettid(), "/children");
  std::ifstream list(children);
  pid_t pid = 0;
  if (!(list >> pid)) GTEST_SKIP() << "NOT TESTED: no " << children;
  ASSERT_EQ(kill(pid, SIGKILL), 0);
  ExpectAsHere(png, AsItIs);
}

// A signal for the worker's whole group reaches the decoder too.
TEST_F(DecoderTest, ItLeavesSignalsToItsWorker) {
  const std::string children =
      absl::StrCat("/proc/self/task/", gettid(), "/children");
  std::ifstream list(children);
  pid_t pid = 0;
  if (!(list >> pid)) GTEST_SKIP() << "NOT TESTED: no " << children;
  EXPECT_EQ(getsid(pid), pid);
  EXPECT_EQ(kill(pid, SIGTERM), 0);
  ExpectAsHere(*Encode(Slopes(8, 8), "png"), AsItIs);
  std::ifstream again(children);
  pid_t after = 0;
  EXPECT_TRUE(again >> after);
  EXPECT_EQ(after, pid);
}

TEST_F(DecoderTest, SeveralThreadsShareOne) {
  const std::string png = *Encode(Slopes(120, 90), "png");
  const Image whole = *DecodeToFit(png, AsItIs, DecodeLimits());
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int time = 0; time < 10; ++time) {
        const auto image = decoder_->DecodeToFit(png, AsItIs, DecodeLimits());
        EXPECT_TRUE(image.ok() && image->rgb == whole.rgb) << image.status();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

WeightBytes Named(std::string bytes) {
  WeightBytes weights;
  weights.name = "some/folder/net.safetensors";
  weights.digest = "0123";
  weights.bytes = std::make_shared<const std::string>(std::move(bytes));
  return weights;
}

TEST_F(DecoderTest, WeightsAreTheSameBitForBit) {
  for (const absl::string_view name : {kBuiltinNetwork, kSyntheticVgg19}) {
    SCOPED_TRACE(name);
    const WeightBytes bytes = Named(*LoadWeights(std::string(name))->bytes);
    const auto there = decoder_->ParseWeights(bytes);
    const auto here = ParseWeights(bytes);
    ASSERT_TRUE(there.ok()) << there.status();
    EXPECT_EQ(there->network.name, here->network.name);
    EXPECT_EQ(there->network.weights_digest, "0123");
    EXPECT_EQ(there->network.architecture, here->network.architecture);
    EXPECT_EQ(there->network.blocks, here->network.blocks);
    EXPECT_EQ(there->network.padding, here->network.padding);
    EXPECT_EQ(there->network.pooling, here->network.pooling);
    EXPECT_EQ(there->network.preprocessing, here->network.preprocessing);
    ASSERT_EQ(there->convolutions.size(), here->convolutions.size());
    for (size_t i = 0; i < here->convolutions.size(); ++i) {
      const ConvolutionWeights& one = there->convolutions[i];
      const ConvolutionWeights& other = here->convolutions[i];
      EXPECT_EQ(one.in_channels, other.in_channels);
      EXPECT_EQ(one.out_channels, other.out_channels);
      EXPECT_EQ(one.kernel, other.kernel);
      EXPECT_EQ(one.bias, other.bias);
    }
  }
}

TEST_F(DecoderTest, ErrorsOfWeightsAreTheSameWordForWord) {
  std::string builtin = *LoadWeights(std::string(kBuiltinNetwork))->bytes;
  for (const std::string& bytes :
       {std::string(), std::string("no weights"), builtin.substr(0, 5000),
        std::string("\x80\x02"
                    "cos\nsystem\nX\x02\0\0\0ls\x85R.",
                    23)}) {
    const WeightBytes weights = Named(bytes);
    EXPECT_FALSE(ParseWeights(weights).ok());
    EXPECT_EQ(decoder_->ParseWeights(weights).status(),
              ParseWeights(weights).status());
  }
}

}  // namespace
}  // namespace atelier
