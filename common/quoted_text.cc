#include "common/quoted_text.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace atelier {
namespace {

constexpr absl::string_view kLeftOut = "...";

struct Range {
  char32_t first;
  char32_t last;
};

// In order. Names from Unicode's chart of format characters.
constexpr Range kUnprintable[] = {
    {0x0000, 0x001F},    // C0
    {0x007F, 0x009F},    // DEL, C1
    {0x00AD, 0x00AD},    // soft hyphen
    {0x034F, 0x034F},    // combining grapheme joiner
    {0x061C, 0x061C},    // Arabic letter mark
    {0x115F, 0x1160},    // Hangul fillers
    {0x17B4, 0x17B5},    // Khmer inherent vowels
    {0x180E, 0x180E},    // Mongolian vowel separator
    {0x200B, 0x200B},    // zero width space
    {0x200E, 0x200F},    // direction marks
    {0x2028, 0x202E},    // line and paragraph separator, embeddings, overrides
    {0x2060, 0x206F},    // invisible operators, isolates
    {0x3164, 0x3164},    // Hangul filler
    {0xD800, 0xDFFF},    // surrogates
    {0xFDD0, 0xFDEF},    // no characters
    {0xFEFF, 0xFEFF},    // byte order mark
    {0xFFA0, 0xFFA0},    // halfwidth Hangul filler
    {0xFFF0, 0xFFFB},    // unassigned, interlinear annotations
    {0xFFFE, 0xFFFF},    // no characters
    {0x1D173, 0x1D17A},  // invisible musical marks
    {0xE0000, 0xE0FFF},  // tags
};

bool IsContinuation(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

std::string Escape(const Utf8Character& character) {
  if (character.valid) {
    if (character.code == '\n') return "\\n";
    if (character.code == '\r') return "\\r";
    if (character.code == '\t') return "\\t";
    if (character.code > 0xFFFF) {
      return absl::StrFormat("\\U%08x", static_cast<unsigned>(character.code));
    }
    if (character.code > 0x7F) {
      return absl::StrFormat("\\u%04x", static_cast<unsigned>(character.code));
    }
  }
  return absl::StrFormat("\\x%02x", static_cast<unsigned>(character.code));
}

// As EscapedText, until more than `most_bytes` are there.
std::string EscapeSome(absl::string_view text, size_t most_bytes,
                       size_t* whole_bytes) {
  std::string escaped;
  *whole_bytes = 0;
  while (!text.empty() && escaped.size() <= most_bytes) {
    const Utf8Character character = FirstCharacter(text);
    if (character.valid && !IsUnprintable(character.code)) {
      absl::StrAppend(&escaped, text.substr(0, character.size));
    } else {
      absl::StrAppend(&escaped, Escape(character));
    }
    text.remove_prefix(character.size);
    if (escaped.size() + kLeftOut.size() <= most_bytes) {
      *whole_bytes = escaped.size();
    }
  }
  return escaped;
}

}  // namespace

Utf8Character FirstCharacter(absl::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const Utf8Character none{lead, 1, false};
  if (lead < 0x80) return {lead, 1, true};
  if (lead < 0xC2 || lead > 0xF4) return none;
  const size_t size = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (text.size() < size) return none;
  char32_t code = lead & (0xFFU >> (size + 1));
  for (size_t i = 1; i < size; ++i) {
    if (!IsContinuation(text[i])) return none;
    code = (code << 6) | (static_cast<unsigned char>(text[i]) & 0x3FU);
  }
  constexpr char32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  const bool is_surrogate = code >= 0xD800 && code <= 0xDFFF;
  if (code < kLeast[size] || code > 0x10FFFF || is_surrogate) return none;
  return {code, size, true};
}

bool IsUtf8(absl::string_view text) {
  while (!text.empty()) {
    const Utf8Character character = FirstCharacter(text);
    if (!character.valid) return false;
    text.remove_prefix(character.size);
  }
  return true;
}

bool IsUnprintable(char32_t code) {
  const auto* const range = std::lower_bound(
      std::begin(kUnprintable), std::end(kUnprintable), code,
      [](const Range& one, char32_t value) { return one.last < value; });
  return range != std::end(kUnprintable) && range->first <= code;
}

std::string EscapedText(absl::string_view text) {
  size_t ignored = 0;
  return EscapeSome(text, std::string::npos - kLeftOut.size(), &ignored);
}

std::string ClippedText(absl::string_view text, size_t most_bytes) {
  size_t whole_bytes = 0;
  std::string escaped = EscapeSome(text, most_bytes, &whole_bytes);
  if (escaped.size() <= most_bytes) return escaped;
  escaped.resize(whole_bytes);
  return absl::StrCat(escaped, kLeftOut);
}

std::string Quoted(absl::string_view text) {
  return absl::StrCat("'", ClippedText(text, kMaxQuotedBytes), "'");
}

}  // namespace atelier
