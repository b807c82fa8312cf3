// Zip archives whose entries are stored, not compressed: what torch.save
// writes. The entries are views into the file, which no zip library offers and
// a file of half a gigabyte wants.
// Format: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT (4.3).
#ifndef ATELIER_COMMON_WEIGHTS_STORED_ZIP_H_
#define ATELIER_COMMON_WEIGHTS_STORED_ZIP_H_

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace atelier {

/// VGG-19 with batch normalisation has 119 entries.
inline constexpr uint64_t kMaxZipEntries = 1 << 14;

/// The entries' bytes, by name. Zip64 is read. Checksums are not compared: a
/// weight file is named by the digest of all its bytes.
/// Lifetime: that of `file`.
/// Errors: InvalidArgument: no end record (truncated), records that do not fit
///         the file or each other, an entry that is compressed, encrypted or
///         there twice (names it), too many entries.
absl::StatusOr<std::map<std::string, absl::string_view>> ReadStoredZip(
    absl::string_view file);

}  // namespace atelier

#endif  // ATELIER_COMMON_WEIGHTS_STORED_ZIP_H_
