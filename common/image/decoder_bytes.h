// Inside this room only: what libraries take to decode a file.
#ifndef ATELIER_COMMON_IMAGE_DECODER_BYTES_H_
#define ATELIER_COMMON_IMAGE_DECODER_BYTES_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "common/image/opened.h"

namespace atelier {

/// An upper bound. Most files are decoded row by row; those that are not
/// (interlaced PNG, progressive JPEG, WebP, TIFF in large tiles or strips) are
/// whole in memory, however small the result is.
int64_t DecoderBytes(absl::string_view bytes, const Opened& opened);

}  // namespace atelier

#endif  // ATELIER_COMMON_IMAGE_DECODER_BYTES_H_
