#include "worker/agent/attempt_log.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/quoted_text.h"

namespace atelier {
namespace {

constexpr size_t kHeadBytes = size_t{24} << 10;
// The message of a report is the longest that is written.
constexpr size_t kMaxLineBytes = size_t{5} << 10;
// Of a time, and of the line that says what is left out.
constexpr size_t kSpareBytes = 256;
constexpr size_t kTailBytes =
    AttemptLog::kMaxBytes - kHeadBytes - kMaxLineBytes - kSpareBytes;

std::string LineOf(absl::Time at, absl::string_view what) {
  return absl::StrCat(
      absl::FormatTime("%Y-%m-%d%ET%H:%M:%E3SZ", at, absl::UTCTimeZone()), " ",
      ClippedText(what, kMaxLineBytes), "\n");
}

}  // namespace

void AttemptLog::Add(absl::Time at, absl::string_view what) {
  std::string line = LineOf(at, what);
  if (tail_.empty() && head_.size() + line.size() <= kHeadBytes) {
    head_ += line;
    return;
  }
  tail_bytes_ += line.size();
  tail_.push_back(std::move(line));
  while (tail_bytes_ > kTailBytes) {
    const size_t bytes = tail_.front().size();
    tail_.pop_front();
    tail_bytes_ -= bytes;
    ++lines_left_out_;
    bytes_left_out_ += static_cast<int64_t>(bytes);
  }
}

std::string AttemptLog::Text() const {
  std::string text = head_;
  if (lines_left_out_ > 0) {
    absl::StrAppend(&text, "... ", lines_left_out_, " lines of ",
                    bytes_left_out_, " bytes are left out here ...\n");
  }
  for (const std::string& line : tail_) text += line;
  return text;
}

}  // namespace atelier
