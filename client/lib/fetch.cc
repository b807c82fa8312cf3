#include "client/lib/fetch.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "client/lib/file_names.h"
#include "client/lib/result_table.h"
#include "client/lib/sheet_layout.h"
#include "client/lib/state_names.h"
#include "common/digest.h"
#include "common/file.h"
#include "common/image/image.h"
#include "common/render/size.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

// As on the sheet; larger pictures would only take memory.
constexpr int kThumbnailPx = 256;
constexpr int64_t kMaxPictureBytes = int64_t{4} << 30;

std::string PathOf(const FetchOptions& options, const std::string& name) {
  return (std::filesystem::path(options.folder) / name).string();
}

absl::StatusOr<Image> Thumbnail(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path, kMaxPictureBytes));
  return DecodeToFit(bytes, [](int width_px, int height_px) {
    const int longest_px = std::max(width_px, height_px);
    return FitSize(width_px, height_px, std::min(longest_px, kThumbnailPx));
  });
}

// Collects what the folder gets while the tasks go by.
class Fetcher {
 public:
  Fetcher(Client& client, const v1::Job& job, const FetchOptions& options)
      : client_(client),
        job_(job),
        options_(options),
        namer_(job.spec()),
        table_(job.spec()),
        wants_sheet_(job.task_count() <= options.max_sheet_tasks) {}

  absl::StatusOr<FetchReport> Run() {
    RETURN_IF_ERROR(MakeFolders(options_.folder));
    RETURN_IF_ERROR(client_.ForEachTask(
        job_.job_id(), [this](const v1::Task& task) { return Take(task); }));
    RETURN_IF_ERROR(WriteFile(PathOf(options_, kResultTableFile), table_.csv(),
                              Durability::kAtomic));
    if (wants_sheet_ && !report_.pictures.empty()) {
      RETURN_IF_ERROR(WriteSheet());
    }
    return std::move(report_);
  }

 private:
  absl::Status Take(const v1::Task& task) {
    const std::string name = namer_.Name(task);
    SheetTask cell;
    cell.labels.assign(task.labels().begin(), task.labels().end());
    cell.state = StateName(task.state());
    if (task.has_result()) {
      const std::string path = PathOf(options_, name);
      RETURN_IF_ERROR(Bring(task.result().image_digest(), path));
      report_.pictures.push_back(name);
      if (wants_sheet_) {
        ASSIGN_OR_RETURN(cell.image, Thumbnail(path));
      }
    } else {
      ++report_.without_result;
    }
    if (wants_sheet_) cells_.push_back(std::move(cell));
    return table_.Add(task, task.has_result() ? name : "");
  }

  absl::Status Bring(const std::string& digest, const std::string& path) {
    const absl::StatusOr<std::string> there = HexDigestOfFile(path);
    if (there.ok() && *there == digest) return absl::OkStatus();
    ++report_.downloaded;
    return client_.DownloadToFile(digest, path);
  }

  absl::Status WriteSheet() {
    ASSIGN_OR_RETURN(const Image sheet,
                     DrawSheet(LayOutSheet(job_.spec(), std::move(cells_))));
    ASSIGN_OR_RETURN(const std::string png, Encode(sheet, "png"));
    report_.has_sheet = true;
    return WriteFile(PathOf(options_, kSheetFile), png, Durability::kAtomic);
  }

  Client& client_;
  const v1::Job& job_;
  const FetchOptions& options_;
  FileNamer namer_;
  ResultTable table_;
  const bool wants_sheet_;
  std::vector<SheetTask> cells_;
  FetchReport report_;
};

}  // namespace

absl::StatusOr<FetchReport> FetchJob(Client& client, const v1::Job& job,
                                     const FetchOptions& options) {
  return Fetcher(client, job, options).Run();
}

}  // namespace atelier
