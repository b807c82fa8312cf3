#include "coordinator/api/http/zip_writer.h"

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

constexpr int kReadableByAll = 0644;

// libarchive asks the thread's locale what names are written in.
class Utf8Names {
 public:
  Utf8Names()
      : locale_(newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)),
        before_(locale_ == nullptr ? nullptr : uselocale(locale_)) {}
  ~Utf8Names() {
    if (locale_ == nullptr) return;
    uselocale(before_);
    freelocale(locale_);
  }
  Utf8Names(const Utf8Names&) = delete;
  Utf8Names& operator=(const Utf8Names&) = delete;

 private:
  const locale_t locale_;
  const locale_t before_;
};

la_ssize_t Write(archive* /*archive*/, void* to, const void* bytes,
                 size_t size) {
  static_cast<std::string*>(to)->append(static_cast<const char*>(bytes), size);
  return static_cast<la_ssize_t>(size);
}

}  // namespace

absl::StatusOr<std::unique_ptr<ZipWriter>> ZipWriter::Create() {
  std::unique_ptr<ZipWriter> zip(new ZipWriter);
  zip->archive_ = archive_write_new();
  if (zip->archive_ == nullptr) return absl::InternalError("zip: no memory");
  RETURN_IF_ERROR(zip->Checked(archive_write_set_format_zip(zip->archive_)));
  RETURN_IF_ERROR(
      zip->Checked(archive_write_zip_set_compression_store(zip->archive_)));
  // Passes on all that there is, at once.
  RETURN_IF_ERROR(
      zip->Checked(archive_write_set_bytes_per_block(zip->archive_, 0)));
  RETURN_IF_ERROR(zip->Checked(archive_write_open(zip->archive_, &zip->written_,
                                                  nullptr, Write, nullptr)));
  return zip;
}

ZipWriter::~ZipWriter() {
  if (archive_ == nullptr) return;
  // Ends it first, into what nobody takes any more: after archive_write_fail(),
  // libarchive 3.6 frees not all that it has.
  archive_write_free(archive_);
}

absl::Status ZipWriter::BeginFile(const std::string& name, int64_t size_bytes,
                                  absl::Time modified) {
  const std::unique_ptr<archive_entry, void (*)(archive_entry*)> entry(
      archive_entry_new(), archive_entry_free);
  if (entry == nullptr) return absl::InternalError("zip: no memory");
  archive_entry_set_pathname(entry.get(), name.c_str());
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  archive_entry_set_perm(entry.get(), kReadableByAll);
  archive_entry_set_size(entry.get(), size_bytes);
  archive_entry_set_mtime(entry.get(), absl::ToUnixSeconds(modified), 0);
  const Utf8Names utf8;
  return Checked(archive_write_header(archive_, entry.get()));
}

absl::Status ZipWriter::Append(absl::string_view bytes) {
  const la_ssize_t written =
      archive_write_data(archive_, bytes.data(), bytes.size());
  if (written == static_cast<la_ssize_t>(bytes.size())) {
    return absl::OkStatus();
  }
  if (written >= 0) {
    return absl::InternalError("zip: a file is larger than was said");
  }
  return Checked(static_cast<int>(written));
}

absl::Status ZipWriter::End() {
  const Utf8Names utf8;
  return Checked(archive_write_close(archive_));
}

std::string ZipWriter::Take() { return std::exchange(written_, {}); }

absl::Status ZipWriter::Checked(int code) {
  if (code == ARCHIVE_OK) return absl::OkStatus();
  const char* const why = archive_error_string(archive_);
  return absl::InternalError(
      absl::StrCat("zip: ", why == nullptr ? "not written" : why));
}

}  // namespace atelier
