#include "common/image/decoder_bytes.h"

#include <tiffio.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "common/image/jpeg_check.h"

namespace atelier {
namespace {

// Rows that libvips keeps of what comes in order, and of what is made of it.
constexpr int64_t kRowsKept = 700;
// Of WebP: its own pixels, and libvips's.
constexpr int64_t kWebpPixelBytes = 8;
// libvips reads higher strips row by row, unless they have to be whole.
constexpr int64_t kRowsOfStrip = 128;

int64_t PixelBytes(const vips::VImage& image) {
  return static_cast<int64_t>(VIPS_IMAGE_SIZEOF_PEL(image.get_image()));
}

int64_t Pixels(const vips::VImage& image) {
  return int64_t{image.width()} * image.height();
}

bool IsInterlaced(const vips::VImage& image) {
  return vips_image_get_typeof(image.get_image(), "interlaced") != 0 &&
         image.get_int("interlaced") != 0;
}

// A file in memory, as libtiff reads one.
struct TiffFile {
  absl::string_view bytes;
  toff_t at = 0;

  static TiffFile& Of(thandle_t handle) {
    return *static_cast<TiffFile*>(handle);
  }
  static tsize_t Read(thandle_t handle, void* to, tsize_t count) {
    TiffFile& file = Of(handle);
    const size_t left =
        file.bytes.size() - std::min<size_t>(file.at, Size(handle));
    const size_t read = std::min<size_t>(std::max<tsize_t>(count, 0), left);
    std::memcpy(to, file.bytes.data() + (file.bytes.size() - left), read);
    file.at += read;
    return static_cast<tsize_t>(read);
  }
  static tsize_t Write(thandle_t, void*, tsize_t) { return 0; }
  static toff_t Seek(thandle_t handle, toff_t offset, int whence) {
    TiffFile& file = Of(handle);
    if (whence == SEEK_CUR) offset += file.at;
    if (whence == SEEK_END) offset += Size(handle);
    return file.at = offset;
  }
  static int Close(thandle_t) { return 0; }
  static toff_t Size(thandle_t handle) { return Of(handle).bytes.size(); }
};

// Whether libvips has to read a strip as a whole, however high it is.
bool IsReadByStrip(TIFF* tiff) {
  uint16_t planes = PLANARCONFIG_CONTIG;
  TIFFGetFieldDefaulted(tiff, TIFFTAG_PLANARCONFIG, &planes);
  if (planes == PLANARCONFIG_SEPARATE) return true;
  uint16_t compression = COMPRESSION_NONE;
  TIFFGetFieldDefaulted(tiff, TIFFTAG_COMPRESSION, &compression);
  switch (compression) {
    case COMPRESSION_NONE:
    case COMPRESSION_CCITTRLE:
    case COMPRESSION_CCITTFAX3:
    case COMPRESSION_CCITTFAX4:
    case COMPRESSION_LZW:
    case COMPRESSION_PACKBITS:
    case COMPRESSION_DEFLATE:
    case COMPRESSION_ADOBE_DEFLATE:
    case COMPRESSION_LZMA:
    case COMPRESSION_ZSTD:
      return false;
    default:
      return true;
  }
}

// Of a file that libvips reads tile by tile or strip by strip.
int64_t TiffBytes(absl::string_view bytes, const vips::VImage& image) {
  TiffFile file{bytes};
  const std::unique_ptr<TIFF, void (*)(TIFF*)> tiff(
      TIFFClientOpen("picture", "rm", &file, &TiffFile::Read, &TiffFile::Write,
                     &TiffFile::Seek, &TiffFile::Close, &TiffFile::Size,
                     nullptr, nullptr),
      &TIFFClose);
  // What libtiff can't read, libvips can't either.
  if (tiff == nullptr) return 0;
  const int64_t row = image.width() * PixelBytes(image);
  if (TIFFIsTiled(tiff.get()) != 0) {
    uint32_t width_px = 0;
    uint32_t height_px = 0;
    TIFFGetField(tiff.get(), TIFFTAG_TILEWIDTH, &width_px);
    TIFFGetField(tiff.get(), TIFFTAG_TILELENGTH, &height_px);
    // Two rows of tiles, and one tile more on its way.
    const int64_t across = image.width() + int64_t{width_px};
    return 3 * across * height_px * PixelBytes(image);
  }
  uint32_t rows = 0;
  TIFFGetFieldDefaulted(tiff.get(), TIFFTAG_ROWSPERSTRIP, &rows);
  const int64_t most =
      IsReadByStrip(tiff.get()) ? image.height() : kRowsOfStrip;
  return 2 * row * std::min({int64_t{rows}, int64_t{image.height()}, most});
}

}  // namespace

int64_t DecoderBytes(absl::string_view bytes, const Opened& opened) {
  const vips::VImage& image = opened.image;
  const int64_t rows = std::min<int64_t>(image.height(), kRowsKept);
  const int64_t kept = rows * image.width() * PixelBytes(image);
  switch (opened.format) {
    case Format::kJpeg:
      return kept + JpegBytes(bytes);
    case Format::kPng:
      return kept +
             (IsInterlaced(image) ? Pixels(image) * PixelBytes(image) : 0);
    case Format::kTiff:
      return kept + TiffBytes(bytes, image);
    case Format::kWebp:
      return kept + Pixels(image) * kWebpPixelBytes;
  }
  return kept;
}

}  // namespace atelier
