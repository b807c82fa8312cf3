// What becomes of a file whose decoder fails. The decoder is a fake that fails
// as it is told; fake_decoder_testing.cc has the ways.
#include <string>
#include <vector>

#include "absl/base/config.h"
#include "common/weights/weight_file.h"
#include "gmock/gmock.h"
#include "tests/testing/temp_folder.h"
#include "worker/decoder/decoder.h"
#include "worker/decoder/decoder_fixture_testing.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr absl::Duration kBriefly = absl::Milliseconds(200);

std::unique_ptr<Decoder> StartFake(std::vector<std::string> arguments,
                                   absl::Duration limit = absl::Minutes(1)) {
  arguments.insert(arguments.begin(), ProgramBeside("fake_decoder"));
  return StartDecoder(std::move(arguments), limit).value();
}

WeightBytes SomeWeights() {
  WeightBytes weights;
  weights.name = "weights 0123";
  weights.bytes = std::make_shared<const std::string>("ten bytes.");
  return weights;
}

absl::Status DecodeStatus(Decoder& decoder) {
  return decoder.DecodeToFit("ten bytes.", AsItIs, DecodeLimits()).status();
}

void ExpectInvalid(const absl::Status& status, const std::string& why) {
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
  EXPECT_EQ(std::string(status.message()),
            "reading this file of 10 bytes " + why);
}

struct Way {
  std::string how;
  std::string why;
};

TEST(DecoderFaultTest, APictureWhoseDecoderFailsIsInvalid) {
  const std::string cant_be = "made the decoder answer what can't be: ";
  const std::vector<Way> ways = {
      {"crash", "crashed the decoder: signal 11 (SIGSEGV)"},
      {"abort", "crashed the decoder: signal 6 (SIGABRT)"},
      {"exit", "ended the decoder with exit code 7"},
      {"half", "ended the decoder with exit code 0"},
      {"garbage", cant_be + "a frame 3735928559 where 3 is expected"},
      {"flood", cant_be + "a frame 16843009 where 3 is expected"},
      {"size", cant_be + "a picture of -4 x 2 px"},
      {"huge size", cant_be + "a picture of 1073741824 x 1073741824 px"},
      {"error", cant_be + "an error 16"},
      {"long text", cant_be + "a message of 1048576 bytes"},
      {"pixels", cant_be + "a frame 5 of 96 bytes where 0 are expected"},
      {"short", cant_be + "fewer bytes than it says"},
      {"nan", cant_be + "values that are not finite"},
  };
  for (const Way& way : ways) {
    SCOPED_TRACE(way.how);
    const std::unique_ptr<Decoder> decoder = StartFake({way.how});
    // The second time, with a decoder that was started again.
    for (int time = 0; time < 2; ++time) {
      ExpectInvalid(DecodeStatus(*decoder), way.why);
    }
  }
}

TEST(DecoderFaultTest, WeightsWhoseDecoderFailsAreInvalid) {
  const std::string cant_be = "made the decoder answer what can't be: ";
  const std::vector<Way> ways = {
      {"crash", "crashed the decoder: signal 11 (SIGSEGV)"},
      {"garbage", cant_be + "a frame 3735928559 where 7 is expected"},
      {"network", cant_be + "network: padding is 2139062143"},
      {"values", cant_be + "values of 9665576960 bytes"},
      {"few values", cant_be + "values of 152 bytes"},
  };
  for (const Way& way : ways) {
    SCOPED_TRACE(way.how);
    const std::unique_ptr<Decoder> decoder = StartFake({way.how});
    ExpectInvalid(decoder->ParseWeights(SomeWeights()).status(), way.why);
  }
}

TEST(DecoderFaultTest, OneThatDoesNotEndInTimeIsKilled) {
  for (const char* how : {"loop", "close"}) {
    SCOPED_TRACE(how);
    const std::unique_ptr<Decoder> decoder = StartFake({how}, kBriefly);
    const absl::Status status = DecodeStatus(*decoder);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
  }
  const std::unique_ptr<Decoder> decoder = StartFake({"loop"}, kBriefly);
  ExpectInvalid(DecodeStatus(*decoder),
                "takes longer than 200ms, which is the most");
}

TEST(DecoderFaultTest, ItHasNoMoreMemoryThanItsLimit) {
#if defined(ABSL_HAVE_ADDRESS_SANITIZER)
  GTEST_SKIP() << "NOT TESTED: a sanitizer's memory is not counted";
#endif
  const std::unique_ptr<Decoder> decoder = StartFake({"memory"});
  DecodeLimits limits;
  limits.max_memory_bytes = 1 << 20;
  ExpectInvalid(decoder->DecodeToFit("ten bytes.", AsItIs, limits).status(),
                "ended the decoder with exit code 8");
  ExpectInvalid(decoder->ParseWeights(SomeWeights()).status(),
                "ended the decoder with exit code 8");
  // None was given.
  ExpectInvalid(DecodeStatus(*decoder), "ended the decoder with exit code 9");
}

TEST(DecoderFaultTest, AMessageSteersNoTerminal) {
  const std::unique_ptr<Decoder> decoder = StartFake({"control"});
  EXPECT_EQ(std::string(DecodeStatus(*decoder).message()), R"(\x1b[2J\xff)");
}

// By the kernel, for want of memory, or by a person.
TEST(DecoderFaultTest, AKillIsNotTheFilesDoing) {
  const TempFolder folder;
  const std::unique_ptr<Decoder> once =
      StartFake({"once", folder.path() + "/killed"});
  const auto image =
      once->DecodeToFit(*Encode(Slopes(5, 3), "png"), AsItIs, DecodeLimits());
  EXPECT_TRUE(image.ok()) << image.status();
  const std::unique_ptr<Decoder> always = StartFake({"killed"});
  const absl::Status status = DecodeStatus(*always);
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
  EXPECT_THAT(std::string(status.message()),
              StartsWith("memory: the decoder was killed twice"));
}

TEST(DecoderFaultTest, OneThatDoesNotBeginIsNoDecoder) {
  const std::vector<std::pair<std::string, std::string>> ways = {
      {"not ready", " does not begin: it is gone"},
      {"old", " does not begin: it is of another build than this program"},
      {"mute", " does not begin: it takes too long"}};
  for (const auto& [how, why] : ways) {
    SCOPED_TRACE(how);
    DecoderOptions options;
    options.command = {ProgramBeside("fake_decoder"), how};
    if (how == "mute") options.start_limit = kBriefly;
    const absl::Status status = Decoder::Start(options).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_EQ(std::string(status.message()),
              "the decoder " + options.command[0] + why);
  }
  const absl::Status absent = StartDecoder({"/no/such/decoder"}).status();
  EXPECT_EQ(absent.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(absent.message()),
              HasSubstr("the decoder /no/such/decoder can't be started: "));
}

TEST(DecoderFaultTest, WithoutAFilterItWorksUnlessOneIsRequired) {
  DecoderOptions options;
  options.command = {ProgramBeside("fake_decoder"), "unfiltered"};
  const auto decoder = Decoder::Start(options);
  ASSERT_TRUE(decoder.ok()) << decoder.status();
  EXPECT_EQ((*decoder)->filtered(), absl::UnimplementedError("no seccomp"));
  options.require_filter = true;
  EXPECT_EQ(Decoder::Start(options).status().code(),
            absl::StatusCode::kUnimplemented);
}

}  // namespace
}  // namespace atelier
