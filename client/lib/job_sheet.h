// The contact sheet of a job, from its tasks as they are fetched.
//
//   JobSheet sheet(job, options);
//   for (task : tasks) sheet.Add(task, {labels, thumbnail, state});
//   ASSIGN_OR_RETURN(std::string png, sheet.Png(client));
#ifndef ATELIER_CLIENT_LIB_JOB_SHEET_H_
#define ATELIER_CLIENT_LIB_JOB_SHEET_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "client/lib/sheet_heading.h"
#include "client/lib/sheet_layout.h"
#include "common/image/image.h"

namespace atelier {

namespace v1 {
class Job;
class Task;
}  // namespace v1

class Client;

/// A picture no larger than the longer side; a smaller one is as it is.
/// Errors: as Decode.
absl::StatusOr<Image> Thumbnail(const std::string& bytes, int longer_side_px);

/// Longer side of thumbnails of a job of so many tasks: together they have no
/// more pixels than 400 of 256 px.
int ThumbnailPx(int64_t tasks);

/// Lifetime: of the job. Thread-compatible.
class JobSheet {
 public:
  /// REQUIRES: CheckSheetOptions.
  JobSheet(const v1::Job& job, SheetOptions options);

  /// In index order. `cell` needs no mark.
  void Add(const v1::Task& task, SheetTask cell);

  /// With the inputs that all tasks have in common at the left; one that cannot
  /// be had is a gap that says so. The thumbnails are gone after it.
  /// Errors: Cancelled where fetching inputs was interrupted; as DrawSheet.
  absl::StatusOr<std::string> Png(Client& client);

  /// For people, where nothing could be marked: why. Else empty.
  std::string Note() const;

 private:
  absl::StatusOr<std::vector<SheetCell>> Inputs(Client& client) const;

  const v1::Job& job_;
  const SheetOptions options_;
  SheetHeading heading_;
  std::vector<SheetTask> tasks_;
  bool has_mark_ = false;
};

}  // namespace atelier

#endif  // ATELIER_CLIENT_LIB_JOB_SHEET_H_
