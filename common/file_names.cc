#include "common/file_names.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/quoted_text.h"
#include "common/unicode.h"

namespace atelier {
namespace {

constexpr absl::string_view kExtension = ".png";
// Of the index after a name; no label brings one along.
constexpr char kIndexMark = '~';

bool IsKept(const Utf8Character& character) {
  const char32_t code = character.code;
  if (code > 0x7F) return character.valid && IsInWords(code);
  const char c = static_cast<char>(code);
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
         absl::StrContains("._+-@=", c);
}

std::string Sanitised(absl::string_view label) {
  const std::string composed = ComposedText(label);
  std::string safe;
  for (absl::string_view rest = composed; !rest.empty();) {
    const Utf8Character character = FirstCharacter(rest);
    absl::StrAppend(&safe,
                    IsKept(character) ? rest.substr(0, character.size) : "-");
    rest.remove_prefix(character.size);
  }
  return safe;
}

}  // namespace

FileNamer::FileNamer(const std::vector<NamedAxis>& axes) {
  for (const NamedAxis& from : axes) {
    Axis& axis = axes_.emplace_back();
    axis.prefix = absl::StrCat(axes_.size() == 1 ? "" : "_", from.name, "-");
    for (const std::string& label : from.labels) {
      axis.labels[label].text = Sanitised(label);
    }
  }
  // A name that begins with a dash reads as a flag.
  if (!axes_.empty() && absl::StartsWith(axes_[0].prefix, "-")) {
    axes_[0].prefix.insert(0, 1, '_');
  }
  for (size_t i = 0; i < axes_.size(); ++i) {
    MarkAlike(axes_[i], i + 1 < axes_.size() ? axes_[i + 1].prefix : "");
  }
}

// Two tasks whose labels are all distinct have different names: each label
// ends where the next prefix first appears, so that the labels can be read back
// from the name, and each is the only one of its axis with its key.
void FileNamer::MarkAlike(Axis& axis, absl::string_view next_prefix) {
  std::map<std::string, Label*> first_of_key;
  for (auto& [name, label] : axis.labels) {
    std::string key = FileSystemKey(label.text);
    const std::string followed = absl::StrCat(key, next_prefix);
    if (!next_prefix.empty() &&
        absl::string_view(followed).find(next_prefix) != key.size()) {
      label.is_distinct = false;
    }
    const auto [at, is_new] = first_of_key.emplace(std::move(key), &label);
    if (is_new) continue;
    label.is_distinct = false;
    at->second->is_distinct = false;
  }
}

std::string FileNamer::Name(int64_t task_index,
                            const std::vector<std::string>& labels) const {
  std::string stem;
  bool is_own = labels.size() == axes_.size();
  const size_t count = std::min(axes_.size(), labels.size());
  for (size_t i = 0; i < count; ++i) {
    const auto found = axes_[i].labels.find(labels[i]);
    const bool is_known = found != axes_[i].labels.end();
    is_own = is_own && is_known && found->second.is_distinct;
    absl::StrAppend(&stem, axes_[i].prefix,
                    is_known ? found->second.text : Sanitised(labels[i]));
  }
  if (stem.empty()) stem = "result";
  if (axes_.empty() && task_index != 0) is_own = false;
  const size_t most = kMaxFileNameBytes - kExtension.size();
  if (is_own && stem.size() <= most) return absl::StrCat(stem, kExtension);
  const std::string index =
      absl::StrCat(absl::string_view(&kIndexMark, 1), task_index);
  return absl::StrCat(CutBetweenCharacters(stem, most - index.size()), index,
                      kExtension);
}

}  // namespace atelier
