#include "coordinator/api/views/text_rules.h"

#include <algorithm>
#include <set>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/digest.h"
#include "common/quoted_text.h"
#include "common/status_macros.h"

namespace atelier {
namespace {

absl::Status Refuse(absl::string_view path, absl::string_view text,
                    absl::string_view allowed) {
  return InvalidArgument(path, ": ", Quoted(text), " is not allowed; ",
                         allowed);
}

// What ends a line or steers a terminal. What only reorders or hides text may
// stand in a name, and is escaped where it is shown.
bool IsControl(char32_t code) {
  return code < 0x20 || (code >= 0x7F && code <= 0x9F) || code == 0x2028 ||
         code == 0x2029;
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
  // Counted no further than it can matter.
  int characters = 0;
  absl::string_view rest = text;
  bool printable = true;
  while (!rest.empty() && characters <= most && printable) {
    const Utf8Character one = FirstCharacter(rest);
    printable = one.valid && !IsControl(one.code);
    rest.remove_prefix(one.size);
    ++characters;
  }
  if (printable && characters >= least && characters <= most) {
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

absl::Status CheckTermName(absl::string_view path, absl::string_view text) {
  if (text == "total" || text == "tv") {
    return Refuse(path, text, "a name other than total and tv");
  }
  return CheckCharacters(
      path, text, 1, 64,
      [](char c) {
        const auto u = static_cast<unsigned char>(c);
        return absl::ascii_islower(u) || absl::ascii_isdigit(u) || c == '_';
      },
      "[a-z0-9_]");
}

absl::Status CheckTags(
    absl::string_view path,
    const google::protobuf::RepeatedPtrField<std::string>& tags) {
  constexpr int kMaxTags = 16;
  if (tags.size() > kMaxTags) {
    return InvalidArgument(path, ": ", tags.size(), " tags given; at most ",
                           kMaxTags);
  }
  std::set<absl::string_view> seen;
  for (int i = 0; i < tags.size(); ++i) {
    const std::string tag_path = absl::StrCat(path, "[", i, "]");
    RETURN_IF_ERROR(CheckSlug(tag_path, tags[i], 1));
    if (!seen.insert(tags[i]).second) {
      return InvalidArgument(tag_path, ": ", Quoted(tags[i]),
                             " is given twice");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckPriority(absl::string_view path, int priority) {
  constexpr int kMaxPriority = 1000;
  if (priority >= -kMaxPriority && priority <= kMaxPriority) {
    return absl::OkStatus();
  }
  return InvalidArgument(path, ": ", priority, " is not allowed; from ",
                         -kMaxPriority, " to ", kMaxPriority);
}

}  // namespace atelier
