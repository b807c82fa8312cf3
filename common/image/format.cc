#include "absl/strings/ascii.h"
#include "common/image/image.h"
#include "common/status_macros.h"

namespace atelier {

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

}  // namespace atelier
