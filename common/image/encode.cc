#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/image/image.h"
#include "common/image/vips_adapter.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

using vips::VImage;

// Not a number becomes black: every comparison with it is false.
template <typename Sample>
Sample ToSample(float value) {
  if (!(value > 0.0f)) return 0;
  return static_cast<Sample>(
      std::min(value, 1.0f) * float{std::numeric_limits<Sample>::max()} + 0.5f);
}

// Pixel by pixel, as libvips and files have them.
template <typename Sample>
std::vector<unsigned char> ToBytes(const Image& image) {
  const size_t area = image.rgb.size() / 3;
  std::vector<unsigned char> bytes(image.rgb.size() * sizeof(Sample));
  for (size_t i = 0; i < image.rgb.size(); ++i) {
    const auto sample = ToSample<Sample>(image.rgb[i % 3 * area + i / 3]);
    std::memcpy(&bytes[i * sizeof(Sample)], &sample, sizeof(Sample));
  }
  return bytes;
}

// Lifetime: of `bytes`.
VImage ToPicture(const Image& image, const std::vector<unsigned char>& bytes,
                 int bits) {
  return VImage::new_from_memory(
             const_cast<unsigned char*>(bytes.data()), bytes.size(),
             image.width_px, image.height_px, 3,
             bits == 16 ? VIPS_FORMAT_USHORT : VIPS_FORMAT_UCHAR)
      .copy(VImage::option()->set(
          "interpretation",
          bits == 16 ? VIPS_INTERPRETATION_RGB16 : VIPS_INTERPRETATION_sRGB));
}

// The packet every format carries, and exiftool shows as "Description".
std::string XmpPacket(const std::string& description) {
  return absl::StrCat(
      "<?xpacket begin=\"\xef\xbb\xbf\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>"
      "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF "
      "xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">"
      "<rdf:Description rdf:about=\"\" "
      "xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:description><rdf:Alt>"
      "<rdf:li xml:lang=\"x-default\">",
      EscapeMarkup(description),
      "</rdf:li></rdf:Alt></dc:description></rdf:Description></rdf:RDF>"
      "</x:xmpmeta><?xpacket end=\"r\"?>");
}

constexpr int kQualityForLooks = 85;

// The bytes that `save` makes of it.
absl::StatusOr<std::string> Save(
    const Image& image, absl::string_view format, int bits,
    absl::FunctionRef<VipsBlob*(VImage& picture)> save) {
  const std::vector<unsigned char> bytes =
      bits == 16 ? ToBytes<uint16_t>(image) : ToBytes<uint8_t>(image);
  return CallVips(
      absl::StatusCode::kInternal, absl::StrCat(format, " cannot be encoded"),
      [&]() -> absl::StatusOr<std::string> {
        VImage picture = ToPicture(image, bytes, bits);
        const std::unique_ptr<VipsBlob, void (*)(VipsBlob*)> blob(
            save(picture), [](VipsBlob* b) { vips_area_unref(VIPS_AREA(b)); });
        size_t size = 0;
        const void* const encoded = vips_blob_get(blob.get(), &size);
        return std::string(static_cast<const char*>(encoded), size);
      });
}

VipsBlob* SaveAs(absl::string_view format, const VImage& image) {
  if (format == "png") return image.pngsave_buffer();
  if (format == "jpeg") {
    return image.jpegsave_buffer(
        VImage::option()->set("Q", 95)->set("optimize_coding", true));
  }
  if (format == "tiff") {
    return image.tiffsave_buffer(
        VImage::option()
            ->set("compression", VIPS_FOREIGN_TIFF_COMPRESSION_DEFLATE)
            ->set("predictor", VIPS_FOREIGN_TIFF_PREDICTOR_HORIZONTAL));
  }
  return image.webpsave_buffer(VImage::option()->set("lossless", true));
}

}  // namespace

absl::Status CheckEncoding(absl::string_view format, int bits) {
  const bool has_sixteen = format == "png" || format == "tiff";
  if (!has_sixteen && format != "jpeg" && format != "webp") {
    return InvalidArgument("format '", format,
                           "' is not written; png, jpeg, tiff and webp are");
  }
  if (bits == 8 || (bits == 16 && has_sixteen)) return absl::OkStatus();
  return InvalidArgument(bits, " bits a channel are not written as ", format,
                         "; 8 in every format, 16 as png and tiff");
}

absl::StatusOr<std::string> FormatOfPath(absl::string_view path) {
  const absl::string_view name = path.substr(path.find_last_of('/') + 1);
  const size_t dot = name.find_last_of('.');
  const std::string extension = absl::AsciiStrToLower(
      dot == absl::string_view::npos ? "" : name.substr(dot + 1));
  if (extension == "png" || extension == "webp") return extension;
  if (extension == "jpg" || extension == "jpeg") return std::string("jpeg");
  if (extension == "tif" || extension == "tiff") return std::string("tiff");
  return InvalidArgument(
      "'", path,
      "' does not say its format; the extensions "
      "allowed are .png, .jpg, .jpeg, .tif, .tiff and .webp");
}

absl::StatusOr<std::string> Encode(const Image& image, absl::string_view format,
                                   const std::string& description, int bits) {
  RETURN_IF_ERROR(CheckImage(image));
  RETURN_IF_ERROR(CheckEncoding(format, bits));
  const std::string packet = XmpPacket(description);
  return Save(image, format, bits, [&](VImage& picture) {
    if (!description.empty()) {
      vips_image_set_blob_copy(picture.get_image(), VIPS_META_XMP_NAME,
                               packet.data(), packet.size());
      picture.set("png-comment-0-Description", description.c_str());
    }
    return SaveAs(format, picture);
  });
}

absl::StatusOr<std::string> EncodeForLooks(const Image& image) {
  RETURN_IF_ERROR(CheckImage(image));
  return Save(image, "jpeg", /*bits=*/8, [](VImage& picture) {
    return picture.jpegsave_buffer(VImage::option()
                                       ->set("Q", kQualityForLooks)
                                       ->set("optimize_coding", true)
                                       ->set("strip", true));
  });
}

}  // namespace atelier
