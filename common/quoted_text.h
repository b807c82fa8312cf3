// Text from outside, made fit for a message, a log line or a terminal.
//
//   absl::StrCat("tap: ", Quoted(tap), " is unknown")  // tap: 'a\x1b[2J' is
//   ... out << EscapedText(job.spec().name());             // On one line,
//   inert.
//
// What comes from outside may be long, may steer a terminal, and may be no
// text at all. Whoever puts it before a person calls one of these.
#ifndef ATELIER_COMMON_QUOTED_TEXT_H_
#define ATELIER_COMMON_QUOTED_TEXT_H_

#include <cstddef>
#include <string>

#include "absl/strings/string_view.h"

namespace atelier {

/// The first character of a text.
struct Utf8Character {
  char32_t code = 0;   ///< The byte itself where it begins no character.
  size_t size = 0;     ///< In bytes, at least 1.
  bool valid = false;  ///< Whether it is UTF-8: shortest form, no surrogate.
};

/// REQUIRES: the text is not empty.
Utf8Character FirstCharacter(absl::string_view text);

/// Whether the whole text is UTF-8.
bool IsUtf8(absl::string_view text);

/// Whether a character must not reach a terminal or a page as it is: it steers
/// (C0, DEL, C1), ends a line, changes the direction of what follows, or has no
/// shape of its own (zero-width spaces, tags). Joiners of scripts and of emoji
/// (U+200C, U+200D) and variation selectors are text.
bool IsUnprintable(char32_t code);

/// The text with each unprintable character as "\n", "\x1b" or "\u202e", and
/// each byte that is not UTF-8 as "\xff". All else stays, backslashes too.
std::string EscapedText(absl::string_view text);

/// EscapedText in at most `most_bytes` bytes. What is left out is replaced by
/// "..."; no character and no escape is cut. O(most_bytes).
/// REQUIRES: most_bytes >= 3.
std::string ClippedText(absl::string_view text, size_t most_bytes);

/// Of text between quotes in a message.
inline constexpr size_t kMaxQuotedBytes = 160;
/// Of a message as a whole, for what passes through several hands.
inline constexpr size_t kMaxErrorBytes = 1000;

/// In single quotes, clipped to kMaxQuotedBytes.
std::string Quoted(absl::string_view text);

}  // namespace atelier

#endif  // ATELIER_COMMON_QUOTED_TEXT_H_
