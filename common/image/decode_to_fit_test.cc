// Pictures that are resized while they are read: the same values as afterwards,
// in little memory.
#include <sys/resource.h>

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

#include "absl/base/config.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/image/image.h"
#include "common/image/mask.h"
#include "common/image/pictures_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;
using vips::VImage;

absl::StatusOr<Image> DecodeTo(const std::string& bytes, int width_px,
                               int height_px, const DecodeLimits& limits = {}) {
  return DecodeToFit(
      bytes,
      [&](int, int) {
        return std::pair{width_px, height_px};
      },
      limits);
}

// A picture without symmetry, 8 bit.
VImage Pattern(int width_px, int height_px) {
  const VImage at = VImage::xyz(width_px, height_px);
  return at.bandjoin(at.extract_band(0) * at.extract_band(1) / 7)
      .linear({3, 5, 1}, {0, 20, 40})
      .remainder_const({251, 253, 255})
      .cast(VIPS_FORMAT_UCHAR)
      .copy(VImage::option()->set("interpretation", VIPS_INTERPRETATION_sRGB));
}

struct Named {
  std::string name;
  std::string bytes;
};

// Every kind of file that decodes otherwise.
std::vector<Named> Files() {
  const VImage rgb = Pattern(83, 61);
  const VImage alpha = rgb.bandjoin(rgb.extract_band(1)).copy();
  const VImage wide = (rgb * 257)
                          .cast(VIPS_FORMAT_USHORT)
                          .copy(VImage::option()->set(
                              "interpretation", VIPS_INTERPRETATION_RGB16));
  const VImage grey = rgb.extract_band(2).copy(
      VImage::option()->set("interpretation", VIPS_INTERPRETATION_B_W));
  const VImage cmyk =
      rgb.icc_transform("cmyk", VImage::option()->set("input_profile", "srgb"));
  const VImage linear = rgb.colourspace(VIPS_INTERPRETATION_scRGB);
  return {
      {"png", Saved(rgb, ".png")},
      {"interlaced png", Saved(rgb, ".png[interlace]")},
      {"png with alpha", Saved(alpha, ".png")},
      {"16 bit png", Saved(wide, ".png")},
      {"grey png", Saved(grey, ".png")},
      {"palette png", Saved(rgb, ".png[palette]")},
      {"jpeg", Saved(rgb, ".jpg")},
      {"progressive jpeg", Saved(rgb, ".jpg[interlace]")},
      {"cmyk jpeg", Saved(cmyk, ".jpg")},
      {"tiff", Saved(rgb, ".tif")},
      {"tiled tiff", Saved(alpha, ".tif[tile,tile-width=16,tile-height=16]")},
      {"16 bit tiff", Saved(wide, ".tif[compression=lzw]")},
      {"cmyk tiff", Saved(cmyk, ".tif")},
      {"linear tiff", Saved(linear, ".tif")},
      {"webp", Saved(alpha, ".webp[lossless]")}};
}

TEST(DecodeToFitTest, IsDecodeAndThenResizeToTheBit) {
  for (const Named& file : Files()) {
    for (const auto& [width, height] : {std::pair{83, 61},
                                        {20, 15},
                                        {1, 1},
                                        {83, 7},
                                        {9, 61},
                                        {160, 20},
                                        {30, 200},
                                        {166, 122}}) {
      SCOPED_TRACE(absl::StrCat(file.name, " to ", width, "x", height));
      const auto whole = Decode(file.bytes);
      ASSERT_TRUE(whole.ok()) << whole.status();
      const auto after = Resize(*whole, width, height);
      ASSERT_TRUE(after.ok()) << after.status();
      const auto meanwhile = DecodeTo(file.bytes, width, height);
      ASSERT_TRUE(meanwhile.ok()) << meanwhile.status();
      EXPECT_EQ(meanwhile->width_px, width);
      EXPECT_EQ(meanwhile->height_px, height);
      EXPECT_EQ(meanwhile->rgb, after->rgb);
    }
  }
}

TEST(DecodeToFitTest, TurnsWhatItHasShrunk) {
  for (int orientation = 1; orientation <= 8; ++orientation) {
    SCOPED_TRACE(orientation);
    VImage lying = Pattern(40, 24).copy();
    lying.set("orientation", orientation);
    const std::string bytes = Saved(lying, ".tif");
    const VImage turned = lying.autorot();
    const auto header = ReadHeader(bytes);
    ASSERT_TRUE(header.ok()) << header.status();
    EXPECT_EQ(header->width_px, turned.width());
    const auto right = Decode(Saved(turned, ".tif"));
    const auto image = Decode(bytes);
    ASSERT_TRUE(right.ok() && image.ok());
    EXPECT_EQ(image->rgb, right->rgb);
    const int width = turned.width() / 2;
    const int height = turned.height() / 3;
    const auto small = DecodeTo(bytes, width, height);
    ASSERT_TRUE(small.ok()) << small.status();
    const Image expected = Resize(*right, width, height).value();
    ASSERT_EQ(small->rgb.size(), expected.rgb.size());
    for (size_t i = 0; i < expected.rgb.size(); ++i) {
      ASSERT_NEAR(small->rgb[i], expected.rgb[i], 1e-2);
    }
  }
}

// Farther than libvips's kernels reach.
TEST(DecodeToFitTest, ShrinksAThousandfold) {
  const VImage flat = Flat<int>(20000, 3, {30, 60, 90}, VIPS_FORMAT_UCHAR,
                                VIPS_INTERPRETATION_sRGB);
  for (const VImage& picture : {flat, flat.rot90()}) {
    const auto image = DecodeTo(Saved(picture, ".png"), 8, 8);
    ASSERT_TRUE(image.ok()) << image.status();
    EXPECT_FLOAT_EQ(image->rgb[0], 30 / 255.f);
    EXPECT_FLOAT_EQ(image->rgb.back(), 90 / 255.f);
  }
}

TEST(DecodeToFitTest, WhatFitRefusesIsNotDecoded) {
  const std::string bytes = Saved(Pattern(83, 61), ".png");
  const absl::Status status =
      DecodeToFit(bytes.substr(0, 300), [](int width_px, int height_px) {
        return absl::StatusOr<std::pair<int, int>>(absl::InvalidArgumentError(
            absl::StrCat(width_px, " by ", height_px)));
      }).status();
  EXPECT_EQ(status.message(), "83 by 61");
}

TEST(InspectTest, KnowsSizesAndMasksOfEveryKind) {
  for (const Named& file : Files()) {
    SCOPED_TRACE(file.name);
    const auto found = Inspect(file.bytes);
    ASSERT_TRUE(found.ok()) << found.status();
    EXPECT_EQ(found->header.width_px, 83);
    EXPECT_EQ(found->header.height_px, 61);
    EXPECT_EQ(found->warning, "");
    const absl::Status as_mask = CheckMask(Decode(file.bytes).value());
    EXPECT_EQ(found->as_mask, as_mask);
    EXPECT_EQ(found->as_mask.ok(), file.name == "grey png");
  }
  const std::string cut = Files()[0].bytes.substr(0, 2000);
  EXPECT_EQ(Inspect(cut).status().code(), absl::StatusCode::kInvalidArgument);
}

#if !defined(ABSL_HAVE_ADDRESS_SANITIZER) && \
    !defined(ABSL_HAVE_THREAD_SANITIZER)

int64_t StatusBytes(absl::string_view field) {
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);) {
    if (!absl::StartsWith(line, field)) continue;
    const std::vector<std::string> words =
        absl::StrSplit(line, absl::ByAnyChar(" \t"), absl::SkipEmpty());
    int64_t kilobytes = 0;
    EXPECT_TRUE(absl::SimpleAtoi(words.at(1), &kilobytes));
    return kilobytes * 1024;
  }
  ADD_FAILURE() << "no " << field;
  return 0;
}

// How far the resident memory rises while `call` runs.
template <typename F>
int64_t RiseDuring(F call) {
  std::ofstream("/proc/self/clear_refs") << "5";  // VmHWM is VmRSS again.
  const int64_t before = StatusBytes("VmRSS:");
  call();
  return StatusBytes("VmHWM:") - before;
}

// What is said to be needed, at most; nothing is decoded.
int64_t BytesSaidToBeNeeded(const std::string& bytes) {
  DecodeLimits limits;
  limits.max_memory_bytes = 0;
  const absl::Status status = DecodeTo(bytes, 64, 64, limits).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
  const std::vector<std::string> halves =
      absl::StrSplit(std::string(status.message()), " needs ");
  const std::vector<std::string> words = absl::StrSplit(halves.at(1), ' ');
  int64_t megabytes = 0;
  EXPECT_TRUE(absl::SimpleAtoi(words.at(0), &megabytes)) << status;
  return megabytes * 1'000'000;
}

// Allocators' and libraries' own.
constexpr int64_t kSlackBytes = 24 << 20;

TEST(DecodeMemoryTest, NeedsWhatItSaysOfEveryKindOfFile) {
  constexpr int kSide = 3000;  // 9 million pixels: 108 MB as an Image.
  const VImage rgb =
      VImage::black(kSide, kSide, VImage::option()->set("bands", 3))
          .copy(VImage::option()->set("interpretation",
                                      VIPS_INTERPRETATION_sRGB));
  for (const char* suffix :
       {".png", ".png[interlace]", ".jpg", ".jpg[interlace]",
        ".jpg[subsample-mode=off,interlace]", ".tif[compression=deflate]",
        ".tif[compression=deflate,tile,tile-width=2048,tile-height=2048]",
        ".tif[compression=jpeg]", ".webp[lossless]", ".webp"}) {
    SCOPED_TRACE(suffix);
    const std::string bytes = Saved(rgb, suffix);
    const int64_t needed = BytesSaidToBeNeeded(bytes);
    const int64_t taken = RiseDuring([&] {
      const auto image = DecodeTo(bytes, 64, 64);
      ASSERT_TRUE(image.ok()) << image.status();
    });
    EXPECT_LE(taken, needed + kSlackBytes);
    const int64_t inspected =
        RiseDuring([&] { EXPECT_TRUE(Inspect(bytes).ok()); });
    EXPECT_LE(inspected, needed + kSlackBytes);
    // As a whole it is never there as floats.
    EXPECT_LT(taken, int64_t{11} * kSide * kSide);
  }
}

TEST(DecodeMemoryTest, ReadsMostFilesInLittle) {
  constexpr int kSide = 5000;
  const VImage rgb =
      VImage::black(kSide, kSide, VImage::option()->set("bands", 3))
          .copy(VImage::option()->set("interpretation",
                                      VIPS_INTERPRETATION_sRGB));
  DecodeLimits limits;
  limits.max_memory_bytes = int64_t{40} << 20;
  for (const char* suffix : {".png", ".jpg", ".tif[compression=deflate]",
                             ".tif[tile,tile-width=256,tile-height=256]"}) {
    SCOPED_TRACE(suffix);
    const std::string bytes = Saved(rgb, suffix);
    EXPECT_LE(RiseDuring([&] {
                const auto image = DecodeTo(bytes, 96, 96, limits);
                EXPECT_TRUE(image.ok()) << image.status();
              }),
              limits.max_memory_bytes + kSlackBytes);
  }
}

TEST(DecodeMemoryTest, RefusesWhatHasToBeWholeWithBothFigures) {
  constexpr int kSide = 5000;
  const VImage rgb =
      VImage::black(kSide, kSide, VImage::option()->set("bands", 3))
          .copy(VImage::option()->set("interpretation",
                                      VIPS_INTERPRETATION_sRGB));
  DecodeLimits limits;
  limits.max_memory_bytes = 50'000'000;
  for (const char* suffix :
       {".png[interlace]", ".jpg[interlace]", ".webp[lossless]"}) {
    SCOPED_TRACE(suffix);
    const std::string bytes = Saved(rgb, suffix);
    absl::Status status;
    const int64_t taken =
        RiseDuring([&] { status = DecodeTo(bytes, 96, 96, limits).status(); });
    EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
    EXPECT_THAT(std::string(status.message()),
                HasSubstr("memory: decoding 5000 x 5000 px of "));
    EXPECT_THAT(std::string(status.message()),
                HasSubstr("; 50 MB may be used"));
    EXPECT_LT(taken, kSlackBytes);
  }
}

#endif

}  // namespace
}  // namespace atelier
