#include "common/weights/stored_zip.h"

#include <algorithm>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/quoted_text.h"
#include "common/status_macros.h"
#include "common/weights/byte_reader.h"
#include "common/weights/named_tensors.h"

namespace atelier {
namespace {

constexpr uint32_t kLocalSignature = 0x04034b50;
constexpr uint32_t kCentralSignature = 0x02014b50;
constexpr uint32_t kEndSignature = 0x06054b50;
constexpr uint32_t kEnd64Signature = 0x06064b50;
constexpr uint32_t kLocator64Signature = 0x07064b50;
constexpr uint64_t kEndBytes = 22;
constexpr uint64_t kLocator64Bytes = 20;
constexpr uint64_t kMaxCommentBytes = 0xffff;
// A 16 or 32 bit field that says: see the 64 bit one.
constexpr uint64_t kSee64In16 = 0xffff;
constexpr uint64_t kSee64In32 = 0xffffffff;
constexpr uint16_t kZip64Extra = 1;
constexpr uint16_t kEncrypted = 1;

absl::Status Damaged(absl::string_view what, uint64_t at) {
  return InvalidArgument("zip: ", what, " at byte ", at,
                         ": the file is truncated or damaged");
}

absl::Status EntryError(absl::string_view name, absl::string_view what) {
  return InvalidArgument("zip entry ", Quoted(name), " ", what);
}

// The list of entries, as the records at the file's end give it.
struct Directory {
  uint64_t entries = 0;
  uint64_t size = 0;
  uint64_t offset = 0;
  uint64_t end = 0;  // Where it must end: the first of the end records.
};

std::optional<uint64_t> FindEnd(absl::string_view file) {
  if (file.size() < kEndBytes) return std::nullopt;
  const uint64_t last = file.size() - kEndBytes;
  const uint64_t first = last - std::min(last, kMaxCommentBytes);
  for (uint64_t at = last;; --at) {
    ByteReader read(file, at);
    if (read.U32() == kEndSignature) {
      ByteReader comment(file, at + kEndBytes - sizeof(uint16_t));
      if (at + kEndBytes + comment.U16() == file.size()) return at;
    }
    if (at == first) return std::nullopt;
  }
}

// Whether a field of the short record agrees with the long one's.
bool Agrees(uint64_t field, uint64_t see64, uint64_t long_field) {
  return field == see64 || field == long_field;
}

// Replaces what the short end record says by what the zip64 one says, if any.
absl::Status ReadEnd64(absl::string_view file, Directory& directory) {
  const uint64_t end = directory.end;
  if (end < kLocator64Bytes) return absl::OkStatus();
  ByteReader locator(file, end - kLocator64Bytes);
  if (locator.U32() != kLocator64Signature) return absl::OkStatus();
  locator.U32();  // The disk that record is on.
  const uint64_t at = locator.U64();
  ByteReader read(file, std::min<uint64_t>(at, file.size()));
  const uint32_t signature = read.U32();
  read.Take(8 + 2 + 2 + 4 + 4 + 8);  // Its size, versions, disks, entries here.
  Directory wide;
  wide.entries = read.U64();
  wide.size = read.U64();
  wide.offset = read.U64();
  wide.end = at;
  if (!read.ok() || signature != kEnd64Signature || at >= end) {
    return Damaged("no zip64 end record", at);
  }
  if (!Agrees(directory.entries, kSee64In16, wide.entries) ||
      !Agrees(directory.size, kSee64In32, wide.size) ||
      !Agrees(directory.offset, kSee64In32, wide.offset)) {
    return Damaged("two end records that disagree", at);
  }
  directory = wide;
  return absl::OkStatus();
}

absl::StatusOr<Directory> FindDirectory(absl::string_view file) {
  const std::optional<uint64_t> end = FindEnd(file);
  if (!end.has_value()) return Damaged("no end record", file.size());
  ByteReader read(file, *end);
  read.Take(4 + 2 + 2 + 2);  // Signature, disks, entries on this disk.
  Directory directory;
  directory.entries = read.U16();
  directory.size = read.U32();
  directory.offset = read.U32();
  directory.end = *end;
  RETURN_IF_ERROR(ReadEnd64(file, directory));
  if (directory.entries > kMaxZipEntries) {
    return InvalidArgument("zip: has ", directory.entries, " entries; at most ",
                           kMaxZipEntries, " are read");
  }
  if (directory.offset > directory.end ||
      directory.end - directory.offset != directory.size) {
    return Damaged("a list of entries that does not fit", directory.end);
  }
  return directory;
}

struct CentralEntry {
  uint16_t flags = 0;
  uint16_t method = 0;
  uint64_t packed_bytes = 0;
  uint64_t bytes = 0;
  uint64_t local_at = 0;
  absl::string_view name;
};

// The 64 bit values stand in the order of the fields that refer to them.
bool ReadZip64Extra(absl::string_view extra, CentralEntry& entry) {
  uint64_t* const wanted[] = {&entry.bytes, &entry.packed_bytes,
                              &entry.local_at};
  if (std::none_of(std::begin(wanted), std::end(wanted),
                   [](const uint64_t* field) { return *field == kSee64In32; }))
    return true;
  ByteReader read(extra);
  while (read.ok()) {
    const uint16_t id = read.U16();
    const absl::string_view field = read.Take(read.U16());
    if (!read.ok() || id != kZip64Extra) continue;
    ByteReader values(field);
    for (uint64_t* const value : wanted) {
      if (*value == kSee64In32) *value = values.U64();
    }
    return values.ok();
  }
  return false;
}

absl::StatusOr<CentralEntry> ReadCentral(absl::string_view file,
                                         ByteReader& read) {
  const uint64_t at = read.at();
  CentralEntry entry;
  const uint32_t signature = read.U32();
  read.Take(2 + 2);  // Versions.
  entry.flags = read.U16();
  entry.method = read.U16();
  read.Take(2 + 2 + 4);  // Time, date, checksum.
  entry.packed_bytes = read.U32();
  entry.bytes = read.U32();
  const uint16_t name_bytes = read.U16();
  const uint16_t extra_bytes = read.U16();
  const uint16_t comment_bytes = read.U16();
  read.Take(2 + 2 + 4);  // Disk, attributes.
  entry.local_at = read.U32();
  entry.name = read.Take(name_bytes);
  const absl::string_view extra = read.Take(extra_bytes);
  read.Take(comment_bytes);
  if (!read.ok() || signature != kCentralSignature ||
      !ReadZip64Extra(extra, entry)) {
    return Damaged("a bad entry in the list", std::min(at, file.size()));
  }
  return entry;
}

// Follows an entry to its bytes, which end before the list of entries.
absl::StatusOr<absl::string_view> FindBytes(absl::string_view before_directory,
                                            const CentralEntry& entry) {
  if ((entry.flags & kEncrypted) != 0) {
    return EntryError(entry.name, "is encrypted");
  }
  if (entry.method != 0 || entry.packed_bytes != entry.bytes) {
    return EntryError(entry.name,
                      "is compressed; torch.save stores its entries as they "
                      "are, and only such are read");
  }
  ByteReader read(before_directory,
                  std::min<uint64_t>(entry.local_at, before_directory.size()));
  const uint32_t signature = read.U32();
  read.Take(2 + 2 + 2 + 2 + 2 + 4 + 4 + 4);  // As in the list, or zero.
  const uint16_t name_bytes = read.U16();
  const uint16_t extra_bytes = read.U16();
  const absl::string_view name = read.Take(name_bytes);
  read.Take(extra_bytes);
  const absl::string_view bytes = read.Take(entry.bytes);
  if (!read.ok() || signature != kLocalSignature || name != entry.name) {
    return EntryError(
        entry.name,
        absl::StrCat("of ", entry.bytes, " bytes is not at byte ",
                     entry.local_at, ": the file is truncated or damaged"));
  }
  return bytes;
}

}  // namespace

absl::StatusOr<std::map<std::string, absl::string_view>> ReadStoredZip(
    absl::string_view file) {
  ASSIGN_OR_RETURN(const Directory directory, FindDirectory(file));
  const absl::string_view before = file.substr(0, directory.offset);
  std::map<std::string, absl::string_view> entries;
  ByteReader read(file.substr(0, directory.end), directory.offset);
  for (uint64_t i = 0; i < directory.entries; ++i) {
    ASSIGN_OR_RETURN(const CentralEntry entry, ReadCentral(file, read));
    ASSIGN_OR_RETURN(const absl::string_view bytes, FindBytes(before, entry));
    if (!entries.emplace(std::string(entry.name), bytes).second) {
      return EntryError(entry.name, "is there twice");
    }
  }
  if (read.at() != directory.end) {
    return Damaged("more entries than the end record counts", read.at());
  }
  return entries;
}

}  // namespace atelier
