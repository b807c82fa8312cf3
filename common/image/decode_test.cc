#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/image/image.h"
#include "common/image/pictures_testing.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatNear;
using ::testing::HasSubstr;
using vips::VImage;

std::vector<float> PixelOf(const Image& image, int x, int y) {
  const size_t area = size_t(image.width_px) * image.height_px;
  const size_t i = size_t(y) * image.width_px + x;
  return {image.rgb[i], image.rgb[area + i], image.rgb[2 * area + i]};
}

// The first pixel of what decodes, as 0 to 255.
std::vector<float> ColourOf(const std::string& bytes) {
  const auto image = Decode(bytes);
  EXPECT_TRUE(image.ok()) << image.status();
  if (!image.ok()) return {-1, -1, -1};
  std::vector<float> pixel = PixelOf(*image, 0, 0);
  for (float& value : pixel) value *= 255;
  return pixel;
}

auto IsColour(float r, float g, float b, float within = 0.01f) {
  return ElementsAre(FloatNear(r, within), FloatNear(g, within),
                     FloatNear(b, within));
}

std::string ErrorOf(const std::string& bytes, const DecodeLimits& limits = {}) {
  const absl::Status status = Decode(bytes, limits).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
  return std::string(status.message());
}

std::string BigEndian(uint32_t value) {
  std::string bytes;
  for (int shift : {24, 16, 8, 0}) bytes += static_cast<char>(value >> shift);
  return bytes;
}

uint32_t Crc(const std::string& bytes) {
  uint32_t crc = ~0u;
  for (unsigned char byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) {
      crc = crc >> 1 ^ (crc & 1 ? 0xedb88320u : 0);
    }
  }
  return ~crc;
}

std::string Chunk(const std::string& type, const std::string& body) {
  return BigEndian(body.size()) + type + body + BigEndian(Crc(type + body));
}

// A PNG of three chunks that says it is this large; its pixels are missing.
std::string PngHeader(uint32_t width_px, uint32_t height_px) {
  return "\x89PNG\r\n\x1a\n" +
         Chunk("IHDR", BigEndian(width_px) + BigEndian(height_px) +
                           std::string("\x08\x02\0\0\0", 5)) +
         Chunk("IDAT", "") + Chunk("IEND", "");
}

VImage Rgb8() {
  return Flat<int>(6, 4, {200, 100, 50}, VIPS_FORMAT_UCHAR,
                   VIPS_INTERPRETATION_sRGB);
}

TEST(DecodeTest, ReadsEveryFormat) {
  for (const char* suffix : {".png", ".tif", ".webp[lossless=true]"}) {
    SCOPED_TRACE(suffix);
    EXPECT_THAT(ColourOf(Saved(Rgb8(), suffix)), IsColour(200, 100, 50));
  }
  EXPECT_THAT(ColourOf(Saved(Rgb8(), ".jpg[Q=100]")),
              IsColour(200, 100, 50, 1.5));
}

TEST(DecodeTest, KeepsAllSixteenBits) {
  const VImage wide = Flat<int>(6, 4, {51401, 25701, 12801}, VIPS_FORMAT_USHORT,
                                VIPS_INTERPRETATION_RGB16);
  for (const char* suffix : {".png", ".tif"}) {
    SCOPED_TRACE(suffix);
    EXPECT_THAT(ColourOf(Saved(wide, suffix)),
                IsColour(51401 / 257.f, 25701 / 257.f, 12801 / 257.f, 1e-4));
  }
}

TEST(DecodeTest, SpreadsGreyOverThreeChannels) {
  EXPECT_THAT(ColourOf(Saved(Flat<int>(6, 4, {77}, VIPS_FORMAT_UCHAR,
                                       VIPS_INTERPRETATION_B_W),
                             ".png")),
              IsColour(77, 77, 77));
  EXPECT_THAT(ColourOf(Saved(Flat<int>(6, 4, {25700}, VIPS_FORMAT_USHORT,
                                       VIPS_INTERPRETATION_GREY16),
                             ".tif")),
              IsColour(100, 100, 100));
  EXPECT_THAT(ColourOf(Saved(Flat<int>(6, 4, {77}, VIPS_FORMAT_UCHAR,
                                       VIPS_INTERPRETATION_B_W),
                             ".jpg[Q=100]")),
              IsColour(77, 77, 77, 1.01));
}

TEST(DecodeTest, ReadsPalettes) {
  EXPECT_THAT(ColourOf(Saved(Rgb8(), ".png[palette=true]")),
              IsColour(200, 100, 50, 1.01));
}

TEST(DecodeTest, LaysAlphaOverWhite) {
  // 51 is a fifth: 0.2·colour + 0.8·255.
  EXPECT_THAT(
      ColourOf(Saved(Flat<int>(6, 4, {200, 100, 50, 51}, VIPS_FORMAT_UCHAR,
                               VIPS_INTERPRETATION_sRGB),
                     ".png")),
      IsColour(244, 224, 214));
  EXPECT_THAT(ColourOf(Saved(Flat<int>(6, 4, {100, 51}, VIPS_FORMAT_UCHAR,
                                       VIPS_INTERPRETATION_B_W),
                             ".png")),
              IsColour(224, 224, 224));
  EXPECT_THAT(
      ColourOf(Saved(Flat<int>(6, 4, {25700, 25700, 25700, 13107},
                               VIPS_FORMAT_USHORT, VIPS_INTERPRETATION_RGB16),
                     ".png")),
      IsColour(224, 224, 224));
  EXPECT_THAT(ColourOf(Saved(Flat<int>(6, 4, {0, 0, 0, 0}, VIPS_FORMAT_UCHAR,
                                       VIPS_INTERPRETATION_sRGB),
                             ".webp[lossless=true]")),
              IsColour(255, 255, 255));
}

TEST(DecodeTest, TurnsThePictureAsItsExifSays) {
  // A red left edge on a lying 6x4 picture; orientation 6 is "turn clockwise",
  // which brings the left edge to the top of a standing 4x6 one.
  VImage lying = Flat<int>(6, 4, {255, 255, 255}, VIPS_FORMAT_UCHAR,
                           VIPS_INTERPRETATION_sRGB)
                     .insert(Flat<int>(1, 4, {255, 0, 0}, VIPS_FORMAT_UCHAR,
                                       VIPS_INTERPRETATION_sRGB),
                             0, 0)
                     .copy();
  lying.set("orientation", 6);
  for (const char* suffix : {".tif", ".webp[lossless=true]"}) {
    SCOPED_TRACE(suffix);
    const std::string bytes = Saved(lying, suffix);
    const auto header = ReadHeader(bytes);
    ASSERT_TRUE(header.ok()) << header.status();
    EXPECT_EQ(header->width_px, 4);
    EXPECT_EQ(header->height_px, 6);
    const auto image = Decode(bytes);
    ASSERT_TRUE(image.ok()) << image.status();
    ASSERT_EQ(image->width_px, 4);
    ASSERT_EQ(image->height_px, 6);
    EXPECT_THAT(PixelOf(*image, 3, 0), ElementsAre(1, 0, 0));
    EXPECT_THAT(PixelOf(*image, 0, 0), ElementsAre(1, 0, 0));
    EXPECT_THAT(PixelOf(*image, 0, 5), ElementsAre(1, 1, 1));
  }
  const auto jpeg = ReadHeader(Saved(lying, ".jpg"));
  ASSERT_TRUE(jpeg.ok()) << jpeg.status();
  EXPECT_EQ(jpeg->format, "jpeg");
  EXPECT_EQ(jpeg->width_px, 4);
}

TEST(DecodeTest, HonoursAnRgbProfile) {
  const VImage p3 = Rgb8().icc_transform(
      "p3", VImage::option()->set("input_profile", "srgb"));
  const std::vector<double> stored = p3.getpoint(0, 0);
  ASSERT_GT(std::abs(stored[0] - 200), 5) << "the profile must matter";
  for (const char* suffix : {".png", ".tif", ".webp[lossless=true]"}) {
    SCOPED_TRACE(suffix);
    EXPECT_THAT(ColourOf(Saved(p3, suffix)), IsColour(200, 100, 50, 2));
  }
}

TEST(DecodeTest, HonoursASixteenBitProfile) {
  const VImage p3 = Rgb8().icc_transform(
      "p3", VImage::option()->set("input_profile", "srgb")->set("depth", 16));
  EXPECT_THAT(ColourOf(Saved(p3, ".png")), IsColour(200, 100, 50, 0.5));
}

TEST(DecodeTest, ReadsThePictureDespiteADamagedProfile) {
  VImage picture = Rgb8().copy();
  const std::string damaged(200, 'x');
  vips_image_set_blob_copy(picture.get_image(), VIPS_META_ICC_NAME,
                           damaged.data(), damaged.size());
  EXPECT_THAT(ColourOf(Saved(picture, ".tif")), IsColour(200, 100, 50));
}

TEST(DecodeTest, ConvertsCmykByItsProfileAndWithoutOne) {
  const VImage cmyk = Flat<int>(6, 4, {170, 130, 110}, VIPS_FORMAT_UCHAR,
                                VIPS_INTERPRETATION_sRGB)
                          .icc_transform("cmyk", VImage::option()->set(
                                                     "input_profile", "srgb"));
  ASSERT_EQ(cmyk.bands(), 4);
  for (const char* suffix : {".tif", ".jpg[Q=100]"}) {
    SCOPED_TRACE(suffix);
    EXPECT_THAT(ColourOf(Saved(cmyk, suffix)), IsColour(170, 130, 110, 5));
  }
  VImage bare = cmyk.copy();
  bare.remove(VIPS_META_ICC_NAME);
  for (const char* suffix : {".tif", ".jpg[Q=100]"}) {
    SCOPED_TRACE(suffix);
    EXPECT_THAT(ColourOf(Saved(bare, suffix)), IsColour(170, 130, 110, 5));
  }
}

TEST(DecodeTest, BendsLinearLightBySrgbsCurve) {
  const VImage linear =
      Flat<double>(6, 4, {0.5, 0.21404114, 0.0}, VIPS_FORMAT_FLOAT,
                   VIPS_INTERPRETATION_scRGB);
  EXPECT_THAT(ColourOf(Saved(linear, ".tif")), IsColour(187.5, 127.5, 0, 0.1));
}

TEST(DecodeTest, RefusesSamplesWithoutAMeaning) {
  EXPECT_THAT(ErrorOf(Saved(Flat<int>(6, 4, {7, 7, 7}, VIPS_FORMAT_UINT,
                                      VIPS_INTERPRETATION_MULTIBAND),
                            ".tif")),
              HasSubstr("3 bands of uint; grey, RGB and CMYK of 8 or 16 bits"));
}

TEST(DecodeTest, RefusesWhatIsNotAPicture) {
  for (const std::string& bytes :
       {std::string(), std::string("This is a text named .jpg\n"),
        std::string("%PDF-1.4\n"), std::string("<svg/>"),
        std::string("GIF89a\1\0\1\0", 10)}) {
    SCOPED_TRACE(bytes);
    EXPECT_THAT(ErrorOf(bytes), HasSubstr("JPEG, PNG, TIFF or WebP"));
  }
}

TEST(DecodeTest, RefusesAnEnormousHeaderWithBothFigures) {
  const std::string bytes = PngHeader(60'000, 60'000);
  ASSERT_LT(bytes.size(), 100);
  const std::string both =
      "picture is 60000x60000, 3600000000 pixels; at most 200000000 are read";
  EXPECT_EQ(ErrorOf(bytes), both);
  EXPECT_EQ(ReadHeader(bytes).status().message(), both);
  EXPECT_THAT(ErrorOf(PngHeader(0xffffffff, 0xffffffff)),
              HasSubstr("18446744065119617025 pixels"));
}

TEST(DecodeTest, BoundsPixelsOfEveryFormat) {
  DecodeLimits limits;
  limits.max_pixels = 23;
  for (const char* suffix : {".png", ".tif", ".webp", ".jpg"}) {
    SCOPED_TRACE(suffix);
    const std::string bytes = Saved(Rgb8(), suffix);
    EXPECT_THAT(ErrorOf(bytes, limits),
                HasSubstr("6x4, 24 pixels; at most 23"));
    limits.max_pixels = 24;
    EXPECT_TRUE(Decode(bytes, limits).ok());
    limits.max_pixels = 23;
  }
}

TEST(DecodeTest, BoundsTheFile) {
  const std::string bytes = Saved(Rgb8(), ".png");
  DecodeLimits limits;
  limits.max_file_bytes = bytes.size() - 1;
  EXPECT_EQ(ErrorOf(bytes, limits),
            absl::StrCat("picture has ", bytes.size(), " bytes; at most ",
                         bytes.size() - 1, " are read"));
}

TEST(DecodeTest, RefusesTruncatedPicturesOfEveryFormat) {
  for (const char* format : {"png", "jpeg", "tiff", "webp"}) {
    SCOPED_TRACE(format);
    const std::string bytes = Encode(Gradient(200, 150), format).value();
    EXPECT_TRUE(Decode(bytes).ok());
    for (double part : {0.02, 0.3, 0.6, 0.9}) {
      SCOPED_TRACE(part);
      const std::string message =
          ErrorOf(bytes.substr(0, static_cast<size_t>(bytes.size() * part)));
      EXPECT_EQ(message.find('\n'), std::string::npos) << message;
    }
  }
}

TEST(DecodeTest, NoDamageCrashesTheDecoder) {
  std::mt19937 random(5);
  for (const char* format : {"png", "jpeg", "tiff", "webp"}) {
    const std::string good = Encode(Gradient(40, 30), format, "text").value();
    DecodeLimits limits;
    limits.max_pixels = 1'000'000;
    for (int round = 0; round < 150; ++round) {
      std::string bytes = good;
      for (int flips = 1 + random() % 4; flips > 0; --flips) {
        bytes[random() % bytes.size()] = static_cast<char>(random());
      }
      const auto image = Decode(bytes, limits);
      if (!image.ok()) continue;
      ASSERT_EQ(image->rgb.size(),
                size_t{3} * image->width_px * image->height_px);
      for (float value : image->rgb) ASSERT_TRUE(value >= 0 && value <= 1);
    }
  }
}

}  // namespace
}  // namespace atelier
