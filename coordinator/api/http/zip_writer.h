// The adapter of libarchive: files as a zip, piece by piece.
//
//   ASSIGN_OR_RETURN(std::unique_ptr<ZipWriter> zip, ZipWriter::Create());
//   RETURN_IF_ERROR(zip->BeginFile("a.png", 3, now));
//   RETURN_IF_ERROR(zip->Append("abc"));
//   RETURN_IF_ERROR(zip->End());
//   Send(zip->Take());
#ifndef ATELIER_COORDINATOR_API_HTTP_ZIP_WRITER_H_
#define ATELIER_COORDINATOR_API_HTTP_ZIP_WRITER_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

struct archive;

namespace atelier {

/// Stores files as they are: pictures are compressed already. Names are UTF-8,
/// and say so. For one thread at a time. Every error is Internal; after one
/// only destroy it.
class ZipWriter {
 public:
  static absl::StatusOr<std::unique_ptr<ZipWriter>> Create();
  ~ZipWriter();
  ZipWriter(const ZipWriter&) = delete;
  ZipWriter& operator=(const ZipWriter&) = delete;

  /// The file that follows the one before it, of exactly so many bytes.
  absl::Status BeginFile(const std::string& name, int64_t size_bytes,
                         absl::Time modified);
  absl::Status Append(absl::string_view bytes);
  /// The list of what there is. Call once, last.
  absl::Status End();

  /// What has been written since it was last asked.
  std::string Take();

 private:
  ZipWriter() = default;
  absl::Status Checked(int code);

  archive* archive_ = nullptr;
  std::string written_;
};

}  // namespace atelier

#endif  // ATELIER_COORDINATOR_API_HTTP_ZIP_WRITER_H_
