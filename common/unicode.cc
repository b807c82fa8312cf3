#include "common/unicode.h"

#include <utf8proc.h>

#include <cstdlib>
#include <memory>

#include "absl/strings/str_cat.h"
#include "common/quoted_text.h"

namespace atelier {
namespace {

constexpr absl::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD
constexpr absl::string_view kLeftOut = "...";
constexpr char32_t kZeroWidthNonJoiner = 0x200C;
constexpr char32_t kZeroWidthJoiner = 0x200D;

struct Free {
  void operator()(utf8proc_uint8_t* text) const { std::free(text); }
};

// Calls `visit` for each character; returns what it makes of them, joined.
template <typename Visit>
std::string MapCharacters(absl::string_view text, Visit visit) {
  std::string mapped;
  mapped.reserve(text.size());
  while (!text.empty()) {
    const Utf8Character character = FirstCharacter(text);
    visit(character, text.substr(0, character.size), mapped);
    text.remove_prefix(character.size);
  }
  return mapped;
}

std::string ValidText(absl::string_view text) {
  return MapCharacters(text, [](const Utf8Character& character,
                                absl::string_view bytes, std::string& out) {
    absl::StrAppend(&out, character.valid ? bytes : kReplacement);
  });
}

// REQUIRES: `text` is UTF-8.
std::string Mapped(const std::string& text, int options) {
  utf8proc_uint8_t* result = nullptr;
  const utf8proc_ssize_t size =
      utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                   static_cast<utf8proc_ssize_t>(text.size()), &result,
                   static_cast<utf8proc_option_t>(options | UTF8PROC_STABLE));
  const std::unique_ptr<utf8proc_uint8_t, Free> owned(result);
  // Only want of memory is left to fail; the text itself is then still safe.
  if (size < 0) return text;
  return std::string(reinterpret_cast<const char*>(result),
                     static_cast<size_t>(size));
}

std::string UpperCase(const std::string& text) {
  return MapCharacters(text, [](const Utf8Character& character,
                                absl::string_view, std::string& out) {
    utf8proc_uint8_t bytes[4];
    const auto upper =
        utf8proc_toupper(static_cast<utf8proc_int32_t>(character.code));
    const utf8proc_ssize_t size = utf8proc_encode_char(upper, bytes);
    out.append(reinterpret_cast<const char*>(bytes), static_cast<size_t>(size));
  });
}

}  // namespace

std::string PrintableText(absl::string_view text) {
  return MapCharacters(text, [](const Utf8Character& character,
                                absl::string_view bytes, std::string& out) {
    const bool keep = character.valid && !IsUnprintable(character.code);
    absl::StrAppend(&out, keep ? bytes : kReplacement);
  });
}

size_t CountCharacters(absl::string_view text) {
  size_t count = 0;
  while (!text.empty()) {
    text.remove_prefix(FirstCharacter(text).size);
    ++count;
  }
  return count;
}

absl::string_view CutBetweenCharacters(absl::string_view text,
                                       size_t most_bytes) {
  if (text.size() <= most_bytes) return text;
  size_t seen = 0;
  size_t whole = 0;        // Ends before a character as readers see them.
  size_t code_points = 0;  // Ends before any code point.
  utf8proc_int32_t last = 0;
  utf8proc_int32_t state = 0;
  while (seen <= most_bytes) {
    const Utf8Character next = FirstCharacter(text.substr(seen));
    const auto code = static_cast<utf8proc_int32_t>(
        next.valid ? next.code : char32_t{0xFFFD});
    code_points = seen;
    if (seen > 0 && utf8proc_grapheme_break_stateful(last, code, &state)) {
      whole = seen;
    }
    last = code;
    seen += next.size;
  }
  return text.substr(0, whole > 0 ? whole : code_points);
}

std::string ShortenedText(absl::string_view text, size_t most) {
  const std::string printable = PrintableText(text);
  if (CountCharacters(printable) <= most) return printable;
  size_t bytes = 0;
  for (size_t i = 0; i < most - kLeftOut.size(); ++i) {
    bytes += FirstCharacter(absl::string_view(printable).substr(bytes)).size;
  }
  return absl::StrCat(CutBetweenCharacters(printable, bytes), kLeftOut);
}

std::string ComposedText(absl::string_view text) {
  return Mapped(ValidText(text), UTF8PROC_COMPOSE);
}

std::string FileSystemKey(absl::string_view name) {
  constexpr int kFold =
      UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE;
  // Some fold to upper case, where other letters meet; and what is folded may
  // compose anew.
  const std::string folded = Mapped(ValidText(name), kFold);
  return Mapped(UpperCase(folded), kFold);
}

bool IsInWords(char32_t code) {
  if (code == kZeroWidthNonJoiner || code == kZeroWidthJoiner) return true;
  if (IsUnprintable(code)) return false;
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(code))) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
      return true;
    case UTF8PROC_CATEGORY_SO:
      return code != 0xFFFD;
    case UTF8PROC_CATEGORY_SK:  // The skin tones of emoji.
      return code > 0x7F;
    default:
      return false;
  }
}

}  // namespace atelier
