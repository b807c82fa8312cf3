#include "coordinator/blobs/scrubber.h"

#include <algorithm>
#include <iterator>

#include "common/status_macros.h"

namespace atelier {
namespace {

constexpr size_t kPage = 256;
constexpr int64_t kReadAtOnce = int64_t{256} << 10;
// Of opening and closing a file: a folder of empty ones takes its time, too.
constexpr int64_t kFileBytes = 4096;

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
    if (reader_ == nullptr) {
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
  store_ = 0;
  after_.clear();
  return true;
}

absl::StatusOr<bool> Scrubber::OpenNext() {
  while (page_.empty()) {
    if (store_ == stores_.size()) return false;
    absl::StatusOr<std::vector<std::string>> page =
        stores_[store_]->List(after_, kPage);
    if (!page.ok() || page->empty()) {
      ++store_;
      after_.clear();
      RETURN_IF_ERROR(page.status());
      continue;
    }
    after_ = page->back();
    page_.assign(std::make_move_iterator(page->begin()),
                 std::make_move_iterator(page->end()));
  }
  const std::string digest = std::move(page_.front());
  page_.pop_front();
  budget_bytes_ -= kFileBytes;
  absl::StatusOr<std::unique_ptr<ArtifactReader>> reader =
      stores_[store_]->Open(digest, 0);
  if (reader.ok()) {
    reader_ = *std::move(reader);
  } else if (!absl::IsNotFound(reader.status()) &&
             !absl::IsDataLoss(reader.status())) {
    return reader.status();
  }
  return true;
}

absl::Status Scrubber::ReadSome() {
  if (reader_ == nullptr) return absl::OkStatus();
  const absl::StatusOr<std::string> bytes = reader_->Read(kReadAtOnce);
  if (!bytes.ok() || bytes->empty()) reader_ = nullptr;
  if (absl::IsDataLoss(bytes.status())) return absl::OkStatus();
  RETURN_IF_ERROR(bytes.status());
  read_bytes_ += static_cast<int64_t>(bytes->size());
  budget_bytes_ -= static_cast<double>(bytes->size());
  return absl::OkStatus();
}

}  // namespace atelier
