#include "coordinator/rpc/text_rules.h"

#include <algorithm>
#include <set>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/digest.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

// Long or unprintable texts are cut and escaped: a message is one short line.
std::string Quoted(absl::string_view text) {
  constexpr size_t kMost = 80;
  return absl::StrCat("'", absl::Utf8SafeCEscape(text.substr(0, kMost)),
                      text.size() > kMost ? "...'" : "'");
}

absl::Status Refuse(absl::string_view path, absl::string_view text,
                    absl::string_view allowed) {
  return absl::InvalidArgumentError(
      absl::StrCat(path, ": ", Quoted(text), " is not allowed; ", allowed));
}

template <typename Allowed>
absl::Status CheckCharacters(absl::string_view path, absl::string_view text,
                             int least, int most, Allowed allowed,
                             absl::string_view set) {
  const int size = static_cast<int>(std::min<size_t>(text.size(), 1 << 20));
  if (size >= least && size <= most &&
      std::all_of(text.begin(), text.end(), allowed)) {
    return absl::OkStatus();
  }
  return Refuse(path, text, absl::StrCat(least, " to ", most, " of ", set));
}

}  // namespace

absl::Status CheckPrintable(absl::string_view path, absl::string_view text,
                            int least, int most) {
  const auto characters = std::count_if(
      text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; });
  const bool printable = std::none_of(text.begin(), text.end(), [](char c) {
    return absl::ascii_iscntrl(static_cast<unsigned char>(c));
  });
  if (characters >= least && characters <= most && printable) {
    return absl::OkStatus();
  }
  return Refuse(path, text,
                absl::StrCat(least, " to ", most, " printable characters"));
}

absl::Status CheckDigest(absl::string_view path, absl::string_view text) {
  if (IsHexDigest(text)) return absl::OkStatus();
  return Refuse(path, text, "64 lower-case hex digits");
}

absl::Status CheckUniqueId(absl::string_view path, absl::string_view text) {
  return CheckCharacters(
      path, text, 16, 64,
      [](char c) {
        return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-';
      },
      "[0-9a-zA-Z-]");
}

absl::Status CheckWorkerName(absl::string_view path, absl::string_view text) {
  return CheckCharacters(
      path, text, 1, 64,
      [](char c) {
        return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' ||
               c == '_' || c == '-';
      },
      "[A-Za-z0-9._-]");
}

absl::Status CheckSlug(absl::string_view path, absl::string_view text,
                       int least) {
  return CheckCharacters(
      path, text, least, 64,
      [](char c) {
        const auto u = static_cast<unsigned char>(c);
        return absl::ascii_islower(u) || absl::ascii_isdigit(u) || c == '_' ||
               c == '-';
      },
      "[a-z0-9_-]");
}

absl::Status CheckTags(
    absl::string_view path,
    const google::protobuf::RepeatedPtrField<std::string>& tags) {
  constexpr int kMaxTags = 16;
  if (tags.size() > kMaxTags) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, ": ", tags.size(), " tags given; at most ", kMaxTags));
  }
  std::set<absl::string_view> seen;
  for (int i = 0; i < tags.size(); ++i) {
    const std::string tag_path = absl::StrCat(path, "[", i, "]");
    RETURN_IF_ERROR(CheckSlug(tag_path, tags[i], 1));
    if (!seen.insert(tags[i]).second) {
      return absl::InvalidArgumentError(
          absl::StrCat(tag_path, ": '", tags[i], "' is given twice"));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckPriority(absl::string_view path, int priority) {
  constexpr int kMaxPriority = 1000;
  if (priority >= -kMaxPriority && priority <= kMaxPriority) {
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(
      absl::StrCat(path, ": ", priority, " is not allowed; from ",
                   -kMaxPriority, " to ", kMaxPriority));
}

}  // namespace atelier
