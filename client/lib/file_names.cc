#include "client/lib/file_names.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace atelier {
namespace {

// File systems allow 255 bytes; this leaves room for an index and for the
// names of files that are being written.
constexpr size_t kMaxStem = 180;

std::string Sanitised(absl::string_view text) {
  std::string safe(text);
  for (char& c : safe) {
    if (!absl::ascii_isalnum(static_cast<unsigned char>(c)) &&
        !absl::StrContains("._+-@=", c)) {
      c = '-';
    }
  }
  return safe;
}

}  // namespace

FileNamer::FileNamer(const v1::JobSpec& spec) {
  for (const v1::Axis& axis : spec.axes()) axes_.push_back(axis.name());
}

std::string FileNamer::Name(const v1::Task& task) {
  std::string stem;
  const int labels = std::min<int>(axes_.size(), task.labels_size());
  for (int i = 0; i < labels; ++i) {
    absl::StrAppend(&stem, i == 0 ? "" : "_", axes_[i], "-", task.labels(i));
  }
  stem = stem.empty() ? "result" : Sanitised(stem).substr(0, kMaxStem);
  if (!taken_.insert(absl::AsciiStrToLower(stem)).second) {
    absl::StrAppend(&stem, "_", task.index());
    taken_.insert(absl::AsciiStrToLower(stem));
  }
  return absl::StrCat(stem, ".png");
}

}  // namespace atelier
