// Inside this room only: whether all of a JPEG is there.
#ifndef ATELIER_COMMON_IMAGE_JPEG_CHECK_H_
#define ATELIER_COMMON_IMAGE_JPEG_CHECK_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace atelier {

/// Decodes all of it and keeps nothing. Returns what it lacks of its end, for
/// people, or nothing: a file that was cut within its last twentieth is shown
/// by every viewer, with grey where rows are missing.
/// Errors: InvalidArgument for one that lacks more, or is damaged before its
///         end (says where).
absl::StatusOr<std::string> CheckJpeg(absl::string_view bytes);

/// What libjpeg keeps of a file of several scans, a progressive one, until it
/// has read all of them. 0 for others, and for what it can't read.
int64_t JpegBytes(absl::string_view bytes);

}  // namespace atelier

#endif  // ATELIER_COMMON_IMAGE_JPEG_CHECK_H_
