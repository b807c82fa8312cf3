#include "coordinator/artifacts/scrubber.h"

#include <algorithm>
#include <iterator>

#include "common/artifact_kind.h"
#include "common/status_macros.h"
#include "coordinator/blobs/blob_call.h"

namespace atelier {
namespace {

constexpr size_t kPage = 256;
constexpr int64_t kReadAtOnce = int64_t{256} << 10;
// Of opening and closing a file: a folder of empty ones takes its time, too.
constexpr int64_t kFileBytes = 4096;
constexpr ArtifactKind kKinds[] = {ArtifactKind::kArtifact,
                                   ArtifactKind::kCheckpoint};

}  // namespace

absl::Status Scrubber::Tick(absl::Time now) {
  if (!Begin(now)) return absl::OkStatus();
  const double rate = static_cast<double>(options_.bytes_per_second);
  budget_bytes_ += rate * absl::ToDoubleSeconds(
                              std::max(now - last_tick_, absl::ZeroDuration()));
  budget_bytes_ = std::min(budget_bytes_, rate);
  last_tick_ = now;
  absl::Status status;
  while (budget_bytes_ > 0) {
    if (download_ == nullptr) {
      const absl::StatusOr<bool> opened = OpenNext();
      status.Update(opened.status());
      if (!opened.ok()) continue;
      if (!*opened) {
        in_pass_ = false;
        ++passes_;
        return status;
      }
    }
    status.Update(ReadSome());
  }
  return status;
}

bool Scrubber::Begin(absl::Time now) {
  if (in_pass_) return true;
  if (options_.every == absl::InfiniteDuration() || now < next_pass_) {
    return false;
  }
  next_pass_ = now + options_.every;
  last_tick_ = now;
  budget_bytes_ = 0;
  in_pass_ = true;
  kind_ = 0;
  after_.clear();
  return true;
}

absl::StatusOr<bool> Scrubber::OpenNext() {
  while (page_.empty()) {
    if (kind_ == std::size(kKinds)) return false;
    absl::StatusOr<std::vector<std::string>> page =
        catalog_.Reconcile(kKinds[kind_], after_, kPage);
    if (!page.ok()) {
      budget_bytes_ = 0;  // The next Tick goes on from here.
      return page.status();
    }
    if (page->empty()) {
      ++kind_;
      after_.clear();
      continue;
    }
    after_ = page->back();
    page_.assign(std::make_move_iterator(page->begin()),
                 std::make_move_iterator(page->end()));
  }
  const BlobKey key{kKinds[kind_], std::move(page_.front())};
  page_.pop_front();
  budget_bytes_ -= kFileBytes;
  using Opened = absl::StatusOr<std::shared_ptr<ArtifactDownload>>;
  Opened opened = AwaitCall<Opened>([&](BlobCallback<Opened> done) {
    catalog_.Download(key, 0, std::move(done));
  });
  if (opened.ok()) {
    download_ = *std::move(opened);
  } else if (!absl::IsNotFound(opened.status()) &&
             !absl::IsDataLoss(opened.status())) {
    return opened.status();
  }
  return true;
}

absl::Status Scrubber::ReadSome() {
  if (download_ == nullptr) return absl::OkStatus();
  using Piece = absl::StatusOr<std::string>;
  const Piece bytes = AwaitCall<Piece>([&](BlobCallback<Piece> done) {
    download_->Next(kReadAtOnce, std::move(done));
  });
  if (!bytes.ok() || bytes->empty()) download_ = nullptr;
  if (absl::IsDataLoss(bytes.status()) || absl::IsNotFound(bytes.status())) {
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(bytes.status());
  read_bytes_ += static_cast<int64_t>(bytes->size());
  budget_bytes_ -= static_cast<double>(bytes->size());
  return absl::OkStatus();
}

}  // namespace atelier
