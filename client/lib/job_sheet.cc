#include "client/lib/job_sheet.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "atelier/v1/jobs.pb.h"
#include "client/lib/client.h"
#include "client/lib/measure_names.h"
#include "common/image/sheet.h"
#include "common/render/size.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

// As on the sheet; larger pictures would only take memory.
constexpr int kLargestThumbnailPx = 256;
constexpr int kLeastThumbnailPx = 16;
constexpr int64_t kMostLargestThumbnails = 400;

// What the gap of an input says.
std::string WhyNoInput(const absl::Status& why) {
  if (absl::IsNotFound(why)) return "missing";
  if (absl::IsDataLoss(why)) return "damaged";
  return absl::IsInvalidArgument(why) ? "unreadable" : "not fetched";
}

absl::Status BringInput(Client& client, const std::string& job_id,
                        const std::string& digest, Image& image) {
  ASSIGN_OR_RETURN(const std::string bytes, client.Download(digest, {job_id}));
  ASSIGN_OR_RETURN(image, Thumbnail(bytes, kLargestThumbnailPx));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Image> Thumbnail(const std::string& bytes, int longer_side_px) {
  return DecodeToFit(bytes, [&](int width_px, int height_px) {
    const int longest_px = std::max(width_px, height_px);
    return FitSize(width_px, height_px, std::min(longest_px, longer_side_px));
  });
}

int ThumbnailPx(int64_t tasks) {
  if (tasks <= kMostLargestThumbnails) return kLargestThumbnailPx;
  const double share =
      static_cast<double>(kMostLargestThumbnails) / static_cast<double>(tasks);
  return std::max(kLeastThumbnailPx,
                  static_cast<int>(kLargestThumbnailPx * std::sqrt(share)));
}

JobSheet::JobSheet(const v1::Job& job, SheetOptions options)
    : job_(job), options_(std::move(options)), heading_(job.spec()) {}

void JobSheet::Add(const v1::Task& task, SheetTask cell) {
  heading_.Add(task);
  // As in results.csv: others compare with nothing here.
  if (!options_.mark.empty() && IsMeasuredAs(job_.spec().measure(), task)) {
    const std::map<std::string, double> measures = MeasuresOf(task);
    const auto found = measures.find(options_.mark);
    if (found != measures.end() && !cell.image.rgb.empty()) {
      cell.mark = found->second;
      has_mark_ = true;
    }
  }
  tasks_.push_back(std::move(cell));
}

absl::StatusOr<std::string> JobSheet::Png(Client& client) {
  Sheet sheet = LayOutSheet(job_.spec(), std::exchange(tasks_, {}), options_);
  sheet.subtitle = heading_.Subtitle();
  ASSIGN_OR_RETURN(sheet.inputs, Inputs(client));
  ASSIGN_OR_RETURN(const Image image, DrawSheet(sheet));
  return Encode(image, "png");
}

absl::StatusOr<std::vector<SheetCell>> JobSheet::Inputs(Client& client) const {
  std::vector<SheetCell> cells;
  absl::Status unreachable;  // One call that gave up is patience enough.
  for (const CommonInput& input : heading_.Inputs()) {
    SheetCell& cell = cells.emplace_back();
    cell.label = input.label;
    absl::Status why_not = unreachable;
    if (why_not.ok()) {
      why_not = BringInput(client, job_.job_id(), input.digest, cell.image);
    }
    if (absl::IsCancelled(why_not)) return why_not;
    if (absl::IsUnavailable(why_not)) unreachable = why_not;
    if (!why_not.ok()) cell.gap = WhyNoInput(why_not);
  }
  return cells;
}

std::string JobSheet::Note() const {
  if (options_.mark.empty() || has_mark_) return "";
  return absl::StrCat("no picture of job ", job_.job_id(), " has the measure '",
                      options_.mark, "'; the sheet marks none");
}

}  // namespace atelier
